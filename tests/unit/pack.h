/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packs small things as the kernel's build does, with the libraries' own packers. */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_lzma
#include <lzma.h>
#endif
#ifdef HAVE_libzstd
#include <zstd.h>
#endif
#ifdef HAVE_lz4
#include <lz4.h>
#endif
#ifdef HAVE_lzo2
#include <lzo/lzo1x.h>
#endif

#include "unit.h"

static inline size_t pack_le32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
	return 4;
}

static inline size_t pack_gzip(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (uint8_t *)in;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)cap;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

#ifdef HAVE_lzma
static inline size_t pack_xz_check(const uint8_t *in, size_t len, uint8_t *out, size_t cap,
				   lzma_check check)
{
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, check, NULL, in, len, out, &n, cap), LZMA_OK);
	return n;
}

static inline size_t pack_xz(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	return pack_xz_check(in, len, out, cap, LZMA_CHECK_CRC32);
}

static inline size_t pack_lzma(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	size_t n;

	lzma_lzma_preset(&options, 1);
	assert_int_equal(lzma_alone_encoder(&z, &options), LZMA_OK);
	z.next_in = in;
	z.avail_in = len;
	z.next_out = out;
	z.avail_out = cap;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	n = cap - z.avail_out;
	lzma_end(&z);
	return n;
}
#endif

#ifdef HAVE_libzstd
static inline size_t pack_zstd(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(z, out, cap, in, len);
	ZSTD_freeCCtx(z);
	assert_false(ZSTD_isError(n));
	return n;
}
#endif

#ifdef HAVE_lz4
static inline size_t pack_lz4(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	enum { BLOCK = 8 << 20 };
	size_t n = pack_le32(out, 0x184c2102);

	for (size_t done = 0; done < len; done += BLOCK) {
		int part = (int)(len - done < BLOCK ? len - done : BLOCK);
		int got = LZ4_compress_default((const char *)in + done, (char *)out + n + 4, part,
					       (int)(cap - n - 4));

		assert_true(got > 0);
		n += pack_le32(out + n, (uint32_t)got) + (size_t)got;
	}
	return n;
}
#endif

#ifdef HAVE_lzo2
static inline size_t pack_be32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * (3 - i));
	return 4;
}

/* as lzop 1.04 writes it: version, flags for adler32 of packed and unpacked bytes */
static inline size_t pack_lzo(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	enum { BLOCK = 256 << 10, HEAD = 9 };
	static const uint8_t head[] = { 0x89, 'L', 'Z', 'O', 0, 13, 10, 26, 10, 0x10, 0x40,
		0x20, 0xa0, 0x09, 0x40, 1, 5, 0, 0, 0, 3, 0, 0, 0x81, 0xa4, 1, 2, 3, 4, 0, 0, 0, 0,
		1, 'x' };
	uint8_t *work = malloc(LZO1X_1_MEM_COMPRESS), *packed = malloc(BLOCK + BLOCK / 16 + 67);
	size_t n = sizeof head;

	assert_int_equal(lzo_init(), LZO_E_OK);
	memcpy(out, head, n);
	n += pack_be32(out + n, (uint32_t)adler32(1, head + HEAD, sizeof head - HEAD));
	for (size_t done = 0; done < len; done += BLOCK) {
		size_t part = len - done < BLOCK ? len - done : BLOCK;
		const uint8_t *from = packed;
		lzo_uint got = 0;

		assert_int_equal(lzo1x_1_compress(in + done, part, packed, &got, work), LZO_E_OK);
		if (got >= part) {
			from = in + done;
			got = part;
		}
		assert_true(n + got + 20 <= cap);
		n += pack_be32(out + n, (uint32_t)part);
		n += pack_be32(out + n, (uint32_t)got);
		n += pack_be32(out + n, (uint32_t)adler32(1, in + done, (uInt)part));
		if (got < part)
			n += pack_be32(out + n, (uint32_t)adler32(1, from, (uInt)got));
		memcpy(out + n, from, got);
		n += got;
	}
	free(work);
	free(packed);
	return n + pack_be32(out + n, 0);
}
#endif

static const struct pack {
	const char *name;
	size_t (*run)(const uint8_t *in, size_t len, uint8_t *out, size_t cap);
	bool checks;	/* has a checksum of the unpacked bytes */
} packs[] = {
	{ "gzip", pack_gzip, true },
#ifdef HAVE_lzma
	{ "xz", pack_xz, true },
	{ "lzma", pack_lzma, false },
#endif
#ifdef HAVE_libzstd
	{ "zstd", pack_zstd, true },
#endif
#ifdef HAVE_lz4
	{ "lz4", pack_lz4, false },
#endif
#ifdef HAVE_lzo2
	{ "lzo", pack_lzo, true },
#endif
};

enum { PACKS = sizeof packs / sizeof packs[0] };

#endif
