/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cursor.h"
#include "unit.h"

static const uint8_t bytes[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
};

static bool host_is_little(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 1;
}

static void both_orders(void **state)
{
	(void)state;
	for (int little = 0; little < 2; little++) {
		struct cursor c = cursor_over(bytes, sizeof bytes, little != host_is_little());

		assert_int_equal(cursor_u8(&c), 0x01);
		assert_int_equal(cursor_u16(&c), little ? 0x0302 : 0x0203);
		assert_int_equal(cursor_u32(&c), little ? 0x07060504 : 0x04050607);
		assert_int_equal(cursor_left(&c), 8);
		assert_true(cursor_u64(&c) == (little ? UINT64_C(0x0f0e0d0c0b0a0908)
						      : UINT64_C(0x08090a0b0c0d0e0f)));
		assert_int_equal(cursor_left(&c), 0);
		assert_true(cursor_ok(&c));
		assert_int_equal(cursor_u8(&c), 0);
		assert_false(cursor_ok(&c));
	}
}

/* one byte short is as bad as all short, and stays bad */
static void past_the_end(void **state)
{
	(void)state;
	for (size_t len = 0; len < 8; len++) {
		struct cursor c = cursor_over(bytes, len, false);

		assert_true(cursor_u64(&c) == 0);
		assert_false(cursor_ok(&c));
		assert_int_equal(cursor_left(&c), 0);
		assert_int_equal(cursor_u8(&c), 0);
		assert_null(cursor_take(&c, 1));
		assert_non_null(cursor_take(&c, 0));
		assert_false(cursor_ok(&c));
	}
	struct cursor c = cursor_over(bytes, 3, false);
	assert_int_equal(cursor_u32(&c), 0);
	assert_false(cursor_ok(&c));
	c = cursor_over(bytes, 1, false);
	assert_int_equal(cursor_u16(&c), 0);
	assert_false(cursor_ok(&c));
}

static void takes(void **state)
{
	struct cursor c = cursor_over(bytes, sizeof bytes, false);

	(void)state;
	assert_ptr_equal(cursor_take(&c, 5), bytes);
	assert_ptr_equal(cursor_take(&c, 0), bytes + 5);
	assert_null(cursor_take(&c, SIZE_MAX));
	assert_false(cursor_ok(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_orders),
		cmocka_unit_test(past_the_end),
		cmocka_unit_test(takes),
	};

	return RUN(tests);
}
