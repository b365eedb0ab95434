/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moments, as --since and --until name them. They are measured by one of three clocks:
 * the kernel's, which records bear; the wall clock; and back from the crash.
 */
#ifndef TIMES_H
#define TIMES_H

#include <stdbool.h>
#include <stdint.h>

enum clock { CLOCK_OF_BOOT, CLOCK_OF_WALL, CLOCK_OF_CRASH, CLOCK_OF_CRASH_DAY };

struct moment {
	enum clock clock;
	/* since boot; since 1970; before (negative) the crash; since midnight of its day, here */
	int64_t nsec;
	int64_t unit;		/* what was left out of it is less than this: 1000 for "12.5" */
};

/* what is known of the dead machine's clocks */
struct clocks {
	bool has_crash;		/* when it was, by the kernel's clock: */
	int64_t crash_nsec;	/* nanoseconds since boot */
	bool has_boot;
	int64_t boot_nsec;	/* nanoseconds from 1970 to the boot */
};

/*
 * "12.5": seconds since boot; "@1700000000"; "2026-11-22", with " 10:15" or "T10:15:30" as
 * well, in this machine's time zone; "10:15", "today", "yesterday": of the day of the crash;
 * "-10min", "10 minutes ago", "now": from the crash back. -1: ERR_USAGE
 */
int moment_parse(struct moment *m, const char *text);
/* does it take the wall clock to find it in the log? */
bool moment_needs_wall(const struct moment *m);
/* in nanoseconds since boot; false: a clock that it needs is not known */
bool moment_find(const struct moment *m, const struct clocks *c, int64_t *since_boot);

#endif
