/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which records are wanted: --level, --facility, --since, --until, --since-clear, --tail. */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stdint.h>

struct record;

struct filter {
	unsigned levels;	/* a bit each; 0: all */
	uint32_t facilities;	/* a bit each; 0: all */
	bool since_clear;
	bool has_since, has_until;
	int64_t since, until;	/* nanoseconds since boot; until is included */
};

/* dmesg's words: "err,warn", "warn+" (and worse), "+err" (and lesser); -1: ERR_USAGE */
int filter_levels(struct filter *f, const char *list);
int filter_facilities(struct filter *f, const char *list);
/* gaps are always wanted */
bool filter_wants(const struct filter *f, const struct record *r);

#endif
