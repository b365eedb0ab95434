/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a bzImage what its builder has written? Two things tell:
 *
 * - The last 4 bytes of the protected-mode part make the CRC-32 of the whole file up to
 *   there all ones (Documentation/arch/x86/boot.rst; arch/x86/boot/tools/build.c up to
 *   Linux 6.14). Since 6.15 nobody writes them any more: they are 0. Who signs the file
 *   later fills in two fields of the PE header, which were 0: they are left out.
 * - The payload unpacks, to the length that the build has put behind it in 4 bytes
 *   (scripts/Makefile.lib; gzip has it anyway), and is an ELF vmlinux, whole.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "bootimage.h"
#include "bootimage-kinds.h"
#include "cursor.h"
#include "err.h"
#include "unpack.h"

enum {
	SYSSIZE = 0x1f4, PAYLOAD = 0x248,
	PE_OFFSET = 0x3c,
	PE_CHECKSUM = 24 + 64,		/* from the PE header on, in PE32+ */
	PE_CERTIFICATES = 24 + 144,
	LENGTH = 4,			/* behind the payload */
	ZSTD_CHECKSUM = 4,		/* of the frame header's descriptor, RFC 8878 */
};

static const uint64_t unpacked_max = (uint64_t)1 << 30;
static const uint32_t all_ones = UINT32_MAX;

static uint32_t u32_of(const uint8_t *bytes)
{
	struct cursor c = cursor_over(bytes, 4, __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);

	return cursor_u32(&c);
}

static int u32_at(const struct bootimage *im, uint64_t at, uint32_t *value)
{
	uint8_t bytes[4];

	if (bootimage_pread(im->fd, bytes, sizeof bytes, at))
		return -1;
	*value = u32_of(bytes);
	return 0;
}

static void add(void *arg, const uint8_t *bytes, size_t n)
{
	uLong *crc = arg;

	*crc = crc32_z(*crc, bytes, n);
}

/* as much as was read, then what signing changes taken as zeros */
static int add_but_hole(const struct bootimage *im, uLong *crc, uint64_t *at, uint64_t hole,
			size_t len)
{
	static const uint8_t zeros[8];

	if (bootimage_read_through(im->fd, *at, hole - *at, add, crc))
		return -1;
	*crc = crc32_z(*crc, zeros, len);
	*at = hole + len;
	return 0;
}

enum sum { SUM_RIGHT, SUM_NONE, SUM_WRONG };

/* reads all of the file */
static int compare_sum(const struct bootimage *im, enum sum *sum)
{
	uint64_t at = 0, end;
	uint32_t pe, magic = 0, length, stored;
	uLong crc = crc32_z(0, NULL, 0);

	if (u32_at(im, SYSSIZE, &length) || u32_at(im, PE_OFFSET, &pe))
		return -1;
	end = im->code_at + (uint64_t)length * 16;
	if (u32_at(im, end - 4, &stored))
		return -1;
	if ((uint64_t)pe + PE_CERTIFICATES + 8 <= im->code_at && u32_at(im, pe, &magic))
		return -1;
	if (magic == 0x4550 && (add_but_hole(im, &crc, &at, pe + PE_CHECKSUM, 4) ||
				add_but_hole(im, &crc, &at, pe + PE_CERTIFICATES, 8)))
		return -1;
	if (bootimage_read_through(im->fd, at, end - at, add, &crc) ||
	    bootimage_read_through(im->fd, end, im->size - end, NULL, NULL))
		return -1;
	*sum = crc == all_ones ? SUM_RIGHT : stored ? SUM_WRONG : SUM_NONE;
	return 0;
}

/* by its version: has the build of this kernel written a checksum? */
static bool writes_sum(const char *version)
{
	unsigned major, minor;

	return sscanf(version, "%3u.%3u", &major, &minor) == 2 &&
	       (major < 6 || (major == 6 && minor < 15));
}

