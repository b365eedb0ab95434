/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at some struct pages that were read: work for any thread. */
#ifndef SCAN_LOOK_H
#define SCAN_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "class.h"

enum {
	SCAN_WINDOW = 2048,	/* struct pages at most */
	SCAN_MEMOS = 16,
};

/* npages from pfn on are of this kind (enum page_kind) */
struct scan_found {
	uint64_t pfn;
	uint32_t npages;
	uint8_t kind;
};

/* what the rules say of struct pages whose flags and other bits are these */
struct scan_memo {
	uint64_t flags, bits;
	uint8_t verdict;	/* enum class_verdict */
	bool known;
};

struct scan_look {
	const struct class *class;
	uint32_t whole_kinds;	/* as in struct scan */
	uint8_t *data;		/* room for SCAN_WINDOW + 1 struct pages */
	uint64_t pfn, n;	/* whose they are */
	bool more;		/* one more was read, to see a compound's tail */
	uint64_t skip_to;	/* pages below this one need no look, */
	uint64_t told_to;	/* and of those below this one the kind was told */
	struct scan_memo memo[SCAN_MEMOS];
	size_t nfound;
	struct scan_found found[2 * SCAN_WINDOW];	/* a page may be of its kind, and poisoned */
};

/* fill found, in rising order; skip_to and told_to become what they are behind it */
void scan_look(struct scan_look *l);

#endif
