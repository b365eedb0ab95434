/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crc32.h"
#include "unit.h"

/* the check value of the CRC catalogues, and others that are known */
static void known_values(void **state)
{
	uint8_t page[4096] = { 0 };

	(void)state;
	assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_of("", 0), 0);
	assert_int_equal(crc32_of("a", 1), 0xe8b7be43);
	assert_int_equal(crc32_of(page, sizeof page), 0xc71c0011);
}

/* whoever makes it, it is zlib's: at any length and place */
static void same_as_zlib(void **state)
{
	uint8_t bytes[700];
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)unit_random(&seed);
	for (size_t from = 0; from < 20; from++)
		for (size_t len = 0; len < sizeof bytes - from; len++)
			assert_int_equal(crc32_of(bytes + from, len),
					 crc32(0, bytes + from, (uInt)len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(same_as_zlib),
	};

	return RUN(tests);
}
