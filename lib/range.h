/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of addresses, each with a place where it is kept. */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start, end;	/* end is not part of it */
	uint64_t at;		/* where start is kept: a file offset, for one */
};

struct ranges {
	struct range *r;
	size_t n, room;
};

/* append; order and overlaps do not matter yet. Empty ranges are ignored. */
int ranges_add(struct ranges *rs, struct range r);
/*
 * Sort, and make the ranges disjoint: where two overlap, the one with the
 * greater at wins. Neighbours whose places are neighbours too become one.
 */
int ranges_seal(struct ranges *rs);
/* after ranges_seal(): the range that holds addr, or NULL */
const struct range *ranges_find(const struct ranges *rs, uint64_t addr);
/* after ranges_seal(): the first range that ends above addr, or NULL */
const struct range *ranges_above(const struct ranges *rs, uint64_t addr);
bool ranges_cover(const struct ranges *rs, uint64_t start, uint64_t len);
/* the end of the last range, 0 if there is none */
uint64_t ranges_end(const struct ranges *rs);
void ranges_free(struct ranges *rs);

#endif
