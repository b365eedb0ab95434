/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "elf-loads.h"
#include "err.h"
#include "kinfo.h"
#include "plan.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

enum {
	RANGES_MAX = 4096,	/* of RAM; what lies beyond is one with the gaps between */
	TEXT_ALIGN = 2 << 20,	/* of a kernel's text: 2 MiB on x86_64 and arm64 */
};
#define DIRECT_ALIGN (UINT64_C(1) << 30)	/* KASLR moves the direct map by whole GiB */

struct list {
	struct vmcore_load *load;
	size_t n;
};

static int by_phys(const void *a, const void *b)
{
	const struct vmcore_load *x = a, *y = b;

	if (x->phys != y->phys)
		return x->phys < y->phys ? -1 : 1;
	return (x->virt > y->virt) - (x->virt < y->virt);
}

/* QEMU without paging has no virtual addresses, or calls the physical ones so */
static bool has_virtual(const struct vmcore *vm)
{
	for (size_t i = 0; i < vm->nloads; i++)
		if (vm->loads[i].virt && vm->loads[i].virt != vm->loads[i].phys)
			return true;
	return false;
}

static int take_loads(const struct vmcore *vm, struct list *list)
{
	list->load = malloc((vm->nloads + 1) * sizeof *list->load);
	if (!list->load)
		return fail_sys("%zu program headers", vm->nloads);
	for (size_t i = 0; i < vm->nloads; i++)
		if (vm->loads[i].len && vm->loads[i].phys + vm->loads[i].len > vm->loads[i].phys)
			list->load[list->n++] = vm->loads[i];
	return 0;
}

static void add_range(struct list *list, uint64_t start, uint64_t end)
{
	struct vmcore_load *last = list->n ? &list->load[list->n - 1] : NULL;

	if (last && (last->phys + last->len == start || list->n == RANGES_MAX))
		last->len = end - last->phys;
	else
		list->load[list->n++] = (struct vmcore_load){ start, start, end - start };
}

static int add_ram(struct vmcore *vm, struct list *list)
{
	struct bitmap bm;

	list->load = malloc((RANGES_MAX + 1) * sizeof *list->load);
	if (!list->load)
		return fail_sys("ranges of memory");
	for (uint64_t first = 0; first < vm->npfns; first += VMCORE_WINDOW) {
		uint64_t left = vm->npfns - first;
		uint64_t at, end;

		if (stop_check() || bitmap_open(&bm, left < VMCORE_WINDOW ? left : VMCORE_WINDOW))
			return -1;
		if (vmcore_ram(vm, &bm, first)) {
			bitmap_close(&bm);
			return -1;
		}
		for (at = bitmap_next_set(&bm, 0); at < bm.nbits; at = bitmap_next_set(&bm, end)) {
			end = bitmap_next_clear(&bm, at);
			add_range(list, (first + at) << vm->page_shift,
				  (first + end) << vm->page_shift);
		}
		bitmap_close(&bm);
	}
	return 0;
}

/* the linear map that has the kernel's text, or -1 */
static int text_map(const struct space *sp, uint64_t *stext)
{
	if (!kinfo_symbol(&sp->vm->info, "_stext", stext))
		return -1;
	for (int i = 0; i < sp->nlinear; i++)
		if (*stext - sp->linear[i].virt < sp->linear[i].len)
			return i;
	return -1;
}

/* is virt, by the page tables, in a direct map that begins at a whole GiB? */
static bool in_direct(struct space *sp, uint64_t virt, uint64_t *offset)
{
	uint64_t phys;

	if (space_walk(sp, virt, &phys, NULL) || virt < phys || (virt - phys) % DIRECT_ALIGN)
		return false;
	*offset = virt - phys;
	return true;
}

/*
 * Where the direct map begins, when no linear map says it: mem_section, or what its
 * first entry points at, was allocated at boot and is called by its address there
 * (mm/sparse.c, SPARSEMEM_EXTREME; in VMCOREINFO since 2.6.24).
 */
static bool find_direct(struct space *sp, uint64_t *offset)
{
	uint64_t virt, first;

	if (!kinfo_symbol(&sp->vm->info, "mem_section", &virt))
		return false;
	return in_direct(sp, virt, offset) ||
	       (space_read_u64(sp, virt, &first) == 0 && in_direct(sp, first, offset));
}

static void set_virtual(struct space *sp, struct list *list)
{
	uint64_t stext, offset = 0, phys;
	int text = text_map(sp, &stext);
	bool direct = false;

	for (int i = 0; i < sp->nlinear; i++)
		direct |= i != text;
	if (!direct && !find_direct(sp, &offset))
		return;
	for (size_t i = 0; i < list->n; i++) {
		struct vmcore_load *l = &list->load[i];

		for (int k = 0; k < sp->nlinear; k++)
			if (k != text && l->phys - sp->linear[k].phys < sp->linear[k].len)
				l->virt = sp->linear[k].virt + (l->phys - sp->linear[k].phys);
		if (!direct && (space_walk(sp, offset + l->phys, &phys, NULL) || phys == l->phys))
			l->virt = offset + l->phys;
	}
}

/* the kernel's text as far as the page tables map it where the linear map says */
static void add_text(struct space *sp, struct list *list)
{
	uint64_t stext, from, to, phys, len;
	int text = text_map(sp, &stext);

	if (text < 0)
		return;
	from = stext & ~(uint64_t)(TEXT_ALIGN - 1);
	if (from - sp->linear[text].virt >= sp->linear[text].len)
		from = sp->linear[text].virt;
	phys = sp->linear[text].phys + (from - sp->linear[text].virt);
	for (to = from; to - from < sp->linear[text].len; to += len) {
		uint64_t at;

		if (stop_check() || space_walk(sp, to, &at, &len) || at != phys + (to - from))
			break;
	}
	/* without tables: as much as says where the text was moved to */
	len = to > stext ? to - from : stext - from + TEXT_ALIGN;
	if (len <= sp->linear[text].len - (from - sp->linear[text].virt))
		list->load[list->n++] = (struct vmcore_load){ from, phys, len };
}

int elf_loads(struct vmcore *vm, struct plan *plan, struct vmcore_load **loads, size_t *n)
{
	struct list list = { 0 };
	bool whole = has_virtual(vm);

	*loads = NULL;
	if (whole ? take_loads(vm, &list) : add_ram(vm, &list)) {
		free(list.load);
		return -1;
	}
	if (!whole && plan->scan.has_space) {
		set_virtual(&plan->scan.space, &list);
		add_text(&plan->scan.space, &list);
	}
	qsort(list.load, list.n, sizeof *list.load, by_phys);
	*loads = list.load;
	*n = list.n;
	return 0;
}
