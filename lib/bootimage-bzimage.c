/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bzImage: a boot sector and setup code for BIOS, which the 64-bit protocol does not
 * run, then the protected-mode part: a decompressor around the compressed kernel (the
 * payload). The header lies at 0x1f1, little endian. The file may be a PE program too
 * (EFI stub); a signed one ends with a certificate table that PE data directory 4
 * points to. Facts: Documentation/arch/x86/boot.rst; what kexec_file_load demands:
 * arch/x86/kernel/kexec-bzimage64.c (bzImage64_probe, bzImage64_load), Linux 6.1 to 7.2.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/types.h>

#include "cursor.h"
#include "err.h"
#include "bootimage.h"
#include "bootimage-kinds.h"
#include "num.h"

enum {
	SECTOR = 512,
	PAGE = 4096,
	HEAD = 8192,			/* enough for the header and the PE headers */
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,		/* protected-mode part, in units of 16 bytes */
	BOOT_FLAG = 0x1fe,
	MAGIC = 0x202,
	VERSION_AT = 0x206,
	VERSION_TEXT = 0x20e,		/* pointer to text, less 0x200 */
	LOADFLAGS = 0x211,
	ALIGNMENT = 0x230,
	RELOCATABLE = 0x234,
	XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	PAYLOAD = 0x248,		/* offset, then length, in the protected-mode part */
	PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
	LOWEST_LOAD = 0x100000,
	ENTRY_64 = 0x200,		/* of the 64-bit protocol, in the protected-mode part */
};

enum { LOADED_HIGH = 1, KERNEL_64 = 1, ABOVE_4G = 2, FIVE_LEVEL = 32 };

struct head {
	uint8_t bytes[HEAD];
	size_t len;
};

/* a cursor at an offset; reads zeros where the file has ended */
static struct cursor at(const struct head *h, uint64_t offset)
{
	if (offset > h->len)
		offset = h->len;
	return cursor_over(h->bytes + offset, h->len - (size_t)offset,
			   __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);
}

static uint32_t get(const struct head *h, uint64_t offset, int bytes)
{
	struct cursor c = at(h, offset);

	switch (bytes) {
	case 1:
		return cursor_u8(&c);
	case 2:
		return cursor_u16(&c);
	default:
		return cursor_u32(&c);
	}
}

