/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of struct pages is left out when none of the pages that they are about is in
 * the dump. One physical page may show at many places of the memory map (since 5.18 the
 * tails of huge pages share theirs), so first all pages that somebody needs are marked.
 */
#include "bitmap.h"
#include "memmap.h"
#include "num.h"
#include "plan.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"
#include "vmemmap.h"

struct walk {
	struct plan *plan;
	struct bitmap used;	/* pages that hold struct pages of kept ones */
	bool marking;		/* first walk: fill used; second: leave out what is not in it */
};

/* are any of the pages in the dump whose struct pages lie, in part at least, at virt? */
static bool is_used(const struct walk *w, const struct memmap_part *part, uint64_t virt)
{
	const struct plan *plan = w->plan;
	uint64_t len = plan->scan.class.len;
	uint64_t from = part->pfn + (virt - part->virt) / len;
	uint64_t to = part->pfn + num_div_up(virt + plan->vm->page_size - part->virt, len);

	return bitmap_count(&plan->keep, from, to) > 0;
}

static void look_at(struct walk *w, const struct memmap_part *part, uint64_t virt, uint64_t pfn)
{
	struct plan *plan = w->plan;

	if (w->marking && is_used(w, part, virt))
		bitmap_set(&w->used, pfn, pfn + 1);
	else if (!w->marking && !bitmap_test(&w->used, pfn) && !is_used(w, part, virt))
		plan->left_out[PAGE_VMEMMAP] += bitmap_clear(&plan->keep, pfn, pfn + 1);
}

/* the pages that lie wholly inside one section's struct pages */
static void walk_part(struct walk *w, const struct memmap_part *part)
{
	struct plan *plan = w->plan;
	uint64_t size = plan->vm->page_size, at, end;

	if (!num_round_up(part->virt, size, &at))
		return;
	end = (part->virt + part->npages * plan->scan.class.len) / size * size;
	while (at < end && !stop_check()) {
		uint64_t phys, len;

		if (space_translate(&plan->scan.space, at, &phys, &len)) {
			at += size;
			continue;
		}
		if (len > end - at)
			len = end - at;
		for (uint64_t done = 0; done < len; done += size)
			look_at(w, part, at + done, (phys + done) >> plan->vm->page_shift);
		at += num_div_up(len, size) * size;
	}
}

static int walk(struct walk *w)
{
	struct memmap *map = &w->plan->scan.map;
	struct memmap_part part;

	memmap_seek(map, 0);
	while (memmap_next(map, &part) == 1) {
		if (stop_check())
			return -1;
		if (part.virt && part.npages <= (UINT64_MAX - part.virt) / w->plan->scan.class.len)
			walk_part(w, &part);
	}
	return stop_check();
}

int vmemmap_leave_out(struct plan *plan)
{
	struct walk w = { .plan = plan, .marking = true };
	int rc;

	if (plan->scan.no_memmap)
		return 0;
	if (bitmap_open(&w.used, plan->keep.nbits))
		return -1;
	rc = walk(&w);
	w.marking = false;
	if (rc == 0)
		rc = walk(&w);
	bitmap_close(&w.used);
	return rc;
}
