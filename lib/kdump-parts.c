/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a split dump (makedumpfile --split). Each has all headers and bitmaps,
 * and the pages from start to end of its sub header. A dump that is not split is one
 * part with all pages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kdump.h"
#include "vmcore.h"

/* the status may differ: of one part the end may be missing, or a codec may not be used */
static bool same_dump(const struct kdump_head *a, const struct kdump_head *b)
{
	size_t past = KDUMP_STATUS + 4;

	return memcmp(a->main, b->main, KDUMP_STATUS) == 0 &&
	       memcmp(a->main + past, b->main + past, sizeof a->main - past) == 0 &&
	       memcmp(a->sub + KDUMP_PHYS_BASE, b->sub + KDUMP_PHYS_BASE, 12) == 0 &&
	       a->npfns == b->npfns;
}

static int open_part(struct vmcore *vm, size_t i)
{
	struct kdump *k = vm->priv;
	struct source *src = &k->sources[i];
	struct kdump_part *p = &k->parts[i];
	struct kdump_head h;
	int rc;

	*p = (struct kdump_part){ .src = src, .path = vm->paths[i] };
	if (source_open(src, p->path))
		return -1;
	rc = kdump_head_read(&h, src);
	if (rc < 0)
		return fail_in(p->path);
	if (rc == 0 || !h.split)
		return fail(ERR_USAGE, "%s is not a part of a split dump", p->path);
	if (!same_dump(&k->head, &h))
		return fail(ERR_USAGE, "%s is a part of another dump", p->path);
	vm->cut_short |= src->truncated || h.status & KDUMP_INCOMPLETE;
	vm->header.codecs |= h.status & CODEC_FLAGS;
	p->start = h.start;
	p->end = h.end;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct kdump_part *p = a, *q = b;

	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return p->end != q->end ? p->end < q->end ? -1 : 1 : 0;
}

/* what two parts have is taken from the one that begins first */
static int make_disjoint(struct vmcore *vm)
{
	struct kdump *k = vm->priv;
	uint64_t done = 0;

	for (size_t i = 0; i < k->nparts; i++) {
		struct kdump_part *p = &k->parts[i];
		uint64_t start = p->start < done ? done : p->start;

		if (start > p->start && p->start < p->end && !vm->flaw[0])
			snprintf(vm->flaw, sizeof vm->flaw, "more than one part has the pages %#"
				 PRIx64 " to %#" PRIx64, p->start, start < p->end ? start : p->end);
		if (start > p->end)
			start = p->end;
		if (kdump_bits_count(vm, p->src, p->start, start, &p->skipped))
			return fail_in(p->path);
		p->start = start;
		done = p->end > done ? p->end : done;
	}
	return 0;
}

/* pages that any part knows of: the bits may be cleared in the one that was stopped */
static int count_gap(struct vmcore *vm, uint64_t from, uint64_t to, uint64_t *pages)
{
	struct kdump *k = vm->priv;

	*pages = 0;
	for (size_t i = 0; i < k->nparts; i++) {
		uint64_t n;

		if (kdump_bits_count(vm, k->parts[i].src, from, to, &n))
			return fail_in(k->parts[i].path);
		*pages = n > *pages ? n : *pages;
	}
	return 0;
}

/* that is worse than an overlap, of which nothing is said then */
static void say_gap(struct vmcore *vm, int nth, uint64_t from, uint64_t to)
{
	size_t len = strlen(vm->flaw);

	if (nth == 0)
		snprintf(vm->flaw, sizeof vm->flaw, "a part of the split dump is missing: the "
			 "one with the pages %#" PRIx64 " to %#" PRIx64, from, to);
	else if (nth == 1)
		snprintf(vm->flaw + len, sizeof vm->flaw - len, ", and %#" PRIx64 " to %#" PRIx64,
			 from, to);
}

/* a gap without pages is none: the sender need not have begun with pfn 0 */
static int find_gaps(struct vmcore *vm)
{
	struct kdump *k = vm->priv;
	uint64_t done = 0, pages;
	int gaps = 0;

	for (size_t i = 0; i <= k->nparts; i++) {
		uint64_t next = i < k->nparts ? k->parts[i].start : k->head.npfns;

		if (next > done) {
			if (count_gap(vm, done, next, &pages))
				return -1;
			vm->cut_short |= pages > 0;
			if (pages > 0)
				say_gap(vm, gaps++, done, next);
		}
		if (i < k->nparts && k->parts[i].end > done)
			done = k->parts[i].end;
	}
	return 0;
}

int kdump_parts_open(struct vmcore *vm, const struct kdump_head *first)
{
	struct kdump *k = vm->priv;
	size_t n = vm->npaths;

	k->parts = calloc(n, sizeof *k->parts);
	k->sources = calloc(n, sizeof *k->sources);
	if (!k->parts || !k->sources)
		return fail_sys("%zu parts", n);
	for (size_t i = 0; i < n; i++)
		k->sources[i].fd = -1;
	k->nparts = n;
	k->parts[0] = (struct kdump_part){ &vm->src, vm->paths[0], first->start, first->end };
	if (n > 1 && !first->split)
		return fail(ERR_USAGE, "is not a part of a split dump");
	for (size_t i = 1; i < n; i++)
		if (open_part(vm, i))
			return -1;
	if (!first->split)
		return 0;
	qsort(k->parts, n, sizeof *k->parts, by_start);
	return make_disjoint(vm) || find_gaps(vm) ? -1 : 0;
}

const struct kdump_part *kdump_part_of(struct vmcore *vm, uint64_t pfn)
{
	const struct kdump *k = vm->priv;

	for (size_t i = 0; i < k->nparts; i++)
		if (pfn >= k->parts[i].start && pfn < k->parts[i].end)
			return &k->parts[i];
	return NULL;
}

void kdump_parts_close(struct vmcore *vm)
{
	struct kdump *k = vm->priv;

	for (size_t i = 1; k->sources && i < k->nparts; i++)
		source_close(&k->sources[i]);
	free(k->sources);
	free(k->parts);
}
