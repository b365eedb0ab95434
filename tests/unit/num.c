/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "num.h"
#include "unit.h"

struct sample {
	const char *text;
	bool good;
	uint64_t value;
};

static void numbers(void **state)
{
	static const struct sample samples[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "0x0", true, 0 },
		{ "0xffffffffffffffff", true, UINT64_MAX },
		{ "0XfF", true, 255 },
		{ "0x10000000000000000", false, 0 },
		{ "0x", false, 0 },
		{ "", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "+1", false, 0 },
		{ "-1", false, 0 },
		{ "1.5", false, 0 },
		{ "ff", false, 0 },
		{ "0x1g", false, 0 },
		{ "12:", false, 0 },
		{ "1/", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		uint64_t v = 12345;

		if (num_u64(samples[i].text, &v) != samples[i].good)
			fail_msg("\"%s\"", samples[i].text);
		if (samples[i].good)
			assert_int_equal(v, samples[i].value);
	}
}

static void parts(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(num_parse("123abc", 3, 10, &v));
	assert_int_equal(v, 123);
	assert_true(num_parse("aBcdef", 3, 16, &v));
	assert_int_equal(v, 0xabc);
	assert_false(num_parse("1", 0, 10, &v));
	assert_false(num_parse("12\0" "3", 4, 10, &v));
	assert_false(num_parse("\xff", 1, 16, &v));
}

static void sizes(void **state)
{
	static const struct sample samples[] = {
		{ "64M", true, UINT64_C(64) << 20 },
		{ "1k", true, 1024 },
		{ "0x10K", true, 16384 },
		{ "3G", true, UINT64_C(3) << 30 },
		{ "2t", true, UINT64_C(2) << 40 },
		{ "512", true, 512 },
		{ "16777215T", true, UINT64_C(16777215) << 40 },
		{ "16777216T", false, 0 },
		{ "K", false, 0 },
		{ "", false, 0 },
		{ "1KK", false, 0 },
		{ "1P", false, 0 },
		{ "-1M", false, 0 },
		{ "00000000000000000000000000000001", false, 0 },	/* absurdly long */
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		uint64_t v;

		if (num_size(samples[i].text, &v) != samples[i].good)
			fail_msg("\"%s\"", samples[i].text);
		if (samples[i].good)
			assert_int_equal(v, samples[i].value);
	}
}

static void arithmetic(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(num_add(UINT64_MAX - 1, 1, &v) && v == UINT64_MAX);
	assert_false(num_add(UINT64_MAX, 1, &v));
	assert_true(num_mul(UINT64_MAX, 1, &v) && v == UINT64_MAX);
	assert_true(num_mul(UINT64_MAX, 0, &v) && v == 0);
	assert_false(num_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &v));
	assert_int_equal(num_div_up(0, 4096), 0);
	assert_int_equal(num_div_up(1, 4096), 1);
	assert_int_equal(num_div_up(4096, 4096), 1);
	assert_true(num_div_up(UINT64_MAX, 4096) == UINT64_C(1) << 52);
	assert_true(num_round_up(4097, 4096, &v) && v == 8192);
	assert_true(num_round_up(0, 4096, &v) && v == 0);
	assert_false(num_round_up(UINT64_MAX, 4096, &v));
	assert_true(num_is_power_of_2(1) && num_is_power_of_2(UINT64_C(1) << 63));
	assert_false(num_is_power_of_2(0) || num_is_power_of_2(3) ||
		     num_is_power_of_2(UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(parts),
		cmocka_unit_test(sizes),
		cmocka_unit_test(arithmetic),
	};

	return RUN(tests);
}
