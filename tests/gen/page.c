/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single pages: what the kernel writes into the struct pages of a free block, an
 * anonymous huge page and so on, and what that makes them to a filter.
 */
#include <string.h>

#include "gen.h"

enum shape { SINGLE, COMPOUND, BLOCK };

struct page_kind {
	const char *name;
	enum kind kind;
	enum shape shape;	/* of what has an order: COMPOUND has a head and tails */
	void (*make)(struct gen *g, uint64_t pfn, struct page_line *l);
};

#define ANON 0xffff888000777001		/* an anon_vma, bit 0 set */
#define FILE_MAPPING 0xffff888000555000	/* an address_space */

static uint64_t bit(int n)
{
	return n < 0 ? 0 : 1ULL << n;
}

static uint64_t get64(struct gen *g, uint64_t phys)
{
	uint64_t value;

	memcpy(&value, g->mem + phys, sizeof value);
	return value;
}

static void set_flags(struct gen *g, uint64_t pfn, uint64_t flags)
{
	uint64_t at = page_phys(g, pfn);

	put64(g, at, get64(g, at) | flags);
}

static void set_mapping(struct gen *g, uint64_t pfn, uint64_t mapping)
{
	put64(g, page_phys(g, pfn) + g->d->kernel->page->mapping, mapping);
}

static void set_type(struct gen *g, uint64_t pfn, int32_t type)
{
	put32(g, page_phys(g, pfn) + g->d->kernel->page->mapcount, (uint32_t)type);
}

/* the owner of a typed page uses its part of the word */
static int32_t owned(const struct kernel *k, int32_t type, uint32_t owner)
{
	if (!k->owner_bits)
		return type;
	return (int32_t)(((uint32_t)type & ~k->owner_bits) | (owner & k->owner_bits));
}

/* a page table maps it */
static void map_once(struct gen *g, uint64_t pfn)
{
	set_type(g, pfn, 0);
}

static void make_free(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	set_flags(g, pfn, bit(k->buddy));
	if (k->t_buddy)
		set_type(g, pfn, k->t_buddy);
	put64(g, page_phys(g, pfn) + k->page->private, l->order);
	put32(g, page_phys(g, pfn) + k->page->count, 0);
}

static void make_anon(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	(void)l;
	set_flags(g, pfn, bit(k->lru) | bit(k->swapbacked));
	set_mapping(g, pfn, ANON);
	map_once(g, pfn);
}

static void make_cache(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	set_flags(g, pfn, bit(g->d->kernel->lru));
	set_mapping(g, pfn, FILE_MAPPING);
}

static void make_private(struct gen *g, uint64_t pfn, struct page_line *l)
{
	make_cache(g, pfn, l);
	set_flags(g, pfn, bit(g->d->kernel->private));
}

/* in the swap cache, owned by nobody, off the LRU lists */
static void make_swapcache(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	set_flags(g, pfn, bit(g->d->kernel->swapcache) | bit(g->d->kernel->swapbacked));
}

/* the bit that means "swap cache" on pages with PG_swapbacked means something else here */
static void make_owner(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	set_flags(g, pfn, bit(g->d->kernel->swapcache));
}

static void make_hugetlb(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	(void)l;
	set_mapping(g, pfn, FILE_MAPPING);
	if (k->t_hugetlb)
		set_type(g, pfn, k->t_hugetlb);
}

/* the mapping word of a slab holds something else, and may be odd */
static void make_slab(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	(void)l;
	set_flags(g, pfn, bit(k->slab));
	if (g->d->version >= VERSION(3, 13, 0))
		set_mapping(g, pfn, ANON);
	if (k->t_slab)
		set_type(g, pfn, owned(k, k->t_slab, 0x21));
}

static void make_table(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	if (g->d->kernel->t_table)
		set_type(g, pfn, g->d->kernel->t_table);
}

static void make_zsmalloc(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	(void)l;
	set_flags(g, pfn, bit(k->private));
	if (k->t_zsmalloc)
		set_type(g, pfn, owned(k, k->t_zsmalloc, 0x30));
}

