/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory is used for, window by window: all kinds that the scan told of each page,
 * in memory that does not grow with the machine.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "class.h"
#include "scan.h"

struct vmcore;

/* a set of bits 1 << enum page_kind */
typedef uint16_t survey_kinds;
_Static_assert(PAGE_KINDS <= 16, "a kind is a bit of survey_kinds");

struct survey_window {
	uint64_t first, n;		/* pfns [first, first + n), at most VMCORE_WINDOW */
	struct bitmap ram, held;	/* bit 0 is first: the machine had it, the dump has it */
	survey_kinds *kinds;		/* n of them; of what is no RAM, nothing is meant */
	bool told;			/* else they are all 0: nothing is known of any page */
};

struct survey {
	struct vmcore *vm;		/* borrowed */
	struct scan scan;
	struct survey_window window;
	struct bitmap gone;		/* in the window: RAM that the dump does not have */
	struct bitmap tables;		/* of all pages: those that hold struct pages */
	uint64_t next_part;		/* no struct pages from the last window to this page */
	unsigned misses;		/* pages of struct pages that are nowhere */
	char why[200];			/* why some of them were not found, if it is a failure */
};

/* 0 to go on, or -1 after fail() */
typedef int survey_seen(void *arg, const struct survey_window *w);

/*
 * Fails only when memory is short, or a signal came. Pages of which the scan only knows
 * that they are needed, and that hold nothing but struct pages, become PAGE_VMEMMAP.
 */
int survey_open(struct survey *s, struct vmcore *vm);
/* tell of each window that has RAM, in rising order; -1: seen's, or a signal came */
int survey_run(struct survey *s, survey_seen *seen, void *arg);
void survey_close(struct survey *s);
/*
 * The first window at or after first (a multiple of VMCORE_WINDOW) that may have RAM; not
 * below npfns if there is none. A machine may have little memory in a wide space.
 */
uint64_t survey_next(const struct vmcore *vm, uint64_t first);

/*
 * The one kind to show of a page for which several were told: what keeps it from being
 * read; then free, as the allocator's lists are told last and know better.
 */
enum page_kind survey_kind(survey_kinds kinds);

/* pages of RAM next to each other of which the same was told; zeroed at the start */
struct survey_run {
	uint64_t from, to;	/* pfns less the window's first; to is not part of it */
	survey_kinds kinds;
	bool held;		/* the dump has them */
	uint64_t ram_end, held_end;	/* private: where that changes */
};

/* the next run of the window: true; false: no more */
bool survey_next_run(const struct survey_window *w, struct survey_run *r);

#endif
