/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One bit a page, in the byte order of dump files: bit n is bit n % 8, least
 * significant first, of byte n / 8.
 */
#ifndef BITMAP_H
#define BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitmap {
	uint8_t *bytes;		/* padded with zero bits to whole words */
	uint64_t nbits;
};

/* all bits 0; memory is taken as bits are set */
int bitmap_open(struct bitmap *bm, uint64_t nbits);
void bitmap_close(struct bitmap *bm);

static inline bool bitmap_test(const struct bitmap *bm, uint64_t n)
{
	return n < bm->nbits && bm->bytes[n >> 3] >> (n & 7) & 1;
}

/* clears one bit; whether it was set */
static inline bool bitmap_clear_one(struct bitmap *bm, uint64_t n)
{
	if (!bitmap_test(bm, n))
		return false;
	bm->bytes[n >> 3] &= (uint8_t)~(1U << (n & 7));
	return true;
}

/* ranges are [from, to); what lies past the last bit is ignored */
void bitmap_set(struct bitmap *bm, uint64_t from, uint64_t to);
/* returns how many of the bits were set before */
uint64_t bitmap_clear(struct bitmap *bm, uint64_t from, uint64_t to);
uint64_t bitmap_count(const struct bitmap *bm, uint64_t from, uint64_t to);
/* the same for a bitmap whose bit 0 stands for page first: ranges are of pages, and clipped */
void bitmap_set_window(struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to);
uint64_t bitmap_clear_window(struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to);
uint64_t bitmap_count_window(const struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to);
/* the first set (clear) bit at or after from; nbits if there is none */
uint64_t bitmap_next_set(const struct bitmap *bm, uint64_t from);
uint64_t bitmap_next_clear(const struct bitmap *bm, uint64_t from);

#endif
