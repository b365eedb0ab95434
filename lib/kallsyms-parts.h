/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kallsyms.c, kallsyms-open.c and kallsyms-search.c share. */
#ifndef KALLSYMS_PARTS_H
#define KALLSYMS_PARTS_H

#include <stdbool.h>

#include "kallsyms.h"
#include "peek.h"

enum { BLOCK = 256, TOKENS = 256, COUNT_MAX = 1 << 23 };

struct kallsyms {
	struct space *sp;
	uint64_t names, markers, values, base;
	uint32_t n;
	enum { ADDRESSES, OFFSETS, PERCPU, PLACES } how;
	bool two_bytes;			/* lengths may take two */
	unsigned marker_size;		/* bytes: 4, or 8 before 4.20 */
	uint64_t first, text_end;	/* _stext, _etext */
	uint64_t init, init_end;	/* _sinittext, _einittext */
	uint64_t end;			/* _end; 0: only functions have symbols */
	uint32_t next;			/* of the name at next_at */
	uint64_t next_at;
	struct peek peek_names, peek_values;
	uint16_t token[TOKENS + 1];	/* in table; the last one is its size */
	char *table;
};

/* the address of symbol i */
int kallsyms_value(struct kallsyms *ks, uint32_t i, uint64_t *value);
/* n tokens of the name at *at, which then is where the next one begins; -1; 1: it is none */
int kallsyms_name(struct kallsyms *ks, uint64_t *at, uint64_t *tokens, unsigned *n);
/* names come in blocks of BLOCK, to each of which there is a marker: the address of its first */
int kallsyms_block(struct kallsyms *ks, uint32_t block, uint64_t *at);
uint32_t kallsyms_blocks(const struct kallsyms *ks);
uint32_t kallsyms_block_size(const struct kallsyms *ks, uint32_t block);
/* the first symbol whose address is not below (or, if above is set, is above) this one */
int kallsyms_bound(struct kallsyms *ks, uint64_t address, bool above, uint32_t *found);

/* are the markers where ks->markers says? All blocks are looked at, or two of them */
bool kallsyms_markers_fit(struct kallsyms *ks, bool all);
/* ks->table and ks->token, of the tables at these addresses */
int kallsyms_tokens(struct kallsyms *ks, uint64_t table, uint64_t index);
/* with ks->base and ks->values known: which way of keeping addresses has _stext? */
int kallsyms_settle(struct kallsyms *ks);
/* all of it, without VMCOREINFO; _stext is known */
int kallsyms_search(struct kallsyms *ks);

#endif
