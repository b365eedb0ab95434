/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NUMA nodes, each with one zone and its lists of free blocks. */
#include "gen.h"

enum { ZONE_SPANNED = 120 };

/* of what is in a node: the only one is a variable, others are allocated */
static uint64_t node_address(const struct gen *g, uint64_t phys)
{
	return g->d->flatmem ? static_address(g->d, phys) : linear_address(g->d, phys);
}

/* append the page to a list whose head is at this physical address */
static void link_page(struct gen *g, uint64_t head, uint64_t *last, uint64_t pfn)
{
	uint64_t lru = g->d->kernel->page->lru;
	uint64_t self = page_virt(g, pfn) + lru, head_virt = node_address(g, head);

	if (*last) {
		put64(g, page_phys(g, *last) + lru, self);
		put64(g, page_phys(g, pfn) + lru + 8, page_virt(g, *last) + lru);
	} else {
		put64(g, head, self);
		put64(g, page_phys(g, pfn) + lru + 8, head_virt);
	}
	put64(g, page_phys(g, pfn) + lru, head_virt);
	put64(g, head + 8, self);
	*last = pfn;
}

/* every other free block is of another migrate type */
static void make_list(struct gen *g, uint64_t head, struct range pfns, unsigned order,
		      unsigned type)
{
	uint64_t last = 0, empty = node_address(g, head);
	unsigned n = 0;

	put64(g, head, empty);
	put64(g, head + 8, empty);
	for (struct page_line *l = g->d->pages; l; l = l->next) {
		if (l->what != PAGE_LINE || l->order != order || l->is != page_kind_find("free"))
			continue;
		for (uint64_t pfn = l->pfns.from; pfn < l->pfns.to; pfn += 1ULL << order)
			if (pfn >= pfns.from && pfn < pfns.to && n++ % 2 == type)
				link_page(g, head, &last, pfn);
	}
}

static void make_node(struct gen *g, unsigned nr)
{
	uint64_t at = alloc(g, PGDAT_LEN, PAGE);
	struct range r = node_pfns(g, nr);

	g->pgdat[nr] = at;
	put32(g, at + PGDAT_NR_ZONES, 1);
	put64(g, at + PGDAT_START, r.from);
	put64(g, at + PGDAT_SPANNED, r.to - r.from);
	put32(g, at + PGDAT_ID, nr);
	put64(g, at + ZONE_SPANNED, r.to - r.from);
	if (g->mem_map)
		put64(g, at + PGDAT_MEM_MAP, page_virt(g, r.from));
	for (unsigned order = 0; order < g->d->orders; order++)
		for (unsigned type = 0; type < FREE_LISTS; type++)
			make_list(g, at + ZONE_FREE_AREA + order * FREE_AREA_LEN + type * 16, r,
				  order, type);
}

void nodes_make(struct gen *g)
{
	g->online = alloc(g, 128, 8);
	g->node_data = alloc(g, NODE_DATA * 8, 8);
	for (unsigned i = 0; i < node_count(g->d); i++) {
		make_node(g, i);
		put64(g, g->node_data + 8 * i, linear_address(g->d, g->pgdat[i]));
	}
	/* an array's entry of a node that is not online is not to be used */
	put64(g, g->node_data + 8 * (NODE_DATA - 1), 0xdeadbeefdeadbeef);
	put64(g, g->online, (1ULL << node_count(g->d)) - 1);
}