static void make_kernel(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)g;
	(void)pfn;
	(void)l;
}

static void make_hwpoison(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	set_flags(g, pfn, bit(g->d->kernel->hwpoison));
}

static void make_offline(struct gen *g, uint64_t pfn, struct page_line *l)
{
	const struct kernel *k = g->d->kernel;

	(void)l;
	if (!k->t_offline)
		die(g->d, "this kernel has no offline pages");
	/* virtio-mem and balloons use the rest of the word from 6.12 on */
	set_type(g, pfn, owned(k, k->t_offline, 0x5));
}

static void make_unaccepted(struct gen *g, uint64_t pfn, struct page_line *l)
{
	(void)l;
	if (!g->d->kernel->t_unaccepted)
		die(g->d, "this kernel has no unaccepted pages");
	set_type(g, pfn, g->d->kernel->t_unaccepted);
}

static const struct page_kind kinds[] = {
	{ "free", FREE, BLOCK, make_free },
	{ "anon", USER, COMPOUND, make_anon },
	{ "cache", CACHE, COMPOUND, make_cache },
	{ "private", PRIVATE, COMPOUND, make_private },
	{ "swapcache", CACHE, SINGLE, make_swapcache },
	{ "owner", KEPT, SINGLE, make_owner },
	{ "hugetlb", HUGETLB, COMPOUND, make_hugetlb },
	{ "slab", SLAB, COMPOUND, make_slab },
	{ "table", TABLE, SINGLE, make_table },
	{ "zsmalloc", ZSMALLOC, SINGLE, make_zsmalloc },
	{ "kernel", KEPT, COMPOUND, make_kernel },
	{ "hwpoison", HWPOISON, SINGLE, make_hwpoison },
	{ "offline", OFFLINE, SINGLE, make_offline },
	{ "unaccepted", UNACCEPTED, BLOCK, make_unaccepted },
};

const struct page_kind *page_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

uint64_t block_of(const struct page_line *l, const struct desc *d)
{
	return l->is->kind == UNACCEPTED ? 1ULL << (d->orders - 1) : 1ULL << l->order;
}

static void mark(struct gen *g, uint64_t from, uint64_t to, enum kind kind)
{
	for (uint64_t pfn = from; pfn < to; pfn++)
		g->kind[pfn] = (uint8_t)kind;
}

/* what the first tail says of the order and, if it is hugetlb, of that */
static void make_first_tail(struct gen *g, uint64_t head, const struct page_line *l)
{
	const struct kernel *k = g->d->kernel;
	uint64_t at = page_phys(g, head + 1), word = at + k->page->lru;
	bool huge = !strcmp(l->is->name, "hugetlb");

	switch (k->compound) {
	case IN_LRU:	/* another function's address where it is not hugetlb */
		put64(g, word, static_address(g->d, g->dtor_pointer) + (huge ? 0 : 64));
		put64(g, word + 8, l->order);
		break;
	case IN_WORDS:	/* destructors: 1 compound page, 2 hugetlb, 3 transparent */
		put32(g, word + 8, huge ? 2 : 1);
		put32(g, word + 12, l->order);
		break;
	case IN_BYTES:
		put8(g, word + 8, huge ? 2 : 1);
		put8(g, word + 9, (uint8_t)l->order);
		break;
	case IN_FLAGS:
		put64(g, at, (get64(g, at) & ~0xffULL) | l->order | (huge ? bit(k->hugetlb) : 0));
		break;
	}
}

static void make_compound(struct gen *g, uint64_t head, const struct page_line *l)
{
	const struct kernel *k = g->d->kernel;
	uint64_t link = page_virt(g, head) | 1, n = 1ULL << l->order;

	if (l->order == 0)
		return;
	/* since 7.1 tails hold a mask instead of the head's address */
	if (g->d->version >= VERSION(7, 1, 0))
		link = -(n * k->page->size) | 1;
	set_flags(g, head, bit(k->head));
	for (uint64_t pfn = head + 1; pfn < head + n; pfn++) {
		/* before 2.6.26 both are PG_compound; PG_reclaim marks the tails */
		set_flags(g, pfn, bit(k->tail) | (g->d->version < VERSION(2, 6, 26) ?
						  bit(k->head) : 0));
		if (k->tail < 0)
			put64(g, page_phys(g, pfn) + k->page->lru, link);
		else
			put64(g, page_phys(g, pfn) + k->page->private, link & ~1ULL);
	}
	make_first_tail(g, head, l);
}

