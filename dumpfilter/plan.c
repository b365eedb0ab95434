/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "freelist.h"
#include "memmap.h"
#include "plan.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

/* struct pages are read so many at a time; one more is read to see a compound's tail */
enum { WINDOW = 1024, WINDOW_SMALL = 64, BITMAP_PAGE = 4096 };

struct scan {
	struct plan *plan;
	struct vmcore *vm;
	struct memmap map;
	struct class class;
	uint8_t *window;
	uint64_t skip_to;	/* pages below this one belong to a block already seen */
};

static void note_why(struct plan *plan)
{
	if (!plan->why[0])
		snprintf(plan->why, sizeof plan->why, "%s", err_text());
}

static void leave_out(struct plan *plan, enum page_kind kind, uint64_t pfn, uint64_t npages)
{
	plan->left_out[kind] += bitmap_clear(&plan->keep, pfn, pfn + npages);
}

/* n struct pages are in the window (and one more, if more is set); classify them */
static void scan_window(struct scan *s, uint64_t pfn, uint64_t n, bool more)
{
	struct plan *plan = s->plan;

	if (s->skip_to < pfn)
		s->skip_to = pfn;
	while (s->skip_to < pfn + n) {
		uint64_t at = s->skip_to, i = at - pfn;
		const uint8_t *page = s->window + i * s->class.len;
		const uint8_t *next = i + 1 < n || more ? page + s->class.len : NULL;
		struct class_page c = class_of(&s->class, page, next, at);
		bool out = class_left_out(c.kind, plan->level);

		if (c.poisoned)
			leave_out(plan, PAGE_HWPOISON, at, c.one_piece ? c.npages : 1);
		if (out)
			leave_out(plan, c.kind, at, c.npages);
		/* inside a block that stays, a page may still be poisoned */
		s->skip_to = at + (out || c.one_piece ? c.npages : 1);
	}
}

/* the same for at most WINDOW pages that lie in one section */
static void read_window(struct scan *s, const struct memmap_part *part, uint64_t pfn, uint64_t n)
{
	size_t len = s->class.len;
	uint64_t virt = part->virt + (pfn - part->pfn) * len;
	bool more = pfn + n < part->pfn + part->npages;

	if (space_read(&s->plan->space, s->window, (n + more) * len, virt) == 0) {
		scan_window(s, pfn, n, more);
		return;
	}
	/* some of it may be there */
	for (uint64_t done = 0; done < n; done += WINDOW_SMALL) {
		uint64_t some = n - done < WINDOW_SMALL ? n - done : WINDOW_SMALL;

		if (space_read(&s->plan->space, s->window, some * len, virt + done * len) == 0) {
			scan_window(s, pfn + done, some, false);
			continue;
		}
		uint64_t lost = bitmap_count(&s->plan->keep, pfn + done, pfn + done + some);

		/* struct pages of no memory need not be there */
		if (lost)
			note_why(s->plan);
		s->plan->unclassified += lost;
	}
}

static int scan_part(struct scan *s, const struct memmap_part *part)
{
	uint64_t end = part->pfn + part->npages;
	uint64_t pfn = part->pfn;

	if (end > s->vm->npfns)
		end = s->vm->npfns;
	if (!part->virt) {
		note_why(s->plan);
		s->plan->unclassified += bitmap_count(&s->plan->keep, pfn, end);
		return 0;
	}
	while (pfn < end) {
		uint64_t n;

		if (stop_check())
			return -1;
		if (s->skip_to > pfn)
			pfn = s->skip_to;
		pfn = bitmap_next_set(&s->plan->keep, pfn);
		if (pfn >= end)
			break;
		n = end - pfn < WINDOW ? end - pfn : WINDOW;
		read_window(s, part, pfn, n);
		pfn += n;
	}
	return 0;
}

static void free_block(void *arg, uint64_t pfn, unsigned order)
{
	leave_out(arg, PAGE_FREE, pfn, UINT64_C(1) << order);
}

/* where struct page cannot tell free pages, the allocator's lists may */
static void scan_lists(struct scan *s)
{
	struct plan *plan = s->plan;

	if (!plan->no_free || !class_left_out(PAGE_FREE, plan->level))
		return;
	if (freelist_walk(&plan->space, &s->map, free_block, plan))
		note_why(plan);
	else
		plan->no_free = false;
}

