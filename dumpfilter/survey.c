/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "memmap.h"
#include "num.h"
#include "space.h"
#include "stop.h"
#include "survey.h"
#include "vmcore.h"

/* wider machines, which are rare, have their struct pages among the kernel's own */
#define TABLES_MAX (UINT64_C(1) << 32)
enum { MISSES_MAX = 1 << 18 };

static void seen_page(void *arg, enum page_kind kind, uint64_t pfn, uint64_t npages)
{
	struct survey_window *w = arg;
	uint64_t from = pfn > w->first ? pfn - w->first : 0;
	uint64_t to = pfn + npages;

	if (pfn >= w->first + w->n || to <= w->first)
		return;
	to = to - w->first < w->n ? to - w->first : w->n;
	w->told = true;
	for (uint64_t i = from; i < to; i++)
		w->kinds[i] |= (survey_kinds)(1u << kind);
}

/* the pages that lie wholly inside one section's struct pages */
static void mark_part(struct survey *s, const struct memmap_part *part)
{
	uint64_t size = s->vm->page_size, shift = s->vm->page_shift, at, end, len;

	if (!part->virt || s->misses > MISSES_MAX || !num_mul(part->npages, s->scan.class.len, &len) ||
	    !num_add(part->virt, len, &end) || !num_round_up(part->virt, size, &at))
		return;
	end = end / size * size;
	while (at < end) {
		uint64_t phys;

		if (space_translate(&s->scan.space, at, &phys, &len)) {
			if (err_code() == ERR_SYS && !s->why[0])
				snprintf(s->why, sizeof s->why, "%s", err_text());
			/* a map of nothing at all is not worth the time */
			if (s->misses++ == MISSES_MAX)
				return;
			len = size;
		} else {
			bitmap_set(&s->tables, phys >> shift,
				   (phys >> shift) + num_div_up(len < end - at ? len : end - at, size));
		}
		at += num_round_up(len, size, &len) && len < end - at ? len : end - at;
	}
}

static int mark_tables(struct survey *s)
{
	struct memmap_part part;

	if (s->scan.no_memmap || s->vm->npfns > TABLES_MAX)
		return 0;
	if (bitmap_open(&s->tables, s->vm->npfns))
		return -1;
	memmap_seek(&s->scan.map, 0);
	while (memmap_next(&s->scan.map, &part) == 1) {
		if (stop_check())
			return -1;
		mark_part(s, &part);
	}
	return stop_check();
}

int survey_open(struct survey *s, struct vmcore *vm)
{
	struct survey_window *w = &s->window;
	uint64_t room = vm->npfns < VMCORE_WINDOW ? vm->npfns : VMCORE_WINDOW;

	*s = (struct survey){ .vm = vm };
	w->kinds = calloc(room ? room : 1, sizeof *w->kinds);
	if (!w->kinds)
		fail_sys("kinds of %llu pages", (unsigned long long)room);
	else if (scan_open(&s->scan, vm) == 0 && mark_tables(s) == 0)
		return 0;
	survey_close(s);
	return -1;
}

static void close_window(struct survey *s)
{
	bitmap_close(&s->window.ram);
	bitmap_close(&s->window.held);
	bitmap_close(&s->gone);
}

/* the pages of the window that are RAM; those in the dump; those that are not */
static int open_window(struct survey *s, uint64_t first)
{
	struct survey_window *w = &s->window;
	uint64_t left = s->vm->npfns - first, before = w->n;

	close_window(s);
	w->first = first;
	w->n = left < VMCORE_WINDOW ? left : VMCORE_WINDOW;
	/* there may be many windows of nothing */
	if (w->told)
		memset(w->kinds, 0, before * sizeof *w->kinds);
	w->told = false;
	if (bitmap_open(&w->ram, w->n) || bitmap_open(&w->held, w->n) ||
	    bitmap_open(&s->gone, w->n) || vmcore_ram(s->vm, &w->ram, first) ||
	    vmcore_held(s->vm, &w->held, first))
		return -1;
	for (uint64_t i = 0; i < num_div_up(w->n, 8); i++)
		s->gone.bytes[i] = w->ram.bytes[i] & (uint8_t)~w->held.bytes[i];
	return 0;
}

static void name_tables(struct survey *s)
{
	struct survey_window *w = &s->window;
	const survey_kinds needed = 1 << PAGE_NEEDED;
	uint64_t end = w->first + w->n;

	for (uint64_t pfn = bitmap_next_set(&s->tables, w->first); pfn < end && pfn < s->tables.nbits;
	     pfn = bitmap_next_set(&s->tables, pfn + 1))
		if ((w->kinds[pfn - w->first] & ~needed) == 0) {
			w->kinds[pfn - w->first] = 1 << PAGE_VMEMMAP;
			w->told = true;
		}
}

