/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "class.h"
#include "vmcore.h"

enum { MAX_COMPOUND_ORDER = 20 };

/* 2^order, as long as that is what a block beginning at pfn can be */
static uint64_t block(uint64_t pfn, uint64_t order)
{
	if (order > MAX_COMPOUND_ORDER || pfn & ((UINT64_C(1) << order) - 1))
		return 1;
	return UINT64_C(1) << order;
}

static uint64_t number(const struct class *cl, const struct class_number *n, const uint8_t *page)
{
	const uint8_t *p = page + n->offset;

	switch (n->bytes) {
	case 1:
		return *p & n->mask;
	case 2:
		return vmcore_u16(cl->vm, p) & n->mask;
	case 4:
		return vmcore_u32(cl->vm, p) & n->mask;
	default:
		return vmcore_u64(cl->vm, p) & n->mask;
	}
}

/* pages of the compound that pfn is the head of; 0: a head without a tail is no head */
static uint64_t compound(const struct class *cl, const uint8_t *next, uint64_t pfn)
{
	if (!next || (cl->tail && !(vmcore_u64(cl->vm, next + cl->compound) & cl->tail)))
		return 0;
	return cl->order.bytes ? block(pfn, number(cl, &cl->order, next)) : 1;
}

struct class_page class_look_further(const struct class *cl, const uint8_t *next, uint64_t pfn,
				     unsigned facts, struct class_page r)
{
	uint8_t verdict = cl->verdict[facts];
	uint64_t npages;

	if (verdict & VERDICT_MAX_ORDER) {
		r.npages = cl->has_max_order ? block(pfn, cl->max_order - 1) : 1;
		return r;
	}
	npages = compound(cl, next, pfn);
	/* hugetlbfs has none but compounds: that type was none */
	if (!npages && r.kind == PAGE_HUGETLB)
		r.kind = cl->verdict[facts & ~(unsigned)FACT_TYPE] & VERDICT_KIND;
	if (npages && cl->hugetlb.bytes && r.kind != PAGE_SLAB &&
	    number(cl, &cl->hugetlb, next) == cl->hugetlb.value)
		r.kind = PAGE_HUGETLB;
	r.npages = npages ? npages : 1;
	r.one_piece = r.kind == PAGE_HUGETLB;
	return r;
}

struct class_page class_of_swapped(const struct class *cl, const uint8_t *page,
				   const uint8_t *next, uint64_t pfn)
{
	struct class_words w = {
		.flags = vmcore_u64(cl->vm, page + cl->flags),
		.mapping = vmcore_u64(cl->vm, page + cl->mapping),
		.compound = vmcore_u64(cl->vm, page + cl->compound),
		.private = vmcore_u64(cl->vm, page + cl->private),
		.type = vmcore_u32(cl->vm, page + cl->mapcount),
	};

	return class_of_words(cl, &w, next, pfn);
}

uint32_t class_kinds(unsigned level)
{
	static const struct { unsigned levels; uint32_t kinds; } rows[] = {
		{ DUMP_ZERO, 1 << PAGE_ZERO },
		{ DUMP_CACHE, 1 << PAGE_CACHE },
		{ DUMP_CACHE_PRIVATE, 1 << PAGE_CACHE | 1 << PAGE_CACHE_PRIVATE },
		{ DUMP_USER, 1 << PAGE_USER | 1 << PAGE_HUGETLB },
		{ DUMP_FREE, 1 << PAGE_FREE | 1 << PAGE_UNACCEPTED },
	};
	/* these must not be read, or there is nothing to read */
	uint32_t kinds = 1 << PAGE_HWPOISON | 1 << PAGE_OFFLINE;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (level & rows[i].levels)
			kinds |= rows[i].kinds;
	return kinds;
}

const char *class_name(enum page_kind kind)
{
	static const char *const names[PAGE_KINDS] = {
		[PAGE_NEEDED] = "kernel", [PAGE_SLAB] = "slab", [PAGE_TABLE] = "page-table",
		[PAGE_ZSMALLOC] = "zsmalloc", [PAGE_VMEMMAP] = "vmemmap",
		[PAGE_CACHE] = "cache", [PAGE_CACHE_PRIVATE] = "cache-private",
		[PAGE_USER] = "user", [PAGE_HUGETLB] = "hugetlb", [PAGE_FREE] = "free",
		[PAGE_UNACCEPTED] = "unaccepted", [PAGE_HWPOISON] = "hwpoison",
		[PAGE_OFFLINE] = "offline", [PAGE_ZERO] = "zero", [PAGE_UNKNOWN] = "unknown",
	};

	return names[kind];
}
