/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What VMCOREINFO does not say of struct page, kernel by kernel, as tables: class.c
 * interprets them. What it does say always counts more.
 */
#ifndef CLASS_RULES_H
#define CLASS_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "class.h"

/* flags of kernels that did not export them: from one version on, before another */
struct class_flag_rule {
	unsigned since, until;		/* KINFO_VERSION() */
	int slab;			/* bit numbers; -1: not to be known */
	int head, buddy;		/* counted from PG_swapcache, which all exported */
};

/*
 * The values of the type word, _mapcount or page_type: what is compared is the word
 * under a mask. 0: the kernel has no such type.
 */
struct class_type_rule {
	unsigned since;			/* until the next row */
	uint32_t mask;			/* of what the word has besides the type's own bit: */
	uint32_t base;			/* it is this, with the type's bit clear */
	uint32_t buddy, offline, hugetlb, slab, unaccepted;	/* these are exported, */
	uint32_t table, zsmalloc;				/* and these are not */
};

/* a number in the first tail's struct page */
struct class_number_rule {
	const char *offset;		/* OFFSET() of VMCOREINFO; NULL: none */
	unsigned plus;			/* bytes from there on */
	unsigned bytes;			/* 0: as many as order and destructor are apart */
	uint64_t mask;			/* 0: all of it */
};

/* where a compound's order is, and what hugetlbfs's have; the first row that fits holds */
struct class_compound_rule {
	unsigned since, until;		/* until 0: to this day */
	const char *number;		/* NUMBER() that these kernels export; NULL: any */
	struct class_number_rule order, destructor;
	enum {
		HUGETLB_TYPE,		/* by the head's type, or not to be known */
		HUGETLB_FLAG,		/* the destructor is a flag of the number above */
		HUGETLB_ID,		/* NUMBER(HUGETLB_PAGE_DTOR) */
		HUGETLB_POINTER,	/* SYMBOL(free_huge_page) */
	} hugetlb;
};

enum { CLASS_COMPOUND_RULES = 6 };
extern const struct class_compound_rule class_compound_rules[CLASS_COMPOUND_RULES];

/* the row of a kernel, or NULL */
const struct class_flag_rule *class_flag_rule(unsigned version);
const struct class_type_rule *class_type_rule(unsigned version);

/* what class_open() has found out of one kernel; its tables are made of this */
struct class_found {
	uint32_t head, lru, swapcache, swapbacked, private, slab, buddy;	/* flags, or 0 */
	struct class_type type[FACT_TYPE];	/* the first that fits is meant; .number is not set */
	enum page_kind kind[FACT_TYPE];
	unsigned ntypes;
};

bool class_has_type(const struct class_found *found, enum page_kind kind);
/* fill the tables of cl; types that cannot be told apart from others are dropped before */
void class_make_tables(struct class *cl, struct class_found *found);

#endif
