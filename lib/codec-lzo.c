/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec.h"

#ifdef HAVE_lzo2
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

extern const struct codec codec_lzo;

struct compressor {
	/* LZO does not look for the end of its output: here the worst case fits */
	uint8_t *out;
	size_t bound;
	lzo_align_t work[LZO1X_1_MEM_COMPRESS / sizeof(lzo_align_t)];
};

/* what incompressible input grows to, from LZO's FAQ */
static size_t worst_case(size_t len)
{
	return len + len / 16 + 64 + 3;
}

static void lzo_close(void *compressor)
{
	struct compressor *c = compressor;

	if (c)
		free(c->out);
	free(c);
}

static void *lzo_open(int level, size_t maxlen)
{
	struct compressor *c = NULL;

	(void)level;
	if (lzo_init() != LZO_E_OK) {
		fail(ERR_SYS, "lzo: the library is not the one this was built for");
		return NULL;
	}
	c = calloc(1, sizeof *c);
	if (c) {
		c->bound = worst_case(maxlen);
		c->out = malloc(c->bound);
	}
	if (c && c->out)
		return c;
	fail_sys("lzo");
	lzo_close(c);
	return NULL;
}

static size_t lzo_compress(void *compressor, void *dst, size_t cap, const void *src, size_t len)
{
	struct compressor *c = compressor;
	size_t bound = worst_case(len);
	uint8_t *out = cap >= bound ? dst : c->out;
	lzo_uint n = 0;

	if (out == c->out && bound > c->bound)
		return 0;
	if (lzo1x_1_compress(src, len, out, &n, c->work) != LZO_E_OK || n > cap)
		return 0;
	if (out != dst)
		memcpy(dst, out, n);
	return n;
}

static void *lzo_open_reader(size_t maxlen)
{
	static char nothing;	/* LZO keeps nothing between two pages */

	(void)maxlen;
	if (lzo_init() == LZO_E_OK)
		return &nothing;
	fail(ERR_SYS, "lzo: the library is not the one this was built for");
	return NULL;
}

static int lzo_decompress(void *reader, void *dst, size_t len, const void *src, size_t srclen)
{
	lzo_uint n = len;

	(void)reader;
	return lzo1x_decompress_safe(src, srclen, dst, &n, NULL) == LZO_E_OK && n == len ? 0
											 : -1;
}

static void lzo_close_reader(void *reader)
{
	(void)reader;
}

const struct codec codec_lzo = {
	.name = "lzo",
	.flag = CODEC_LZO,
	.open = lzo_open,
	.compress = lzo_compress,
	.close = lzo_close,
	.open_reader = lzo_open_reader,
	.decompress = lzo_decompress,
	.close_reader = lzo_close_reader,
};
#endif