/*
 * Whether there may be struct pages of the window's pages. Much address space may have
 * none, and the sections that say so are to be looked through once, not for each window.
 */
static bool has_struct_pages(struct survey *s)
{
	struct memmap_part part;

	if (s->scan.no_memmap)
		return true;
	if (s->next_part < s->window.first + 1) {
		memmap_seek(&s->scan.map, s->window.first);
		s->next_part = memmap_next(&s->scan.map, &part) == 1 ? part.pfn : UINT64_MAX;
	}
	return s->next_part < s->window.first + s->window.n;
}

/*
 * What the scan says of a page may depend on the pages that are asked for with it: those
 * in the dump are asked for as a dump's plan does, and the others by themselves.
 */
static int scan_window(struct survey *s)
{
	struct survey_window *w = &s->window, gone = *w;
	survey_kinds *kinds;

	if (!has_struct_pages(s))
		return 0;
	if (bitmap_next_set(&w->held, 0) < w->n &&
	    scan_pages(&s->scan, &w->held, w->first, seen_page, w))
		return -1;
	if (bitmap_next_set(&s->gone, 0) >= w->n)
		return 0;
	kinds = calloc(w->n, sizeof *kinds);
	if (!kinds)
		return fail_sys("kinds of %llu pages", (unsigned long long)w->n);
	gone.kinds = kinds;
	gone.told = false;
	if (scan_pages(&s->scan, &s->gone, w->first, seen_page, &gone)) {
		free(kinds);
		return -1;
	}
	for (uint64_t i = bitmap_next_set(&s->gone, 0); i < w->n && (w->told || gone.told);
	     i = bitmap_next_set(&s->gone, i + 1))
		w->kinds[i] = kinds[i];
	w->told |= gone.told;
	free(kinds);
	return 0;
}

uint64_t survey_next(const struct vmcore *vm, uint64_t first)
{
	uint64_t next = vm->npfns;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];
		uint64_t from = l->phys >> vm->page_shift;
		uint64_t to = num_div_up(l->phys + l->len, vm->page_size);

		if (l->len == 0 || to <= first)
			continue;
		if (from <= first)
			return first;
		if (from < next)
			next = from / VMCORE_WINDOW * VMCORE_WINDOW;
	}
	return vm->nloads ? next : first;
}

int survey_run(struct survey *s, survey_seen *seen, void *arg)
{
	struct vmcore *vm = s->vm;

	for (uint64_t first = survey_next(vm, 0); first < vm->npfns;
	     first = survey_next(vm, first + VMCORE_WINDOW)) {
		if (stop_check() || open_window(s, first))
			return -1;
		if (bitmap_next_set(&s->window.ram, 0) >= s->window.n)
			continue;
		if (scan_window(s))
			return -1;
		name_tables(s);
		if (seen(arg, &s->window))
			return -1;
	}
	/* a walk over sections ends early then */
	return stop_check();
}

void survey_close(struct survey *s)
{
	close_window(s);
	bitmap_close(&s->tables);
	scan_close(&s->scan);
	free(s->window.kinds);
	s->window.kinds = NULL;
}

enum page_kind survey_kind(survey_kinds kinds)
{
	static const enum page_kind first[] = { PAGE_HWPOISON, PAGE_OFFLINE, PAGE_FREE };

	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		if (kinds >> first[i] & 1)
			return first[i];
	/* a page of which nothing is known to be otherwise is needed */
	return kinds ? (enum page_kind)__builtin_ctz(kinds) : PAGE_NEEDED;
}

bool survey_next_run(const struct survey_window *w, struct survey_run *r)
{
	uint64_t end;

	r->from = r->to;
	if (r->from >= r->ram_end) {
		r->from = bitmap_next_set(&w->ram, r->from);
		if (r->from >= w->n)
			return false;
		r->ram_end = bitmap_next_clear(&w->ram, r->from);
	}
	if (r->from >= r->held_end) {
		r->held = bitmap_test(&w->held, r->from);
		r->held_end = r->held ? bitmap_next_clear(&w->held, r->from) :
					bitmap_next_set(&w->held, r->from);
	}
	end = r->ram_end < r->held_end ? r->ram_end : r->held_end;
	r->kinds = w->kinds[r->from];
	if (!w->told) {
		r->to = end;
		return true;
	}
	for (r->to = r->from + 1; r->to < end && w->kinds[r->to] == r->kinds; r->to++)
		;
	return true;
}
