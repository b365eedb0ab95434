/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzo as lzop packs it (lib/decompress_unlzo.c, Linux 6.1), big endian: 9 bytes of magic,
 * versions, method, flags, mode, times, name, checksum of the header; then blocks, each
 * with its unpacked length (0: the end), its packed length, checksums as the flags say,
 * and its bytes, which are not packed when both lengths are equal. The kernel unpacks
 * blocks up to 256 KiB.
 */
#include "unpack-parts.h"

#ifdef HAVE_lzo2
#include <lzo/lzo1x.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

#include "crc32.h"
#include "cursor.h"
#include "err.h"

enum {
	BLOCK = 256 << 10,
	MAGIC = 9,
	HAS_LEVEL = 0x940,		/* from this version on */
	ADLER_OUT = 1, ADLER_IN = 2,	/* flags: what each block has */
	CRC_OUT = 0x100, CRC_IN = 0x200,
	FILTER = 0x800, CRC_HEADER = 0x1000,
};

/* big endian, of so many bytes; those of the header are collected for its checksum */
struct header {
	uint8_t bytes[64 + 255];
	size_t len;
};

static int get(struct unpack *u, struct header *h, size_t n, uint32_t *value)
{
	struct cursor c;
	uint8_t *p = h->bytes + h->len;

	if (unpack_take(u, p, n))
		return fail_in("lzo");
	h->len += n;
	c = cursor_over(p, n, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	*value = n == 1 ? cursor_u8(&c) : n == 2 ? cursor_u16(&c) : cursor_u32(&c);
	return 0;
}

static int read_header(struct unpack *u, uint32_t *flags)
{
	struct header h = { .len = 0 };
	uint32_t version, value, len, sum, size;
	uint8_t magic[MAGIC];

	if (unpack_take(u, magic, sizeof magic))
		return fail_in("lzo");
	if (get(u, &h, 2, &version) || get(u, &h, 2, &value))
		return -1;
	if (version >= HAS_LEVEL && get(u, &h, 2, &value))
		return -1;
	if (get(u, &h, 1, &value) || (version >= HAS_LEVEL && get(u, &h, 1, &value)) ||
	    get(u, &h, 4, flags))
		return -1;
	if (*flags & FILTER && get(u, &h, 4, &value))
		return -1;
	/* mode, time in one or two parts, name */
	if (get(u, &h, 4, &value) || get(u, &h, 4, &value) ||
	    (version >= HAS_LEVEL && get(u, &h, 4, &value)) || get(u, &h, 1, &len))
		return -1;
	for (uint32_t i = 0; i < len; i++)
		if (get(u, &h, 1, &value))
			return -1;
	size = (uint32_t)h.len;
	sum = *flags & CRC_HEADER ? crc32_of(h.bytes, size) :
	      (uint32_t)adler32(1, h.bytes, size);
	h.len = 0;
	if (get(u, &h, 4, &value))
		return -1;
	return value == sum ? 0 : unpack_bad(u, "lzo", "the checksum of its header is wrong");
}

/* of the four checksums, those of the unpacked bytes are there in each block */
static int read_sums(struct unpack *u, uint32_t flags, bool packed, uint32_t *adler, uint32_t *crc)
{
	struct header h = { .len = 0 };
	uint32_t unused;

	if ((flags & ADLER_OUT && get(u, &h, 4, adler)) || (flags & CRC_OUT && get(u, &h, 4, crc)))
		return -1;
	if (packed && flags & ADLER_IN && get(u, &h, 4, &unused))
		return -1;
	return packed && flags & CRC_IN ? get(u, &h, 4, &unused) : 0;
}

/* 1: a block, 0: the end, -1 */
static int block(struct unpack *u, uint32_t flags, uint8_t *packed, uint8_t *out)
{
	struct header h = { .len = 0 };
	uint32_t len, packed_len, adler = 0, crc = 0;

	if (get(u, &h, 4, &len))
		return -1;
	if (len == 0)
		return 0;
	if (get(u, &h, 4, &packed_len))
		return -1;
	if (len > BLOCK || packed_len > len || packed_len == 0)
		return unpack_bad(u, "lzo", "a block is larger than 256 KiB");
	if (read_sums(u, flags, packed_len < len, &adler, &crc))
		return -1;
	if (unpack_take(u, packed_len < len ? packed : out, packed_len))
		return fail_in("lzo");
	if (packed_len < len) {
		lzo_uint n = len;

		if (lzo1x_decompress_safe(packed, packed_len, out, &n, NULL) != LZO_E_OK ||
		    n != len)
			return unpack_bad(u, "lzo", "a block cannot be unpacked");
	}
	if ((flags & ADLER_OUT && adler != adler32(1, out, len)) ||
	    (flags & CRC_OUT && crc != crc32_of(out, len)))
		return unpack_bad(u, "lzo", "the checksum of a block is wrong");
	return u->put(u->arg, out, len) ? -1 : 1;
}

int unpack_lzo(struct unpack *u)
{
	uint8_t *packed = malloc(BLOCK), *out = malloc(BLOCK);
	uint32_t flags;
	int result = packed && out && lzo_init() == LZO_E_OK ? 1 :
		     fail(ERR_MEMORY, "unpacking lzo");

	if (result == 1 && read_header(u, &flags))
		result = -1;
	while (result == 1)
		result = block(u, flags, packed, out);
	free(packed);
	free(out);
	return result;
}
#endif
