/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pass 1: which pages of a dump are to be kept. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "class.h"
#include "space.h"

struct vmcore;

struct plan {
	struct space space;		/* the dead kernel's memory, */
	bool has_space;			/* if it can be read */
	unsigned level;			/* what was asked: bits of enum dump_level */
	struct bitmap keep;		/* a bit for each pfn to copy */
	uint64_t nram;			/* pages that the machine had */
	uint64_t nheld;			/* pages that the input holds */
	uint64_t nkeep;			/* pages to copy, zero pages among them */
	uint64_t left_out[PAGE_KINDS];	/* pages left out here, by kind */

	bool no_memmap;			/* no struct page could be read: only zeros are left out */
	uint64_t unclassified;		/* pages kept because their struct page is unreadable */
	char why[200];			/* the reason of either, or of the missing kinds */
	bool no_free, no_user, no_cache, no_compound;	/* what this kernel does not let us tell */
};

/*
 * Fails only when memory is short or a signal came: when the kernel's
 * structures cannot be read, more is kept and the plan says so.
 */
int plan_open(struct plan *plan, struct vmcore *vm, unsigned level);
/* whether less is left out than was asked */
bool plan_is_degraded(const struct plan *plan);
void plan_close(struct plan *plan);

#endif
