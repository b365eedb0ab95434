/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "err.h"
#include "memory.h"
#include "num.h"
#include "plan.h"
#include "stop.h"
#include "vmcore.h"
#include "vmemmap.h"

enum { RAM_CHUNK = 1 << 24, GRANULE = 4096, GRANULES_MAX = 1 << 16 };

/* what the scan says of the pages of a window, while they are counted or not */
struct tally {
	struct plan *plan;
	bool counting;
};

static void seen(void *arg, enum page_kind kind, uint64_t pfn, uint64_t npages)
{
	struct tally *t = arg;
	struct plan *plan = t->plan;
	uint64_t to = pfn + npages, gone;

	if (plan->rules.kinds >> kind & 1) {
		if (npages == 1)
			gone = bitmap_clear_one(&plan->keep, pfn - plan->first);
		else
			gone = bitmap_clear_window(&plan->keep, plan->first, pfn, to);
		if (t->counting)
			plan->left_out[kind] += gone;
	} else if (kind == PAGE_UNKNOWN && t->counting && !plan->scan.no_memmap) {
		plan->unclassified += bitmap_count_window(&plan->keep, plan->first, pfn, to);
	}
}

static int load(struct plan *plan, uint64_t first, bool counting)
{
	struct tally t = { plan, counting };
	uint64_t left = plan->vm->npfns - first;

	bitmap_close(&plan->keep);
	plan->loaded = false;
	plan->first = first;
	if (bitmap_open(&plan->keep, left < plan->window ? left : plan->window) ||
	    vmcore_held(plan->vm, &plan->keep, first))
		return -1;
	if (counting)
		plan->nheld += bitmap_count(&plan->keep, 0, plan->keep.nbits);
	if (scan_pages(&plan->scan, &plan->keep, first, seen, &t))
		return -1;
	plan->loaded = true;
	return 0;
}

static void count(struct plan *plan)
{
	uint64_t n = plan->keep.nbits;

	plan->nkeep += bitmap_count(&plan->keep, 0, n);
	for (uint64_t at = 0; plan->count && at < n; at += plan->granule)
		plan->count[(plan->first + at) / plan->granule] +=
			(uint32_t)bitmap_count(&plan->keep, at, at + plan->granule);
}

/* a part at a time: a second bitmap of everything would double what we take */
static int count_ram(struct plan *plan)
{
	for (uint64_t first = 0; first < plan->vm->npfns; first += RAM_CHUNK) {
		struct bitmap ram;
		int rc;

		if (stop_check() || bitmap_open(&ram, RAM_CHUNK))
			return -1;
		rc = vmcore_ram(plan->vm, &ram, first);
		plan->nram += bitmap_count(&ram, 0, ram.nbits);
		bitmap_close(&ram);
		if (rc)
			return -1;
	}
	return 0;
}

/* how many pfns at a time: all, or as many as the memory is for */
static void choose_window(struct plan *plan)
{
	const struct vmcore *vm = plan->vm;
	/* ours; a kdump file's own, which has no loads; what -e marks */
	unsigned n = 1 + (vm->nloads == 0) + plan->rules.vmemmap;
	uint64_t may = memory_for_bitmaps(plan->rules.memory, n), need = memory_of_bitmap(vm);
	/* no block of free pages, no huge page and no block of a bitmap lies on two windows */
	uint64_t unit = (uint64_t)vm->page_size * 8;

	if (unit < VMCORE_WINDOW)
		unit = VMCORE_WINDOW;
	if (unit < plan->granule)
		unit = plan->granule;
	plan->window = need <= may ? vm->npfns : may * 8 / unit * unit;
	if (plan->window == 0)
		plan->window = unit;
	plan->whole = plan->window >= vm->npfns;
}

static int open_counts(struct plan *plan)
{
	uint64_t npfns = plan->vm->npfns;

	if (!plan->rules.counts)
		return 0;
	for (plan->granule = GRANULE; npfns / plan->granule >= GRANULES_MAX; plan->granule *= 2)
		;
	plan->count = calloc(num_div_up(npfns, plan->granule), sizeof *plan->count);
	return plan->count ? 0 : fail_sys("count of pages");
}

int plan_open(struct plan *plan, struct vmcore *vm, const struct plan_rules *rules)
{
	*plan = (struct plan){ .rules = *rules, .vm = vm };
	if (open_counts(plan))
		goto fail;
	choose_window(plan);
	if (count_ram(plan) || scan_open(&plan->scan, vm))
		goto fail;
	plan->scan.whole_kinds = rules->kinds;
	plan->scan.threads = rules->threads;
	for (uint64_t first = 0; first < vm->npfns; first += plan->window) {
		if (load(plan, first, true))
			goto fail;
		if (rules->vmemmap && plan->whole && vmemmap_leave_out(plan))
			goto fail;
		count(plan);
	}
	plan->no_vmemmap = rules->vmemmap && !plan->whole;
	return 0;
fail:
	plan_close(plan);
	return -1;
}

int plan_window(struct plan *plan, uint64_t first)
{
	if (first >= plan->vm->npfns)
		return 0;
	if (plan->loaded && plan->first == first)
		return 1;
	return load(plan, first, false) ? -1 : 1;
}

void plan_leave_out(struct plan *plan, uint64_t pfn)
{
	bitmap_clear_window(&plan->keep, plan->first, pfn, pfn + 1);
}

bool plan_is_degraded(const struct plan *plan)
{
	const uint32_t cache = 1 << PAGE_CACHE | 1 << PAGE_CACHE_PRIVATE;
	const uint32_t user = 1 << PAGE_USER | 1 << PAGE_HUGETLB;
	const uint32_t always = 1 << PAGE_ZERO | 1 << PAGE_HWPOISON | 1 << PAGE_OFFLINE;
	uint32_t kinds = plan->rules.kinds & ~always;
	const struct scan *s = &plan->scan;

	if (s->no_memmap || plan->unclassified)
		return kinds != 0;
	return plan->no_vmemmap || (s->no_free && kinds >> PAGE_FREE & 1) ||
	       (s->class.no_user && kinds & user) ||
	       (s->class.no_cache && kinds & cache) ||
	       (s->class.no_compound &&
		kinds & ~(uint32_t)(1 << PAGE_FREE | 1 << PAGE_UNACCEPTED));
}

void plan_close(struct plan *plan)
{
	scan_close(&plan->scan);
	bitmap_close(&plan->keep);
	free(plan->count);
	plan->count = NULL;
}
