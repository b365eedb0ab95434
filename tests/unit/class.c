/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct pages of several kernels, and what they make of the page: one row each */
#include <byteswap.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "class.h"
#include "unit.h"
#include "vmcore.h"

enum {
	LRU = 1 << 5, HEAD = 1 << 6, OLD_SLAB = 1 << 7, SWAPCACHE = 1 << 10,
	OLD_HEAD = 1 << 14, PRIVATE = 1 << 13, SWAPBACKED = 1 << 17, OLD_BUDDY = 1 << 19,
	OLD_SWAPCACHE = 1 << 16, POISON = 1 << 21, HUGETLB_TAIL = 1 << 8,
};
#define FLAGS	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=13\nNUMBER(PG_hwpoison)=21\n"
#define SWAP	"NUMBER(PG_swapcache)=10\nNUMBER(PG_swapbacked)=17\n"
#define NEW	"SIZE(page)=64\nOFFSET(page.flags)=0\nOFFSET(page.mapping)=24\n" \
		"OFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\nOFFSET(page.private)=40\n" \
		"OFFSET(page.compound_head)=8\nLENGTH(zone.free_area)=11\n" FLAGS SWAP
#define HEAD_KEY "NUMBER(PG_head_mask)=64\n"
#define OLD	"SIZE(page)=56\nOFFSET(page.flags)=0\nOFFSET(page.mapping)=24\n" \
		"OFFSET(page.lru)=40\nLENGTH(zone.free_area)=11\n" FLAGS "NUMBER(PG_swapcache)=16\n"
#define MORE	"OFFSET(page._mapcount)=12\nOFFSET(page.private)=16\n"
#define TYPES_612 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n" \
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n" \
		"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n" \
		"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n" \
		"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n"
#define TYPES_611 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1073741825\n" \
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-536870913\n" \
		"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-67108865\n" \
		"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-33554433\n"
#define TYPES_610 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n" \
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n" \
		"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-4097\n"

