/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec-zlib.h"
#include "codec.h"

#ifdef HAVE_zlib
#include <stdlib.h>
#include <zlib.h>

#include "err.h"

extern const struct codec codec_zlib;

struct compressor {
	const struct deflater *deflater;
	void *state;
};

static void *own_open(int level, size_t maxlen)
{
	z_stream *z = calloc(1, sizeof *z);

	(void)maxlen;
	if (z && deflateInit(z, level) == Z_OK)
		return z;
	free(z);
	fail(ERR_MEMORY, "zlib: out of memory");
	return NULL;
}

static size_t own_compress(void *state, void *dst, size_t cap, const void *src, size_t len)
{
	z_stream *z = state;

	if (deflateReset(z) != Z_OK)
		return 0;
	z->next_in = (Bytef *)src;
	z->avail_in = (uInt)len;
	z->next_out = dst;
	z->avail_out = (uInt)cap;
	return deflate(z, Z_FINISH) == Z_STREAM_END ? cap - z->avail_out : 0;
}

static void own_close(void *state)
{
	deflateEnd(state);
	free(state);
}

static const struct deflater deflater_own = {
	.name = "zlib",
	.level_min = 1,
	.level_max = 9,
	.open = own_open,
	.compress = own_compress,
	.close = own_close,
};

/* in order of preference */
static const struct deflater *const deflaters[] = {
#ifdef HAVE_libdeflate
	&deflater_libdeflate,
#endif
	&deflater_own,
};
enum { NDEFLATERS = sizeof deflaters / sizeof deflaters[0] };

static const struct deflater *deflater_for(int level)
{
	for (int i = 0; i < NDEFLATERS; i++)
		if (level >= deflaters[i]->level_min && level <= deflaters[i]->level_max)
			return deflaters[i];
	return &deflater_own;
}

static void *zlib_open(int level, size_t maxlen)
{
	struct compressor *c = calloc(1, sizeof *c);

	if (!c) {
		fail_sys("zlib");
		return NULL;
	}
	c->deflater = deflater_for(level);
	c->state = c->deflater->open(level, maxlen);
	if (c->state)
		return c;
	free(c);
	return NULL;
}

static size_t zlib_compress(void *compressor, void *dst, size_t cap, const void *src,
			    size_t len)
{
	struct compressor *c = compressor;

	return c->deflater->compress(c->state, dst, cap, src, len);
}

static void zlib_close(void *compressor)
{
	struct compressor *c = compressor;

	if (c)
		c->deflater->close(c->state);
	free(c);
}

static int zlib_decompress(void *dst, size_t len, const void *src, size_t srclen)
{
	uLongf n = len;

	return uncompress(dst, &n, src, srclen) == Z_OK && n == len ? 0 : -1;
}

const struct codec codec_zlib = {
	.name = "zlib",
	.flag = CODEC_ZLIB,
	.level_min = 1,
	.level_max = 9,
	.level_default = 1,
	.open = zlib_open,
	.compress = zlib_compress,
	.close = zlib_close,
	.decompress = zlib_decompress,
};
#endif
