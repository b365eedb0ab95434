/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/times.c */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../dumpmsg/times.h"
#include "unit.h"

#define NSEC INT64_C(1000000000)

static void parsed(void **state)
{
	static const struct { const char *text; enum clock clock; int64_t nsec; } rows[] = {
		{ "0", CLOCK_OF_BOOT, 0 },
		{ "12", CLOCK_OF_BOOT, 12 * NSEC },
		{ "12.5", CLOCK_OF_BOOT, 12 * NSEC + NSEC / 2 },
		{ "12.345678", CLOCK_OF_BOOT, 12345678000 },
		{ "1.000000001", CLOCK_OF_BOOT, NSEC + 1 },
		{ "@1700000000", CLOCK_OF_WALL, 1700000000 * NSEC },
		{ "@1700000000.25", CLOCK_OF_WALL, 1700000000 * NSEC + NSEC / 4 },
		{ "2023-11-14", CLOCK_OF_WALL, 1699920000 * NSEC },
		{ "2023-11-14 22:13", CLOCK_OF_WALL, 1699999980 * NSEC },
		{ "2023-11-14T22:13:20", CLOCK_OF_WALL, 1700000000 * NSEC },
		{ "2023-11-14T22:13:20Z", CLOCK_OF_WALL, 1700000000 * NSEC },
		{ "2023-11-14T22:13:20.25Z", CLOCK_OF_WALL, 1700000000 * NSEC + NSEC / 4 },
		{ "2023-11-14 22:13:20.000001", CLOCK_OF_WALL, 1700000000 * NSEC + 1000 },
		{ "2023-11-14Z", CLOCK_OF_WALL, 1699920000 * NSEC },
		{ "10:15", CLOCK_OF_CRASH_DAY, 36900 * NSEC },
		{ "10:15:30", CLOCK_OF_CRASH_DAY, 36930 * NSEC },
		{ "today", CLOCK_OF_CRASH_DAY, 0 },
		{ "Yesterday", CLOCK_OF_CRASH_DAY, -86400 * NSEC },
		{ "now", CLOCK_OF_CRASH, 0 },
		{ "-10min", CLOCK_OF_CRASH, -600 * NSEC },
		{ "-1h30min", CLOCK_OF_CRASH, -5400 * NSEC },
		{ "-0.5s", CLOCK_OF_CRASH, -NSEC / 2 },
		{ "10 minutes ago", CLOCK_OF_CRASH, -600 * NSEC },
		{ "1 second ago", CLOCK_OF_CRASH, -NSEC },
		{ "2 days 3 hours ago", CLOCK_OF_CRASH, -183600 * NSEC },
		{ "1w  ago", CLOCK_OF_CRASH, -604800 * NSEC },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct moment m;

		if (moment_parse(&m, rows[i].text))
			fail_msg("%s: %s", rows[i].text, err_text());
		assert_int_equal(m.clock, rows[i].clock);
		assert_int_equal(m.nsec, rows[i].nsec);
		assert_true(m.unit >= 1 && m.unit <= 1000);
	}
}

static void refused(void **state)
{
	static const char *const rows[] = {
		"", " ", "x", "-", "-10", "10min", "ago", " ago", "min ago", "10 ago",
		"-10 parsecs", "1.", ".5", "1.0000000001", "@", "@x", "-5", "1e3", "0x10",
		"2023-13-01", "2023-02-31", "2023-00-10", "2023-1", "2023-11-14 25:00",
		"2023-11-14 10", "2023-11-14T", "Z", "2023-11-14T22:13:20.Z",
		"2023-11-14.5", "2023-11-14 22:13.5", "2023-11-14T22:13:20.0000000001",
		"2023-11-14T22:13:20.1x", "2023-11-14T22:13:20ZZ", "2023-11-14T22.5:13:20",
		"2023-11-14T22:13:20.1.1", "2023-11-14 10:15:61", "24:00", "10:60", "10:",
		"10:15:", "10:15x", "-10:15", "1969-12-31", "99999999999999999999",
		"@99999999999", "-9999999999w", "now now", "-+5s", "- 5s x",
	};
	struct moment m;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (moment_parse(&m, rows[i]) == 0)
			fail_msg("\"%s\" was taken", rows[i]);
		assert_failed(ERR_USAGE, "is no time");
	}
}

static int64_t find(const char *text, const struct clocks *c)
{
	struct moment m;
	int64_t ns;

	assert_int_equal(moment_parse(&m, text), 0);
	assert_true(moment_find(&m, c, &ns));
	return ns;
}

static bool is_known(const char *text, const struct clocks *c)
{
	struct moment m;
	int64_t ns;

	assert_int_equal(moment_parse(&m, text), 0);
	return moment_find(&m, c, &ns);
}

static void found(void **state)
{
	/* booted at 22:13:20 on the 14th, crashed an hour later */
	const struct clocks all = { true, 3600 * NSEC, true, 1700000000 * NSEC };
	const struct clocks crash = { .has_crash = true, .crash_nsec = 60 * NSEC };
	const struct clocks none = { 0 };

	(void)state;
	assert_int_equal(find("12.5", &none), 12500000000);
	assert_int_equal(find("-10s", &crash), 50 * NSEC);
	assert_int_equal(find("2 minutes ago", &crash), -60 * NSEC);
	assert_int_equal(find("now", &crash), 60 * NSEC);
	assert_int_equal(find("@1700000010", &all), 10 * NSEC);
	assert_int_equal(find("2023-11-14T22:13:21", &all), NSEC);
	assert_int_equal(find("22:13:20", &all), 0);
	assert_int_equal(find("23:00", &all), 2800 * NSEC);
	assert_int_equal(find("today", &all), -80000 * NSEC);
	assert_int_equal(find("yesterday", &all), -166400 * NSEC);
	assert_false(is_known("-10s", &none));
	assert_false(is_known("@1700000000", &crash));
	assert_false(is_known("10:15", &crash));
	assert_false(is_known("today", &none));
	assert_false(is_known("2023-11-14", &none));
}

/* the day of the crash, 2023-10-29, has 25 hours where clocks go back */
static void long_day(void **state)
{
	/* booted at 00:00 UTC, crashed at 20:00 UTC */
	const struct clocks c = { true, 72000 * NSEC, true, 1698537600 * NSEC };

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_int_equal(find("today", &c), -7200 * NSEC);
	assert_int_equal(find("01:30", &c), -1800 * NSEC);
	assert_int_equal(find("10:15:30", &c), (9 * 3600 + 15 * 60 + 30) * NSEC);
	assert_int_equal(find("yesterday", &c), -(7200 + 86400) * NSEC);
	/* the day after: yesterday had 25 hours */
	const struct clocks next = { true, 3600 * 40 * NSEC, true, 1698537600 * NSEC };

	assert_int_equal(find("yesterday", &next), -7200 * NSEC);
	setenv("TZ", "UTC", 1);
	tzset();
}

/* dates that nanoseconds since 1970 do not reach */
static void far(void **state)
{
	const struct clocks c = { true, 3600 * NSEC, true, 1700000000 * NSEC };

	(void)state;
	assert_true(find("2300-01-01", &c) > 3600 * NSEC);
	assert_true(find("9999-12-31T23:59:59.999999999Z", &c) > 3600 * NSEC);
}

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed),
		cmocka_unit_test(refused),
		cmocka_unit_test(found),
		cmocka_unit_test(long_day),
		cmocka_unit_test(far),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
