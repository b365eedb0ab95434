/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/map.c */
#include <string.h>

#include "../../crashreserve/map.h"
#include "unit.h"

static struct ranges list(const struct range *r, size_t n)
{
	struct ranges rs = { 0 };

	for (size_t i = 0; i < n; i++)
		assert_int_equal(ranges_add(&rs, r[i]), 0);
	return rs;
}

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" }, { 1, "1 bytes" }, { 1024, "1 KiB" }, { 1536, "1.5 KiB" },
		{ 256 << 20, "256 MiB" }, { 1536ULL << 20, "1536 MiB" }, { 1ULL << 30, "1 GiB" },
		{ (1ULL << 30) - 1, "1023.9 MiB" }, { 17ULL << 29, "8704 MiB" },
		{ 100000001, "95.3 MiB" }, { UINT64_MAX, "15.9 EiB" },
		{ (100ULL << 30) + (1 << 20), "100.0 GiB" }, { 1ULL << 60, "1 EiB" },
	};
	char text[MAP_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(map_size(text, cases[i].bytes), cases[i].text);
}

static void nothing(void **state)
{
	struct ranges none = { 0 };
	char map[MAP_MAX] = "old";

	(void)state;
	map_draw(map, &none, &none);
	assert_string_equal(map, "");
}

static void holes(void **state)
{
	const struct range r[] = { { .start = 0, .end = 2ULL << 30, .at = 0 },
		{ .start = 3ULL << 30, .end = 4ULL << 30, .at = 3ULL << 30 } };
	const struct range c[] = { { .start = 1ULL << 30, .end = (1ULL << 30) + 1, .at = 0 } };
	struct ranges ram = list(r, 2), crash = list(c, 1);
	char map[MAP_MAX];

	(void)state;
	map_draw(map, &ram, &crash);
	/* a single byte is seen */
	assert_string_equal(map, "0 [################C###############................################]"
				 " 4 GiB");
	ranges_free(&crash);
	map_draw(map, &ram, &crash);
	assert_null(strchr(map, 'C'));
	ranges_free(&ram);
}

/* fewer bytes than cells, and the very last address */
static void extremes(void **state)
{
	const struct range small[] = { { .start = 0, .end = 3, .at = 0 } };
	const struct range large[] = { { .start = 0, .end = UINT64_MAX, .at = 0 } };
	const struct range last[] = { { .start = UINT64_MAX - 1, .end = UINT64_MAX, .at = 0 } };
	struct ranges none = { 0 }, ram = list(small, 1), crash = list(last, 1);
	char map[MAP_MAX];

	(void)state;
	map_draw(map, &ram, &none);
	assert_string_equal(map, "0 [###] 3 bytes");
	ranges_free(&ram);
	ram = list(large, 1);
	map_draw(map, &ram, &crash);
	assert_int_equal(strlen(map), 3 + MAP_CELLS + strlen("] 15.9 EiB"));
	assert_int_equal(map[3 + MAP_CELLS - 1], 'C');
	assert_int_equal(map[3], '#');
	ranges_free(&ram);
	/* reserved behind the end of what is called RAM */
	map_draw(map, &none, &crash);
	assert_int_equal(map[3], '.');
	ranges_free(&crash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(nothing),
		cmocka_unit_test(holes),
		cmocka_unit_test(extremes),
	};

	return RUN(tests);
}
