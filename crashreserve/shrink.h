/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving memory back through kexec_crash_size: what will be left, said before it is done.
 *
 * The rules (crash_shrink_memory() in kernel/kexec_core.c, since 6.9 kernel/crash_core.c;
 * run on 5.10, 6.1, 6.12 and 7.2): the number is the new size in bytes, rounded up to a
 * page; it cannot be larger; nothing may be loaded. Since 6.5 it counts both regions: the
 * main one is cut at its end, and when no more than the low one is wanted, the main one
 * goes wholly, and what is left of the low one becomes main. Before, it counts and cuts
 * the main one alone, and a low one stays, of no use when main is gone.
 */
#ifndef SHRINK_H
#define SHRINK_H

#include <stdbool.h>
#include <stdint.h>

struct shrink_in {
	uint64_t crash_size;	/* what the kernel says, bytes */
	uint64_t main, low;	/* the regions; main 0: the addresses are hidden */
	bool loaded;
	uint64_t page_size;	/* what the kernel rounds to: 0: 4096 */
};

struct shrink_plan {
	uint64_t wanted;	/* to be written: rounded */
	uint64_t main, low;	/* what will be left */
	bool counts_low;	/* crash_size is that of both regions */
	bool nothing;		/* it is so already */
};

/* -1 after fail(): it cannot be done, and why (ERR_SYS) */
int shrink_plan(struct shrink_plan *plan, const struct shrink_in *in, uint64_t wanted);
/*
 * Writes the number. -1 after fail(): ERR_AGAIN when another program holds the lock for
 * all of three seconds, ERR_SYS otherwise.
 */
int shrink_write(uint64_t bytes);

#endif
