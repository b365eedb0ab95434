/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the struct pages are. FLATMEM: one array for all pfns, the holes too.
 * DISCONTIGMEM: one for each node. SPARSEMEM: sections of 128 MiB, and an array for
 * each; with VMEMMAP all arrays seem to be one, whose unused parts are not mapped;
 * without it each section's lies somewhere in the linear map.
 */
#include <string.h>

#include "gen.h"

enum {
	SECTION_PAGES = 1 << (SECTION_BITS - PAGE_SHIFT),
	CHUNK = 512,		/* pages: a subsection; what vmemmap has or has not */
	SECTION_ENTRY = 16,	/* struct mem_section: section_mem_map, usage */
	PER_ROOT = PAGE / SECTION_ENTRY,
	HAS_MAP = 3, ONLINE = 4, EARLY = 8,
};

/* what the upper bits of page.flags look like: node 0, the zone, the last CPU */
#define UPPER_FLAGS 0x17ffffc0000000

static uint64_t *chunks;	/* physical address of each chunk's struct pages, or 0 */

uint64_t page_phys(struct gen *g, uint64_t pfn)
{
	if (pfn >= g->size >> PAGE_SHIFT || !chunks[pfn / CHUNK])
		die(g->d, "pfn 0x%llx has no struct page", (unsigned long long)pfn);
	return chunks[pfn / CHUNK] + pfn % CHUNK * g->d->kernel->page->size;
}

uint64_t page_virt(struct gen *g, uint64_t pfn)
{
	if (g->d->flat_memmap)
		return linear_address(g->d, page_phys(g, pfn));
	return g->d->vmemmap + pfn * g->d->kernel->page->size;
}

static void init_pages(struct gen *g, uint64_t from, uint64_t to)
{
	const struct layout *l = g->d->kernel->page;

	for (uint64_t pfn = from; pfn < to; pfn++) {
		uint64_t at = chunks[pfn / CHUNK] + pfn % CHUNK * l->size;

		put64(g, at, UPPER_FLAGS);
		put32(g, at + l->mapcount, 0xffffffff);
		put32(g, at + l->count, 1);
	}
}

/* struct pages for [from, to), which lies in one section; aligned to chunks */
static void back(struct gen *g, uint64_t from, uint64_t to)
{
	const struct desc *d = g->d;
	uint64_t size = d->kernel->page->size, len = (to - from) * size;
	uint64_t at = alloc(g, len, d->big ? 1 << 21 : PAGE);

	for (uint64_t pfn = from; pfn < to; pfn += CHUNK)
		chunks[pfn / CHUNK] = at + (pfn - from) * size;
	if (!d->flat_memmap)
		map(g, d->vmemmap + from * size, at, len, d->big ? 21 : PAGE_SHIFT);
	if (!d->big)
		init_pages(g, from, to);
}

unsigned node_count(const struct desc *d)
{
	return d->nnodes ? d->nnodes : 1;
}

struct range node_pfns(const struct gen *g, unsigned node)
{
	if (g->d->nnodes)
		return g->d->node[node];
	return (struct range){ g->d->ram[0].from >> PAGE_SHIFT, g->size >> PAGE_SHIFT };
}

/* an array for each node, of pfns in whole chunks */
static void back_nodes(struct gen *g)
{
	for (unsigned i = 0; i < node_count(g->d); i++) {
		struct range r = node_pfns(g, i);

		if (r.from % CHUNK || r.to % CHUNK)
			die(g->d, "node %u: not a multiple of %d pages", i, CHUNK);
		back(g, r.from, r.to);
	}
	g->mem_map = alloc(g, 8, 8);
	put64(g, g->mem_map, page_virt(g, node_pfns(g, 0).from));
}

static void back_ram(struct gen *g)
{
	const struct desc *d = g->d;
	uint64_t unit = d->big || d->flat_memmap ? SECTION_PAGES : CHUNK;

	for (unsigned i = 0; i < d->nram; i++) {
		uint64_t pfn = (d->ram[i].from >> PAGE_SHIFT) & ~(unit - 1);

		for (; pfn << PAGE_SHIFT < d->ram[i].to; pfn += unit)
			if (!chunks[pfn / CHUNK])
				back(g, pfn, pfn + unit);
	}
}

static uint64_t section_value(struct gen *g, uint64_t section)
{
	const struct desc *d = g->d;
	uint64_t first = section * SECTION_PAGES, flags = HAS_MAP;

	if (d->version >= VERSION(4, 13, 0))
		flags |= ONLINE;
	if (d->version >= VERSION(5, 3, 0))
		flags |= EARLY;
	if (!d->flat_memmap)
		return d->vmemmap | flags;
	return (page_virt(g, first) - first * d->kernel->page->size) | flags;
}

static void make_sections(struct gen *g)
{
	const struct desc *d = g->d;
	uint64_t total = 1ULL << (d->max_physmem_bits - SECTION_BITS);
	uint64_t len = d->plain ? total * SECTION_ENTRY : total / PER_ROOT * 8;

	g->mem_section = alloc(g, len, PAGE);
	for (uint64_t pfn = 0; pfn < g->size >> PAGE_SHIFT; pfn += CHUNK) {
		uint64_t section = pfn / SECTION_PAGES, entry = g->mem_section;

		if (!chunks[pfn / CHUNK])
			continue;
		if (d->plain) {
			entry += section * SECTION_ENTRY;
		} else {
			uint64_t slot = g->mem_section + section / PER_ROOT * 8, root;

			memcpy(&root, g->mem + slot, sizeof root);
			if (!root) {
				root = linear_address(d, alloc(g, PAGE, PAGE));
				put64(g, slot, root);
			}
			entry = root - d->page_offset + section % PER_ROOT * SECTION_ENTRY;
		}
		put64(g, entry, section_value(g, section));
		for (struct section_line *l = d->sections; l; l = l->next)
			if (l->number == section)
				put64(g, entry, l->value);
	}
}

void memmap_make(struct gen *g)
{
	uint64_t sections = (g->size >> SECTION_BITS) + 1;

	chunks = take(sections * (SECTION_PAGES / CHUNK) * sizeof *chunks);
	if (g->d->flatmem || g->d->nnodes) {
		back_nodes(g);
		return;
	}
	back_ram(g);
	make_sections(g);
}
