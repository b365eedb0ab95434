/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms of kernels before 6.0, whose VMCOREINFO does not say where they are. They are in
 * the image one after the other, each aligned to 8 bytes (scripts/kallsyms.c, 4.6 to 5.19):
 *
 *	offsets, relative_base, number of symbols, names, markers, token table, token index
 *
 * or 64-bit addresses in the place of the first two. Before 4.20 markers are 64 bits each.
 * The index is 256 rising numbers which say where each of the strings in front of it
 * begins: nothing else in memory is like that. What is in front of those is then checked
 * link by link, down to the address of _stext, which VMCOREINFO has.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "err.h"
#include "kallsyms-parts.h"
#include "vmcore.h"

enum {
	FAR = 64 << 20,			/* bytes from _stext on that are looked through */
	GAP_MAX = 4 << 20,		/* and of them in a row without memory */
	INDEX = 2 * TOKENS, TOKEN_MAX = 512, MARKERS_MAX = 1 << 15,
	TRIES = 16,			/* no kernel has so much that looks like them, */
	INDICES_MAX = 128,		/* or like an index */
};

static uint64_t up(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

/* is it an index? last: where the last string begins */
static bool is_index(struct kallsyms *ks, uint64_t at, uint16_t *last)
{
	const struct vmcore *vm = ks->sp->vm;
	const uint8_t *p = peek(&ks->peek_names, at, 4);
	uint16_t before = 0;

	/* most places are none at the first glance */
	if (!p || p[0] || p[1] || !vmcore_u16(vm, p + 2))
		return false;
	p = peek(&ks->peek_names, at, INDEX);
	for (int i = 1; p && i < TOKENS; i++) {
		uint16_t value = vmcore_u16(vm, p + 2 * i);

		if (value <= before || value - before > TOKEN_MAX)
			return false;
		before = value;
	}
	*last = before;
	return p != NULL;
}

/* the strings in front of an index; 0, -1 */
static int find_table(struct kallsyms *ks, uint64_t index, uint16_t last, uint64_t *table)
{
	for (uint64_t len = up(last + UINT64_C(1)); len <= up(last + TOKEN_MAX); len += 8) {
		*table = index - len;
		free(ks->table);
		ks->table = NULL;
		if (kallsyms_tokens(ks, *table, index) == 0 && up(ks->token[TOKENS]) == len)
			return 0;
		if (err_code() == ERR_MEMORY || err_code() == ERR_STOPPED)
			return -1;
	}
	return fail(ERR_CORRUPT, "kallsyms: no strings are at their index");
}

static int marker_at(struct kallsyms *ks, uint64_t at, uint64_t *marker)
{
	uint32_t value;

	if (ks->marker_size == 8)
		return peek_u64(&ks->peek_values, at, marker);
	if (peek_u32(&ks->peek_values, at, &value))
		return -1;
	*marker = value;
	return 0;
}

/* back from their end to the first, which is 0; how many, or 0. last: the last one */
static uint32_t count_markers(struct kallsyms *ks, uint64_t end, uint64_t *last)
{
	uint64_t at = end - ks->marker_size, before, marker;

	if (marker_at(ks, at, &marker))
		return 0;
	if (marker == 0 && ks->marker_size == 4)	/* that was to align the next table */
		at -= 4;
	if (marker_at(ks, at, &before))
		return 0;
	*last = before;
	for (uint32_t n = 1; n < MARKERS_MAX; n++) {
		ks->markers = at;
		if (before == 0)
			return n;
		at -= ks->marker_size;
		if (marker_at(ks, at, &marker) || marker >= before)
			return 0;
		before = marker;
	}
	return 0;
}

static bool has_addresses(struct kallsyms *ks)
{
	ks->how = OFFSETS;
	ks->values = ks->names - 16 - up(4 * (uint64_t)ks->n);
	if (peek_u64(&ks->peek_values, ks->names - 16, &ks->base) == 0 &&
	    kallsyms_settle(ks) == 0)
		return true;
	ks->how = ADDRESSES;
	ks->values = ks->names - 8 - 8 * (uint64_t)ks->n;
	return kallsyms_settle(ks) == 0;
}

/* the names end at the markers, and begin behind their number, which the markers fit */
static bool find_names(struct kallsyms *ks, uint32_t nmarkers, uint64_t last)
{
	uint64_t most = last + BLOCK * (KALLSYMS_NAME + 2);
	int tries = TRIES;

	for (uint64_t len = up(last + 1); len <= most; len += 8) {
		uint32_t n, other;

		if (peek_u32(&ks->peek_values, ks->markers - len - 8, &n) ||
		    peek_u32(&ks->peek_values, ks->markers - len - 4, &other))
			continue;
		if (n == 0) {	/* 64 bits, before 4.20, the high ones first */
			n = other;
			other = 0;
		}
		ks->names = ks->markers - len;
		ks->n = n;
		if (other || n == 0 || n > COUNT_MAX || kallsyms_blocks(ks) != nmarkers)
			continue;
		if (kallsyms_markers_fit(ks, true) && has_addresses(ks))
			return true;
		if (--tries == 0)
			break;
	}
	return false;
}

/* 1: there they are; 0: what is in front of these tokens is something else; -1: no tokens */
static int try(struct kallsyms *ks, uint64_t index, uint16_t last)
{
	uint64_t table = 0, marker;

	if (find_table(ks, index, last, &table))
		return -1;
	for (int i = 0; i < 4; i++) {
		uint32_t n;

		ks->marker_size = i & 1 ? 8 : 4;
		ks->two_bytes = i & 2;
		n = count_markers(ks, table, &marker);
		if (n && find_names(ks, n, marker))
			return 1;
	}
	return 0;
}

int kallsyms_search(struct kallsyms *ks)
{
	uint64_t at = up(ks->first), end = at + FAR, found = at;
	int tries = TRIES, indices = INDICES_MAX;

	for (; at < end && at - found < GAP_MAX && indices > 0; at += 8) {
		uint16_t last;

		if (!peek(&ks->peek_names, at, 8)) {
			if (err_code() == ERR_STOPPED)
				return -1;
			at |= PEEK_PAGE - 8;	/* the next page */
			continue;
		}
		found = at;
		if (!is_index(ks, at, &last))
			continue;
		indices--;

		int got = try(ks, at, last);

		if (got == 1)
			return 0;
		if (got < 0 && (err_code() == ERR_MEMORY || err_code() == ERR_STOPPED))
			return -1;
		if (got == 0 && --tries == 0)
			break;
	}
	return fail(ERR_UNKNOWN, "VMCOREINFO does not say where kallsyms is, and it is not found");
}
