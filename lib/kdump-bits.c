/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages a kdump file holds. A page's descriptor is found by counting the bits of
 * bitmap 2 below it, so there is a count for every few pages. The bitmap itself is kept
 * in memory if it may be, or else chunks of it, as they are asked for.
 *
 * Each part of a split dump has a bitmap 2 of all pages, and its word is taken for its
 * own pages only: a part whose writer was stopped has its bits cleared.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kdump.h"
#include "num.h"
#include "stop.h"
#include "vmcore.h"

enum {
	RANK_SHIFT = 12,	/* at least 2^12 pages between two counts, */
	RANKS_SHIFT = 18,	/* and at most 2^18 counts */
	CHUNK_SHIFT = 16,	/* pages whose bits are read and kept together: 8 KiB */
	SLOTS_MIN = 32,
};
#define CHUNK (UINT64_C(1) << CHUNK_SHIFT)
#define NO_CHUNK UINT64_MAX

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* bytes of a bitmap, without the bits that are not of pages [from, to) */
static void mask_ends(uint8_t *bytes, uint64_t first_byte, size_t n, uint64_t from, uint64_t to)
{
	if (from / 8 >= first_byte && from % 8)
		bytes[from / 8 - first_byte] &= (uint8_t)(0xff << from % 8);
	if (to / 8 - first_byte < n && to % 8)
		bytes[to / 8 - first_byte] &= (uint8_t)((1 << to % 8) - 1);
}

static int read_bytes(struct vmcore *vm, struct source *src, bool second, uint64_t at, size_t n)
{
	struct kdump *k = vm->priv;
	const struct kdump_head *h = &k->head;
	uint64_t start = h->bitmap_at + (second && !h->one_bitmap ? h->bitmap_len : 0);

	if (stop_check() || source_read(src, k->bits.copy, n, start + at))
		return fail_in(second ? "bitmap 2" : "bitmap 1");
	return 0;
}

int kdump_bits_load(struct vmcore *vm, struct source *src, bool second, struct bitmap *bm,
		    uint64_t first, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[KDUMP_COPY];
	struct kdump *k = vm->priv;
	uint8_t *copy = k->bits.copy;

	from = most(from, first);
	to = least(least(to, k->head.npfns), first + bm->nbits);
	for (uint64_t at = from / 8; from < to && at < num_div_up(to, 8); ) {
		size_t n = (size_t)least(num_div_up(to, 8) - at, KDUMP_COPY);
		uint8_t *into = bm->bytes + (at - first / 8);

		if (read_bytes(vm, src, second, at, n))
			return -1;
		mask_ends(copy, at, n, from, to);
		/* where there are no pages the bitmap takes no memory */
		if (memcmp(copy, zeros, n) != 0)
			for (size_t i = 0; i < n; i++)
				into[i] |= copy[i];
		at += n;
	}
	return 0;
}

int kdump_bits_count(struct vmcore *vm, struct source *src, uint64_t from, uint64_t to,
		     uint64_t *count)
{
	struct kdump *k = vm->priv;

	*count = 0;
	for (uint64_t at = from / 8; from < to && at < num_div_up(to, 8); ) {
		size_t n = (size_t)least(num_div_up(to, 8) - at, KDUMP_COPY);
		struct bitmap bits = { k->bits.copy, n * 8 };

		if (read_bytes(vm, src, true, at, n))
			return -1;
		memset(k->bits.copy + n, 0, 8);	/* a bitmap ends with a whole word */
		mask_ends(k->bits.copy, at, n, from, to);
		*count += bitmap_count(&bits, 0, bits.nbits);
		at += n;
	}
	return 0;
}

int kdump_bits_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	const struct kdump *k = vm->priv;

	for (size_t i = 0; i < k->nparts; i++) {
		const struct kdump_part *p = &k->parts[i];

		if (kdump_bits_load(vm, p->src, true, bm, first, p->start, p->end))
			return -1;
	}
	return 0;
}

/* a bitmap that has the bit of pfn, and the page of its bit 0; NULL after fail() */
static const struct bitmap *piece(struct vmcore *vm, uint64_t pfn, uint64_t *first)
{
	struct kdump *k = vm->priv;
	struct kdump_bits *b = &k->bits;
	uint64_t chunk = pfn >> CHUNK_SHIFT;
	unsigned slot;

	*first = 0;
	if (b->whole)
		return &b->bits;
	slot = (unsigned)(chunk % b->nslots);
	*first = chunk << CHUNK_SHIFT;
	b->view = (struct bitmap){ b->bits.bytes + slot * (CHUNK / 8), CHUNK };
	if (b->chunk[slot] == chunk)
		return &b->view;
	b->chunk[slot] = NO_CHUNK;
	memset(b->view.bytes, 0, CHUNK / 8);
	if (kdump_bits_held(vm, &b->view, *first))
		return NULL;
	b->chunk[slot] = chunk;
	return &b->view;
}

