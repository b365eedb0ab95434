/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lz4 as "lz4 -l" writes it, the one form the kernel unpacks (lib/decompress_unlz4.c,
 * Linux 6.1): the magic number, then blocks of 8 MiB unpacked, each behind its packed
 * length in 4 bytes, little endian. The magic number may come again before any block. A
 * length of 0, or fewer than 4 bytes, is the end. There is no checksum anywhere.
 */
#include "unpack-parts.h"

#ifdef HAVE_lz4
#include <lz4.h>
#include <stdlib.h>

#include "err.h"

enum { LENGTH = 4, BLOCK = 8 << 20, MAGIC = 0x184c2102 };

static uint32_t little_endian(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* the next length, not used up yet: 1; the end: 0; -1 */
static int peek(struct unpack *u, uint32_t *length)
{
	uint64_t at = unpack_place(u);

	/* across the end of what was read: read again from here */
	if (u->len - u->from < LENGTH) {
		u->at = at;
		u->from = u->len = 0;
	}
	if (unpack_more(u) < 0)
		return -1;
	if (u->len - u->from < LENGTH)
		return 0;
	*length = little_endian(u->buf + u->from);
	return *length != 0;
}

static int run(struct unpack *u, uint8_t *packed, size_t cap, uint8_t *out)
{
	uint32_t length;
	int more;

	while ((more = peek(u, &length)) == 1) {
		int n;

		u->from += LENGTH;
		if (length == MAGIC)
			continue;
		if (length > cap)
			return unpack_bad(u, "lz4", "a block is larger than 8 MiB can be");
		if (unpack_take(u, packed, length))
			return fail_in("lz4");
		n = LZ4_decompress_safe((const char *)packed, (char *)out, (int)length, BLOCK);
		if (n < 0)
			return unpack_bad(u, "lz4", "a block cannot be unpacked");
		if (u->put(u->arg, out, (size_t)n))
			return -1;
	}
	return more;
}

int unpack_lz4(struct unpack *u)
{
	size_t cap = (size_t)LZ4_compressBound(BLOCK);
	uint8_t *packed = malloc(cap), *out = malloc(BLOCK);
	int result = packed && out ? run(u, packed, cap, out) :
		     fail(ERR_MEMORY, "unpacking lz4");

	free(packed);
	free(out);
	return result;
}
#endif
