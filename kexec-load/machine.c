/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "cmdline.h"
#include "err.h"
#include "iomem.h"
#include "machine.h"
#include "num.h"
#include "stop.h"
#include "sysfs.h"

enum {
	CAP_SYS_BOOT_BIT = 22,		/* linux/capability.h */
	ELF_HEADER = 64,
	PROGRAM_HEADER = 56,
	BUSY_TRIES = 100,
	BUSY_MS = 100,
};

bool machine_wait(int tries)
{
	if (tries >= BUSY_TRIES)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = BUSY_MS * 1000000L }, NULL);
	return stop_check() == 0;
}

/* reading some of these takes the lock that a loader holds */
static int kexec_value(const char *root, const char *name, uint64_t *value)
{
	int tries = 0, there;

	do
		there = sysfs_kexec(root, name, value);
	while (there < 0 && err_code() == ERR_AGAIN && machine_wait(tries++));
	if (there < 0 && err_code() == ERR_AGAIN)
		return fail(ERR_AGAIN, "another program is loading or resizing: try again");
	/* a kernel that shows nothing at all has not been asked */
	if (there == 0 && sysfs_is_empty(root, "/sys/kernel"))
		return fail(ERR_SYS, "%s/sys is not mounted", root ? root : "");
	return there;
}

int machine_loaded(const char *root)
{
	uint64_t loaded = 0;
	int there = kexec_value(root, "crash_loaded", &loaded);

	return there < 0 ? -1 : there && loaded != 0;
}

/*
 * What the kernel does not show, or not to us, is unknown, and the system call will
 * tell; running out of memory while looking is another matter.
 */
static int or_unknown(int there)
{
	return there < 0 && err_code() == ERR_SYS ? 0 : there;
}

/* what follows prefix in the first line that begins with it, to be freed: 1, 0 or -1 */
static int find_line(const char *root, const char *path, const char *prefix, char **value)
{
	FILE *in = sysfs_open(root, path);
	size_t room = 0, len = strlen(prefix);
	int found = 0;

	*value = NULL;
	if (!in && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!in)
		return or_unknown(fail_sys("%s", path));
	while (!found && getline(value, &room, in) > 0)
		found = strncmp(*value, prefix, len) == 0;
	if (found)
		memmove(*value, *value + len, strlen(*value + len) + 1);
	else if (!feof(in))
		found = or_unknown(fail_sys("%s", path));
	fclose(in);
	if (found <= 0) {
		free(*value);
		*value = NULL;
	}
	return found;
}

static int look_at_memory(const char *root, const char *prefix, uint64_t *bytes)
{
	char *text;
	uint64_t kib;

	if (find_line(root, "/proc/meminfo", prefix, &text) < 0)
		return -1;
	if (text) {
		const char *number = text + strspn(text, " ");

		if (!num_parse(number, strspn(number, "0123456789"), 10, &kib) ||
		    !num_mul(kib, 1024, bytes))
			*bytes = 0;
	}
	free(text);
	return 0;
}

enum config { CONFIG_OFF, CONFIG_ON, CONFIG_UNKNOWN };

/* has the running kernel's configuration a line that begins so? CONFIG_ON if it has */
static int look_at_config(const struct machine *m, const char *line, enum config *config)
{
	static const char *const places[][2] = { { "/boot/config-", "" },
		{ "/lib/modules/", "/config" } };
	char release[80], path[128], *rest;
	int there = sysfs_text(m->root, "/proc/sys/kernel/osrelease", release, sizeof release);

	*config = CONFIG_UNKNOWN;
	if (there != 1)
		return or_unknown(there);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		snprintf(path, sizeof path, "%s%s%s", places[i][0], release, places[i][1]);
		there = find_line(m->root, path, "CONFIG_", &rest);
		free(rest);
		if (there < 0)
			return -1;
		if (there == 0)
			continue;
		there = find_line(m->root, path, line, &rest);
		free(rest);
		*config = there == 1 ? CONFIG_ON : CONFIG_OFF;
		return there < 0 ? -1 : 0;
	}
	return 0;
}