/* files people mistake for a bzImage */
static int other_kind(const struct head *h)
{
	static const struct {
		unsigned at, len;
		const char *magic, *what;
	} kinds[] = {
		{ 0, 4, "\x7f" "ELF", "an ELF file (vmlinux?): give the bzImage"
			" (vmlinuz)" },
		{ 0x38, 4, "ARM\x64", "an arm64 kernel" },
		{ 0, 2, "\x1f\x8b", "gzip data: unpack it first" },
		{ 0, 6, "070701", "a cpio archive: is it the initrd?" },
		{ 0, 4, "\x28\xb5\x2f\xfd", "zstd data: is it the initrd?" },
		{ 0, 6, "\xfd" "7zXZ", "xz data: is it the initrd?" },
		{ 0, 2, "MZ", "an EFI program (a unified kernel image?)" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (h->len >= kinds[i].at + kinds[i].len &&
		    memcmp(h->bytes + kinds[i].at, kinds[i].magic, kinds[i].len) == 0)
			return fail(ERR_UNKNOWN, "not a bzImage, but %s", kinds[i].what);
	return fail(ERR_UNKNOWN, "not a bzImage: no \"HdrS\" at 0x202");
}

/* the tests of bzImage64_probe, in its order */
static int probe(const struct head *h)
{
	if (h->len < 2 * SECTOR || memcmp(h->bytes + MAGIC, "HdrS", 4) != 0)
		return other_kind(h);
	if (get(h, BOOT_FLAG, 2) != 0xaa55)
		return fail(ERR_CORRUPT, "boot flag at 0x1fe is %#x, not 0xaa55",
			    get(h, BOOT_FLAG, 2));
	if (get(h, VERSION_AT, 2) < 0x20c)
		return fail(ERR_UNKNOWN, "boot protocol at 0x206 is %u.%u: 2.12 is needed"
			    " (Linux 3.8)", get(h, VERSION_AT, 2) >> 8,
			    get(h, VERSION_AT, 2) & 0xff);
	if (!(get(h, LOADFLAGS, 1) & LOADED_HIGH))
		return fail(ERR_UNKNOWN, "load flags at 0x211 lack LOADED_HIGH: a"
			    " zImage");
	if (!(get(h, XLOADFLAGS, 2) & KERNEL_64))
		return fail(ERR_UNKNOWN, "extended load flags at 0x236 lack KERNEL_64:"
			    " not a 64-bit kernel");
	if (!(get(h, XLOADFLAGS, 2) & ABOVE_4G))
		return fail(ERR_UNKNOWN, "extended load flags at 0x236 lack"
			    " CAN_BE_LOADED_ABOVE_4G");
	if (!get(h, RELOCATABLE, 1))
		return fail(ERR_UNKNOWN, "not relocatable (0x234): it cannot run at a"
			    " reserved address");
	return 0;
}

/* the kernel takes a file cut short; the crash would be the first to notice */
static int check_whole(const struct head *h, uint64_t size)
{
	uint64_t needed = ((uint64_t)get(h, INIT_SIZE, 4) + PAGE - 1) / PAGE * PAGE;
	uint64_t sectors = get(h, SETUP_SECTS, 1);
	uint64_t start = ((sectors ? sectors : 4) + 1) * SECTOR;
	uint64_t length = (uint64_t)get(h, SYSSIZE, 4) * 16;
	uint64_t payload = get(h, PAYLOAD, 4), payload_end = payload + get(h, PAYLOAD + 4, 4);

	if (start >= size)
		return fail(ERR_CORRUPT, "cut short: the kernel begins at %#" PRIx64
			    ", the file ends at %#" PRIx64, start, size);
	if (start + length > size)
		return fail(ERR_CORRUPT, "cut short: the kernel ends at %#" PRIx64
			    " (size at 0x1f4), the file at %#" PRIx64, start + length, size);
	if (payload == payload_end || payload_end > length)
		return fail(ERR_CORRUPT, "the compressed kernel (offset at 0x248, length at"
			    " 0x24c) is %#" PRIx64 "-%#" PRIx64 " of a file of %#" PRIx64
			    " bytes", start + payload, start + payload_end, size);
	/* signatures behind the kernel are loaded with it; more than that is no kernel */
	if (size - start > needed)
		return fail(ERR_CORRUPT, "%#" PRIx64 " bytes follow the setup code, but only"
			    " %#" PRIx64 " of memory are asked for (0x260)", size - start,
			    needed);
	return 0;
}

/* up to len bytes, as many as the file has there: how many, or -1 */
static ssize_t read_some(int fd, uint8_t *bytes, size_t len, uint64_t at, uint64_t size)
{
	if (at >= size)
		return 0;
	if (size - at < len)
		len = (size_t)(size - at);
	return bootimage_pread(fd, bytes, len, at) ? -1 : (ssize_t)len;
}

/* any compression the kernel's Makefile can choose */
static int check_payload(const struct head *h, int fd, uint64_t size)
{
	static const struct { uint8_t len; char magic[7]; } packers[] = {
		{ 2, "\x1f\x8b" }, { 3, "BZh" }, { 5, "\xfd" "7zXZ" },
		{ 4, "\x28\xb5\x2f\xfd" }, { 4, "\x02\x21\x4c\x18" },
		{ 5, "\x89LZO" }, { 3, "\x5d\0\0" },
	};
	uint64_t sectors = get(h, SETUP_SECTS, 1);
	uint64_t start = ((sectors ? sectors : 4) + 1) * SECTOR + get(h, PAYLOAD, 4);
	uint8_t magic[8] = { 0 };

	if (read_some(fd, magic, sizeof magic, start, size) < 0)
		return -1;
	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++)
		if (memcmp(magic, packers[i].magic, packers[i].len) == 0)
			return 0;
	return fail(ERR_CORRUPT, "the compressed kernel at %#" PRIx64 " begins with %02x"
		    " %02x %02x %02x: no known compression", start, magic[0], magic[1],
		    magic[2], magic[3]);
}

/* text behind the boot sector; not having any is no fault */
static int read_version(struct bootimage *im, const struct head *h, int fd, uint64_t size)
{
	uint8_t text[sizeof im->version];
	uint64_t from = (uint64_t)get(h, VERSION_TEXT, 2) + 0x200;
	ssize_t len = read_some(fd, text, sizeof text - 1, from, size);

	if (len < 0)
		return -1;
	if (get(h, VERSION_TEXT, 2) == 0)
		return 0;
	for (ssize_t i = 0; i < len && text[i] > ' ' && text[i] <= '~'; i++)
		im->version[i] = (char)text[i];
	return 0;
}

int bootimage_bzimage(struct bootimage *im, int fd, uint64_t size)
{
	struct head h;
	ssize_t n = read_some(fd, h.bytes, sizeof h.bytes, 0, size);

	*im = (struct bootimage){ .kind = BOOTIMAGE_BZIMAGE, .format = "bzImage", .arch = "x86_64",
				 .fd = fd, .initrd_fd = -1, .size = size };
	if (n < 0)
		return fail_in("reading its header");
	h.len = (size_t)n;
	if (probe(&h) || check_whole(&h, size) || check_payload(&h, fd, size))
		return -1;

	struct cursor pref = at(&h, PREF_ADDRESS);

	im->code_at = ((get(&h, SETUP_SECTS, 1) ? get(&h, SETUP_SECTS, 1) : 4) + 1) * SECTOR;
	im->code_size = size - im->code_at;
	im->entry = ENTRY_64;
	im->lowest = cursor_u64(&pref);
	if (im->lowest < LOWEST_LOAD)
		im->lowest = LOWEST_LOAD;
	im->init_size = get(&h, INIT_SIZE, 4);
	im->align = get(&h, ALIGNMENT, 4);
	im->cmdline_max = get(&h, CMDLINE_SIZE, 4);
	im->five_level = get(&h, XLOADFLAGS, 2) & FIVE_LEVEL;
	im->is_signed = pe_is_signed(fd, size);
	if (!num_is_power_of_2(im->align))
		return fail(ERR_CORRUPT, "alignment at 0x230 is %#" PRIx64, im->align);
	return read_version(im, &h, fd, size);
}