/* what unpacking has brought so far */
struct unpacked {
	uint8_t head[BOOTIMAGE_ELF_HEAD];
	uint64_t size;
};

static int put(void *arg, const uint8_t *bytes, size_t len)
{
	struct unpacked *u = arg;

	if (u->size < sizeof u->head) {
		size_t room = sizeof u->head - (size_t)u->size;

		memcpy(u->head + u->size, bytes, len < room ? len : room);
	}
	u->size += len;
	return u->size > unpacked_max ? fail(ERR_CORRUPT, "larger than 1 GiB unpacked: no kernel"
					     " is") : 0;
}

struct payload {
	uint64_t at, end;	/* of the packed data */
	uint32_t length;	/* unpacked */
	const char *packer;
	bool has_check;		/* of its own: a checksum of what was packed */
};

static int find_payload(const struct bootimage *im, struct payload *p)
{
	uint32_t offset, length;
	uint8_t head[UNPACK_MAGIC];

	if (u32_at(im, PAYLOAD, &offset) || u32_at(im, PAYLOAD + 4, &length))
		return -1;
	p->at = im->code_at + offset;
	p->end = p->at + length;
	if (length < 2 * LENGTH || p->end > im->size)
		return fail(ERR_CORRUPT, "the compressed kernel has %" PRIu32 " bytes", length);
	if (bootimage_pread(im->fd, head, sizeof head, p->at) ||
	    u32_at(im, p->end - LENGTH, &p->length))
		return -1;
	p->packer = unpack_kind(head, sizeof head);
	if (!p->packer)
		return fail(ERR_CORRUPT, "no known compression at %#" PRIx64, p->at);
	/* gzip counts it as its own, and has it at the same place */
	if (strcmp(p->packer, "gzip") != 0)
		p->end -= LENGTH;
	p->has_check = strcmp(p->packer, "lz4") != 0 && strcmp(p->packer, "lzma") != 0 &&
		       (strcmp(p->packer, "zstd") != 0 || head[4] & ZSTD_CHECKSUM);
	return 0;
}

static int unpack(struct bootimage *im, const struct payload *p)
{
	struct unpacked u = { .size = 0 };
	uint64_t used;

	if (unpack_stream(im->fd, p->at, p->end, &used, put, &u))
		return -1;
	if (u.size != p->length)
		return fail(ERR_CORRUPT, "the kernel inside has %" PRIu64 " bytes unpacked, not"
			    " the %" PRIu32 " it was built with", u.size, p->length);
	if (bootimage_elf_inside(u.head, u.size < sizeof u.head ? (size_t)u.size : sizeof u.head,
				 u.size, &im->kernel_size)) {
		char why[200];

		snprintf(why, sizeof why, "%s", err_text());
		return fail(err_code() == ERR_UNKNOWN ? ERR_CORRUPT : err_code(),
			    "the kernel inside: %s", why);
	}
	im->unpacked_size = u.size;
	return 0;
}

int bootimage_bzimage_prove(struct bootimage *im, void (*doubt)(const char *fmt, ...)
			    __attribute__((format(printf, 1, 2))))
{
	struct payload p;
	enum sum sum;

	if (compare_sum(im, &sum))
		return -1;
	if (sum == SUM_WRONG && writes_sum(im->version))
		return fail(ERR_CORRUPT, "checksum is wrong: damaged, or altered after it was"
			    " built");
	if (find_payload(im, &p))
		return -1;
	if (unpack(im, &p)) {
		if (err_code() != ERR_UNKNOWN)
			return -1;
		doubt("the kernel inside was not tested: %s", err_text());
		p.has_check = false;
	}
	if (sum == SUM_RIGHT || (p.has_check && !writes_sum(im->version)))
		return 0;
	if (sum == SUM_WRONG)
		doubt("its checksum is not right, if it has one");
	else
		doubt("has no checksum%s", p.has_check ? ", although kernels before 6.15 do" :
		      ": damage inside may go unseen");
	return 0;
}