static int look_at_processor(struct machine *m, const char *cmdline)
{
	char *flags;
	uint64_t bits = 0;
	enum config without;

	if (find_line(m->root, "/proc/cpuinfo", "flags", &flags) < 0)
		return -1;
	/* a word among words: the flags end with a newline */
	if (flags)
		m->five_level = (strstr(flags, " la57 ") || strstr(flags, " la57\n")) &&
				!cmdline_has(cmdline, "no5lvl");
	m->gib_pages = flags && strstr(flags, " pdpe1gb ");
	free(flags);
	/* 7.2 has no such option any more: only where it is there and off, paging is */
	if (look_at_config(m, "# CONFIG_X86_5LEVEL is not set", &without))
		return -1;
	if (without == CONFIG_ON)
		m->five_level = false;
	int there = sysfs_u64(m->root, "/sys/firmware/efi/fw_platform_size", &bits);

	m->efi32 = bits == 32;
	return or_unknown(there) < 0 ? -1 : 0;
}

/* "none [integrity] confidentiality" */
static int look_at_lockdown(struct machine *m)
{
	char text[80];
	int there = sysfs_text(m->root, "/sys/kernel/security/lockdown", text, sizeof text);
	char *word = strchr(text, '['), *end = word ? strchr(word, ']') : NULL;

	if (there != 1 || !end)
		return or_unknown(there) < 0 ? -1 : 0;
	*end = '\0';
	snprintf(m->lockdown, sizeof m->lockdown, "%s", word + 1);
	return 0;
}

/* a kernel without CONFIG_KEXEC_SIG loads anything, locked down or not */
static int look_at_demand(struct machine *m)
{
	enum config sig, force;

	if (look_at_lockdown(m) || look_at_config(m, "CONFIG_KEXEC_SIG=y", &sig) ||
	    look_at_config(m, "CONFIG_KEXEC_SIG_FORCE=y", &force))
		return -1;
	if (m->lockdown[0] && strcmp(m->lockdown, "none") != 0 && sig != CONFIG_OFF)
		snprintf(m->demand, sizeof m->demand, "lockdown: %s", m->lockdown);
	else if (force == CONFIG_ON)
		snprintf(m->demand, sizeof m->demand, "CONFIG_KEXEC_SIG_FORCE");
	m->demand_sure = sig != CONFIG_UNKNOWN;
	return 0;
}

static int look_at_permission(struct machine *m)
{
	uint64_t bits = 0, disabled = 0;
	char limit[32], reboot[32], *caps = NULL;

	if (!m->root && find_line(NULL, "/proc/self/status", "CapEff:\t", &caps) < 0)
		return -1;
	m->has_capability = !caps || !num_parse(caps, strcspn(caps, "\n"), 16, &bits) ||
			    (bits >> CAP_SYS_BOOT_BIT & 1);
	free(caps);
	if (or_unknown(sysfs_u64(m->root, "/proc/sys/kernel/kexec_load_disabled",
				 &disabled)) < 0 ||
	    or_unknown(sysfs_text(m->root, "/proc/sys/kernel/kexec_load_limit_panic", limit,
				  sizeof limit)) < 0 ||
	    or_unknown(sysfs_text(m->root, "/proc/sys/kernel/kexec_load_limit_reboot", reboot,
				  sizeof reboot)) < 0)
		return -1;
	m->disabled = disabled != 0;
	m->limited = num_u64(limit, &m->limit);
	m->reboot_limited = num_u64(reboot, &m->reboot_limit);
	return look_at_demand(m);
}

static bool holds(const struct cmdline_word *word, const char *text)
{
	return memmem(word->text, word->len, text, strlen(text)) != NULL;
}

/* a policy set later cannot be read in general; this one can (ima_policy.c) */
static bool ima_demands(const char *cmdline)
{
	struct cmdline_word word;
	bool demands = false, enforced = true;

	while (cmdline_next(&cmdline, &word)) {
		if (cmdline_is(&word, "ima_policy") && holds(&word, "secure_boot"))
			demands = true;
		if (cmdline_is(&word, "ima_appraise"))
			enforced = holds(&word, "enforce");
	}
	return demands && enforced;
}