struct kernel {
	const char *keys;
	unsigned char size, mapping, lru, mapcount, private;
};
#define NEWEST(text) { text, 64, 24, 8, 48, 40 }
#define OLDEST(text) { text, 56, 24, 40, 12, 16 }
/* the first of two lines counts: an empty value in front is as good as a missing key */
static const struct kernel
	k612 = NEWEST("OSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612),
	k611 = NEWEST("OSRELEASE=6.11.0\n" NEW HEAD_KEY TYPES_611),
	k611_nameless = NEWEST(NEW HEAD_KEY TYPES_611),
	k611_types_of_610 = NEWEST("OSRELEASE=6.11.0\n" NEW HEAD_KEY TYPES_610),
	k68 = NEWEST("OSRELEASE=6.8.0\n" NEW HEAD_KEY "NUMBER(PG_slab)=7\nNUMBER(PG_hugetlb)=8\n"
		     "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"),
	k64 = NEWEST("OSRELEASE=6.4.0\n" NEW HEAD_KEY "NUMBER(PG_slab)=7\n"
		     "OFFSET(folio._folio_dtor)=80\nOFFSET(folio._folio_order)=81\n"
		     "NUMBER(HUGETLB_PAGE_DTOR)=2\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"),
	k510 = NEWEST("OSRELEASE=5.10.0\n" NEW HEAD_KEY "NUMBER(PG_slab)=7\n"
		      "OFFSET(page.compound_dtor)=16\nOFFSET(page.compound_order)=17\n"
		      "NUMBER(HUGETLB_PAGE_DTOR)=2\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"),
	no_private = NEWEST("NUMBER(PG_private)=\nOSRELEASE=6.12.1\n" NEW HEAD_KEY
			    TYPES_612),
	no_orders = NEWEST("LENGTH(zone.free_area)=\nOSRELEASE=6.12.1\n" NEW HEAD_KEY
			   TYPES_612),
	no_slab = NEWEST("OSRELEASE=6.8.0\n" NEW HEAD_KEY),
	k2632 = OLDEST("OSRELEASE=2.6.32-754.el6\n" OLD),
	k2632_keys = OLDEST("OSRELEASE=2.6.32-754.el6\n" OLD MORE),
	k2632_buddy = OLDEST("OSRELEASE=2.6.32-754.el6\n" OLD MORE
			     "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"),
	k612_other = NEWEST("OSRELEASE=6.12.1\n" NEW HEAD_KEY
			    "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-251658240\n"
			    "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"),
	k612_no_free = NEWEST("OFFSET(page.private)=\nOSRELEASE=6.12.1\n" NEW HEAD_KEY
			      TYPES_612),
	k515 = NEWEST("OSRELEASE=5.15.0\n" NEW HEAD_KEY "NUMBER(PG_slab)=7\n"
		      "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
		      "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"),
	mapped_is_free = NEWEST("OSRELEASE=6.12.1\n" NEW HEAD_KEY
				"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1\n"
				"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=0\n"),
	free_is_slab = NEWEST("OSRELEASE=6.12.1\n" NEW HEAD_KEY
			      "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"
			      "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-268435456\n"),
	near_types = NEWEST("OSRELEASE=6.12.1\n" NEW HEAD_KEY
			    "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435451\n"
			    "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-134217723\n"
			    "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-268434939\n"),
	k414 = NEWEST("OSRELEASE=4.14.0\n" NEW HEAD_KEY "NUMBER(PG_slab)=7\n"
		      "OFFSET(page.compound_dtor)=16\nOFFSET(page.compound_order)=20\n"
		      "NUMBER(HUGETLB_PAGE_DTOR)=2\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"),
	k310 = OLDEST("OSRELEASE=3.10.0-1160.el7\n" OLD MORE "NUMBER(PG_slab)=7\n"
		      "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"),
	k2629 = OLDEST("NUMBER(PG_swapcache)=15\nOSRELEASE=2.6.29\n" OLD MORE),
	k2624 = OLDEST("NUMBER(PG_swapcache)=15\nOSRELEASE=2.6.24\n" OLD MORE),
	k318 = OLDEST("OSRELEASE=3.18.0\n" OLD MORE "NUMBER(PG_head_mask)=16384\n"
		      "NUMBER(PG_slab)=7\nSYMBOL(free_huge_page)=ffffffff81180000\n"
		      "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n");

struct page {
	uint64_t flags, mapping, private;
	uint64_t lru, prev;	/* lru and the word after it, which tails share with others */
	uint32_t word;		/* page_type or _mapcount; 0: -1, as it is where nothing is said */
};

#define ANON 0xffff888000777001
#define FILE_MAPPING 0xffff888000555000
#define TAIL_OF 0xffffea0000040001
#define TAIL(order) { .flags = (order), .lru = TAIL_OF }
#define DTOR_PTR 0xffffffff81180000

static const struct row {
	const char *what;
	const struct kernel *kernel;
	uint64_t pfn;
	struct page page, next;
	struct { enum page_kind kind; uint64_t npages; bool one_piece, poisoned; } is;
} rows[] = {
	{ "needed", &k612, 1, { 0 }, { 0 }, { PAGE_NEEDED, 1 } },
	{ "cache", &k612, 1, { LRU, FILE_MAPPING }, { 0 }, { PAGE_CACHE, 1 } },
	{ "private cache", &k612, 1, { LRU | PRIVATE, FILE_MAPPING }, { 0 },
	  { PAGE_CACHE_PRIVATE, 1 } },
	{ "PG_private is missing: all cache is private", &no_private, 1, { LRU, FILE_MAPPING },
	  { 0 }, { PAGE_CACHE_PRIVATE, 1 } },
	{ "PG_private is missing: its bit is another", &no_private, 1,
	  { LRU | PRIVATE, FILE_MAPPING }, { 0 }, { PAGE_CACHE_PRIVATE, 1 } },
	{ "swap cache", &k612, 1, { SWAPCACHE | SWAPBACKED }, { 0 }, { PAGE_CACHE, 1 } },
	{ "swap cache's bit on another page", &k612, 1, { SWAPCACHE }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "anonymous", &k612, 1, { LRU | SWAPBACKED, ANON }, { 0 }, { PAGE_USER, 1 } },
	{ "poisoned", &k612, 1, { POISON }, { 0 }, { PAGE_NEEDED, 1, false, true } },

	/* compounds */
	{ "huge", &k612, 16, { HEAD | LRU, ANON }, TAIL(4), { PAGE_USER, 16 } },
	{ "huge, head poisoned: its tails are the user's", &k612, 16,
	  { HEAD | LRU | POISON, ANON }, TAIL(4), { PAGE_USER, 16, false, true } },
	{ "large folio of the cache", &k612, 16, { HEAD | LRU, FILE_MAPPING }, TAIL(2),
	  { PAGE_CACHE, 4 } },
	{ "a tail", &k612, 17, TAIL(4), { 0 }, { PAGE_NEEDED, 1 } },
	{ "a tail with a head's flag", &k612, 17, { HEAD | LRU, ANON, .lru = TAIL_OF }, TAIL(4),
	  { PAGE_NEEDED, 1 } },
	{ "a poisoned tail", &k612, 17, { 4 | POISON, .lru = TAIL_OF }, { 0 },
	  { PAGE_NEEDED, 1, false, true } },
	{ "a head whose next page is no tail", &k612, 16, { HEAD | LRU, ANON }, { 4 },
	  { PAGE_USER, 1 } },
	{ "a head that is not aligned", &k612, 20, { HEAD | LRU, ANON }, TAIL(4),
	  { PAGE_USER, 1 } },
	{ "an order of 64", &k612, 0, { HEAD | LRU, ANON }, TAIL(64), { PAGE_USER, 1 } },
	{ "an order of 21", &k612, 0, { HEAD | LRU, ANON }, TAIL(21), { PAGE_USER, 1 } },
	{ "an order of 20", &k612, 0, { HEAD | LRU, ANON }, TAIL(20), { PAGE_USER, 1 << 20 } },
	{ "the kernel's compound", &k612, 16, { HEAD }, TAIL(4), { PAGE_NEEDED, 16 } },
	{ "a slab's compound", &k612, 16, { HEAD, ANON, .word = 0xf5000000 }, TAIL(4),
	  { PAGE_SLAB, 16 } },
	{ "a slab's compound, poisoned", &k612, 16, { HEAD | POISON, ANON, .word = 0xf5000000 },
	  TAIL(4), { PAGE_SLAB, 16, false, true } },
	{ "5.10 slab's compound", &k510, 8, { HEAD | OLD_SLAB, ANON, .word = 0xffffff7f },
	  { .lru = TAIL_OF, .prev = 0x0301 }, { PAGE_SLAB, 8 } },
	{ "hugetlbfs", &k612, 512, { HEAD, FILE_MAPPING, .word = 0xf4000000 }, TAIL(9),
	  { PAGE_HUGETLB, 512, true } },
	{ "hugetlbfs, poisoned", &k612, 512, { HEAD | POISON, .word = 0xf4000000 }, TAIL(9),
	  { PAGE_HUGETLB, 512, true, true } },
	{ "hugetlbfs without a tail", &k612, 512, { HEAD, .word = 0xf4000000 }, { 9 },
	  { PAGE_NEEDED, 1 } },
	{ "6.8 hugetlbfs", &k68, 512, { HEAD }, { 9 | HUGETLB_TAIL, .lru = TAIL_OF },
	  { PAGE_HUGETLB, 512, true } },
	{ "6.8 huge", &k68, 512, { HEAD | LRU, ANON }, TAIL(9), { PAGE_USER, 512 } },
	{ "6.4 hugetlbfs", &k64, 512, { HEAD }, { .lru = TAIL_OF, .prev = 0x0902 },
	  { PAGE_HUGETLB, 512, true } },
	{ "6.4 huge", &k64, 512, { HEAD | LRU, ANON }, { .lru = TAIL_OF, .prev = 0x0903 },
	  { PAGE_USER, 512 } },
	{ "5.10 hugetlbfs", &k510, 512, { HEAD }, { .lru = TAIL_OF, .prev = 0x0902 },
	  { PAGE_HUGETLB, 512, true } },
	{ "5.10 head without a tail", &k510, 512, { HEAD | LRU, ANON }, { .prev = 0x0903 },
	  { PAGE_USER, 1 } },
	{ "3.10 huge: PG_head is two below PG_swapcache", &k310, 512, { OLD_HEAD | LRU, ANON },
	  { .lru = 1, .prev = 9 }, { PAGE_USER, 512 } },
	{ "3.10 hugetlbfs cannot be told", &k310, 512, { OLD_HEAD }, { .lru = 1, .prev = 9 },
	  { PAGE_NEEDED, 512 } },
	{ "3.18 hugetlbfs", &k318, 512, { OLD_HEAD }, { .lru = DTOR_PTR, .prev = 9 },
	  { PAGE_HUGETLB, 512, true } },
	{ "3.18 huge", &k318, 512, { OLD_HEAD | LRU, ANON }, { .lru = 1, .prev = 9 },
	  { PAGE_USER, 512 } },

	/* types */
	{ "free", &k612, 1024, { .word = 0xf0000000, .private = 10 }, { 0 }, { PAGE_FREE, 1024 } },
	{ "free, an order of its own", &k612, 8, { .word = 0xf0000000, .private = 3 }, { 0 },
	  { PAGE_FREE, 8 } },
	{ "free, order too large", &k612, 0, { .word = 0xf0000000, .private = 11 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "free, not aligned", &k612, 4, { .word = 0xf0000000, .private = 3 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "free, order of 2^64", &k612, 0, { .word = 0xf0000000, .private = UINT64_MAX }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "6.12 slab with an owner's bits", &k612, 1, { .mapping = ANON, .word = 0xf5000021 },
	  { 0 }, { PAGE_SLAB, 1 } },
	{ "6.12 offline", &k612, 1, { .word = 0xf1000000 }, { 0 }, { PAGE_OFFLINE, 1 } },
	{ "unaccepted", &k612, 1024, { .word = 0xf7000000 }, { 0 }, { PAGE_UNACCEPTED, 1024 } },
	{ "unaccepted, of a kernel that does not say its orders", &no_orders, 1024,
	  { .word = 0xf7000000 }, { 0 }, { PAGE_UNACCEPTED, 1 } },
	{ "6.11 slab with an owner's bits", &k611, 1, { .mapping = ANON, .word = 0xfdff0021 },
	  { 0 }, { PAGE_SLAB, 1 } },
	{ "6.11 free", &k611, 8, { .word = 0xbfffffff, .private = 3 }, { 0 }, { PAGE_FREE, 8 } },
	{ "6.11 free, without OSRELEASE, owner's bits", &k611_nameless, 8,
	  { .word = 0xbfff0000, .private = 3 }, { 0 }, { PAGE_FREE, 8 } },
	{ "6.11 slab, without OSRELEASE", &k611_nameless, 1,
	  { .mapping = ANON, .word = 0xfdff0021 }, { 0 }, { PAGE_SLAB, 1 } },
	{ "6.10's values in 6.11: nothing said is not free", &k611_types_of_610, 8,
	  { .private = 3 }, { 0 }, { PAGE_NEEDED, 1 } },
	{ "6.10's values in 6.11: free", &k611_types_of_610, 8,
	  { .word = 0xffffff7f, .private = 3 }, { 0 }, { PAGE_FREE, 8 } },

	{ "6.11 page table", &k611, 1, { .word = 0xefffffff }, { 0 }, { PAGE_TABLE, 1 } },
	{ "6.11 zsmalloc with an owner's bits", &k611, 1, { PRIVATE, .word = 0xfeff0030 }, { 0 },
	  { PAGE_ZSMALLOC, 1 } },
	{ "6.12 page table", &k612, 1, { .word = 0xf2000000 }, { 0 }, { PAGE_TABLE, 1 } },
	{ "6.12 zsmalloc", &k612, 1, { PRIVATE, .word = 0xf6000030 }, { 0 },
	  { PAGE_ZSMALLOC, 1 } },
	{ "6.12 with other values: no page tables", &k612_other, 1, { .word = 0xf2000000 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "6.12 with other values: free", &k612_other, 1, { .word = 0xf1000000 }, { 0 },
	  { PAGE_FREE, 1 } },
	{ "6.12 without free ones: no page tables", &k612_no_free, 1, { .word = 0xf2000000 },
	  { 0 }, { PAGE_NEEDED, 1 } },
	{ "6.12 guard pages", &k612, 1, { .word = 0xf3000000 }, { 0 }, { PAGE_NEEDED, 1 } },
	{ "5.10 accounted page table", &k510, 1, { .word = 0xfffff9ff }, { 0 },
	  { PAGE_TABLE, 1 } },
	{ "5.10 accounted", &k510, 1, { .word = 0xfffffdff }, { 0 }, { PAGE_NEEDED, 1 } },
	{ "5.15 page table", &k515, 1, { .word = 0xfffffdff }, { 0 }, { PAGE_TABLE, 1 } },
	{ "6.10's values in 6.11: no page tables", &k611_types_of_610, 1, { .word = 0xefffffff },
	  { 0 }, { PAGE_NEEDED, 1 } },
	{ "offline, yet in use", &k612, 1, { LRU, ANON, .word = 0xf1000000 }, { 0 },
	  { PAGE_USER, 1 } },
	{ "no mapping is no type", &mapped_is_free, 8, { .private = 3 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "slab and free are the same", &free_is_slab, 8, { .word = 0xf0000000, .private = 3 },
	  { 0 }, { PAGE_SLAB, 1 } },
	/* seven bits of the word do not tell these apart: the last is not known */
	{ "types too far apart: free", &near_types, 8, { .word = 0xf0000005, .private = 3 },
	  { 0 }, { PAGE_FREE, 8 } },
	{ "types too far apart: slab", &near_types, 8, { .mapping = ANON, .word = 0xf8000005 },
	  { 0 }, { PAGE_SLAB, 1 } },
	{ "types too far apart: offline", &near_types, 8, { .word = 0xf0000205 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "slab's counters like a free page's", &k414, 8,
	  { OLD_SLAB, .word = 0xffffff80, .private = 3 }, { 0 }, { PAGE_SLAB, 1 } },
	{ "4.14 hugetlbfs", &k414, 512, { HEAD }, { .lru = TAIL_OF, .prev = 0x900000002 },
	  { PAGE_HUGETLB, 512, true } },
	{ "4.14 huge", &k414, 512, { HEAD | LRU, ANON },
	  { .lru = TAIL_OF, .prev = 0x900000003 }, { PAGE_USER, 512 } },

	/* before 2.6.30 the enum began one earlier; before 2.6.26 there was none */
	{ "2.6.29: free by the flag", &k2629, 8, { 1 << 18, .private = 3 }, { 0 },
	  { PAGE_FREE, 8 } },
	{ "2.6.29: swap backed", &k2629, 8, { 1 << 19 | LRU, ANON, .private = 3 }, { 0 },
	  { PAGE_USER, 1 } },
	{ "2.6.24: free by the flag", &k2624, 8, { 1 << 19, .private = 3 }, { 0 },
	  { PAGE_FREE, 8 } },

	/* 2.6.32, as released and as distributions made it */
	{ "2.6.32: no page.private", &k2632, 8, { OLD_BUDDY, .private = 3 }, { 0 },
	  { PAGE_NEEDED, 1 } },
	{ "2.6.32: free by the flag", &k2632_keys, 8, { OLD_BUDDY, .private = 3 }, { 0 },
	  { PAGE_FREE, 8 } },
	{ "2.6.32 with the value: the flag is another", &k2632_buddy, 8,
	  { OLD_BUDDY, .private = 3 }, { 0 }, { PAGE_NEEDED, 1 } },
	{ "2.6.32 with the value: free", &k2632_buddy, 8, { .word = 0xffffff80, .private = 3 },
	  { 0 }, { PAGE_FREE, 8 } },
	{ "2.6.32: slab", &k2632_keys, 8, { OLD_SLAB, ANON }, { 0 }, { PAGE_SLAB, 1 } },
	{ "2.6.32: anonymous", &k2632_keys, 8, { LRU, ANON }, { 0 }, { PAGE_USER, 1 } },
	{ "slab cannot be told: nothing is anonymous", &no_slab, 8, { LRU, ANON }, { 0 },
	  { PAGE_NEEDED, 1 } },
};

static void open_info(struct vmcore *vm, const char *keys)
{
	*vm = (struct vmcore){ .page_size = 4096, .page_shift = 12 };
	assert_int_equal(kinfo_open(&vm->info, keys, strlen(keys)), 0);
}

static void put(const struct vmcore *vm, uint8_t *at, uint64_t v, size_t len)
{
	if (vm->swap)
		v = bswap_64(v) >> (64 - 8 * len);
	memcpy(at, &v, len);
}

/* the numbers of a tail are bytes: only the order of those depends on the machine */
static void lay_out(const struct vmcore *vm, const struct kernel *k, const struct page *p,
		    uint8_t *at)
{
	memset(at, 0, k->size);
	put(vm, at, p->flags, 8);
	put(vm, at + k->mapping, p->mapping, 8);
	put(vm, at + k->lru, p->lru, 8);
	if (k == &k318 || k == &k310) {
		put(vm, at + k->lru + 8, p->prev, 8);
	} else if (k == &k414) {
		put(vm, at + k->lru + 8, p->prev & UINT32_MAX, 4);
		put(vm, at + k->lru + 12, p->prev >> 32, 4);
	}
	for (int i = 0; i < 8 && k != &k318 && k != &k310 && k != &k414; i++)
		at[k->lru + 8 + i] = (uint8_t)(p->prev >> 8 * i);
	put(vm, at + k->private, p->private, 8);
	put(vm, at + k->mapcount, p->word ? p->word : UINT32_MAX, 4);
}

static void check_row(const struct row *row, bool swap)
{
	uint8_t pages[2 * 64];
	struct class cl;
	struct vmcore vm;

	open_info(&vm, row->kernel->keys);
	vm.swap = swap;
	assert_int_equal(class_open(&cl, &vm), 0);
	lay_out(&vm, row->kernel, &row->page, pages);
	lay_out(&vm, row->kernel, &row->next, pages + row->kernel->size);
	struct class_page c = class_of(&cl, pages, pages + row->kernel->size, row->pfn);

	if (c.kind != row->is.kind || c.npages != row->is.npages ||
	    c.one_piece != row->is.one_piece || c.poisoned != row->is.poisoned)
		fail_msg("%s%s: %s, %llu pages%s%s", row->what, swap ? ", swapped" : "",
			 class_name(c.kind), (unsigned long long)c.npages,
			 c.one_piece ? ", one piece" : "", c.poisoned ? ", poisoned" : "");

	assert_int_equal(class_poisoned(&cl, pages), row->is.poisoned);

	/* the last page of a section: what follows cannot be seen */
	c = class_of(&cl, pages, NULL, row->pfn);
	if (row->page.flags & (row->kernel->size == 56 ? OLD_HEAD : HEAD))
		assert_int_equal(c.npages, 1);
	else
		assert_true(c.kind == row->is.kind && c.npages == row->is.npages);
	kinfo_close(&vm.info);
}

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_row(&rows[i], false);
		check_row(&rows[i], true);
	}
}

/* what a kernel does not export is known to be unknown */
static void missing_keys(void **state)
{
	static const struct {
		const char *keys;
		bool no_free, no_user, no_cache, no_compound;
	} kernels[] = {
		{ "OSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612, false, false, false, false },
		{ "OSRELEASE=6.12.1\n" NEW TYPES_612, false, false, false, true },
		{ "NUMBER(PG_lru)=\nOSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612, false, false, true,
		  false },
		{ "NUMBER(PG_lru)=64\nOSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612, false, false, true,
		  false },
		{ "NUMBER(PG_private)=-1\nOSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612, false, false,
		  false, false },
		{ "OSRELEASE=6.12.1\n" NEW HEAD_KEY, true, true, false, false },
		{ "OFFSET(page.private)=60\nOSRELEASE=6.12.1\n" NEW HEAD_KEY TYPES_612, true, false,
		  false, false },
		{ "OSRELEASE=6.2.0\n" NEW HEAD_KEY TYPES_610, false, false, false, true },
		{ "OSRELEASE=6.4.0\n" NEW HEAD_KEY TYPES_610 "OFFSET(folio._folio_order)=63\n",
		  false, false, false, true },
		{ "OSRELEASE=6.4.0\n" NEW HEAD_KEY TYPES_610 "OFFSET(folio._folio_order)=128\n",
		  false, false, false, true },
		{ "OSRELEASE=6.4.0\n" NEW HEAD_KEY TYPES_610 "OFFSET(folio._folio_order)=127\n",
		  false, false, false, false },
		{ "OSRELEASE=2.6.32\n" OLD, true, false, false, false },
		{ "OSRELEASE=2.6.32\n" OLD MORE, false, false, false, false },
		{ "OSRELEASE=3.16.0\n" OLD MORE "NUMBER(PG_slab)=7\n", true, false, false, false },
		{ "OSRELEASE=3.17.0\n" OLD MORE "NUMBER(PG_slab)=7\n", true, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		struct class cl;
		struct vmcore vm;

		open_info(&vm, kernels[i].keys);
		assert_int_equal(class_open(&cl, &vm), 0);
		if (cl.no_free != kernels[i].no_free || cl.no_user != kernels[i].no_user ||
		    cl.no_cache != kernels[i].no_cache || cl.no_compound != kernels[i].no_compound)
			fail_msg("kernel %zu: missing:%s%s%s%s", i, cl.no_free ? " free" : "",
				 cl.no_user ? " user" : "", cl.no_cache ? " cache" : "",
				 cl.no_compound ? " compound" : "");
		kinfo_close(&vm.info);
	}
}

/* fields must lie inside struct page, which must have a size one can believe */
static void unusable(void **state)
{
	static const char *const kernels[] = {
		"", "SIZE(page)=31\n" NEW, "SIZE(page)=513\n" NEW, "SIZE(page)=\n" NEW,
		"SIZE(page)=18446744073709551615\n" NEW, "OFFSET(page.flags)=57\n" NEW,
		"OFFSET(page.mapping)=18446744073709551608\n" NEW, "OFFSET(page.mapping)=\n" NEW,
	};

	(void)state;
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		struct class cl;
		struct vmcore vm;

		open_info(&vm, kernels[i]);
		assert_int_equal(class_open(&cl, &vm), -1);
		assert_failed(ERR_UNKNOWN, "struct page: VMCOREINFO");
		kinfo_close(&vm.info);
	}
}

/* the least levels at which a kind is left out; 0: never */
static void levels(void **state)
{
	static const unsigned least[PAGE_KINDS] = {
		[PAGE_CACHE] = DUMP_CACHE | DUMP_CACHE_PRIVATE,
		[PAGE_CACHE_PRIVATE] = DUMP_CACHE_PRIVATE, [PAGE_USER] = DUMP_USER,
		[PAGE_HUGETLB] = DUMP_USER, [PAGE_ZERO] = DUMP_ZERO,
		[PAGE_FREE] = DUMP_FREE, [PAGE_UNACCEPTED] = DUMP_FREE,
	};

	(void)state;
	for (unsigned level = 0; level <= DUMP_ALL; level++)
		for (enum page_kind kind = 0; kind < PAGE_KINDS; kind++) {
			bool out = kind == PAGE_HWPOISON || kind == PAGE_OFFLINE ||
				   (least[kind] & level) != 0;

			assert_int_equal(class_kinds(level) >> kind & 1, out);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(missing_keys),
		cmocka_unit_test(unusable),
		cmocka_unit_test(levels),
	};

	return RUN(tests);
}
