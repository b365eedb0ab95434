/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <zlib.h>

#include "noise.h"
#include "unit.h"

enum { PAGE = 4096, ROUNDS = 2000 };

static uint64_t seed = 9;

static void make_noise(uint8_t *page, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t r = unit_random(&seed);

		memcpy(page + i, &r, 8);
	}
}

static void random_pages_are_noise(void **state)
{
	static const size_t sizes[] = { 4096, 16384, 65536 };
	static uint8_t page[65536];

	(void)state;
	for (int s = 0; s < 3; s++) {
		unsigned found = 0;

		for (int i = 0; i < ROUNDS; i++) {
			make_noise(page, sizes[s]);
			found += noise_is(page, sizes[s]);
		}
		assert_true(found > ROUNDS * 98 / 100);
	}
}

/* what zlib makes of a text is noise, but for its head */
static void packed_pages_are_noise(void **state)
{
	static uint8_t text[64 * PAGE], packed[64 * PAGE];
	uLongf len = sizeof packed;
	unsigned found = 0, pages = 0;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		uint64_t r = unit_random(&seed);

		text[i] = "etaoin shrdlu cmfwyp, vbgkqjxz. "[r % 32 & r >> 5 % 32];
	}
	assert_int_equal(compress2(packed, &len, text, sizeof text, 9), Z_OK);
	for (size_t at = PAGE; at + PAGE <= len; at += PAGE, pages++)
		found += noise_is(packed + at, PAGE);
	assert_true(pages > 10);
	assert_true(found >= pages * 9 / 10);
}

/* pages that shrink by a tenth or more are not to be missed */
static void others_are_not(void **state)
{
	uint8_t page[PAGE];

	(void)state;
	memset(page, 0, PAGE);
	assert_false(noise_is(page, PAGE));
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = unit_random(&seed) % (PAGE - 512);

		make_noise(page, PAGE);
		memset(page + at, (int)at, 512);	/* a part of it is filled */
		assert_false(noise_is(page, PAGE));
		make_noise(page, PAGE);
		memcpy(page + PAGE / 2, page, PAGE / 2);	/* all comes twice */
		assert_false(noise_is(page, PAGE));
		make_noise(page, PAGE);
		for (size_t k = 0; k < PAGE; k++)
			page[k] &= 0x7f;		/* seven bits a byte */
		assert_false(noise_is(page, PAGE));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_pages_are_noise),
		cmocka_unit_test(packed_pages_are_noise),
		cmocka_unit_test(others_are_not),
	};

	return RUN(tests);
}
