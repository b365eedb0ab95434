/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "unit.h"
#include "utf8.h"

static void lengths(void **state)
{
	static const struct { const char *text; size_t len, want; } rows[] = {
		{ "a", 1, 1 }, { "\0", 1, 1 }, { "\x7f", 1, 1 }, { "\x80", 1, 0 }, { "\xc1\xbf", 2, 0 },
		{ "\xc2\x80", 2, 2 }, { "\xc2\x80", 1, 0 }, { "\xdf\xbfx", 3, 2 }, { "\xc2 ", 2, 0 },
		{ "\xe0\x9f\xbf", 3, 0 }, { "\xe0\xa0\x80", 3, 3 }, { "\xe2\x82\xac", 2, 0 },
		{ "\xed\x9f\xbf", 3, 3 }, { "\xed\xa0\x80", 3, 0 }, { "\xee\x80\x80", 3, 3 },
		{ "\xef\xbf\xbf", 3, 3 }, { "\xf0\x8f\xbf\xbf", 4, 0 }, { "\xf0\x90\x80\x80", 4, 4 },
		{ "\xf0\x90\x80\x80", 3, 0 }, { "\xf4\x8f\xbf\xbf", 4, 4 },
		{ "\xf4\x90\x80\x80", 4, 0 }, { "\xf5\x80\x80\x80", 4, 0 }, { "\xff", 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(utf8_len(rows[i].text, rows[i].len), rows[i].want);
}

/* of all pairs of bytes, as many are characters as Unicode has from U+0080 to U+07FF */
static void pairs(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 0x10000; i++)
		n += utf8_len((unsigned char[]){ (uint8_t)(i >> 8), (uint8_t)i }, 2) == 2;
	assert_int_equal(n, 0x780);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(pairs),
	};

	return RUN(tests);
}
