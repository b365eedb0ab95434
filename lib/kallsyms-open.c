/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms as scripts/kallsyms.c makes them and kernel/kallsyms.c reads them. In the
 * kernel's read-only data there are, n symbols in the order of their addresses:
 *
 *   names         n of them packed: the number of bytes (since 6.1 in two bytes, low seven
 *                 bits first, if the first has bit 7 set), then so many tokens of a byte;
 *                 the first character of the expanded name is the symbol's type
 *   markers       where in names each 256th one begins, 32 bits each; not in VMCOREINFO,
 *                 but they end where the token table begins, or where n * 3 bytes before
 *                 it begin (the order of the names: 6.2, 6.3 and later ones of 6.1)
 *   token_table   256 strings; token_index: where each of them begins, 16 bits each
 *   addresses     n of 64 bits (without KALLSYMS_BASE_RELATIVE); or
 *   offsets       n of 32 bits, with relative_base: added to it; if per-cpu symbols are
 *                 absolute (x86_64 until 6.14), the others are base - 1 - offset, offset
 *                 being negative; without relative_base (7.2, say) the offset counts
 *                 from its own place
 *
 * VMCOREINFO has all of these addresses since 6.0, as they were after KASLR. How they are
 * found in the memory of older kernels: kallsyms-search.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kallsyms-parts.h"
#include "vmcore.h"

enum { TABLE_MAX = 1 << 16 };

/* nothing but zeros is between the names' end and the markers, which are aligned */
static int only_zeros(struct kallsyms *ks, uint64_t from)
{
	if (from > ks->markers || ks->markers - from >= 8)
		return 0;
	for (; from < ks->markers; from++) {
		const uint8_t *p = peek(&ks->peek_names, from, 1);

		if (!p)
			return -1;
		if (*p)
			return 0;
	}
	return 1;
}

/* 1: it ends where the next one begins; 0: it does not; -1: unreadable */
static int block_fits(struct kallsyms *ks, uint32_t block)
{
	uint64_t at, end, tokens;
	unsigned len;

	if (kallsyms_block(ks, block, &at))
		return err_code() == ERR_CORRUPT ? 0 : -1;
	for (uint32_t i = kallsyms_block_size(ks, block); i > 0; i--) {
		int got = kallsyms_name(ks, &at, &tokens, &len);

		if (got)
			return got > 0 ? 0 : -1;
	}
	if (block + 1 < kallsyms_blocks(ks))
		return kallsyms_block(ks, block + 1, &end) == 0 && at == end;
	return only_zeros(ks, at);
}

/*
 * Do the blocks that can be read say that the markers are here? The first of them and the
 * last block, unless it is to be found out as well how long names are stored.
 */
bool kallsyms_markers_fit(struct kallsyms *ks, bool all)
{
	uint32_t last = kallsyms_blocks(ks) - 1;
	bool seen = false;
	uint64_t first;

	if (kallsyms_block(ks, 0, &first) || first != ks->names)
		return false;

	for (uint32_t b = 0; b <= last; b++) {
		int fits = block_fits(ks, b);

		if (fits == 0)
			return false;
		if (fits > 0 && !seen && !all && b < last)
			b = last - 1;
		seen = seen || fits > 0;
	}
	return seen;
}

static int find_markers(struct kallsyms *ks, uint64_t table)
{
	uint64_t gaps[] = { 0, 3 * (uint64_t)ks->n }, size = 4 * (uint64_t)kallsyms_blocks(ks);

	bool known = ks->sp->vm->info.version >= KINFO_VERSION(6, 1, 0);

	/* older kernels may have got the longer names as well, and VMCOREINFO's addresses */
	for (int i = 0; i < 16; i++) {
		uint64_t gap = gaps[i / 8] + 4 * (uint64_t)(i % 8 / 2) + size;

		ks->two_bytes = known || i % 2;
		if (table < ks->names || gap > table - ks->names || (known && i % 2))
			continue;
		ks->markers = (table - gap) & ~UINT64_C(3);
		if (ks->markers > ks->names && kallsyms_markers_fit(ks, !known))
			return 0;
	}
	return fail(ERR_CORRUPT, "kallsyms: the names of %" PRIu32 " symbols at %#" PRIx64
		    " do not end before their tokens at %#" PRIx64, ks->n, ks->names, table);
}

