/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec-zlib.h"

#ifdef HAVE_libdeflate
#include <libdeflate.h>

#include "err.h"

static void *deflate_open(int level, size_t maxlen)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);

	(void)maxlen;
	if (!c)
		fail(ERR_MEMORY, "libdeflate: out of memory");
	return c;
}

static size_t deflate_compress(void *state, void *dst, size_t cap, const void *src, size_t len)
{
	return libdeflate_zlib_compress(state, src, len, dst, cap);
}

static void deflate_close(void *state)
{
	libdeflate_free_compressor(state);
}

const struct deflater deflater_libdeflate = {
	.name = "libdeflate",
	.level_min = 1,
	.level_max = 9,
	.open = deflate_open,
	.compress = deflate_compress,
	.close = deflate_close,
};

static void *inflate_open(void)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();

	if (!d)
		fail(ERR_MEMORY, "libdeflate: out of memory");
	return d;
}

static int inflate_page(void *state, void *dst, size_t len, const void *src, size_t srclen)
{
	/* without a place for the real size nothing but len bytes is a success */
	return libdeflate_zlib_decompress(state, src, srclen, dst, len, NULL) ==
	       LIBDEFLATE_SUCCESS ? 0 : -1;
}

static void inflate_close(void *state)
{
	libdeflate_free_decompressor(state);
}

const struct inflater inflater_libdeflate = {
	.open = inflate_open,
	.decompress = inflate_page,
	.close = inflate_close,
};
#endif
