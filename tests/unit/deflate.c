/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "adler.h"
#include "deflate.h"
#include "huffman.h"
#include "unit.h"

static uint64_t seed = 5;

/* bytes of which about 1 in `rare` is not a copy of what came before, at random distances */
static void repeat_itself(uint8_t *page, size_t len, unsigned rare, unsigned values)
{
	for (size_t i = 0; i < len;) {
		uint64_t r = unit_random(&seed);
		size_t back = r % 4096 + 1, n = r >> 16 & (r & 64 ? 7 : 511);

		if (back > i || r >> 40 % rare == 0) {
			page[i++] = (uint8_t)(r >> 32) % values;
			continue;
		}
		for (; n > 0 && i < len; n--, i++)
			page[i] = page[i - back];
	}
}

static void check_page(struct deflate *d, const uint8_t *page, size_t len, size_t cap)
{
	uint8_t *in = malloc(len), *out = malloc(cap), *back = malloc(len + 1);
	uLongf size = len + 1;

	/* exactly as much as there is, for the sanitizers */
	memcpy(in, page, len);
	size_t n = deflate_page(d, out, cap, in, len);

	assert_true(n <= cap);
	if (n > 0) {
		assert_int_equal(uncompress(back, &size, out, n), Z_OK);
		assert_int_equal(size, len);
		assert_memory_equal(back, page, len);
	}
	free(in);
	free(out);
	free(back);
}

static void read_by_zlib(void **state)
{
	static const size_t sizes[] = { 4096, 16384, 65536, 4095, 17, 16, 1 };
	struct deflate *d = deflate_open(DEFLATE_MAX);
	uint8_t *page = malloc(DEFLATE_MAX);

	(void)state;
	assert_non_null(d);
	for (unsigned i = 0; i < 3000; i++) {
		size_t len = sizes[i % 7 < 3 || i % 10 ? i % 3 : i % 7];

		repeat_itself(page, len, 1 + i % 40, 2 + i * 7 % 254);
		check_page(d, page, len, len + 1024);
		check_page(d, page, len, len / 4 + 8);
	}
	deflate_close(d);
	free(page);
}

/* literals of frequencies that make a code as deep as can be */
static void deep_codes(void **state)
{
	struct deflate *d = deflate_open(DEFLATE_MAX);
	uint8_t *page = malloc(DEFLATE_MAX);
	size_t at = 0;

	(void)state;
	for (unsigned a = 1, b = 1, value = 0; at + b < DEFLATE_MAX; value++) {
		memset(page + at, (int)value, b);
		at += b;
		b += a;
		a = b - a;
	}
	/* in no order, so that there are few matches */
	for (size_t i = at - 1; i > 0; i--) {
		size_t k = unit_random(&seed) % (i + 1);
		uint8_t swap = page[i];

		page[i] = page[k];
		page[k] = swap;
	}
	check_page(d, page, at, DEFLATE_MAX);
	deflate_close(d);
	free(page);
}

static void no_gain_is_nothing(void **state)
{
	struct deflate *d = deflate_open(4096);
	uint8_t page[4096], out[8192];

	(void)state;
	for (size_t i = 0; i < sizeof page; i++)
		page[i] = (uint8_t)unit_random(&seed);
	assert_int_equal(deflate_page(d, out, sizeof out, page, sizeof page), 0);
	memset(page, 0, sizeof page);
	assert_true(deflate_page(d, out, sizeof out, page, sizeof page) < 40);
	assert_int_equal(deflate_page(d, out, 10, page, sizeof page), 0);
	/* longer than it was opened for */
	assert_int_equal(deflate_page(d, out, sizeof out, page, 4097), 0);
	deflate_close(d);
}

/* Kraft's sum is exactly 1, whatever the frequencies and the bound */
static void codes_are_complete(void **state)
{
	uint32_t freq[HUFFMAN_SYMBOLS];
	uint8_t bits[HUFFMAN_SYMBOLS];
	uint16_t code[HUFFMAN_SYMBOLS];

	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		unsigned max = 9 + round % 7, n = 2 + round % (HUFFMAN_SYMBOLS - 1);
		uint64_t sum = 0;

		for (unsigned i = 0; i < n; i++) {
			uint64_t r = unit_random(&seed);

			freq[i] = round % 5 && r & 1 ? 0 : (uint32_t)(r >> 8) >> (19 + r % 13);
		}
		huffman_build(freq, n, max, bits, code);
		for (unsigned i = 0; i < n; i++) {
			assert_true(bits[i] <= max);
			assert_true(bits[i] || !freq[i]);
			sum += bits[i] ? UINT64_C(1) << (max - bits[i]) : 0;
		}
		assert_int_equal(sum, UINT64_C(1) << max);
	}
}

static void sums_are_zlibs(void **state)
{
	uint8_t *page = malloc(DEFLATE_MAX);

	(void)state;
	memset(page, 0xff, DEFLATE_MAX);
	for (size_t len = 0; len <= DEFLATE_MAX; len = len < 40 ? len + 1 : len * 2 - 7) {
		assert_int_equal(adler(page, len), adler32(1, page, (uInt)len));
		page[len / 2] = (uint8_t)len;
	}
	assert_int_equal(adler(page, DEFLATE_MAX), adler32(1, page, DEFLATE_MAX));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_by_zlib),
		cmocka_unit_test(deep_codes),
		cmocka_unit_test(no_gain_is_nothing),
		cmocka_unit_test(codes_are_complete),
		cmocka_unit_test(sums_are_zlibs),
	};

	return RUN(tests);
}
