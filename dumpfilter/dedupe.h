/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that were stored already: a table of fixed size, by a hash of their bytes.
 *
 * Equal hashes are no proof, and who filled the memory may have made pages whose
 * hashes are equal: what dedupe_find() gives is to be compared, byte by byte, before
 * it is used. The hash is quick for that reason and need not be strong.
 *
 * The table is a few places (a set) for each value of some bits of the hash. A new page
 * drives out the oldest of those in its set that were met once only; a page that is met
 * again moves up and stays. What is found depends on the pages and their order alone.
 */
#ifndef DEDUPE_H
#define DEDUPE_H

#include <stddef.h>
#include <stdint.h>

enum { DEDUPE_BYTES = 4 << 20 };	/* the usual size of a table: 131072 pages */

/* a page as it was stored */
struct dedupe_page {
	uint64_t hash;
	uint64_t pfn;
	uint64_t at;		/* file offset of its stored bytes */
	uint32_t size;		/* of them; 0: this place is free */
	uint32_t flags;		/* their codec */
};

struct dedupe {
	struct dedupe_page *page;	/* nsets sets */
	size_t nsets;			/* a power of two; 0: closed, nothing is ever found */
};

/* at most so many bytes, but one set at least; all of them are taken now */
int dedupe_open(struct dedupe *d, size_t bytes);
/* of a page's own bytes; len is a multiple of 64. Any thread, any machine: the same */
uint64_t dedupe_hash(const void *page, size_t len);
/* a page with this hash, to be compared, or NULL; valid until the next dedupe_add() */
const struct dedupe_page *dedupe_find(const struct dedupe *d, uint64_t hash);
/* the page that dedupe_find() gave for this hash is equal indeed: it is to stay */
void dedupe_hit(struct dedupe *d, uint64_t hash);
/* this page was stored; one with the same hash is replaced */
void dedupe_add(struct dedupe *d, const struct dedupe_page *page);
void dedupe_close(struct dedupe *d);

#endif
