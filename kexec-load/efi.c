/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /sys/firmware/efi (drivers/firmware/efi/efi.c, arch/x86/platform/efi/runtime-map.c, seen
 * from Linux 5.10 to 7.2): systab has lines NAME=0xADDRESS; fw_vendor and config_table are
 * addresses; runtime-map/N/ has the fields of one descriptor each. With the addresses in
 * these the capture kernel calls the firmware where the dead one had mapped it:
 * SetVirtualAddressMap works once only.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "efi.h"
#include "err.h"
#include "num.h"
#include "put.h"
#include "sysfs.h"

enum { DESCRIPTORS_MAX = 4096 };

static const char dir[] = "/sys/firmware/efi";

/* the first line of systab that begins with name */
static uint64_t find(const char *systab, const char *name)
{
	size_t len = strlen(name);
	uint64_t value = 0;
	char number[24];

	for (const char *line = systab; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) != 0)
			continue;
		snprintf(number, sizeof number, "%.*s", (int)strcspn(line + len, "\n"),
			 line + len);
		return num_u64(number, &value) ? value : 0;
	}
	return 0;
}

static int look_at_systab(struct efi *efi, const char *root)
{
	char path[64], text[4096];

	snprintf(path, sizeof path, "%s/systab", dir);
	if (sysfs_text(root, path, text, sizeof text) < 0)
		return -1;
	efi->rsdp = find(text, "ACPI20=");
	if (!efi->rsdp)
		efi->rsdp = find(text, "ACPI=");
	efi->smbios = find(text, "SMBIOS=");
	return 0;
}

/* 1, 0 when there is no such descriptor, -1 */
static int look_at_descriptor(uint8_t *p, const char *root, unsigned n)
{
	static const char *const names[] = { "type", "phys_addr", "virt_addr", "num_pages",
					     "attribute" };
	uint64_t value[5] = { 0 };
	char path[80];

	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof path, "%s/runtime-map/%u/%s", dir, n, names[i]);
		int there = sysfs_u64(root, path, &value[i]);

		if (there < 1)
			return there;
	}
	put_u64(p, value[0] & UINT32_MAX);
	for (size_t i = 1; i < 5; i++)
		put_u64(p + 8 * i, value[i]);
	return 1;
}

static int look_at_map(struct efi *efi, const char *root)
{
	uint8_t *map = calloc(DESCRIPTORS_MAX, EFI_DESCRIPTOR);
	unsigned n = 0;
	int there = 1;

	if (!map)
		return fail_sys("%s/runtime-map", dir);
	while (n < DESCRIPTORS_MAX &&
	       (there = look_at_descriptor(map + n * EFI_DESCRIPTOR, root, n)) == 1)
		n++;
	if (there < 0 || n == 0) {
		free(map);
		return there;
	}
	efi->map = map;
	efi->map_len = n * EFI_DESCRIPTOR;
	return 0;
}

static int look_at(uint64_t *value, const char *root, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return sysfs_u64(root, path, value) < 0 ? -1 : 0;
}

int efi_look(struct efi *efi, const char *root)
{
	*efi = (struct efi){ 0 };
	if (sysfs_is_empty(root, dir))
		return 0;
	efi->there = true;
	if (look_at_systab(efi, root) || look_at(&efi->vendor, root, "fw_vendor") ||
	    look_at(&efi->tables, root, "config_table"))
		return -1;
	return efi->tables ? look_at_map(efi, root) : 0;
}

void efi_close(struct efi *efi)
{
	free(efi->map);
	*efi = (struct efi){ 0 };
}
