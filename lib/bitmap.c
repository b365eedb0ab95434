/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <string.h>
#include <sys/mman.h>

#include "bitmap.h"
#include "err.h"
#include "num.h"

/* the bits are handled as little-endian words, which have the files' bit order */
enum { WORD = 64 };

static size_t bytes_of(uint64_t nbits)
{
	return (size_t)num_div_up(nbits ? nbits : 1, WORD) * (WORD / 8);
}

static uint64_t word_get(const struct bitmap *bm, uint64_t n)
{
	uint64_t w;

	memcpy(&w, bm->bytes + n / WORD * sizeof w, sizeof w);
	return le64toh(w);
}

static void word_put(struct bitmap *bm, uint64_t n, uint64_t w)
{
	w = htole64(w);
	memcpy(bm->bytes + n / WORD * sizeof w, &w, sizeof w);
}

/* of the word that holds bit from: the bits of [from, to) */
static uint64_t word_mask(uint64_t from, uint64_t to)
{
	uint64_t mask = ~UINT64_C(0) << from % WORD;

	if (to - from < WORD - from % WORD)
		mask &= (UINT64_C(1) << to % WORD) - 1;
	return mask;
}

/* the first bit of the next word */
static uint64_t word_after(uint64_t n)
{
	return (n / WORD + 1) * WORD;
}

/* the compiler's own is a call where the processor's instruction is not to be counted on */
static uint64_t ones(uint64_t w)
{
	const uint64_t each2 = UINT64_C(0x5555555555555555), each4 = UINT64_C(0x3333333333333333);
	const uint64_t each8 = UINT64_C(0x0f0f0f0f0f0f0f0f), bytes = UINT64_C(0x0101010101010101);

	w -= w >> 1 & each2;
	w = (w & each4) + (w >> 2 & each4);
	return ((w + (w >> 4)) & each8) * bytes >> 56;
}

static uint64_t clip(const struct bitmap *bm, uint64_t to)
{
	return to < bm->nbits ? to : bm->nbits;
}

int bitmap_open(struct bitmap *bm, uint64_t nbits)
{
	void *p = MAP_FAILED;

	/*
	 * Physical memory may begin anywhere (64 TiB is not unheard of), so most
	 * of a bitmap may never be touched and must not be asked for in advance.
	 */
	*bm = (struct bitmap){ 0 };
	if (nbits <= SIZE_MAX / 2)
		p = mmap(NULL, bytes_of(nbits), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return fail(ERR_MEMORY, "no memory for a bitmap of %llu pages",
			    (unsigned long long)nbits);
	bm->bytes = p;
	bm->nbits = nbits;
	return 0;
}

void bitmap_close(struct bitmap *bm)
{
	if (bm->bytes)
		munmap(bm->bytes, bytes_of(bm->nbits));
	*bm = (struct bitmap){ 0 };
}

void bitmap_set(struct bitmap *bm, uint64_t from, uint64_t to)
{
	to = clip(bm, to);
	for (; from < to; from = word_after(from))
		word_put(bm, from, word_get(bm, from) | word_mask(from, to));
}

uint64_t bitmap_clear(struct bitmap *bm, uint64_t from, uint64_t to)
{
	uint64_t cleared = 0;

	to = clip(bm, to);
	for (; from < to; from = word_after(from)) {
		uint64_t w = word_get(bm, from), gone = w & word_mask(from, to);

		if (gone == 0)
			continue;	/* memory that was never written stays so */
		cleared += ones(gone);
		word_put(bm, from, w & ~gone);
	}
	return cleared;
}

uint64_t bitmap_count(const struct bitmap *bm, uint64_t from, uint64_t to)
{
	uint64_t count = 0;

	to = clip(bm, to);
	for (; from < to; from = word_after(from)) {
		uint64_t w = word_get(bm, from) & word_mask(from, to);

		if (w)
			count += ones(w);
	}
	return count;
}

static uint64_t below(uint64_t first, uint64_t page)
{
	return page < first ? 0 : page - first;
}

void bitmap_set_window(struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to)
{
	bitmap_set(bm, below(first, from), below(first, to));
}

uint64_t bitmap_clear_window(struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to)
{
	return bitmap_clear(bm, below(first, from), below(first, to));
}

uint64_t bitmap_count_window(const struct bitmap *bm, uint64_t first, uint64_t from, uint64_t to)
{
	return bitmap_count(bm, below(first, from), below(first, to));
}

/* flip is 0 to look for a set bit, all ones for a clear one */
static uint64_t next(const struct bitmap *bm, uint64_t from, uint64_t flip)
{
	for (; from < bm->nbits; from = word_after(from)) {
		uint64_t w = (word_get(bm, from) ^ flip) & word_mask(from, bm->nbits);

		if (w)
			return from / WORD * WORD + (unsigned)__builtin_ctzll(w);
	}
	return bm->nbits;
}

uint64_t bitmap_next_set(const struct bitmap *bm, uint64_t from)
{
	return next(bm, from, 0);
}

uint64_t bitmap_next_clear(const struct bitmap *bm, uint64_t from)
{
	return next(bm, from, ~UINT64_C(0));
}
