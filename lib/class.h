/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page is used for, from its struct page.
 *
 * Every offset, flag and type value comes from VMCOREINFO; what a kernel does
 * not export is not guessed, and pages that only it could tell apart count as
 * needed. The exceptions are facts of kernels that did not export them yet, and
 * are bound to those versions: the rows of class-rules.c. They never lead to pages
 * being left out by a dump level, but for free ones of kernels before 2.6.38.
 */
#ifndef CLASS_H
#define CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct vmcore;

enum page_kind {
	PAGE_NEEDED,		/* the kernel's own, or not known to be anything else */
	PAGE_SLAB,		/* objects of the slab allocator */
	PAGE_TABLE,		/* page tables */
	PAGE_ZSMALLOC,		/* compressed user memory of zram and zswap */
	PAGE_VMEMMAP,		/* struct pages of pages that are all left out */
	PAGE_CACHE,		/* page cache without private data */
	PAGE_CACHE_PRIVATE,	/* page cache with private data (buffers of a file system) */
	PAGE_USER,		/* anonymous memory */
	PAGE_HUGETLB,		/* hugetlbfs */
	PAGE_FREE,		/* in the buddy allocator */
	PAGE_UNACCEPTED,	/* a confidential guest's memory that was never accepted */
	PAGE_HWPOISON,		/* the memory is broken: it must not be read */
	PAGE_OFFLINE,		/* a balloon or virtio-mem has it: nothing is there */
	PAGE_ZERO,		/* only zeros; seen when the page is read, not here */
	PAGE_UNKNOWN,		/* its struct page could not be read: kept */
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

/* a number in the first tail's struct page; bytes 0: there is none */
struct class_number {
	size_t offset;
	unsigned bytes;		/* 1, 2, 4 or 8 */
	uint64_t mask, value;	/* what is looked for: (number & mask) == value */
};

/*
 * What a struct page says, in bits: they are the index of a table that class_open() makes
 * of the rules, so that class_of() need not go through them for each page.
 */
enum class_fact {
	FACT_TYPE = 7,			/* three bits: the type's number, counted from 1 */
	FACT_TAIL = 1 << 3,		/* not the first page of a compound */
	FACT_ANON = 1 << 4,		/* mapping's lowest bit */
	/* and flags */
	FACT_HEAD = 1 << 5,
	FACT_LRU = 1 << 6,
	FACT_SWAPCACHE = 1 << 7,
	FACT_SWAPBACKED = 1 << 8,
	FACT_PRIVATE = 1 << 9,
	FACT_SLAB = 1 << 10,
	FACT_BUDDY = 1 << 11,
	CLASS_FACTS = 1 << 12,
};

/* what is in the table: an enum page_kind, and what more there is to look at */
enum class_verdict {
	VERDICT_KIND = 0xf,
	VERDICT_ORDER = 1 << 4,		/* page.private is the order of the block */
	VERDICT_MAX_ORDER = 1 << 5,	/* it is the largest */
	VERDICT_COMPOUND = 1 << 6,	/* the first tail has the order, perhaps more */
};

/* (word & mask) == value: the type of this number */
struct class_type {
	uint32_t mask, value;
	uint32_t number;
};

enum { CLASS_TYPE_SLOTS = 128, CLASS_FLAG_BYTES = 4, CLASS_ANON = 1 };

struct class {
	const struct vmcore *vm;	/* borrowed */
	bool swap;			/* vm->swap */
	size_t len;			/* of a struct page, bytes */

	/* offsets in it; what a kernel does not have is made harmless by the masks */
	size_t flags, mapping, mapcount, private, compound;
	uint64_t tail;			/* in the word at compound */
	uint32_t no_word;		/* all ones, where there is no type word */
	unsigned max_order;		/* buddy orders are below it */
	uint64_t hwpoison;		/* in flags; 0 where the kernel has none */
	uint64_t raw_hwpoison;		/* as it lies in the dump, whatever its byte order */

	/* by some bits of the type word, which tell all types apart: the one it may be */
	unsigned type_shift;
	struct class_type type[CLASS_TYPE_SLOTS];
	/* by the bytes of flags, the lowest first: facts */
	uint16_t flag_facts[CLASS_FLAG_BYTES][256];
	uint8_t verdict[CLASS_FACTS];

	struct class_number order;	/* of a compound */
	struct class_number hugetlb;	/* what tells that hugetlbfs has it */
	bool has_max_order;

