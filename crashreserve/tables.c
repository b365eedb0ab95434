/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fedora and RHEL 10: kdump-lib.sh of kdump-utils, 2026. RHEL 9: its kexec-tools. Debian
 * and Ubuntu: /etc/default/grub.d of kdump-tools. SUSE computes a size of its own by
 * kdumptool calibrate; these are what it falls back on.
 */
#include <string.h>

#include "err.h"
#include "tables.h"

enum { KIB_4 = 4096, KIB_64 = 65536 };

const char table_names[] = "rhel9, rhel10, fedora, debian, ubuntu, suse, all";

static const char memory_encrypted[] = "64M more with memory encryption (SME, SEV)";
static const char mlx5[] = "150M more with mlx5 network cards";
static const char mlx5_smmu[] = "384M more with an SMMU, 200M with mlx5 network cards";

static const struct table tables[] = {
	{ "rhel9", "x86_64", 0, "RHEL 9", "1G-4G:192M,4G-64G:256M,64G-:512M" },
	{ "rhel9", "aarch64", KIB_4, "RHEL 9", "1G-4G:256M,4G-64G:320M,64G-:576M" },
	{ "rhel9", "aarch64", KIB_64, "RHEL 9, pages of 64 KiB",
	  "1G-4G:356M,4G-64G:420M,64G-:676M" },
	{ "rhel10", "x86_64", 0, "RHEL 10", "2G-64G:256M,64G-:512M", NULL, memory_encrypted },
	{ "rhel10", "aarch64", KIB_4, "RHEL 10", "2G-4G:256M,4G-64G:320M,64G-:576M", NULL, mlx5 },
	{ "rhel10", "aarch64", KIB_64, "RHEL 10, pages of 64 KiB",
	  "2G-4G:356M,4G-64G:420M,64G-:676M", NULL, mlx5_smmu },
	{ "rhel10", "s390x", 0, "RHEL 10", "2G-64G:256M,64G-:512M" },
	{ "rhel10", "ppc64le", 0, "RHEL 10",
	  "2G-4G:384M,4G-16G:512M,16G-64G:1G,64G-128G:2G,128G-:4G" },
	{ "fedora", "x86_64", 0, "Fedora", "2G-64G:256M,64G-:512M", NULL, memory_encrypted },
	{ "fedora", "aarch64", KIB_4, "Fedora", "2G-4G:256M,4G-64G:320M,64G-:576M", NULL, mlx5 },
	{ "fedora", "s390x", 0, "Fedora", "2G-64G:256M,64G-:512M" },
	{ "fedora", "ppc64le", 0, "Fedora",
	  "2G-4G:384M,4G-16G:512M,16G-64G:1G,64G-128G:2G,128G-:4G" },
	{ "debian", "x86_64", 0, "Debian 13", "512M-:192M" },
	{ "debian", "aarch64", 0, "Debian 13", "512M-:192M" },
	{ "debian", "x86_64", 0, "Debian 12", "384M-:128M" },
	{ "debian", "aarch64", 0, "Debian 12", "384M-:128M" },
	{ "ubuntu", "x86_64", 0, "Ubuntu since 24.10",
	  "2G-4G:320M,4G-32G:512M,32G-64G:1024M,64G-128G:2048M,128G-:4096M" },
	{ "ubuntu", "aarch64", 0, "Ubuntu since 24.10",
	  "2G-4G:320M,4G-32G:512M,32G-64G:1024M,64G-128G:2048M,128G-:4096M" },
	{ "ubuntu", "x86_64", 0, "Ubuntu before", "512M-:192M" },
	{ "ubuntu", "aarch64", 0, "Ubuntu before", "512M-:192M" },
	{ "suse", "x86_64", 0, "SUSE, uncalibrated", "192M,high", "72M,low" },
	{ "suse", "aarch64", 0, "SUSE, uncalibrated", "192M,high", "72M,low" },
	{ "suse", "ppc64le", 0, "SUSE, uncalibrated", "384M" },
};

enum { NTABLES = sizeof tables / sizeof tables[0] };

const struct table *table_next(const struct table *last, const char *name, const char *arch,
			       uint64_t page_size)
{
	const struct table *t = last ? last + 1 : tables;

	for (; t < tables + NTABLES; t++)
		if ((strcmp(name, "all") == 0 || strcmp(name, t->name) == 0) &&
		    strcmp(arch, t->arch) == 0 && (!t->page_size || t->page_size == page_size))
			return t;
	return NULL;
}

int table_check(const char *name)
{
	if (strcmp(name, "all") == 0)
		return 0;
	for (unsigned i = 0; i < NTABLES; i++)
		if (strcmp(name, tables[i].name) == 0)
			return 0;
	return fail(ERR_USAGE, "\"%s\": the tables are %s", name, table_names);
}
