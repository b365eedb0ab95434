/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kdump file's pages. Writers put descriptors in pfn order and mostly data too, but
 * pages may share their data (all pages of zeros do), lie in any order and be packed by
 * different codecs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kdump.h"
#include "vmcore.h"

enum {
	DESCS_LEAST = 64 * KDUMP_DESC_LEN,
	DESCS_MOST = 2048 * KDUMP_DESC_LEN,
	DATA_MOST = 256 << 10,
	RUN_LEAST = 16 << 10,	/* bytes read ahead when a run begins */
	RUN_GAP = 64 << 10,	/* what a run may pass over */
	WAYS = 4,
	CACHE_PAGES = 64,
	CACHE_MAX = 1 << 20,		/* bytes, but for the largest pages */
	CACHE_LITTLE = 256 << 10,	/* the same for those who have little memory */
};
#define NO_PFN UINT64_MAX

static int open_window(struct kdump_window *w, size_t len)
{
	w->buf = malloc(len);
	return w->buf ? 0 : fail_sys("kdump file");
}

static int open_ahead(struct kdump_ahead *a, size_t least, size_t most)
{
	a->least = least;
	a->most = most;
	a->want = RUN_LEAST;
	return open_window(&a->run, most) || open_window(&a->other, least) ? -1 : 0;
}

int kdump_pages_open(struct vmcore *vm)
{
	struct kdump *k = vm->priv;
	struct kdump_pages *p = &k->pages;
	size_t size = k->head.block_size, most = size > DATA_MOST ? size : DATA_MOST, n;
	size_t room = vm->memory && vm->memory < CACHE_MAX ? CACHE_LITTLE : CACHE_MAX;

	p->nsets = CACHE_PAGES / WAYS;
	while (p->nsets > 1 && p->nsets * WAYS * size > room)
		p->nsets /= 2;
	n = p->nsets * WAYS;
	if (open_ahead(&p->descs, DESCS_LEAST, DESCS_MOST) || open_ahead(&p->data, size, most) ||
	    codec_open_readers(&p->readers, size))
		return -1;
	p->cache = malloc(n * size);
	p->cached = malloc(n * sizeof *p->cached);
	p->age = calloc(n, sizeof *p->age);
	if (!p->cache || !p->cached || !p->age)
		return fail_sys("kdump file");
	for (size_t i = 0; i < n; i++)
		p->cached[i] = NO_PFN;
	return 0;
}

void kdump_pages_close(struct kdump_pages *p)
{
	free(p->descs.run.buf);
	free(p->descs.other.buf);
	free(p->data.run.buf);
	free(p->data.other.buf);
	codec_close_readers(&p->readers);
	free(p->cache);
	free(p->cached);
	free(p->age);
	*p = (struct kdump_pages){ 0 };
}

static const uint8_t *in_window(struct kdump_window *w, const struct source *src, size_t len,
				uint64_t at)
{
	if (w->src != src || at < w->at || at - w->at > w->len || len > w->len - (at - w->at))
		return NULL;
	w->used += len;
	return w->buf + (at - w->at);
}

static int fill(struct kdump_window *w, struct source *src, size_t len, size_t most, uint64_t at)
{
	uint64_t left = at < src->size ? src->size - at : 0;

	if (most > left)
		most = (size_t)left;
	w->src = NULL;
	w->at = at;
	w->len = most > len ? most : len;	/* what is past the end is for source_read() to say */
	w->used = 0;
	if (source_read(src, w->buf, w->len, at))
		return -1;
	w->src = src;
	return 0;
}

/* does at go on where this window ended? */
static bool continues(const struct kdump_window *w, const struct source *src, uint64_t at)
{
	return w->src == src && at >= w->at && at - w->at <= w->len + RUN_GAP;
}

