/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "err.h"
#include "estimate.h"
#include "kdump-format.h"
#include "num.h"
#include "stop.h"
#include "vmcore.h"

enum {
	HEADER_ALIGN = 64 << 10,	/* where a kdump file's bitmaps begin */
};

/* steps of splitmix64: neighbours get hashes that have nothing to do with each other */
static uint64_t hash_of(uint64_t pfn)
{
	uint64_t z = (pfn + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int sample_open(struct sample *s, size_t room)
{
	*s = (struct sample){ .room = room };
	s->pick = malloc(room * sizeof *s->pick);
	return s->pick ? 0 : fail_sys("sample of pages");
}

void sample_close(struct sample *s)
{
	free(s->pick);
	s->pick = NULL;
}

/* the picks are a heap, the greatest hash at its top; put one where there is a gap */
static void sift_down(struct sample *s, struct sample_pick new)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < s->n) {
		if (child + 1 < s->n && s->pick[child + 1].hash > s->pick[child].hash)
			child++;
		if (s->pick[child].hash <= new.hash)
			break;
		s->pick[at] = s->pick[child];
		at = child;
	}
	s->pick[at] = new;
}

static void sift_up(struct sample *s, struct sample_pick new)
{
	size_t at = s->n++;

	while (at > 0 && s->pick[(at - 1) / 2].hash < new.hash) {
		s->pick[at] = s->pick[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->pick[at] = new;
}

void sample_add(struct sample *s, uint64_t pfn, uint64_t npages)
{
	s->npages += npages;
	for (uint64_t end = pfn + npages; pfn < end; pfn++) {
		struct sample_pick pick = { hash_of(pfn), pfn };

		if (s->n < s->room)
			sift_up(s, pick);
		else if (pick.hash < s->pick[0].hash)
			sift_down(s, pick);
	}
}

static int by_pfn(const void *a, const void *b)
{
	const struct sample_pick *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static bool is_zero(const uint8_t *page, size_t len)
{
	return page[0] == 0 && memcmp(page, page + 1, len - 1) == 0;
}

static void add(struct sample_sum *sum, double bytes)
{
	sum->sum += bytes;
	sum->squares += bytes * bytes;
}

/* in is a page, packed has room for what a codec makes of it */
static void measure_page(struct sample *s, const uint8_t *in, uint8_t *packed, size_t len,
			 const struct codec *codec, void *compressor)
{
	bool zero = is_zero(in, len);
	size_t n = 0;

	if (codec->flag)
		n = codec->compress(compressor, packed, 2 * len, in, len);
	/* what does not get smaller is stored as it is */
	if (n == 0 || n >= len)
		n = len;
	add(&s->stored, (double)n);
	add(&s->no_zeros, zero ? 0.0 : (double)n);
	s->zeros += zero;
}

int sample_measure(struct sample *s, struct vmcore *vm, const struct codec *codec, int level)
{
	size_t len = vm->page_size;
	uint8_t *in = malloc(len), *packed = malloc(2 * len);
	void *compressor = NULL;
	int rc = -1;

	if (!in || !packed) {
		fail_sys("sample of pages");
		goto done;
	}
	if (s->n && codec->flag && !(compressor = codec->open(level, len)))
		goto done;
	s->stored = s->no_zeros = (struct sample_sum){ 0 };
	s->zeros = s->unreadable = 0;
	/* the heap has served; a disk likes them in order */
	qsort(s->pick, s->n, sizeof *s->pick, by_pfn);
	for (size_t i = 0; i < s->n; i++) {
		if (stop_check())
			goto done;
		/* a dump leaves out what cannot be read */
		if (vmcore_read(vm, in, len, s->pick[i].pfn << vm->page_shift))
			s->unreadable++;
		else
			measure_page(s, in, packed, len, codec, compressor);
	}
	rc = 0;
done:
	if (compressor)
		codec->close(compressor);
	free(in);
	free(packed);
	return rc;
}

/*
 * The variance of a sum over all pages, of which n were looked at without replacement.
 * Pages that differ may all have been missed: as much is assumed as if one of the n had
 * been off by a whole page.
 */
void estimate_add(struct estimate *e, const struct sample *s, uint64_t npages, bool no_zeros,
		  uint32_t page_size)
{
	const struct sample_sum *sum = no_zeros ? &s->no_zeros : &s->stored;
	double n = (double)s->n, all = (double)npages, mean, spread, least;

	if (s->n == 0 || npages == 0)
		return;
	mean = sum->sum / n;
	e->bytes += all * mean;
	e->zeros += all * (double)s->zeros / n;
	if (s->npages <= s->n)
		return;
	spread = s->n > 1 ? (sum->squares - n * mean * mean) / (n - 1) : 0;
	least = (double)page_size * page_size / n;
	if (spread < least)
		spread = least;
	e->variance += all * all * spread / n * (1 - n / (double)s->npages);
}

/* Newton's way, from above: a capture kernel has no room for a library for it */
static double square_root(double x)
{
	double root = x > 1 ? x : 1, next;

	while ((next = (root + x / root) / 2) < root)
		root = next;
	return root;
}

double estimate_error(const struct estimate *e)
{
	return e->variance > 0 ? 1.96 * square_root(e->variance) : 0;
}

uint64_t estimate_overhead(const struct vmcore *vm, uint64_t npages, bool no_zeros)
{
	uint64_t bs = vm->page_size, align = bs > HEADER_ALIGN ? bs : HEADER_ALIGN;
	uint64_t head = bs + KDUMP_SUB_LEN + vm->notes_len;
	uint64_t bitmap = num_div_up(num_div_up(vm->npfns, 8), bs) * bs;

	return num_div_up(head, align) * align + 2 * bitmap + npages * KDUMP_DESC_LEN +
	       (no_zeros ? bs : 0);
}
