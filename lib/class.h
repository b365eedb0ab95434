/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page is used for, from its struct page.
 *
 * Every offset, flag and type value comes from VMCOREINFO; what a kernel does
 * not export is not guessed, and pages that only it could tell apart count as
 * needed. The exceptions are facts of kernels that did not export them yet, and
 * are bound to those versions.
 */
#ifndef CLASS_H
#define CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmcore;

enum page_kind {
	PAGE_NEEDED,		/* the kernel's own, or not known to be anything else */
	PAGE_CACHE,		/* page cache without private data */
	PAGE_CACHE_PRIVATE,	/* page cache with private data (buffers of a file system) */
	PAGE_USER,		/* anonymous memory and hugetlbfs */
	PAGE_FREE,		/* in the buddy allocator */
	PAGE_UNACCEPTED,	/* a confidential guest's memory that was never accepted */
	PAGE_HWPOISON,		/* the memory is broken: it must not be read */
	PAGE_OFFLINE,		/* a balloon or virtio-mem has it: nothing is there */
	PAGE_ZERO,		/* only zeros; seen when the page is read, not here */
	PAGE_KINDS,
};

/* makedumpfile's -d: what may be left out */
enum dump_level {
	DUMP_ZERO = 1,
	DUMP_CACHE = 2,
	DUMP_CACHE_PRIVATE = 4,	/* all cache, private or not */
	DUMP_USER = 8,
	DUMP_FREE = 16,
	DUMP_ALL = 31,
};

/* a field of a type word: (word & mask) == value */
struct class_type {
	bool known;
	uint32_t mask, value;
};

enum class_order {
	ORDER_NONE,		/* not to be known: every page by itself */
	ORDER_FLAGS,		/* 6.6: low 8 bits of the first tail's flags */
	ORDER_FOLIO,		/* 6.3 to 6.5: folio._folio_order */
	ORDER_PAGE,		/* 4.5 to 6.2: page[1].compound_order */
	ORDER_LRU,		/* before: page[1].lru.prev */
};

struct class {
	const struct vmcore *vm;	/* borrowed */
	size_t len;			/* of a struct page, bytes */
	size_t flags, mapping, mapcount, private, compound, lru;	/* offsets in it */
	bool has_mapcount, has_private, has_compound, has_lru;

	/* masks for flags; 0 where the kernel has none */
	uint64_t head, is_lru, is_private, swapcache, swapbacked, hwpoison, slab, buddy_flag;
	struct class_type buddy, slab_type, hugetlb_type, offline, unaccepted;

	enum class_order order_from;
	size_t order_offset, dtor_offset;	/* from the first tail's struct page */
	size_t order_bytes;			/* 1 or 2 */
	uint64_t hugetlb_dtor;			/* 0: unknown */
	uint64_t hugetlb_tail_flag;		/* in the first tail's flags */
	bool has_dtor;
	unsigned max_order;			/* buddy orders are below it */
	bool has_max_order;

	/* what the kernel does not export: these pages are kept, which is to be said once */
	bool no_free, no_user, no_cache, no_compound;
};

struct class_page {
	enum page_kind kind;	/* never PAGE_HWPOISON: see below */
	uint64_t npages;	/* how many pages from this one on are of that kind */
	bool one_piece;		/* hugetlb: its tails need no look of their own */
	bool poisoned;		/* this page (all of them, if one_piece) must not be read */
};

/* -1 with ERR_UNKNOWN: VMCOREINFO lacks what every rule needs */
int class_open(struct class *cl, const struct vmcore *vm);
/*
 * page is this pfn's struct page, next the one after it or NULL. The block of
 * npages never reaches past a power of two that pfn is aligned to.
 */
struct class_page class_of(const struct class *cl, const uint8_t *page, const uint8_t *next,
			   uint64_t pfn);
/* whether pages of a kind are left out at a dump level */
bool class_left_out(enum page_kind kind, unsigned level);
const char *class_name(enum page_kind kind);

#endif