/* what can be told of such a page: some kernels mark some kinds in no way */
static enum kind told(const struct kernel *k, enum kind kind)
{
	if ((kind == TABLE && !k->t_table) || (kind == ZSMALLOC && !k->t_zsmalloc))
		return KEPT;
	return kind;
}

static void make_line(struct gen *g, struct page_line *l)
{
	uint64_t step = block_of(l, g->d);

	if (l->order && l->is->shape == SINGLE)
		die(g->d, "%s pages have no order", l->is->name);
	for (uint64_t pfn = l->pfns.from; pfn < l->pfns.to; pfn += step) {
		if (pfn % step || !is_ram(g->d, (pfn + step - 1) << PAGE_SHIFT))
			die(g->d, "0x%llx: not aligned, or not ram", (unsigned long long)pfn);
		if (l->is->shape == COMPOUND)
			make_compound(g, pfn, l);
		l->is->make(g, pfn, l);
		set_flags(g, pfn, l->bits);
		mark(g, pfn, pfn + step, told(g->d->kernel, l->is->kind));
		for (uint64_t p = pfn; p < pfn + step; p++)
			fill(g, p, l->content);
	}
}

/* an earlier page line's pages turn bad; of hugetlb only the head is marked */
static void make_poison(struct gen *g, const struct page_line *l)
{
	const struct page_line *of = NULL;

	for (const struct page_line *p = g->d->pages; p != l; p = p->next)
		if (p->what == PAGE_LINE && l->pfns.from >= p->pfns.from &&
		    l->pfns.from < p->pfns.to)
			of = p;
	if (of && !strcmp(of->is->name, "hugetlb")) {
		uint64_t size = 1ULL << of->order, head = l->pfns.from & ~(size - 1);

		set_flags(g, head, bit(g->d->kernel->hwpoison));
		mark(g, head, head + size, HWPOISON);
		return;
	}
	for (uint64_t pfn = l->pfns.from; pfn < l->pfns.to; pfn++)
		set_flags(g, pfn, bit(g->d->kernel->hwpoison));
	mark(g, l->pfns.from, l->pfns.to, HWPOISON);
}

static void make_set(struct gen *g, const struct page_line *l)
{
	const struct layout *p = g->d->kernel->page;
	uint64_t at = page_phys(g, l->pfns.from);

	if (!strcmp(l->field, "flags"))
		put64(g, at, l->value);
	else if (!strcmp(l->field, "lru"))
		put64(g, at + p->lru, l->value);
	else if (!strcmp(l->field, "mapping"))
		put64(g, at + p->mapping, l->value);
	else if (!strcmp(l->field, "private"))
		put64(g, at + p->private, l->value);
	else if (!strcmp(l->field, "mapcount"))
		put32(g, at + p->mapcount, (uint32_t)l->value);
	else
		die(g->d, "no field %s", l->field);
}

void pages_make(struct gen *g)
{
	for (struct page_line *l = g->d->pages; l; l = l->next) {
		if (l->what == PAGE_LINE)
			make_line(g, l);
		else if (l->what == POISON_LINE)
			make_poison(g, l);
		else if (l->what == SET_LINE)
			make_set(g, l);
		else
			mark(g, l->pfns.from, l->pfns.to, l->kind);
	}
	for (struct fill_line *f = g->d->fills; f; f = f->next)
		for (uint64_t pfn = f->phys.from >> PAGE_SHIFT;
		     pfn < f->phys.to >> PAGE_SHIFT; pfn++)
			fill(g, pfn, f->content);
}