static int scan_all(struct scan *s)
{
	struct memmap_part part;
	struct plan *plan = s->plan;

	plan->has_space = space_open(&plan->space, s->vm) == 0;
	if (!plan->has_space || memmap_open(&s->map, &plan->space) ||
	    class_open(&s->class, s->vm)) {
		note_why(plan);
		plan->no_memmap = true;
		return 0;
	}
	plan->no_free = s->class.no_free;
	plan->no_user = s->class.no_user;
	plan->no_cache = s->class.no_cache;
	plan->no_compound = s->class.no_compound;
	s->window = malloc((WINDOW + 1) * s->class.len);
	if (!s->window)
		return fail_sys("window of struct pages");
	/* sections without memory that we hold are of no interest */
	for (uint64_t pfn = bitmap_next_set(&plan->keep, 0); pfn < s->vm->npfns;
	     pfn = bitmap_next_set(&plan->keep, part.pfn + part.npages)) {
		memmap_seek(&s->map, pfn);
		if (memmap_next(&s->map, &part) != 1)
			break;
		if (scan_part(s, &part))
			return -1;
	}
	if (stop_check())
		return -1;
	scan_lists(s);
	return 0;
}

/* MemAvailable, in bytes; UINT64_MAX where it is not told */
static uint64_t memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib;
	uint64_t bytes = UINT64_MAX;
	char line[128];

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			bytes = (uint64_t)kib << 10;
	if (f)
		fclose(f);
	return bytes;
}

/* what a bitmap takes: a page of memory for every page of it that has a bit set */
static uint64_t bitmap_memory(const struct vmcore *vm)
{
	uint64_t all = vm->npfns / 8, sum = 0;

	for (size_t i = 0; i < vm->nloads && sum < all; i++)
		sum += (vm->loads[i].len >> vm->page_shift) / 8 + BITMAP_PAGE;
	return vm->nloads && sum < all ? sum : all;
}

/*
 * Two bitmaps must fit before they are filled: running out would be the end of us.
 * Of a kdump file the size is not known before; its own bitmaps are in memory already.
 */
static int check_memory(const struct vmcore *vm)
{
	uint64_t need = 2 * bitmap_memory(vm), have = memory_available();

	if (vm->nloads == 0 || need <= have)
		return 0;
	return fail(ERR_MEMORY, "%s: two bitmaps for its memory need %" PRIu64 " MiB; %" PRIu64
		    " MiB are available: copy it as it is", vm->src.path, need >> 20,
		    have >> 20);
}

int plan_open(struct plan *plan, struct vmcore *vm, unsigned level)
{
	struct scan s = { .plan = plan, .vm = vm };
	struct bitmap ram = { 0 };
	int rc = -1;

	*plan = (struct plan){ .level = level };
	if (check_memory(vm) || bitmap_open(&plan->keep, vm->npfns) ||
	    bitmap_open(&ram, vm->npfns) || vmcore_ram(vm, &ram) ||
	    vmcore_held(vm, &plan->keep))
		goto done;
	plan->nram = bitmap_count(&ram, 0, vm->npfns);
	bitmap_close(&ram);
	plan->nheld = bitmap_count(&plan->keep, 0, vm->npfns);
	rc = scan_all(&s);
	free(s.window);
	plan->nkeep = bitmap_count(&plan->keep, 0, vm->npfns);
done:
	bitmap_close(&ram);
	if (rc)
		plan_close(plan);
	return rc;
}

bool plan_is_degraded(const struct plan *plan)
{
	unsigned kinds = plan->level & ~(unsigned)DUMP_ZERO;

	if (plan->no_memmap || plan->unclassified)
		return kinds != 0;
	return (plan->no_free && kinds & DUMP_FREE) || (plan->no_user && kinds & DUMP_USER) ||
	       (plan->no_cache && kinds & (DUMP_CACHE | DUMP_CACHE_PRIVATE)) ||
	       (plan->no_compound && kinds & ~(unsigned)DUMP_FREE);
}

void plan_close(struct plan *plan)
{
	bitmap_close(&plan->keep);
}
