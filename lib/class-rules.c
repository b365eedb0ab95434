/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts are from include/linux/page-flags.h and mm_types.h of the kernels named,
 * and from kernel/kexec.c, crash_core.c or vmcore_info.c for what is exported when.
 *
 * flags	2.6.24 and 25 number them by hand. Since 2.6.26 they are an enum, whose
 *		part from PG_head over PG_tail, swapcache, mappedtodisk and reclaim to
 *		PG_buddy is the same everywhere, but begins one later since 2.6.30
 *		(PG_private_2). PG_buddy ended with 2.6.37. PG_slab and the type words are
 *		exported since 3.9, PG_head_mask since 3.17.
 * types	2.6.38 to 4.17 one value of _mapcount. Since 4.18 page_type: a bit is clear
 *		for each type the page has. Since 6.11 the low half is the owner's; since
 *		6.12 the top byte is the type and the rest the owner's.
 *		PG_offline, exported since 5.1, was PG_balloon before. PG_kmemcg was bit
 *		0x200 to 5.10; then PG_table, 0x400 before, took it.
 * compounds	The names changed five times; bytes since 4.16, 32 bits before.
 */
#include <stddef.h>

#include "class-rules.h"
#include "kinfo.h"

#define V KINFO_VERSION

static const struct class_flag_rule flag_rules[] = {
	{ V(2, 6, 24), V(2, 6, 26), .slab = 7, .head = -1, .buddy = 4 },
	{ V(2, 6, 26), V(2, 6, 38), .slab = 7, .head = -2, .buddy = 3 },
	{ V(2, 6, 38), V(3, 9, 0), .slab = 7, .head = -2, .buddy = 0 },
	{ V(3, 9, 0), V(3, 17, 0), .slab = -1, .head = -2, .buddy = 0 },
};

static const struct class_type_rule type_rules[] = {
	{ V(2, 6, 38), UINT32_MAX, .buddy = -2 },
	{ V(2, 6, 39), UINT32_MAX, .buddy = -128 },
	{ V(4, 18, 0), 0xf0000000, 0xf0000000, .buddy = ~0x80, .offline = ~0x100,
	  .table = 0x400 },
	{ V(5, 11, 0), 0xf0000000, 0xf0000000, .buddy = ~0x80, .offline = ~0x100,
	  .table = 0x200 },
	{ V(6, 9, 0), 0xf0000000, 0xf0000000, .buddy = ~0x80, .offline = ~0x100,
	  .hugetlb = ~0x800, .table = 0x200 },
	{ V(6, 10, 0), 0xf0000000, 0xf0000000, .buddy = ~0x80, .offline = ~0x100,
	  .hugetlb = ~0x800, .slab = ~0x1000, .table = 0x200 },
	{ V(6, 11, 0), 0x80000000, 0x80000000, .buddy = 0xbfffffff, .offline = 0xdfffffff,
	  .hugetlb = 0xfbffffff, .slab = 0xfdffffff, .table = 0x10000000,
	  .zsmalloc = 0x01000000 },
	{ V(6, 12, 0), 0xff000000, 0, .buddy = 0xf0000000, .offline = 0xf1000000,
	  .hugetlb = 0xf4000000, .slab = 0xf5000000, .unaccepted = 0xf7000000,
	  .table = 0xf2000000, .zsmalloc = 0xf6000000 },
};

const struct class_compound_rule class_compound_rules[CLASS_COMPOUND_RULES] = {
	/* 6.9 */
	{ .number = "PAGE_HUGETLB_MAPCOUNT_VALUE", .hugetlb = HUGETLB_TYPE,
	  .order = { "page.flags", .bytes = 8, .mask = 0xff } },
	/* 6.6 to 6.8, stable kernels of 6.6 among them */
	{ .number = "PG_hugetlb", .hugetlb = HUGETLB_FLAG,
	  .order = { "page.flags", .bytes = 8, .mask = 0xff },
	  .destructor = { "page.flags", .bytes = 8 } },
	/* 6.3 to 6.5 */
	{ .order = { "folio._folio_order" }, .destructor = { "folio._folio_dtor" },
	  .hugetlb = HUGETLB_ID },
	/* 4.4 to 6.2 */
	{ .order = { "page.compound_order" }, .destructor = { "page.compound_dtor" },
	  .hugetlb = HUGETLB_ID },
	/* 6.6 and later, without hugetlbfs */
	{ .since = V(6, 6, 0), .order = { "page.flags", .bytes = 8, .mask = 0xff } },
	/* to 4.3: lru.prev, and lru.next */
	{ .since = V(2, 6, 24), .until = V(4, 4, 0), .hugetlb = HUGETLB_POINTER,
	  .order = { "page.lru", .plus = 8, .bytes = 8 },
	  .destructor = { "page.lru", .bytes = 8 } },
};

const struct class_flag_rule *class_flag_rule(unsigned version)
{
	for (size_t i = 0; i < sizeof flag_rules / sizeof *flag_rules; i++)
		if (version >= flag_rules[i].since && version < flag_rules[i].until)
			return &flag_rules[i];
	return NULL;
}

const struct class_type_rule *class_type_rule(unsigned version)
{
	const struct class_type_rule *found = NULL;

	for (size_t i = 0; i < sizeof type_rules / sizeof *type_rules; i++)
		if (version >= type_rules[i].since)
			found = &type_rules[i];
	return found;
}
