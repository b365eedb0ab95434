/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/filter.c dumpmsg/names.c */
#include <string.h>

#include "../../dumpmsg/filter.h"
#include "../../dumpmsg/log.h"
#include "unit.h"

static void levels(void **state)
{
	static const struct { const char *list; unsigned bits; } rows[] = {
		{ "emerg", 0x01 }, { "alert", 0x02 }, { "crit", 0x04 }, { "err", 0x08 },
		{ "warn", 0x10 }, { "notice", 0x20 }, { "info", 0x40 }, { "debug", 0x80 },
		{ "err,warn", 0x18 }, { "WARN,3", 0x18 }, { "0", 0x01 }, { "7", 0x80 },
		{ "emerg+", 0x01 }, { "err+", 0x0f }, { "debug+", 0xff }, { "3+", 0x0f },
		{ "+emerg", 0xff }, { "+err", 0xf8 }, { "+debug", 0x80 }, { "crit+,debug", 0x87 },
	};
	static const char *const bad[] = {
		"", ",", "err,", "errx", "er", "8", "-1", "+", "++", "+err+", "err warn", " err",
		"99999999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct filter f = { 0 };

		assert_int_equal(filter_levels(&f, rows[i].list), 0);
		assert_int_equal(f.levels, rows[i].bits);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct filter f = { 0 };

		assert_int_equal(filter_levels(&f, bad[i]), -1);
		assert_failed(ERR_USAGE, "is no level: emerg,");
	}
}

static void facilities(void **state)
{
	struct filter f = { 0 };

	(void)state;
	assert_int_equal(filter_facilities(&f, "kern,DAEMON,23,local0"), 0);
	assert_int_equal(f.facilities, 1 | 1 << 3 | 1 << 23 | 1 << 16);
	assert_int_equal(filter_facilities(&f, "kern,24"), -1);
	assert_failed(ERR_USAGE, "\"24\" is no facility: kern,");
	assert_int_equal(filter_facilities(&f, "kern+"), -1);
}

static bool wants(const struct filter *f, struct record r)
{
	return filter_wants(f, &r);
}

static void records(void **state)
{
	struct filter f = { 0 };

	(void)state;
	assert_true(wants(&f, (struct record){ .level = 7, .facility = 255 }));
	f.levels = 1 << 3 | 1 << 4;
	assert_true(wants(&f, (struct record){ .level = 3 }));
	assert_false(wants(&f, (struct record){ .level = 5 }));
	assert_true(wants(&f, (struct record){ .level = 5, .loss = LOSS_DAMAGED }));
	f = (struct filter){ .facilities = 1 << 3 | UINT32_C(1) << 31 };
	assert_true(wants(&f, (struct record){ .facility = 3 }));
	assert_true(wants(&f, (struct record){ .facility = 31 }));
	assert_false(wants(&f, (struct record){ .facility = 0 }));
	assert_false(wants(&f, (struct record){ .facility = 35 }));
	f = (struct filter){ .since_clear = true };
	assert_true(wants(&f, (struct record){ .cleared = false }));
	assert_false(wants(&f, (struct record){ .cleared = true }));
}

static void times(void **state)
{
	struct filter f = { .has_since = true, .since = 5, .has_until = true, .until = 9 };

	(void)state;
	assert_false(wants(&f, (struct record){ .timed = true, .ts_nsec = 4 }));
	assert_true(wants(&f, (struct record){ .timed = true, .ts_nsec = 5 }));
	assert_true(wants(&f, (struct record){ .timed = true, .ts_nsec = 9 }));
	assert_false(wants(&f, (struct record){ .timed = true, .ts_nsec = 10 }));
	assert_false(wants(&f, (struct record){ .timed = true, .ts_nsec = UINT64_MAX }));
	assert_true(wants(&f, (struct record){ .timed = false, .ts_nsec = 100 }));
	f.since = -5;
	assert_true(wants(&f, (struct record){ .timed = true, .ts_nsec = 0 }));
	f.until = -1;
	assert_false(wants(&f, (struct record){ .timed = true, .ts_nsec = 0 }));
	f.has_until = false;
	assert_true(wants(&f, (struct record){ .timed = true, .ts_nsec = UINT64_MAX }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(facilities),
		cmocka_unit_test(records),
		cmocka_unit_test(times),
	};

	return RUN(tests);
}