/* the tokens are strings, one after the other */
int kallsyms_tokens(struct kallsyms *ks, uint64_t table, uint64_t index)
{
	uint8_t raw[2 * TOKENS];
	size_t size = 0;

	if (space_read(ks->sp, raw, sizeof raw, index))
		return fail_in("kallsyms_token_index");
	for (int i = 0; i < TOKENS; i++)
		ks->token[i] = vmcore_u16(ks->sp->vm, raw + 2 * i);
	/* the last one is read a byte at a time: nothing says where it ends */
	for (uint64_t at = ks->token[TOKENS - 1]; at < TABLE_MAX - 1; at++) {
		const uint8_t *p = peek(&ks->peek_names, table + at, 1);

		if (!p)
			return fail_in("kallsyms_token_table");
		if (*p == '\0') {
			size = (size_t)at + 1;
			break;
		}
	}
	if (size == 0)
		return fail(ERR_CORRUPT, "kallsyms_token_table has no end");
	ks->token[TOKENS] = (uint16_t)size;
	ks->table = malloc(size);
	if (!ks->table)
		return fail_sys("kallsyms");
	if (space_read(ks->sp, ks->table, size, table))
		return fail_in("kallsyms_token_table");
	for (int i = 0; i < TOKENS; i++)
		if (ks->token[i] >= size || ks->token[i] >= ks->token[i + 1] ||
		    (i == 0 && ks->token[0]) ||
		    strnlen(ks->table + ks->token[i], size - ks->token[i]) + 1 !=
			    (size_t)(ks->token[i + 1] - ks->token[i]))
			return fail(ERR_CORRUPT, "kallsyms: token %d is not where its index "
				    "says", i);
	return 0;
}

static int where(struct kallsyms *ks, uint64_t *table, uint64_t *index)
{
	const struct kinfo *ki = &ks->sp->vm->info;
	uint64_t count, base;

	if (!kinfo_symbol(ki, "kallsyms_names", &ks->names) ||
	    !kinfo_symbol(ki, "kallsyms_num_syms", &count) ||
	    !kinfo_symbol(ki, "kallsyms_token_table", table) ||
	    !kinfo_symbol(ki, "kallsyms_token_index", index))
		return fail(ERR_UNKNOWN, "VMCOREINFO does not say where kallsyms is");
	if (kinfo_symbol(ki, "kallsyms_addresses", &ks->values))
		ks->how = ADDRESSES;
	else if (!kinfo_symbol(ki, "kallsyms_offsets", &ks->values))
		return fail(ERR_UNKNOWN, "VMCOREINFO does not say where kallsyms_offsets is");
	else if (!kinfo_symbol(ki, "kallsyms_relative_base", &base))
		ks->how = PLACES;
	else if (space_read_u64(ks->sp, base, &ks->base))
		return fail_in("kallsyms_relative_base");
	else
		ks->how = OFFSETS;
	if (space_read_u32(ks->sp, count, &ks->n))
		return fail_in("kallsyms_num_syms");
	if (ks->n == 0 || ks->n > COUNT_MAX)
		return fail(ERR_CORRUPT, "kallsyms_num_syms is %" PRIu32, ks->n);
	return 0;
}

/* _stext is a symbol: is it where VMCOREINFO says? */
static int check(struct kallsyms *ks)
{
	uint64_t value = 0;
	uint32_t first;

	if (!ks->first)
		return 0;
	if (kallsyms_bound(ks, ks->first, false, &first))
		return -1;
	if (first == ks->n || kallsyms_value(ks, first, &value) || value != ks->first)
		return fail(ERR_CORRUPT, "kallsyms: no symbol is at _stext, %#" PRIx64, ks->first);
	return 0;
}

int kallsyms_settle(struct kallsyms *ks)
{
	uint64_t last;

	if (ks->how == OFFSETS) {
		if (kallsyms_value(ks, ks->n - 1, &last))
			return -1;
		/* unsigned, but no image is 2 GiB long */
		if (last - ks->base > INT32_MAX)
			ks->how = PERCPU;
	}
	return check(ks);
}

/* how far the image goes */
static int find_image(struct kallsyms *ks)
{
	static const char *const names[] = { "_etext", "_sinittext", "_einittext", "_end" };
	uint64_t at[4];

	if (kallsyms_find(ks, names, at, 4) < 0)
		return -1;
	ks->text_end = at[0];
	ks->init = at[1];
	ks->init_end = at[2];
	ks->end = at[3];
	return 0;
}

static int locate(struct kallsyms *ks)
{
	uint64_t table, index;

	kinfo_symbol(&ks->sp->vm->info, "_stext", &ks->first);
	if (where(ks, &table, &index) == 0)
		return kallsyms_tokens(ks, table, index) || find_markers(ks, table) ||
		       kallsyms_settle(ks) ? -1 : 0;
	return err_code() == ERR_UNKNOWN && ks->first ? kallsyms_search(ks) : -1;
}

struct kallsyms *kallsyms_open(struct space *sp)
{
	struct kallsyms *ks = calloc(1, sizeof *ks);

	if (!ks) {
		fail_sys("kallsyms");
		return NULL;
	}
	ks->sp = sp;
	ks->next = UINT32_MAX;
	ks->marker_size = 4;
	peek_open(&ks->peek_names, sp);
	peek_open(&ks->peek_values, sp);
	if (locate(ks) || find_image(ks)) {
		kallsyms_close(ks);
		return NULL;
	}
	return ks;
}

void kallsyms_close(struct kallsyms *ks)
{
	if (!ks)
		return;
	free(ks->table);
	free(ks);
}
