/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "bitmap.h"
#include "unit.h"

enum { MOST = 400, BEYOND = 450 };

static void order_of_bits(void **state)
{
	static const uint8_t expected[] = { 0x01, 0x80, 0xf8, 0xff, 0x01, 0, 0, 0, 0x02 };
	struct bitmap bm;

	(void)state;
	assert_int_equal(bitmap_open(&bm, 70), 0);
	bitmap_set(&bm, 0, 1);
	bitmap_set(&bm, 15, 16);
	bitmap_set(&bm, 19, 33);
	bitmap_set(&bm, 65, 66);
	assert_memory_equal(bm.bytes, expected, sizeof expected);
	bitmap_close(&bm);
}

static void padding_stays_zero(void **state)
{
	struct bitmap bm;

	(void)state;
	for (uint64_t n = 0; n <= 130; n++) {
		assert_int_equal(bitmap_open(&bm, n), 0);
		bitmap_set(&bm, 0, UINT64_MAX);
		assert_int_equal(bitmap_count(&bm, 0, UINT64_MAX), n);
		for (uint64_t i = n; i < (n + 63) / 64 * 64; i++)
			assert_int_equal(bm.bytes[i / 8] >> i % 8 & 1, 0);
		assert_false(bitmap_test(&bm, n));
		assert_false(bitmap_test(&bm, UINT64_MAX));
		assert_int_equal(bitmap_next_clear(&bm, 0), n);
		assert_int_equal(bitmap_next_set(&bm, UINT64_MAX), n);
		assert_int_equal(bitmap_clear(&bm, 0, UINT64_MAX), n);
		assert_int_equal(bitmap_next_set(&bm, 0), n);
		bitmap_close(&bm);
	}
	bitmap_close(&bm);
}

static void change(struct bitmap *bm, bool *model, uint64_t from, uint64_t to, bool set)
{
	uint64_t before = 0;

	for (uint64_t i = from; i < to && i < bm->nbits; i++) {
		before += model[i];
		model[i] = set;
	}
	assert_int_equal(bitmap_count(bm, from, to), before);
	if (set)
		bitmap_set(bm, from, to);
	else
		assert_int_equal(bitmap_clear(bm, from, to), before);
}

static void compare(const struct bitmap *bm, const bool *model)
{
	uint64_t set = bm->nbits, clear = bm->nbits;

	for (uint64_t i = BEYOND; i-- > 0;) {
		bool inside = i < bm->nbits;

		if (inside && model[i])
			set = i;
		if (inside && !model[i])
			clear = i;
		assert_int_equal(bitmap_test(bm, i), inside && model[i]);
		assert_int_equal(bitmap_next_set(bm, i), set);
		assert_int_equal(bitmap_next_clear(bm, i), clear);
	}
}

static void like_an_array(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 500; round++) {
		bool model[MOST] = { 0 };
		struct bitmap bm;

		assert_int_equal(bitmap_open(&bm, unit_random(&seed) % MOST), 0);
		for (int i = 0; i < 20; i++) {
			uint64_t from = unit_random(&seed) % BEYOND;
			uint64_t to = unit_random(&seed) % BEYOND;

			change(&bm, model, from, to, unit_random(&seed) % 3 > 0);
			compare(&bm, model);
		}
		bitmap_close(&bm);
	}
}

/* a machine whose memory begins at 64 TiB */
static void far_apart(void **state)
{
	uint64_t far = UINT64_C(1) << 34;
	struct bitmap bm;

	(void)state;
	assert_int_equal(bitmap_open(&bm, far + 100), 0);
	bitmap_set(&bm, far + 1, far + 3);
	assert_int_equal(bitmap_next_set(&bm, far - 1000000), far + 1);
	assert_int_equal(bitmap_next_clear(&bm, far + 1), far + 3);
	bitmap_close(&bm);
}

static void impossible(void **state)
{
	struct bitmap bm;

	(void)state;
	assert_int_equal(bitmap_open(&bm, UINT64_MAX), -1);
	assert_failed(ERR_MEMORY, "bitmap");
	bitmap_close(&bm);
	assert_int_equal(bitmap_open(&bm, UINT64_C(1) << 62), -1);
	assert_failed(ERR_MEMORY, "bitmap");
	bitmap_close(&bm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_bits),
		cmocka_unit_test(padding_stays_zero),
		cmocka_unit_test(like_an_array),
		cmocka_unit_test(far_apart),
		cmocka_unit_test(impossible),
	};

	return RUN(tests);
}
