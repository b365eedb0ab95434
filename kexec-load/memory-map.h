/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory that a capture kernel on x86_64 is told of. */
#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

#include "range.h"

struct running;

/*
 * By ascending address, .at being the MEMORY_ kind: RAM below 1 MiB, what is firmware's,
 * all reservations, and of the last one what headers do not take. Both calls give the
 * same: arch/x86/kernel/crash.c (crash_setup_memmap_entries), Linux 6.1 to 7.2.
 * ranges_free() is due. -1 after ERR_MEMORY.
 */
int memory_map(struct ranges *map, const struct running *rn, struct range region,
	       struct range headers);

#endif
