/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What struct page looks like on x86_64, kernel by kernel: the layout and bit
 * numbers of a usual configuration (include/linux/mm_types.h, page-flags.h). The
 * exact bit numbers do not matter: dumps carry them. What matters is where the
 * rules change.
 */
#include <stddef.h>

#include "gen.h"

static const struct layout oldest = {	/* to 3.0 */
	.size = 56, .count = 8, .mapcount = 12, .private = 16, .mapping = 24, .lru = 40,
};
static const struct layout middle = {	/* aligned to 16 bytes for SLUB's cmpxchg */
	.size = 64, .mapping = 8, .mapcount = 24, .count = 28, .lru = 32, .private = 48,
};
static const struct layout newest = {	/* since 4.18 */
	.size = 64, .lru = 8, .mapping = 24, .private = 40, .mapcount = 48, .count = 52,
};

#define TYPE(byte) ((int32_t)((uint32_t)(byte) << 24))

static const struct kernel kernels[] = {
	/* bits numbered by hand; tails are PG_compound with PG_reclaim */
	{ VERSION(2, 6, 24), &oldest, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = 17, .swapcache = 15, .buddy = 19, .swapbacked = -1, .hwpoison = -1,
	  .hugetlb = -1 },
	/* an enum; what comes after PG_private_2, in 2.6.30, is one more */
	{ VERSION(2, 6, 26), &oldest, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 13,
	  .tail = 14, .swapcache = 15, .buddy = 18, .swapbacked = 19, .hwpoison = -1,
	  .hugetlb = -1 },
	/* a page flag for buddy pages */
	{ VERSION(2, 6, 30), &oldest, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = 15, .swapcache = 16, .buddy = 19, .swapbacked = 20, .hwpoison = 23,
	  .hugetlb = -1 },
	/* buddy pages: _mapcount is -2, then -128 */
	{ VERSION(2, 6, 38), &oldest, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = 15, .swapcache = 16, .buddy = -1, .swapbacked = 19, .hwpoison = 23,
	  .hugetlb = -1, .t_buddy = -2 },
	{ VERSION(2, 6, 39), &oldest, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = 15, .swapcache = 16, .buddy = -1, .swapbacked = 19, .hwpoison = 23,
	  .hugetlb = -1, .t_buddy = -128 },
	{ VERSION(3, 1, 0), &middle, IN_LRU, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = 15, .swapcache = 16, .buddy = -1, .swapbacked = 19, .hwpoison = 23,
	  .hugetlb = -1, .t_buddy = -128 },
	/* compound_head, numbered destructors */
	{ VERSION(4, 4, 0), &middle, IN_WORDS, .lru = 5, .slab = 7, .private = 11, .head = 14,
	  .tail = -1, .swapcache = 15, .buddy = -1, .swapbacked = 18, .hwpoison = 22,
	  .hugetlb = -1, .t_buddy = -128 },
	/* PG_waiters; swapcache shares a bit with others */
	{ VERSION(4, 10, 0), &middle, IN_WORDS, .lru = 5, .slab = 8, .private = 12,
	  .head = 15, .tail = -1, .swapcache = 9, .buddy = -1, .swapbacked = 18,
	  .hwpoison = 22, .hugetlb = -1, .t_buddy = -128 },
	/* page_type: a bit is cleared for each type */
	{ VERSION(4, 18, 0), &newest, IN_BYTES, .lru = 5, .slab = 8, .private = 12,
	  .head = 15, .tail = -1, .swapcache = 9, .buddy = -1, .swapbacked = 18,
	  .hwpoison = 22, .hugetlb = -1, .t_buddy = ~0x80, .t_table = ~0x400 },
	{ VERSION(5, 1, 0), &newest, IN_BYTES, .lru = 5, .slab = 9, .private = 13, .head = 16,
	  .tail = -1, .swapcache = 10, .buddy = -1, .swapbacked = 19, .hwpoison = 23,
	  .hugetlb = -1, .t_buddy = ~0x80, .t_offline = ~0x100, .t_table = ~0x400 },
	{ VERSION(5, 10, 0), &newest, IN_BYTES, .lru = 4, .slab = 9, .private = 13,
	  .head = 16, .tail = -1, .swapcache = 10, .buddy = -1, .swapbacked = 19,
	  .hwpoison = 22, .hugetlb = -1, .t_buddy = ~0x80, .t_offline = ~0x100,
	  .t_table = ~0x600 },
	/* an accounted page is no type any more */
	{ VERSION(5, 11, 0), &newest, IN_BYTES, .lru = 4, .slab = 9, .private = 13,
	  .head = 16, .tail = -1, .swapcache = 10, .buddy = -1, .swapbacked = 19,
	  .hwpoison = 22, .hugetlb = -1, .t_buddy = ~0x80, .t_offline = ~0x100,
	  .t_table = ~0x200 },
	/* order and hugetlb in the first tail's flags */
	{ VERSION(6, 6, 0), &newest, IN_FLAGS, .lru = 5, .slab = 11, .private = 15, .head = 6,
	  .tail = -1, .swapcache = 12, .buddy = -1, .swapbacked = 19, .hwpoison = 22,
	  .hugetlb = 8, .t_buddy = ~0x80, .t_offline = ~0x100, .t_table = ~0x200 },
	/* hugetlb is a page type of the head */
	{ VERSION(6, 9, 0), &newest, IN_FLAGS, .lru = 5, .slab = 11, .private = 15, .head = 6,
	  .tail = -1, .swapcache = 12, .buddy = -1, .swapbacked = 19, .hwpoison = 22,
	  .hugetlb = -1, .t_buddy = ~0x80, .t_offline = ~0x100, .t_table = ~0x200,
	  .t_hugetlb = ~0x800 },
	/* slab is a page type */
	{ VERSION(6, 10, 0), &newest, IN_FLAGS, .lru = 5, .slab = -1, .private = 14,
	  .head = 6, .tail = -1, .swapcache = 11, .buddy = -1, .swapbacked = 18,
	  .hwpoison = 21, .hugetlb = -1, .t_buddy = ~0x80, .t_offline = ~0x100,
	  .t_table = ~0x200, .t_hugetlb = ~0x800, .t_slab = ~0x1000 },
	/* the low 16 bits of the type word belong to the page's owner */
	{ VERSION(6, 11, 0), &newest, IN_FLAGS, .lru = 5, .slab = -1, .private = 14,
	  .head = 6, .tail = -1, .swapcache = 11, .buddy = -1, .swapbacked = 18,
	  .hwpoison = 21, .hugetlb = -1, .t_buddy = ~0x40000000, .t_offline = ~0x20000000,
	  .t_table = ~0x10000000, .t_hugetlb = ~0x04000000, .t_slab = ~0x02000000,
	  .t_zsmalloc = ~0x01000000, .owner_bits = 0xffff },
	/* one type a page, in the top byte */
	{ VERSION(6, 12, 0), &newest, IN_FLAGS, .lru = 5, .slab = -1, .private = 14,
	  .head = 6, .tail = -1, .swapcache = 10, .buddy = -1, .swapbacked = 17,
	  .hwpoison = 20, .hugetlb = -1, .t_buddy = TYPE(0xf0), .t_offline = TYPE(0xf1),
	  .t_table = TYPE(0xf2), .t_hugetlb = TYPE(0xf4), .t_slab = TYPE(0xf5),
	  .t_zsmalloc = TYPE(0xf6), .t_unaccepted = TYPE(0xf7), .owner_bits = 0xffffff },
};

const struct kernel *kernel_find(unsigned version)
{
	const struct kernel *found = NULL;

	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
		if (kernels[i].version <= version)
			found = &kernels[i];
	return found;
}
