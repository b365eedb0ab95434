/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec.h"

#ifdef HAVE_snappy
#include <snappy-c.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

extern const struct codec codec_snappy;

struct compressor {
	/* snappy_compress() wants room for the worst case */
	size_t bound;
	char out[];
};

static void *snappy_open(int level, size_t maxlen)
{
	size_t bound = snappy_max_compressed_length(maxlen);
	struct compressor *c = malloc(sizeof *c + bound);

	(void)level;
	if (c)
		c->bound = bound;
	else
		fail_sys("snappy");
	return c;
}

static size_t compress_page(void *compressor, void *dst, size_t cap, const void *src,
			    size_t len)
{
	struct compressor *c = compressor;
	bool direct = cap >= snappy_max_compressed_length(len);
	size_t n = direct ? cap : c->bound;

	if (snappy_compress(src, len, direct ? dst : c->out, &n) != SNAPPY_OK || n > cap)
		return 0;
	if (!direct)
		memcpy(dst, c->out, n);
	return n;
}

static void snappy_close(void *compressor)
{
	free(compressor);
}

static void *open_reader(size_t maxlen)
{
	static char nothing;	/* snappy keeps nothing between two pages */

	(void)maxlen;
	return &nothing;
}

static int decompress_page(void *reader, void *dst, size_t len, const void *src, size_t srclen)
{
	size_t n = 0;

	(void)reader;
	if (snappy_uncompressed_length(src, srclen, &n) != SNAPPY_OK || n != len)
		return -1;
	return snappy_uncompress(src, srclen, dst, &n) == SNAPPY_OK && n == len ? 0 : -1;
}

static void close_reader(void *reader)
{
	(void)reader;
}

const struct codec codec_snappy = {
	.name = "snappy",
	.flag = CODEC_SNAPPY,
	.open = snappy_open,
	.compress = compress_page,
	.close = snappy_close,
	.open_reader = open_reader,
	.decompress = decompress_page,
	.close_reader = close_reader,
};
#endif
