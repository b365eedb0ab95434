/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct boot_params of include/uapi/asm/bootparam.h and Documentation/arch/x86/boot.rst,
 * Linux 7.2; what is copied from the running kernel's is what the kernel's own loader
 * copies (arch/x86/kernel/kexec-bzimage64.c, setup_boot_parameters). All numbers are
 * little endian, and what is not set is zero.
 *
 * Up to 128 ranges of memory lie in the parameters themselves. The rest, a seed for the
 * random number generator and EFI's addresses are a list of entries: u64 address of the
 * next, u32 type, u32 length, data.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "boot-params.h"
#include "bootimage.h"
#include "efi.h"
#include "err.h"
#include "put.h"
#include "running.h"

enum {
	SCREEN_INFO = 0, SCREEN_INFO_LEN = 0x40,
	EXT_MEM_K = 0x2,
	ACPI_RSDP = 0x70,
	EXT_RAMDISK_IMAGE = 0xc0, EXT_RAMDISK_SIZE = 0xc4, EXT_CMD_LINE = 0xc8,
	CC_BLOB = 0x13c,
	EFI_INFO = 0x1c0,
	E820_ENTRIES = 0x1e8, EDD_ENTRIES = 0x1e9, EDD_MBR_ENTRIES = 0x1ea,
	SECURE_BOOT = 0x1ec,
	HEADER = 0x1f1, HEADER_END = 0x290,
	EDD_MBR = 0x290, EDD_MBR_LEN = 64,
	E820_TABLE = 0x2d0, E820_ENTRY = 20, E820_MAX = 128,
	EDD = 0xd00, EDD_LEN = 6 * 82,
};

/* of the header, with its own offset counted */
enum {
	BOOT_FLAG = 0x1fe, JUMP_LENGTH = 0x201, MAGIC = 0x202, VERSION_AT = 0x206,
	LOADER_TYPE = 0x210, LOAD_FLAGS = 0x211, RAMDISK_IMAGE = 0x218, RAMDISK_SIZE = 0x21c,
	CMD_LINE = 0x228, KERNEL_ALIGNMENT = 0x230, RELOCATABLE = 0x234, XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238, SUBARCH = 0x23c, SETUP_DATA = 0x250, PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
};

enum { KERNEL_64 = 1, ABOVE_4G = 2, LOADER_KEXEC = 0xd0, PROTOCOL = 0x20f };
enum { SETUP_E820_EXT = 1, SETUP_EFI = 4, SETUP_RNG_SEED = 9, SETUP_ENTRY = 16 };

/* where in the segment each part is; they follow one another */
struct plan {
	size_t cmdline, seed, e820, efi, efi_map, end;
};

static size_t up16(size_t len)
{
	return (len + 15) / 16 * 16;
}

static size_t more_e820(const struct boot_params *bp)
{
	return bp->map->n > E820_MAX ? bp->map->n - E820_MAX : 0;
}

static struct plan plan(const struct boot_params *bp)
{
	struct plan p = { .cmdline = BOOT_PARAMS_SIZE };
	size_t more = more_e820(bp);

	p.seed = p.cmdline + up16(strlen(bp->cmdline) + 1);
	p.e820 = p.seed + SETUP_ENTRY + BOOT_PARAMS_SEED;
	p.efi = p.e820 + (more ? up16(SETUP_ENTRY + more * E820_ENTRY) : 0);
	p.efi_map = p.efi + (bp->efi ? SETUP_ENTRY + EFI_SETUP_DATA : 0);
	p.end = p.efi_map + (bp->efi ? up16(bp->efi->map_len) : 0);
	return p;
}

size_t boot_params_len(const struct boot_params *bp)
{
	return plan(bp).end;
}

uint64_t boot_params_rsdp(const uint8_t *running)
{
	uint64_t rsdp = 0;

	for (int i = 7; i >= 0; i--)
		rsdp = rsdp << 8 | running[ACPI_RSDP + i];
	return rsdp;
}

/* a bzImage brings its header, up to 0x202 and the length of the jump before it */
static int put_header_of_file(uint8_t *out, const struct bootimage *im)
{
	uint8_t head[HEADER_END];
	ssize_t n = pread(im->fd, head, sizeof head, 0);

	if (n < 0)
		return fail_sys("reading its header");
	if (n < HEADER_END)
		return fail(ERR_AGAIN, "became shorter while it was read");
	size_t end = MAGIC + head[JUMP_LENGTH];

	if (end > HEADER_END)
		end = HEADER_END;
	memcpy(out + HEADER, head + HEADER, end - HEADER);
	return 0;
}

/* an ELF vmlinux has none: the kernel within a bzImage sees what this says of it */
static void put_header_by_hand(uint8_t *out, const struct bootimage *im)
{
	put_u16(out + BOOT_FLAG, 0xaa55);
	memcpy(out + MAGIC, "HdrS", 4);
	put_u16(out + VERSION_AT, PROTOCOL);
	put_u32(out + KERNEL_ALIGNMENT, (uint32_t)im->align);
	out[RELOCATABLE] = 1;
	put_u16(out + XLOADFLAGS, KERNEL_64 | ABOVE_4G);
	put_u32(out + CMDLINE_SIZE, (uint32_t)im->cmdline_max);
	put_u64(out + PREF_ADDRESS, im->lowest);
	put_u32(out + INIT_SIZE, (uint32_t)im->init_size);
}

static void put_split(uint8_t *low, uint8_t *high, uint64_t value)
{
	put_u32(low, (uint32_t)value);
	put_u32(high, (uint32_t)(value >> 32));
}

