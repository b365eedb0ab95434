/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec-zlib.h"
#include "codec.h"

#ifdef HAVE_zlib
#include <stdlib.h>
#include <zlib.h>

#include "deflate.h"
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

/* ours, for the level at which speed is all */
static void *page_open(int level, size_t maxlen)
{
	(void)level;
	return deflate_open(maxlen);
}

static size_t page_compress(void *state, void *dst, size_t cap, const void *src, size_t len)
{
	return deflate_page(state, dst, cap, src, len);
}

static void page_close(void *state)
{
	deflate_close(state);
}

static const struct deflater deflater_page = {
	.name = "pages",
	.level_min = 1,
	.level_max = 1,
	.maxlen = DEFLATE_MAX,
	.open = page_open,
	.compress = page_compress,
	.close = page_close,
};

/* in order of preference */
static const struct deflater *const deflaters[] = {
	&deflater_page,
#ifdef HAVE_libdeflate
	&deflater_libdeflate,
#endif
	&deflater_own,
};
enum { NDEFLATERS = sizeof deflaters / sizeof deflaters[0] };

static const struct deflater *deflater_for(int level, size_t maxlen)
{
	for (int i = 0; i < NDEFLATERS; i++) {
		const struct deflater *d = deflaters[i];

		if (level >= d->level_min && level <= d->level_max &&
		    (d->maxlen == 0 || maxlen <= d->maxlen))
			return d;
	}
	return &deflater_own;
}

static void *zlib_open(int level, size_t maxlen)
{
	struct compressor *c = calloc(1, sizeof *c);

	if (!c) {
		fail_sys("zlib");
		return NULL;
	}
	c->deflater = deflater_for(level, maxlen);
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

#ifdef HAVE_libdeflate
static const struct inflater *const inflater = &inflater_libdeflate;
#else
static void *own_open_reader(void)
{
	z_stream *z = calloc(1, sizeof *z);

	if (z && inflateInit(z) == Z_OK)
		return z;
	free(z);
	fail(ERR_MEMORY, "zlib: out of memory");
	return NULL;
}

static int own_decompress(void *state, void *dst, size_t len, const void *src, size_t srclen)
{
	z_stream *z = state;

	if (inflateReset(z) != Z_OK)
		return -1;
	z->next_in = (Bytef *)src;
	z->avail_in = (uInt)srclen;
	z->next_out = dst;
	z->avail_out = (uInt)len;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_out == 0 ? 0 : -1;
}

static void own_close_reader(void *state)
{
	if (state)
		inflateEnd(state);
	free(state);
}

static const struct inflater inflater_own = {
	.open = own_open_reader,
	.decompress = own_decompress,
	.close = own_close_reader,
};
static const struct inflater *const inflater = &inflater_own;
#endif

static void *zlib_open_reader(size_t maxlen)
{
	(void)maxlen;
	return inflater->open();
}

static int zlib_decompress(void *reader, void *dst, size_t len, const void *src, size_t srclen)
{
	return inflater->decompress(reader, dst, len, src, srclen);
}

static void zlib_close_reader(void *reader)
{
	inflater->close(reader);
}

const struct codec codec_zlib = {
	.name = "zlib",
	.flag = CODEC_ZLIB,
	.level_min = 1,
	.level_max = 9,
	.level_default = 1,
	.slow_on_noise = true,
	.open = zlib_open,
	.compress = zlib_compress,
	.close = zlib_close,
	.open_reader = zlib_open_reader,
	.decompress = zlib_decompress,
	.close_reader = zlib_close_reader,
};
#endif
