/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ORC tables of a kernel that has only functions in its kallsyms (no CONFIG_KALLSYMS_ALL).
 * They lie between .text and .init.text, the places in the code first and the entries
 * right behind (ORC_UNWIND_TABLE in include/asm-generic/vmlinux.lds.h, x86's
 * vmlinux.lds.S): so many places in the code, in order, are nowhere else. Where the entries
 * begin is right if functions whose begin is known have just been called there.
 */
#include <inttypes.h>

#include "err.h"
#include "kallsyms.h"
#include "space.h"
#include "stop.h"
#include "symbols.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	IP = 4, ENTRY = 6,		/* bytes */
	STEP = 1 << 16,			/* smaller than any kernel's table */
	GAP_MAX = 1 << 28,		/* between .text and .init.text */
	BLOCK = 1024, SAMPLE = 256, PLACES_MIN = STEP / IP, PLACES_MAX = 1 << 26,
};

/* places in the code, one after the other in memory and in order */
struct run {
	uint64_t first, end;		/* where they are: first itself, one past the last */
	uint64_t low, high;		/* the first and the last of them */
};

static bool is_place(const struct unwinder *u, uint64_t ip)
{
	/* there is code behind .init.text, too, and some before it */
	return ip >= u->text[0].start && ip < u->text[1].start + GAP_MAX;
}

/* how many of the n places at that address continue those that end with *last */
static unsigned follow(struct unwinder *u, uint64_t at, unsigned n, uint64_t *last)
{
	uint8_t bytes[BLOCK];
	unsigned i;

	if (space_read(u->sp, bytes, n * IP, at))
		return 0;
	for (i = 0; i < n; i++) {
		int32_t offset = (int32_t)vmcore_u32(u->sp->vm, bytes + i * IP);
		uint64_t ip = at + i * IP + (uint64_t)(int64_t)offset;

		if (!is_place(u, ip) || ip < *last)
			break;
		*last = ip;
	}
	return i;
}

/* the same towards lower addresses, from those that begin with *first */
static unsigned lead(struct unwinder *u, uint64_t at, unsigned n, uint64_t *first)
{
	uint8_t bytes[BLOCK];
	unsigned i;

	if (space_read(u->sp, bytes, n * IP, at - n * IP))
		return 0;
	for (i = 0; i < n; i++) {
		int32_t offset = (int32_t)vmcore_u32(u->sp->vm, bytes + (n - 1 - i) * IP);
		uint64_t ip = at - (i + 1) * IP + (uint64_t)(int64_t)offset;

		if (!is_place(u, ip) || ip > *first)
			break;
		*first = ip;
	}
	return i;
}

/* all of it, to both sides of a sample */
static void extend(struct unwinder *u, struct run *r)
{
	const unsigned n = BLOCK / IP;
	unsigned got;

	do {
		got = follow(u, r->end, n, &r->high);
		r->end += got * IP;
	} while (got == n && r->end - r->first < (uint64_t)PLACES_MAX * IP);
	/* a block that is not there as a whole may be there in part */
	while (follow(u, r->end, 1, &r->high) == 1 && r->end - r->first < (uint64_t)PLACES_MAX * IP)
		r->end += IP;
	do {
		got = lead(u, r->first, n, &r->low);
		r->first -= got * IP;
	} while (got == n && r->end - r->first < (uint64_t)PLACES_MAX * IP);
	while (lead(u, r->first, 1, &r->low) == 1 && r->end - r->first < (uint64_t)PLACES_MAX * IP)
		r->first -= IP;
}

/* at their first instruction there is nothing on the stack but where they return to */
static bool entries_fit(struct unwinder *u)
{
	static const char *const names[] = {
		"panic", "schedule", "kmem_cache_free", "vfs_write", "do_exit", "kthread_stop",
	};
	enum { NAMES = sizeof names / sizeof *names };
	uint64_t at[NAMES] = { 0 };
	unsigned fit = 0, all = 0;

	if (!u->s || !u->s->ks || kallsyms_find(u->s->ks, names, at, NAMES) < 0)
		return false;
	for (int i = 0; i < NAMES; i++) {
		struct orc_rule rule;

		if (!at[i] || orc_find(u, at[i], &rule) != 1)
			continue;
		all++;
		fit += rule.type == ORC_CALL && rule.sp == BASE_SP && rule.sp_offset == 8;
	}
	return all > 0 && fit == all;
}

int orc_search(struct unwinder *u)
{
	uint64_t end = u->text[1].start, at = u->text[0].end;

	if (!u->text[0].start || at <= u->text[0].start || end <= at || end - at > GAP_MAX)
		return fail(ERR_UNKNOWN, "no unwind tables, nor where they could be");
	for (; end - at > STEP; at += STEP) {
		uint64_t start = at & ~(uint64_t)(IP - 1);
		struct run r = { .first = start, .end = start + SAMPLE, .low = UINT64_MAX };

		if (stop_check())
			return -1;
		if (follow(u, start, SAMPLE / IP, &r.high) != SAMPLE / IP ||
		    r.high > u->text[0].end ||
		    lead(u, r.end, SAMPLE / IP, &r.low) != SAMPLE / IP)
			continue;
		extend(u, &r);
		at = r.end;
		u->image = (struct orc_table){ r.first, r.end, (r.end - r.first) / IP };
		if (u->image.n >= PLACES_MIN && u->image.n < PLACES_MAX &&
		    r.end + u->image.n * ENTRY <= end && orc_numbering(u) == 0 && entries_fit(u))
			return 0;
		/* a run of hostile ones may go on behind the end */
		if (at >= end || end - at <= STEP)
			break;
	}
	return fail(ERR_UNKNOWN, "the kernel has no unwind tables");
}
