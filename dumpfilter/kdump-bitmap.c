/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bitmaps of a kdump-compressed file. Neither is ever in memory as a whole for
 * this: bitmap 1 is made part by part, bitmap 2 follows the pages block by block.
 */
#include <string.h>

#include "bitmap.h"
#include "num.h"
#include "out.h"
#include "plan.h"
#include "stop.h"
#include "vmcore.h"
#include "writer-kdump.h"
#include "writer.h"

enum {
	COPY = 64 << 10,
	RAM_CHUNK = 1 << 24,	/* pfns of bitmap 1 at a time: 2 MiB of it */
};

/*
 * Bytes [from, to) of the bitmap at offset at in the file; bm's first bit is bit
 * `first` of it, and what lies past bm's own end is zeros. A machine may have its memory
 * in few places of a wide space, so zeros stay holes where holes read as zeros.
 */
static int write_bitmap(struct writer *w, const struct bitmap *bm, uint64_t first, uint64_t at,
			uint64_t from, uint64_t to)
{
	static const uint8_t zeros[COPY];
	uint64_t begin = first / 8, have = begin + num_div_up(bm->nbits, 8);
	bool holes = out_has_holes(w->out);

	while (from < to) {
		const uint8_t *p = from < have ? bm->bytes + (from - begin) : zeros;
		uint64_t n = from < have ? have - from : COPY;

		if (n > to - from)
			n = to - from;
		if (n > COPY - from % COPY)
			n = COPY - from % COPY;
		if (!(holes && memcmp(p, zeros, (size_t)n) == 0) &&
		    out_pwrite(w->out, p, (size_t)n, at + from))
			return -1;
		from += n;
	}
	return 0;
}

/* room in bitmap 2 for the parts of it that can have bits: those of bitmap 1 */
static int reserve_part(struct writer *w, const struct bitmap *ram, uint64_t first)
{
	struct kdump_writer *k = w->priv;
	uint64_t part = (uint64_t)COPY * 8;

	for (uint64_t bit = bitmap_next_set(ram, 0); bit < ram->nbits;
	     bit = bitmap_next_set(ram, (bit / part + 1) * part)) {
		uint64_t from = (first + bit) / part * COPY, left = k->bitmap_len - from;

		if (out_reserve(w->out, k->bitmap2_at + from, left < COPY ? left : COPY))
			return -1;
	}
	return 0;
}

static int write_part(struct writer *w, const struct bitmap *ram, uint64_t first)
{
	struct kdump_writer *k = w->priv;
	uint64_t from = first / 8, to = from + num_div_up(ram->nbits, 8);

	return write_bitmap(w, ram, first, k->bitmap1_at, from,
			    to < k->bitmap_len ? to : k->bitmap_len);
}

static int for_ram(struct writer *w, int (*part)(struct writer *w, const struct bitmap *ram,
						 uint64_t first))
{
	for (uint64_t first = 0; first < w->vm->npfns; first += RAM_CHUNK) {
		struct bitmap ram;
		int rc;

		if (stop_check() || bitmap_open(&ram, RAM_CHUNK))
			return -1;
		rc = vmcore_ram(w->vm, &ram, first) || part(w, &ram, first) ? -1 : 0;
		bitmap_close(&ram);
		if (rc)
			return -1;
	}
	return 0;
}

int kdump_write_bitmap1(struct writer *w)
{
	static const struct bitmap none = { 0 };
	struct kdump_writer *k = w->priv;
	uint64_t chunks = num_div_up(w->vm->npfns, RAM_CHUNK) * (RAM_CHUNK / 8);

	/* the order matters to file systems that cannot reserve: there the file is filled */
	if (for_ram(w, write_part) ||
	    write_bitmap(w, &none, 0, k->bitmap1_at, chunks, k->bitmap_len) ||
	    for_ram(w, reserve_part))
		return -1;
	return out_reserve(w->out, k->descs_at - 1, 1);
}

int kdump_write_settled(struct writer *w, uint64_t settled)
{
	struct kdump_writer *k = w->priv;
	const struct plan *plan = w->plan;

	if (write_bitmap(w, &plan->keep, plan->first, k->bitmap2_at, k->bitmap2_done, settled))
		return -1;
	k->bitmap2_done = settled;
	return 0;
}

/* the block of bitmap 2 in which we stopped: its later pages are not there */
static int write_cut_block(struct writer *w)
{
	struct kdump_writer *k = w->priv;
	const struct plan *plan = w->plan;
	uint64_t bs = w->vm->page_size, first = k->bitmap2_done * 8, pfn = first;
	struct bitmap block;
	int rc;

	if (bitmap_open(&block, bs * 8))
		return -1;
	for (; pfn < w->next_pfn; pfn++)
		if (pfn >= plan->first && bitmap_test(&plan->keep, pfn - plan->first))
			bitmap_set(&block, pfn - first, pfn - first + 1);
	rc = write_bitmap(w, &block, first, k->bitmap2_at, k->bitmap2_done,
			  k->bitmap2_done + bs);
	bitmap_close(&block);
	k->bitmap2_done += bs;
	return rc;
}

int kdump_write_bitmap2_end(struct writer *w, int complete)
{
	static const struct bitmap none = { 0 };
	struct kdump_writer *k = w->priv;

	if (complete)
		return kdump_write_settled(w, k->bitmap_len);
	if (k->bitmap2_done < k->bitmap_len && write_cut_block(w))
		return -1;
	if (write_bitmap(w, &none, 0, k->bitmap2_at, k->bitmap2_done, k->bitmap_len))
		return -1;
	k->bitmap2_done = k->bitmap_len;
	return 0;
}
