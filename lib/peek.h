/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel memory for those who read a few bytes here and a few there: a page is kept. */
#ifndef PEEK_H
#define PEEK_H

#include <stddef.h>
#include <stdint.h>

#include "space.h"

enum { PEEK_PAGE = 4096, PEEK_MAX = 512 };

struct peek {
	struct space *sp;		/* borrowed */
	uint64_t page;			/* the address of what buf holds; odd: nothing */
	uint64_t missing;		/* a page that could not be read; odd: none yet */
	uint8_t buf[PEEK_PAGE];
	uint8_t joined[PEEK_MAX];	/* bytes of two pages */
};

void peek_open(struct peek *p, struct space *sp);
/* len (1 to PEEK_MAX) bytes at virt, there until the next call; NULL after fail() */
const uint8_t *peek_far(struct peek *p, uint64_t virt, size_t len);
/* numbers in the machine's byte order */
int peek_u32(struct peek *p, uint64_t virt, uint32_t *value);
int peek_u64(struct peek *p, uint64_t virt, uint64_t *value);

/* peek_far(), quicker for what the page has */
static inline const uint8_t *peek(struct peek *p, uint64_t virt, size_t len)
{
	uint64_t off = virt - p->page;

	return off < PEEK_PAGE && len <= PEEK_PAGE - off && !(p->page & 1) ?
		p->buf + off : peek_far(p, virt, len);
}

#endif
