/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "bitmap.h"
#include "err.h"
#include "freelist.h"
#include "pipeline.h"
#include "scan-look.h"
#include "scan.h"
#include "stop.h"
#include "vmcore.h"

/*
 * Struct pages are read SCAN_WINDOW at a time, and while another thread looks at them,
 * the next ones. Where free memory lies in large blocks, nearly all of that would be
 * passed over, so there they are read in small numbers, one after the other.
 */
enum { WINDOW_SMALL = 64, LOOKS = 4 };

/* a walk under way: where it goes and whom it tells */
struct walk {
	struct scan *s;
	const struct bitmap *pages;
	uint64_t first;		/* the pfn of bit 0 */
	scan_seen *seen;
	void *arg;
	struct pipeline *pl;
};

static void note_why(struct scan *s)
{
	if (!s->why[0])
		snprintf(s->why, sizeof s->why, "%s", err_text());
}

/* the first page at or after pfn that has a bit; the end of the bitmap if none has */
static uint64_t next_page(const struct walk *w, uint64_t pfn)
{
	return w->first + bitmap_next_set(w->pages, pfn - w->first);
}

/* struct pages of [pfn, pfn + n) cannot be read; where there is no memory they need not be */
static void unknown(const struct walk *w, uint64_t pfn, uint64_t n)
{
	if (bitmap_count_window(w->pages, w->first, pfn, pfn + n) == 0)
		return;
	note_why(w->s);
	w->seen(w->arg, PAGE_UNKNOWN, pfn, n);
}

/* pass on what a look has found */
static void tell(const struct walk *w, const struct scan_look *l)
{
	for (size_t i = 0; i < l->nfound; i++)
		w->seen(w->arg, l->found[i].kind, l->found[i].pfn, l->found[i].npages);
	w->s->skip_to = l->skip_to;
	w->s->told_to = l->told_to;
}

/* look here and now */
static void look(const struct walk *w, struct scan_look *l)
{
	l->skip_to = w->s->skip_to;
	l->told_to = w->s->told_to;
	scan_look(l);
	tell(w, l);
}

static void work(void *job, unsigned thread)
{
	(void)thread;
	scan_look(job);
}

/* a thread has looked as if no block began before its window */
static int finish(void *job, void *walk)
{
	const struct walk *w = walk;
	struct scan_look *l = job;

	if (w->s->skip_to > l->pfn || w->s->told_to > l->pfn)
		look(w, l);
	else
		tell(w, l);
	return 0;
}

static const struct pipeline_ops ops = { .work = work, .finish = finish };

/* the same for struct pages of which some may be there */
static void look_at_parts(const struct walk *w, struct scan_look *l, uint64_t virt)
{
	uint64_t pfn = l->pfn, n = l->n;
	size_t len = w->s->class.len;

	l->more = false;
	for (uint64_t done = 0; done < n; done += l->n) {
		l->n = n - done < WINDOW_SMALL ? n - done : WINDOW_SMALL;
		l->pfn = pfn + done;
		if (space_read(&w->s->space, l->data, l->n * len, virt + done * len) == 0)
			look(w, l);
		else
			unknown(w, l->pfn, l->n);
	}
}

/* n struct pages that lie in one section, and one more, to see a compound's tail */
static void read_window(const struct walk *w, const struct memmap_part *part, uint64_t pfn,
			uint64_t n)
{
	struct scan *s = w->s;
	size_t len = s->class.len;
	uint64_t virt = part->virt + (pfn - part->pfn) * len;
	bool ahead = n == SCAN_WINDOW, whole;
	struct scan_look *l;

	if (!ahead)
		pipeline_drain(w->pl);
	l = pipeline_job(w->pl);
	l->pfn = l->skip_to = l->told_to = pfn;
	l->n = n;
	l->more = pfn + n < part->pfn + part->npages;
	whole = space_read(&s->space, l->data, (n + l->more) * len, virt) == 0;
	if (whole && ahead) {
		pipeline_submit(w->pl);
		return;
	}
	pipeline_drain(w->pl);
	if (whole)
		look(w, l);
	else
		look_at_parts(w, l, virt);
}

