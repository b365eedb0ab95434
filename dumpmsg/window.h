/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An array in the dead kernel's memory, of which a few elements at a time are
 * kept here. Made for walking along it.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdint.h>

struct log;

enum { WINDOW_BYTES = 24576, WINDOW_ELEMENTS = 256 };

struct window {
	struct log *log;		/* borrowed */
	uint64_t base;			/* virtual address of the first element */
	uint64_t count;			/* elements in the array */
	uint32_t size;			/* bytes an element */
	uint64_t first, n;		/* the elements held */
	uint64_t bad_first, bad_end;	/* elements that are known to be unreadable */
	uint64_t careful_first, careful_end;	/* elements to read by the page */
	uint8_t bytes[WINDOW_BYTES];
};

/* -1 with ERR_CORRUPT: the array does not fit in an address space */
int window_open(struct window *w, struct log *log, uint64_t base, uint64_t count,
		uint32_t size);
/* element i (below count), valid until the next call; NULL: it cannot be read */
const uint8_t *window_at(struct window *w, uint64_t i);

#endif
