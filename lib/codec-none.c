/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "codec.h"

extern const struct codec codec_none;

static void *none_open(int level, size_t maxlen)
{
	static char nothing;	/* there is no state, but NULL would mean failure */

	(void)level;
	(void)maxlen;
	return &nothing;
}

static size_t none_compress(void *compressor, void *dst, size_t cap, const void *src,
			    size_t len)
{
	(void)compressor;
	if (len > cap)
		return 0;
	memcpy(dst, src, len);
	return len;
}

static void none_close(void *compressor)
{
	(void)compressor;
}

static void *none_open_reader(size_t maxlen)
{
	return none_open(0, maxlen);
}

static int none_decompress(void *reader, void *dst, size_t len, const void *src,
			   size_t srclen)
{
	(void)reader;
	if (srclen != len)
		return -1;
	memcpy(dst, src, len);
	return 0;
}

const struct codec codec_none = {
	.name = "none",
	.open = none_open,
	.compress = none_compress,
	.close = none_close,
	.open_reader = none_open_reader,
	.decompress = none_decompress,
	.close_reader = none_close,
};
