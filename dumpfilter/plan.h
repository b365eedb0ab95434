/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 1: which pages of a dump are to be kept. The answer is a bitmap; where memory
 * is too short for a bit a page, it is worked out for one window of pfns at a time,
 * each twice: once to count, once to copy.
 *
 *	plan_open(&plan, &vm, &rules);
 *	for (first = 0; plan_window(&plan, first) == 1; first += plan.keep.nbits)
 *		... bit n of plan.keep is the page plan.first + n ...
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "scan.h"

struct vmcore;

struct plan_rules {
	unsigned level;			/* bits of enum dump_level, as the header shall say */
	uint32_t kinds;			/* bits 1 << enum page_kind: what is left out */
	uint64_t memory;		/* bytes that bitmaps may take here, 0: no bound */
	bool vmemmap;			/* leave out struct pages of pages that are left out */
	bool counts;			/* fill plan->count */
	unsigned threads;		/* that may work for it, this one included; 0: this one */
};

struct plan {
	struct plan_rules rules;
	struct vmcore *vm;		/* borrowed */
	struct scan scan;
	struct bitmap keep;		/* a bit for each page to copy, */
	uint64_t first;			/* the first of which is this pfn */
	uint64_t window;		/* pfns in a window */
	bool whole;			/* there is one window only */
	bool loaded;			/* keep is that of the window at first */

	/* of the whole dump, known after plan_open() */
	uint64_t nram;			/* pages that the machine had */
	uint64_t nheld;			/* pages that the input holds */
	uint64_t nkeep;			/* pages to copy, zero pages among them */
	uint64_t left_out[PAGE_KINDS];	/* pages left out here, by kind */
	bool no_vmemmap;		/* not left out: it takes the bitmap of all pages at once */
	uint64_t unclassified;		/* pages kept because their struct page is unreadable */

	/* pages to copy in each so many pfns (a multiple of 4096), for --split */
	uint64_t granule;
	uint32_t *count;		/* of them; npfns / granule, rounded up */
};

/*
 * Fails only when memory is short or a signal came: when the kernel's
 * structures cannot be read, more is kept and the plan says so.
 */
int plan_open(struct plan *plan, struct vmcore *vm, const struct plan_rules *rules);
/* make keep that of the window at first (a multiple of plan->window): 1; 0: past the end; -1 */
int plan_window(struct plan *plan, uint64_t first);
/* the page is left out after all: it cannot be read. It is in the present window */
void plan_leave_out(struct plan *plan, uint64_t pfn);
/* whether less is left out than was asked */
bool plan_is_degraded(const struct plan *plan);
void plan_close(struct plan *plan);

#endif
