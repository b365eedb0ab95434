/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.c - one stored page back to its bytes, with the system's own libraries
 *
 * Stricter than the readers are: the stored bytes must be one whole stream, with
 * nothing left over, and give exactly one page.
 */
#include <stdlib.h>
#include <string.h>

#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "pagediff.h"

static z_stream inflater;
static ZSTD_DCtx *zstd;

int unpack_init(void)
{
	zstd = ZSTD_createDCtx();
	return zstd && lzo_init() == LZO_E_OK && inflateInit(&inflater) == Z_OK ? 0 : -1;
}

static int unpack_zlib(const uint8_t *from, size_t size, uint8_t *page, size_t block)
{
	if (inflateReset(&inflater) != Z_OK)
		return -1;
	inflater.next_in = (uint8_t *)from;
	inflater.avail_in = (unsigned int)size;
	inflater.next_out = page;
	inflater.avail_out = (unsigned int)block;
	if (inflate(&inflater, Z_FINISH) != Z_STREAM_END)
		return -1;
	return inflater.avail_in == 0 && inflater.avail_out == 0 ? 0 : -1;
}

int unpack(uint32_t codec, const uint8_t *from, size_t size, uint8_t *page, size_t block)
{
	lzo_uint lzo_len = block;
	size_t len = block;

	switch (codec) {
	case 0:
		if (size != block)
			return -1;
		memcpy(page, from, block);
		return 0;
	case 0x01:
		return unpack_zlib(from, size, page, block);
	case 0x02:
		if (lzo1x_decompress_safe(from, size, page, &lzo_len, NULL) != LZO_E_OK)
			return -1;
		return lzo_len == block ? 0 : -1;
	case 0x04:
		if (snappy_uncompress((const char *)from, size, (char *)page, &len) != SNAPPY_OK)
			return -1;
		return len == block ? 0 : -1;
	case 0x20:
		return ZSTD_decompressDCtx(zstd, page, block, from, size) == block ? 0 : -1;
	default:
		return -1;
	}
}
