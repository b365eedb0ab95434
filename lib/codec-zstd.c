/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec.h"

#ifdef HAVE_libzstd
#include <stdlib.h>
#include <zstd.h>

#include "err.h"

extern const struct codec codec_zstd;

struct compressor {
	ZSTD_CCtx *ctx;
	int level;
};

static void zstd_close(void *compressor)
{
	struct compressor *c = compressor;

	if (c)
		ZSTD_freeCCtx(c->ctx);
	free(c);
}

/* compress one page for nothing, so that zstd has all its memory before the first */
static int warm_up(struct compressor *c, size_t maxlen)
{
	size_t bound = ZSTD_compressBound(maxlen);
	char *page = calloc(1, maxlen), *out = malloc(bound);
	size_t n = 0;

	if (page && out)
		n = ZSTD_compressCCtx(c->ctx, out, bound, page, maxlen, c->level);
	free(page);
	free(out);
	return n > 0 && !ZSTD_isError(n) ? 0 : -1;
}

static void *zstd_open(int level, size_t maxlen)
{
	struct compressor *c = calloc(1, sizeof *c);

	if (c) {
		c->level = level;
		c->ctx = ZSTD_createCCtx();
	}
	if (c && c->ctx && warm_up(c, maxlen) == 0)
		return c;
	zstd_close(c);
	fail(ERR_MEMORY, "zstd: out of memory");
	return NULL;
}

static size_t zstd_compress(void *compressor, void *dst, size_t cap, const void *src,
			    size_t len)
{
	struct compressor *c = compressor;
	size_t n = ZSTD_compressCCtx(c->ctx, dst, cap, src, len, c->level);

	return ZSTD_isError(n) ? 0 : n;
}

static void *zstd_open_reader(size_t maxlen)
{
	ZSTD_DCtx *ctx = ZSTD_createDCtx();

	(void)maxlen;
	if (!ctx)
		fail(ERR_MEMORY, "zstd: out of memory");
	return ctx;
}

static int zstd_decompress(void *reader, void *dst, size_t len, const void *src, size_t srclen)
{
	return ZSTD_decompressDCtx(reader, dst, len, src, srclen) == len ? 0 : -1;
}

static void zstd_close_reader(void *reader)
{
	ZSTD_freeDCtx(reader);
}

const struct codec codec_zstd = {
	.name = "zstd",
	.flag = CODEC_ZSTD,
	.level_min = 1,
	.level_max = 19,
	.level_default = 1,
	.slow_on_noise = true,
	.open = zstd_open,
	.compress = zstd_compress,
	.close = zstd_close,
	.open_reader = zstd_open_reader,
	.decompress = zstd_decompress,
	.close_reader = zstd_close_reader,
};
#endif
