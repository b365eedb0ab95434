/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Image of arm64: the kernel as it lies in memory, behind a header of 64 bytes, little
 * endian: text_offset at 8, image_size at 16, flags at 24 (bit 0: big-endian kernel, bits
 * 1 and 2: page size), "ARM\x64" at 56. It is put text_offset above a multiple of 2 MiB
 * and jumped to at its first byte; image_size is all the memory it needs until it runs.
 * Facts: Documentation/arm64/booting.rst; arch/arm64/kernel/kexec_image.c refuses what has
 * image_size 0 (Linux before 3.17). text_offset is 0 since 5.8.
 */
#include <inttypes.h>
#include <string.h>

#include "bootimage.h"
#include "bootimage-kinds.h"
#include "cursor.h"
#include "err.h"
#include "num.h"

enum {
	HEADER = 64,
	ALIGN = 2 << 20,
	CMDLINE_MAX = 2047,	/* COMMAND_LINE_SIZE - 1 */
	BIG_ENDIAN_KERNEL = 1,
	PAGE = 4096,
};

static const uint64_t image_max = (uint64_t)512 << 20;

struct header {
	uint64_t text_offset, image_size, flags;
	bool is_pe;
};

static int read_header(struct header *h, int fd, uint64_t size)
{
	uint8_t bytes[HEADER];
	struct cursor c = cursor_over(bytes, sizeof bytes,
				      __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);

	if (size < HEADER)
		return fail(ERR_CORRUPT, "cut short: an arm64 Image's header has 64 bytes, the"
			    " file %" PRIu64, size);
	if (bootimage_pread(fd, bytes, sizeof bytes, 0))
		return -1;
	h->is_pe = memcmp(bytes, "MZ", 2) == 0;
	cursor_take(&c, 8);
	h->text_offset = cursor_u64(&c);
	h->image_size = cursor_u64(&c);
	h->flags = cursor_u64(&c);
	if (memcmp(bytes + 56, "ARM\x64", 4) != 0)
		return fail(ERR_UNKNOWN, "not an arm64 Image: no \"ARM\\x64\" at 0x38");
	return 0;
}

/* an EFI stub makes it a PE program as well, whose sections are all of the file */
static int check_whole(int fd, uint64_t size)
{
	struct pe_section s;
	struct pe pe;
	int more;

	if (pe_open(&pe, fd, size))
		return -1;
	while ((more = pe_section_next(&pe, &s)) == 1)
		continue;
	return more;
}

int bootimage_arm64(struct bootimage *im, int fd, uint64_t size)
{
	static const uint32_t pages[] = { 0, 4096, 16384, 65536 };
	struct header h = { .is_pe = false };

	*im = (struct bootimage){ .kind = BOOTIMAGE_ARM64, .format = "arm64 Image",
				  .arch = "aarch64", .fd = fd, .initrd_fd = -1, .size = size,
				  .code_size = size, .align = ALIGN, .cmdline_max = CMDLINE_MAX };
	if (read_header(&h, fd, size))
		return -1;
	if (h.image_size == 0)
		return fail(ERR_UNKNOWN, "image_size at 0x10 is 0: a kernel before 3.17, which"
			    " cannot be loaded");
	if (h.flags & BIG_ENDIAN_KERNEL)
		return fail(ERR_UNKNOWN, "a big-endian kernel (flags at 0x18)");
	if (h.image_size > image_max)
		return fail(ERR_CORRUPT, "image_size at 0x10 is %#" PRIx64 ": no kernel is that"
			    " large", h.image_size);
	if (h.text_offset >= ALIGN)
		return fail(ERR_CORRUPT, "text_offset at 0x8 is %#" PRIx64 ", not below 2 MiB",
			    h.text_offset);
	if (h.is_pe && check_whole(fd, size))
		return -1;
	/* a signature may follow, and is loaded with it; what image_size has more is .bss */
	if (size > h.image_size)
		return fail(ERR_CORRUPT, "%#" PRIx64 " bytes, but image_size at 0x10 asks for %#"
			    PRIx64 " only", size, h.image_size);
	im->init_size = im->kernel_size = num_div_up(h.image_size, PAGE) * PAGE;
	im->is_signed = h.is_pe && pe_is_signed(fd, size);
	im->offset = h.text_offset;
	im->page_size = pages[h.flags >> 1 & 3];
	return bootimage_find_version(im, 0, size);
}