/* "0-3,8": how many processors that names; 0 if it is nonsense */
static uint64_t count_cpus(char *list)
{
	uint64_t cpus = 0, first, last;
	char *part;

	while ((part = strsep(&list, ","))) {
		char *dash = strchr(part, '-');

		if (dash)
			*dash = '\0';
		if (!num_u64(part, &first) || !num_u64(dash ? dash + 1 : part, &last) ||
		    last < first || last - first > UINT16_MAX)
			break;
		cpus += last - first + 1;
	}
	return cpus;
}

/*
 * One note for each processor, one for VMCOREINFO, the kernel's text, and at least one
 * range of memory; with CRASH_HOTPLUG the kernel makes room for what may come, and says
 * so.
 */
static int look_at_headers(struct machine *m)
{
	uint64_t most = 0, limit = 64 << 20;
	char list[4096];

	if (or_unknown(sysfs_text(m->root, "/sys/devices/system/cpu/possible", list,
				  sizeof list)) < 0 ||
	    or_unknown(sysfs_kexec(m->root, "crash_elfcorehdr_size", &most)) < 0)
		return -1;
	uint64_t cpus = count_cpus(list);

	m->headers = ELF_HEADER + PROGRAM_HEADER * ((cpus ? cpus : 1) + 3);
	if (most < limit && ELF_HEADER + most > m->headers)
		m->headers = ELF_HEADER + most;
	return 0;
}

/* what is not shown counts as loaded: nothing must be lost */
static int look_at_reboot(struct machine *m)
{
	uint64_t loaded = 1;
	int there = kexec_value(m->root, "loaded", &loaded);
	enum config off;

	m->reboot_loaded = loaded != 0;
	if (there < 0 || look_at_config(m, "# CONFIG_KEXEC_FILE is not set", &off))
		return -1;
	m->no_file_call = off == CONFIG_ON;
	return 0;
}

static int look_at_region(struct machine *m)
{
	struct iomem im;
	int there = kexec_value(m->root, "crash_size", &m->reserved);
	int loaded = machine_loaded(m->root);

	if (there < 0 || loaded < 0 || look_at_reboot(m))
		return -1;
	m->has_kexec = there;
	m->loaded = loaded;
	if (iomem_open(&im, m->root))
		return -1;
	if (im.crash.n > 0)
		m->region = im.crash.r[im.crash.n - 1];
	iomem_close(&im);
	return 0;
}

static int look_at_arch(struct machine *m)
{
	struct utsname uts;
	int there = sysfs_text(m->root, "/proc/sys/kernel/arch", m->arch, sizeof m->arch);

	/* since 6.1 */
	if (there != 1 && uname(&uts) == 0)
		snprintf(m->arch, sizeof m->arch, "%.31s", uts.machine);
	return or_unknown(there) < 0 ? -1 : 0;
}

/* the firmware's device tree, if it has one; the file is for root only, its size is not */
static void look_at_device_tree(struct machine *m)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof path, "%s/sys/firmware/fdt", m->root ? m->root : "") <
	    PATH_MAX && stat(path, &st) == 0)
		m->device_tree = (uint64_t)st.st_size;
}

int machine_look(struct machine *m, const char *root)
{
	char cmdline[CMDLINE_READ_MAX];
	uint64_t keys = 0;

	*m = (struct machine){ .root = root };
	if (sysfs_text(root, "/proc/cmdline", cmdline, sizeof cmdline) < 0 ||
	    look_at_region(m) || look_at_permission(m) || look_at_processor(m, cmdline) ||
	    look_at_headers(m) || look_at_arch(m) ||
	    look_at_memory(root, "MemTotal:", &m->memory) ||
	    look_at_memory(root, "MemAvailable:", &m->available) ||
	    or_unknown(sysfs_u64(root, "/sys/kernel/config/crash_dm_crypt_keys/count",
				 &keys)) < 0)
		return -1;
	look_at_device_tree(m);
	m->asked = strstr(cmdline, "crashkernel=") != NULL;
	m->ima = ima_demands(cmdline);
	m->crypt_keys = keys > 0;
	return 0;
}
