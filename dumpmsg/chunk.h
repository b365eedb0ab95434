/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stretch of the dead kernel's memory, of which a piece of one page is kept here. */
#ifndef CHUNK_H
#define CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;

enum { CHUNK_BYTES = 4096 };	/* no page is smaller */

struct chunk {
	struct log *log;	/* borrowed */
	uint64_t base, len;	/* virtual address and bytes of the stretch */
	uint64_t at, end;	/* the piece kept, counted from base; */
	bool missing;		/* or known not to be in the dump */
	uint8_t bytes[CHUNK_BYTES];
};

/* -1 with ERR_CORRUPT: the stretch does not fit in an address space */
int chunk_open(struct chunk *c, struct log *log, uint64_t base, uint64_t len);
/* n bytes at that place of the stretch; -1: not all are there, c->end is behind the gap */
int chunk_read(struct chunk *c, void *buf, uint64_t at, size_t n);

#endif