/* len bytes, at most a->least of them; NULL after fail() */
static const uint8_t *read_ahead(struct kdump_ahead *a, struct source *src, size_t len,
				 uint64_t at)
{
	const uint8_t *p = in_window(&a->run, src, len, at);
	struct kdump_window *w = &a->other;
	size_t n = a->least;

	if (!p)
		p = in_window(&a->other, src, len, at);
	if (p)
		return p;
	if (continues(&a->run, src, at)) {
		w = &a->run;
		/* more if most of it was of use, less if not */
		a->want = w->used >= w->len / 2 ? a->want * 2 : a->want / 2;
	} else if (continues(&a->other, src, at)) {
		w = &a->run;
		a->want = RUN_LEAST;
	}
	if (w == &a->run) {
		a->want = a->want < RUN_LEAST ? RUN_LEAST : a->want > a->most ? a->most : a->want;
		n = a->want;
	} else if (n > len && n != DESCS_LEAST) {
		n = len;
	}
	/* that what lies behind is unreadable is no reason to lose this */
	if (fill(w, src, len, n, at) && (w->len == len || fill(w, src, len, len, at)))
		return NULL;
	return in_window(w, src, len, at);
}

/* its descriptor, all of it checked; the data is not read yet */
static int find_desc(struct vmcore *vm, uint64_t pfn, struct kdump_stored *s, struct source **src)
{
	struct kdump *k = vm->priv;
	const struct kdump_part *part;
	const uint8_t *desc;
	uint64_t rank = 0;

	switch (kdump_bits_find(vm, pfn, &rank)) {
	case -1:
		return -1;
	case 0:
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 " is not in the dump", pfn);
	}
	part = kdump_part_of(vm, pfn);
	if (!part)
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 " is in another part", pfn);
	*src = part->src;
	rank += part->skipped - part->rank;
	desc = read_ahead(&k->pages.descs, *src, KDUMP_DESC_LEN,
			  k->head.descs_at + rank * KDUMP_DESC_LEN);
	if (!desc)
		return fail_in("page descriptor");
	s->at = kdump_u64(desc, KDUMP_DESC_OFFSET, vm->swap);
	s->size = kdump_u32(desc, KDUMP_DESC_SIZE, vm->swap);
	s->flags = kdump_u32(desc, KDUMP_DESC_FLAGS, vm->swap);
	s->page_flags = kdump_u64(desc, KDUMP_DESC_PAGE_FLAGS, vm->swap);
	if (s->at == 0)
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 " was never written", pfn);
	if (s->size > k->head.block_size || s->at > (*src)->size || s->size > (*src)->size - s->at)
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 ": %u bytes at offset %#" PRIx64,
			    pfn, s->size, s->at);
	return 0;
}

int kdump_page_find(struct vmcore *vm, uint64_t pfn, struct kdump_stored *s)
{
	struct kdump *k = vm->priv;
	struct source *src;

	if (find_desc(vm, pfn, s, &src))
		return -1;
	s->data = read_ahead(&k->pages.data, src, s->size, s->at);
	return s->data ? 0 : -1;
}

static int unpack(struct vmcore *vm, uint64_t pfn, uint8_t *page)
{
	struct kdump *k = vm->priv;
	struct kdump_stored s;
	char where[80];

	if (kdump_page_find(vm, pfn, &s))
		return -1;
	if (codec_read(&k->pages.readers, s.flags, page, k->head.block_size, s.data,
		       s.size) == 0)
		return 0;
	snprintf(where, sizeof where, "pfn %#" PRIx64 " at offset %#" PRIx64, pfn, s.at);
	return fail_in(where);
}

/* the way of a set that has the page, or the one that was not used for longest */
static unsigned find_way(const struct kdump_pages *p, uint64_t pfn)
{
	unsigned set = (unsigned)(pfn % p->nsets) * WAYS, oldest = set;

	for (unsigned i = set; i < set + WAYS; i++) {
		if (p->cached[i] == pfn)
			return i;
		if (p->age[i] < p->age[oldest])
			oldest = i;
	}
	return oldest;
}

int kdump_page_read(struct vmcore *vm, uint64_t pfn, size_t in, void *buf, size_t len)
{
	struct kdump *k = vm->priv;
	struct kdump_pages *p = &k->pages;
	unsigned way = find_way(p, pfn);
	uint8_t *page = p->cache + (size_t)way * k->head.block_size;

	if (p->cached[way] != pfn) {
		/* whole pages are read once, by those who read all of them */
		if (len == k->head.block_size)
			return unpack(vm, pfn, buf);
		p->cached[way] = NO_PFN;
		if (unpack(vm, pfn, page))
			return -1;
		p->cached[way] = pfn;
	}
	p->age[way] = ++p->clock;
	memcpy(buf, page + in, len);
	return 0;
}
