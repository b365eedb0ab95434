/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every page of the dead machine was used for, from its struct page. Who wants
 * to know (the plan, the table of --mem-usage, the picture of --map) gives a function.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "class.h"
#include "memmap.h"
#include "space.h"

struct bitmap;
struct scan_look;
struct vmcore;

struct scan {
	struct vmcore *vm;	/* borrowed */
	struct space space;	/* the dead kernel's memory, */
	bool has_space;		/* if it can be read */
	struct memmap map;
	struct class class;
	bool no_memmap;		/* no struct page can be read: all pages are PAGE_UNKNOWN */
	char why[200];		/* the reason of that, or of unknown pages, or of missing kinds */
	bool no_free;		/* neither struct pages nor lists tell which pages are free */
	uint32_t whole_kinds;	/* blocks of these kinds are not searched for poisoned pages */

	unsigned threads;	/* more than 1: look at struct pages while others are read */

	struct scan_look *looks;
	uint64_t skip_to;	/* pages below this one need no look, */
	uint64_t told_to;	/* and of those below this one the kind was told */
};

/*
 * npages pages from pfn on are of this kind. Calls come in rising order of pfn, with
 * two exceptions: PAGE_HWPOISON is told in addition to what the page is besides, and
 * free blocks of kernels before 3.9 come at the end, whatever was said of them before.
 * A block may reach over pages that the bitmap does not have.
 */
typedef void scan_seen(void *arg, enum page_kind kind, uint64_t pfn, uint64_t npages);

/* fails only when memory is short: what cannot be read becomes PAGE_UNKNOWN */
int scan_open(struct scan *s, struct vmcore *vm);
/*
 * Tell of every page that has a bit in pages, whose bit 0 is the pfn first (a multiple
 * of VMCORE_WINDOW). -1 if a signal came.
 */
int scan_pages(struct scan *s, const struct bitmap *pages, uint64_t first, scan_seen *seen,
	       void *arg);
void scan_close(struct scan *s);

#endif