static int put_header(uint8_t *out, const struct boot_params *bp, const struct plan *p)
{
	if (bp->image->kind == BOOTIMAGE_ELF)
		put_header_by_hand(out, bp->image);
	else if (put_header_of_file(out, bp->image))
		return -1;
	/* without a type the kernel does not look for an initrd */
	out[LOADER_TYPE] = LOADER_KEXEC;
	out[LOAD_FLAGS] = 0;
	put_split(out + RAMDISK_IMAGE, out + EXT_RAMDISK_IMAGE, bp->initrd.start);
	put_split(out + RAMDISK_SIZE, out + EXT_RAMDISK_SIZE,
		  bp->initrd.end - bp->initrd.start);
	put_split(out + CMD_LINE, out + EXT_CMD_LINE, bp->at + p->cmdline);
	memcpy(out + p->cmdline, bp->cmdline, strlen(bp->cmdline) + 1);
	return 0;
}

static void copy_from_running(uint8_t *out, const uint8_t *running)
{
	memcpy(out + SCREEN_INFO, running + SCREEN_INFO, SCREEN_INFO_LEN);
	put_u16(out + EXT_MEM_K, 0);
	memcpy(out + SUBARCH, running + SUBARCH, 4);
	out[EDD_ENTRIES] = running[EDD_ENTRIES];
	out[EDD_MBR_ENTRIES] = running[EDD_MBR_ENTRIES];
	memcpy(out + EDD_MBR, running + EDD_MBR, EDD_MBR_LEN);
	memcpy(out + EDD, running + EDD, EDD_LEN);
}

/* puts an entry in front of the list, and returns where its data go */
static uint8_t *put_entry(uint8_t *out, const struct boot_params *bp, size_t where,
			  uint32_t type, size_t len)
{
	memcpy(out + where, out + SETUP_DATA, 8);
	put_u32(out + where + 8, type);
	put_u32(out + where + 12, (uint32_t)len);
	put_u64(out + SETUP_DATA, bp->at + where);
	return out + where + SETUP_ENTRY;
}

static void put_map(uint8_t *out, const struct boot_params *bp, const struct plan *p)
{
	size_t more = more_e820(bp);
	uint8_t *to = out + E820_TABLE;

	out[E820_ENTRIES] = (uint8_t)(bp->map->n - more);
	for (size_t i = 0; i < bp->map->n; i++, to += E820_ENTRY) {
		const struct range *r = &bp->map->r[i];

		if (i == E820_MAX)
			to = put_entry(out, bp, p->e820, SETUP_E820_EXT, more * E820_ENTRY);
		put_u64(to, r->start);
		put_u64(to + 8, r->end - r->start);
		put_u32(to + 16, (uint32_t)r->at);
	}
}

static int put_seed(uint8_t *out, const struct boot_params *bp, const struct plan *p)
{
	uint8_t *to = put_entry(out, bp, p->seed, SETUP_RNG_SEED, BOOT_PARAMS_SEED);
	ssize_t n;

	do
		n = getrandom(to, BOOT_PARAMS_SEED, 0);
	while (n < 0 && errno == EINTR);
	return n == BOOT_PARAMS_SEED ? 0 : fail_sys("getrandom");
}

/*
 * struct efi_info: signature, systab, size and version of descriptors, map, its size, the
 * upper halves of systab and map; struct efi_setup_data (asm/efi.h): fw_vendor, one
 * unused, tables, smbios, eight reserved.
 */
static void put_efi(uint8_t *out, const struct boot_params *bp, const struct plan *p)
{
	uint8_t *info = out + EFI_INFO, *data;

	memcpy(info, bp->running + EFI_INFO, 32);
	put_u32(info + 8, EFI_DESCRIPTOR);
	put_split(info + 16, info + 28, bp->at + p->efi_map);
	put_u32(info + 20, (uint32_t)bp->efi->map_len);
	memcpy(out + p->efi_map, bp->efi->map, bp->efi->map_len);

	out[SECURE_BOOT] = bp->running[SECURE_BOOT];
	data = put_entry(out, bp, p->efi, SETUP_EFI, EFI_SETUP_DATA);
	put_u64(data, bp->efi->vendor);
	put_u64(data + 16, bp->efi->tables);
	put_u64(data + 24, bp->efi->smbios);
}

bool boot_params_has_efi(const uint8_t *running)
{
	static const uint8_t version_1[4] = { 1 }, none[4] = { 0 };
	const uint8_t *info = running + EFI_INFO;

	return memcmp(info, "EL64", 4) == 0 && memcmp(info + 12, version_1, 4) == 0 &&
	       memcmp(info + 20, none, 4) != 0;
}

bool boot_params_is_encrypted(const uint8_t *running)
{
	static const uint8_t none[4] = { 0 };

	return memcmp(running + CC_BLOB, none, 4) != 0;
}

uint8_t *boot_params_make(const struct boot_params *bp)
{
	struct plan p = plan(bp);
	uint8_t *out = calloc(1, p.end);

	if (!out) {
		fail_sys("the boot parameters");
		return NULL;
	}
	if (put_header(out, bp, &p) || put_seed(out, bp, &p)) {
		free(out);
		return NULL;
	}
	if (bp->running)
		copy_from_running(out, bp->running);
	put_u64(out + ACPI_RSDP, bp->rsdp);
	put_map(out, bp, &p);
	if (bp->efi && bp->running)
		put_efi(out, bp, &p);
	return out;
}