static int scan_part(const struct walk *w, const struct memmap_part *part, uint64_t end)
{
	uint64_t pfn = part->pfn > w->first ? part->pfn : w->first, window = WINDOW_SMALL;
	struct scan *s = w->s;

	if (!part->virt) {
		if (s->map.model == MEMMAP_NODES)
			fail(ERR_CORRUPT, "mem_map: nodes overlap, or have none that can be read");
		unknown(w, pfn, end - pfn);
		return 0;
	}
	while (pfn < end) {
		uint64_t n;

		if (stop_check())
			return -1;
		if (s->skip_to > pfn)
			pfn = s->skip_to;
		if (pfn >= end)
			break;
		pfn = next_page(w, pfn);
		if (pfn >= end)
			break;
		n = end - pfn < window ? end - pfn : window;
		read_window(w, part, pfn, n);
		pfn += n;
		window = s->skip_to > pfn ? WINDOW_SMALL : SCAN_WINDOW;
	}
	return 0;
}

static void free_block(void *arg, uint64_t pfn, unsigned order)
{
	const struct walk *w = arg;

	w->seen(w->arg, PAGE_FREE, pfn, UINT64_C(1) << order);
}

/* where struct page cannot tell free pages, the allocator's lists may */
static void scan_lists(struct walk *w)
{
	struct scan *s = w->s;

	if (!s->class.no_free)
		return;
	s->no_free = freelist_walk(&s->space, &s->map, free_block, w) != 0;
	if (s->no_free)
		note_why(s);
}

int scan_open(struct scan *s, struct vmcore *vm)
{
	*s = (struct scan){ .vm = vm };
	s->has_space = space_open(&s->space, vm) == 0;
	if (!s->has_space || memmap_open(&s->map, &s->space) || class_open(&s->class, vm)) {
		if (err_code() == ERR_MEMORY || stop_check())
			return -1;
		note_why(s);
		s->no_memmap = true;
		return 0;
	}
	s->no_free = s->class.no_free;
	s->looks = calloc(LOOKS, sizeof *s->looks);
	for (int i = 0; s->looks && i < LOOKS; i++) {
		s->looks[i].class = &s->class;
		s->looks[i].data = malloc((SCAN_WINDOW + 1) * s->class.len);
		if (!s->looks[i].data)
			return fail_sys("windows of struct pages");
	}
	return s->looks ? 0 : fail_sys("windows of struct pages");
}

static int walk(struct walk *w)
{
	uint64_t end = w->first + w->pages->nbits;
	struct memmap_part part;

	/* sections without memory that we hold are of no interest */
	for (uint64_t pfn = next_page(w, w->first); pfn < end;
	     pfn = next_page(w, part.pfn + part.npages)) {
		memmap_seek(&w->s->map, pfn);
		if (memmap_next(&w->s->map, &part) != 1 || part.pfn >= end)
			break;
		if (scan_part(w, &part, part.pfn + part.npages < end ? part.pfn + part.npages :
								       end))
			return -1;
	}
	pipeline_drain(w->pl);
	if (stop_check())
		return -1;
	scan_lists(w);
	return 0;
}

int scan_pages(struct scan *s, const struct bitmap *pages, uint64_t first, scan_seen *seen,
	       void *arg)
{
	struct walk w = { s, pages, first, seen, arg, NULL };
	int rc;

	if (s->no_memmap) {
		seen(arg, PAGE_UNKNOWN, first, pages->nbits);
		return 0;
	}
	s->skip_to = s->told_to = first;
	for (int i = 0; i < LOOKS; i++)
		s->looks[i].whole_kinds = s->whole_kinds;
	/* without a second thread, what was found is told at once */
	w.pl = pipeline_open(&ops, &w, s->looks, sizeof *s->looks, s->threads > 1 ? LOOKS : 1,
			     s->threads > 1);
	if (!w.pl)
		return -1;
	rc = walk(&w);
	pipeline_close(w.pl);
	return rc;
}

void scan_close(struct scan *s)
{
	for (int i = 0; s->looks && i < LOOKS; i++)
		free(s->looks[i].data);
	free(s->looks);
	s->looks = NULL;
}