static int count(struct vmcore *vm, uint64_t from, uint64_t to, uint64_t *sum)
{
	while (from < to) {
		uint64_t first, end;
		const struct bitmap *bm = piece(vm, from, &first);

		if (!bm)
			return -1;
		end = least(to, first + bm->nbits);
		*sum += bitmap_count_window(bm, first, from, end);
		from = end;
	}
	return 0;
}

static int rank_of(struct vmcore *vm, uint64_t pfn, uint64_t *rank)
{
	struct kdump *k = vm->priv;
	struct kdump_bits *b = &k->bits;
	uint64_t known = pfn >> b->rank_shift << b->rank_shift;

	*rank = b->rank[pfn >> b->rank_shift];
	if (b->last >= known && b->last <= pfn) {
		known = b->last;
		*rank = b->last_rank;
	}
	if (count(vm, known, pfn, rank))
		return -1;
	b->last = pfn;
	b->last_rank = *rank;
	return 0;
}

int kdump_bits_find(struct vmcore *vm, uint64_t pfn, uint64_t *rank)
{
	struct kdump *k = vm->priv;
	const struct kdump_bits *b = &k->bits;
	const struct bitmap *bm;
	uint64_t first;

	if (pfn >= k->head.npfns ||
	    b->rank[pfn >> b->rank_shift] == b->rank[(pfn >> b->rank_shift) + 1])
		return 0;
	bm = piece(vm, pfn, &first);
	if (!bm)
		return -1;
	if (!bitmap_test(bm, pfn - first))
		return 0;
	return rank_of(vm, pfn, rank) ? -1 : 1;
}

static int count_ranks(struct vmcore *vm)
{
	struct kdump *k = vm->priv;
	struct kdump_bits *b = &k->bits;
	uint64_t n, sum = 0;

	b->rank_shift = RANK_SHIFT;
	while (k->head.npfns >> b->rank_shift >> RANKS_SHIFT)
		b->rank_shift++;
	n = num_div_up(k->head.npfns, UINT64_C(1) << b->rank_shift);
	b->rank = calloc(n + 1, sizeof *b->rank);
	if (!b->rank)
		return fail_sys("index of %" PRIu64 " pages", k->head.npfns);
	for (uint64_t i = 0; i < n; i++) {
		b->rank[i] = sum;
		if (count(vm, i << b->rank_shift, least((i + 1) << b->rank_shift, k->head.npfns), &sum))
			return -1;
	}
	b->rank[n] = sum;
	return 0;
}

/* where each part's descriptors begin, and whether it has them all */
static int place_parts(struct vmcore *vm)
{
	struct kdump *k = vm->priv;

	for (size_t i = 0; i < k->nparts; i++) {
		struct kdump_part *p = &k->parts[i];
		uint64_t past;

		if (rank_of(vm, p->start, &p->rank) || rank_of(vm, p->end, &past))
			return -1;
		if (p->start < p->end && past - p->rank + p->skipped >
					 (p->src->size - k->head.descs_at) / KDUMP_DESC_LEN)
			vm->cut_short = true;
	}
	return 0;
}

int kdump_bits_open(struct vmcore *vm, uint64_t memory)
{
	struct kdump *k = vm->priv;
	struct kdump_bits *b = &k->bits;
	uint64_t need = num_div_up(k->head.npfns, 8);

	b->whole = memory == 0 || need <= memory || need <= SLOTS_MIN * CHUNK / 8;
	b->nslots = (unsigned)most(SLOTS_MIN, least(memory / (CHUNK / 8), KDUMP_SLOTS_MAX));
	for (unsigned i = 0; i < KDUMP_SLOTS_MAX; i++)
		b->chunk[i] = NO_CHUNK;
	b->last = UINT64_MAX;
	if (bitmap_open(&b->bits, b->whole ? k->head.npfns : b->nslots * CHUNK) ||
	    (b->whole && kdump_bits_held(vm, &b->bits, 0)))
		return -1;
	return count_ranks(vm) || place_parts(vm) ? -1 : 0;
}

void kdump_bits_close(struct kdump_bits *b)
{
	bitmap_close(&b->bits);
	free(b->copy);
	free(b->rank);
	*b = (struct kdump_bits){ 0 };
}
