/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a machine's memory becomes a picture: a block of 2^k pages is a square of dots, a
 * row of blocks is a power of two bytes at a multiple of itself, and rows without any
 * memory are left out, with a gap in their place.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

enum { LAYOUT_ORDERS = 64, LAYOUT_GAP = 6 };

struct vmcore;

struct layout {
	unsigned block_order, row_order;	/* pages: 2^order */
	uint32_t columns;			/* blocks in a row */
	uint32_t scale;				/* dots of a block, each way */
	uint32_t height;			/* dots of all rows and of the gaps between them */
};

/* what there is of memory: rows that have some, by the row's order */
struct layout_rows {
	uint64_t pages;
	uint64_t rows[LAYOUT_ORDERS], gaps[LAYOUT_ORDERS];
	uint64_t last[LAYOUT_ORDERS];		/* the last row with memory; UINT64_MAX: none */
};

void layout_begin(struct layout_rows *r);
/* pages [from, to) are memory; in rising order */
void layout_add(struct layout_rows *r, uint64_t from, uint64_t to);
/* the finest picture that is not too large: at most 1024 dots wide and 1800 high */
void layout_choose(const struct layout_rows *r, struct layout *l);
/* all of it for a dump, and the pages of memory; -1: it cannot be read, or a signal came */
int layout_of(struct vmcore *vm, struct layout *l, uint64_t *nram);

#endif
