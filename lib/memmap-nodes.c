/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FLATMEM and DISCONTIGMEM: each node has an array of struct pages for all that it spans. */
#include <elf.h>
#include <inttypes.h>

#include "err.h"
#include "kinfo.h"
#include "memmap.h"
#include "node.h"
#include "num.h"
#include "space.h"
#include "vmcore.h"

/* offsets in struct pglist_data, bytes */
struct fields {
	uint64_t start, spanned, map;
	bool has_span, has_map;
};

static struct fields find_fields(const struct kinfo *ki)
{
	struct fields f = { 0 };

	f.has_span = kinfo_offset(ki, "pglist_data.node_start_pfn", &f.start) &&
		     kinfo_offset(ki, "pglist_data.node_spanned_pages", &f.spanned);
	f.has_map = kinfo_offset(ki, "pglist_data.node_mem_map", &f.map);
	return f;
}

/* a node's pfns, as far as the dump has them; false: it cannot be read, or there are none */
static bool read_span(const struct memmap *mm, const struct fields *f, uint64_t node,
		      struct memmap_part *span)
{
	uint64_t npfns = mm->sp->vm->npfns;

	if (!f->has_span || space_read_u64(mm->sp, node + f->start, &span->pfn) ||
	    space_read_u64(mm->sp, node + f->spanned, &span->npages) || span->pfn >= npfns)
		return false;
	if (span->npages > npfns - span->pfn)
		span->npages = npfns - span->pfn;
	return span->npages > 0;
}

static int add_node(struct memmap *mm, struct memmap_part part)
{
	if (mm->nnodes == MEMMAP_NODES_MAX)
		return fail(ERR_UNKNOWN, "mem_map: more than %d nodes", MEMMAP_NODES_MAX);
	mm->node[mm->nnodes++] = part;
	return 0;
}

static int add_nodes(struct memmap *mm, const struct fields *f)
{
	uint64_t nodes[NODES_MAX];
	struct memmap_part part;
	size_t n;

	if (node_list(mm->sp, nodes, &n))
		return fail_in("mem_map");
	for (size_t i = 0; i < n; i++) {
		if (!read_span(mm, f, nodes[i], &part))
			continue;
		/* a node without memory has no array; an array we cannot find is not to be read */
		if (space_read_u64(mm->sp, nodes[i] + f->map, &part.virt))
			part.virt = 0;
		if (add_node(mm, part)) {
			mm->nnodes = 0;
			return -1;
		}
	}
	return mm->nnodes ? 0 : fail(ERR_CORRUPT, "mem_map: no node has pages");
}

/* ARCH_PFN_OFFSET, the pfn of mem_map's first struct page; false: not to be known */
static bool first_pfn(const struct vmcore *vm, uint64_t *pfn)
{
	int64_t base = 0;

	if (vm->machine == EM_AARCH64 && !kinfo_number(&vm->info, "PHYS_OFFSET", &base))
		return false;
	if (vm->machine == EM_RISCV && !kinfo_number(&vm->info, "phys_ram_base", &base))
		return false;
	*pfn = (uint64_t)base >> vm->page_shift;
	return true;
}

/*
 * mem_map points to the first struct page. The one node tells how far it reaches: what
 * is behind it is other memory.
 */
static int add_flat(struct memmap *mm, const struct fields *f, uint64_t symbol)
{
	struct memmap_part part, span;
	uint64_t node, first;

	if (space_read_u64(mm->sp, symbol, &part.virt))
		return fail_in("mem_map");
	if (!first_pfn(mm->sp->vm, &first))
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO does not say which page is first");
	if (part.virt == 0 || first >= mm->sp->vm->npfns)
		return fail(ERR_CORRUPT, "mem_map is %#" PRIx64 " and its first page %#" PRIx64,
			    part.virt, first);
	part.pfn = first;
	part.npages = mm->sp->vm->npfns - first;
	if (kinfo_symbol(&mm->sp->vm->info, "contig_page_data", &node) &&
	    read_span(mm, f, node, &span) && span.pfn >= first) {
		part.virt += (span.pfn - first) * mm->page_struct_len;
		part.pfn = span.pfn;
		part.npages = span.npages;
	}
	return add_node(mm, part);
}

/* at least one struct page is there */
static int check_nodes(struct memmap *mm)
{
	uint64_t phys;

	for (unsigned i = 0; i < mm->nnodes; i++)
		if (mm->node[i].virt &&
		    space_translate(mm->sp, mm->node[i].virt, &phys, NULL) == 0)
			return 0;
	return fail(ERR_CORRUPT, "mem_map: no struct page at %#" PRIx64, mm->node[0].virt);
}

/* a kernel with one node may say both: where they differ, neither is believed */
int memmap_open_nodes(struct memmap *mm)
{
	const struct kinfo *ki = &mm->sp->vm->info;
	struct fields f = find_fields(ki);
	bool nodes, flat;
	uint64_t symbol;

	mm->model = MEMMAP_NODES;
	flat = kinfo_symbol(ki, "mem_map", &symbol);
	nodes = f.has_map && f.has_span;
	if (!flat && !nodes)
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has neither SYMBOL(mem_section) nor "
			    "SYMBOL(mem_map) nor nodes with a node_mem_map");
	nodes = nodes && add_nodes(mm, &f) == 0;
	flat = flat && add_flat(mm, &f, symbol) == 0;
	return nodes || flat ? check_nodes(mm) : -1;
}

/* where it would be, of the node's array */
static uint64_t page_virt(const struct memmap *mm, const struct memmap_part *node, uint64_t pfn)
{
	return node->virt ? node->virt + (pfn - node->pfn) * mm->page_struct_len : 0;
}

int memmap_next_node(struct memmap *mm, struct memmap_part *part)
{
	uint64_t pfn = mm->next, end = UINT64_MAX;
	bool found = false;

	for (unsigned i = 0; i < mm->nnodes; i++) {
		const struct memmap_part *node = &mm->node[i];

		if (pfn < node->pfn) {
			if (node->pfn < end)
				end = node->pfn;
		} else if (pfn - node->pfn < node->npages) {
			uint64_t virt = page_virt(mm, node, pfn);

			if (node->pfn + node->npages < end)
				end = node->pfn + node->npages;
			part->virt = !found || part->virt == virt ? virt : 0;
			found = true;
		}
	}
	mm->next = end;
	if (end == UINT64_MAX)
		return 0;
	if (!found)
		return memmap_next_node(mm, part);
	part->pfn = pfn;
	part->npages = end - pfn;
	return 1;
}