	/* what the kernel does not export: these pages are kept, which is to be said once */
	bool no_free, no_user, no_cache, no_compound;
};

/* 16 bytes: it is returned in two registers */
struct class_page {
	/*
	 * How many pages from this one on are of that kind: a free block, or a compound
	 * of whatever owner. But for poisoned ones nothing is left to learn of them.
	 */
	uint64_t npages;
	enum page_kind kind;	/* never PAGE_HWPOISON: see below */
	/*
	 * The kernel marks broken memory in the struct page of the very page, so
	 * those of a block still have to be asked, by class_poisoned(), unless this is
	 * set: of hugetlbfs only the head is marked, and tails need no look.
	 */
	bool one_piece;
	bool poisoned;		/* this page (all of them, if one_piece) must not be read */
};

/* -1 with ERR_UNKNOWN: VMCOREINFO lacks what every rule needs */
int class_open(struct class *cl, const struct vmcore *vm);
/* the kinds that are left out at a dump level: bit 1 << kind is set for each */
uint32_t class_kinds(unsigned level);
/* "slab", "cache-private", ...: what users call it */
const char *class_name(enum page_kind kind);

/* the words of a struct page that rules ask for */
struct class_words {
	uint64_t flags, mapping, compound, private;
	uint32_t type;
};

/* for class_of(), which is called for every page of a machine: what is rare */
struct class_page class_look_further(const struct class *cl, const uint8_t *next, uint64_t pfn,
				     unsigned facts, struct class_page r);
struct class_page class_of_swapped(const struct class *cl, const uint8_t *page,
				   const uint8_t *next, uint64_t pfn);

static inline unsigned class_facts(const struct class *cl, const struct class_words *w)
{
	uint32_t word = w->type | cl->no_word, flags = (uint32_t)w->flags;
	const struct class_type *type =
		&cl->type[word >> cl->type_shift & (CLASS_TYPE_SLOTS - 1)];

	/* kinds follow each other without order: a processor would guess wrongly at branches */
	return (type->number & -(uint32_t)((word & type->mask) == type->value)) |
	       cl->flag_facts[0][flags & 0xff] | cl->flag_facts[1][flags >> 8 & 0xff] |
	       cl->flag_facts[2][flags >> 16 & 0xff] | cl->flag_facts[3][flags >> 24] |
	       (unsigned)(w->compound & cl->tail) * FACT_TAIL |
	       (unsigned)(w->mapping & CLASS_ANON) * FACT_ANON;
}

static inline struct class_page class_of_words(const struct class *cl,
					       const struct class_words *w,
					       const uint8_t *next, uint64_t pfn)
{
	unsigned facts = class_facts(cl, w);
	uint8_t verdict = cl->verdict[facts];
	/* all but free blocks are of order 0 so far */
	uint64_t order = w->private & -(uint64_t)((verdict & VERDICT_ORDER) != 0);
	struct class_page r = {
		.npages = UINT64_C(1) << (order & 63), .kind = verdict & VERDICT_KIND,
		.poisoned = (w->flags & cl->hwpoison) != 0,
	};

	/* a block that contradicts itself is kept */
	if (order >= cl->max_order || pfn & (r.npages - 1)) {
		r.npages = 1;
		r.kind = PAGE_NEEDED;
	}
	if (verdict & (VERDICT_COMPOUND | VERDICT_MAX_ORDER))
		return class_look_further(cl, next, pfn, facts, r);
	return r;
}

/*
 * page is this pfn's struct page, next the one after it or NULL. The block of
 * npages never reaches past a power of two that pfn is aligned to.
 */
static inline struct class_page class_of(const struct class *cl, const uint8_t *page,
					 const uint8_t *next, uint64_t pfn)
{
	struct class_words w;

	if (cl->swap)
		return class_of_swapped(cl, page, next, pfn);
	memcpy(&w.flags, page + cl->flags, sizeof w.flags);
	memcpy(&w.mapping, page + cl->mapping, sizeof w.mapping);
	memcpy(&w.compound, page + cl->compound, sizeof w.compound);
	memcpy(&w.private, page + cl->private, sizeof w.private);
	memcpy(&w.type, page + cl->mapcount, sizeof w.type);
	return class_of_words(cl, &w, next, pfn);
}

/* whether this very page is marked as broken memory, whatever else it is */
static inline bool class_poisoned(const struct class *cl, const uint8_t *page)
{
	uint64_t flags;

	memcpy(&flags, page + cl->flags, sizeof flags);
	return (flags & cl->raw_hwpoison) != 0;
}

#endif
