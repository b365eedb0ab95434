/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a dump's memory a kernel lies of which only the linked file is known: inside
 * vmcore-place.c and one file for each processor.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinfo.h"

struct vmcore;

enum { PLACE_EXTRA = 1024 };

struct place {
	struct vmcore *vm;		/* borrowed */
	const struct kinfo *ki;		/* the text that was given, borrowed */
	uint64_t virt, phys;		/* init_uts_ns.name: as linked; in this memory, perhaps */

	uint64_t slide;			/* what KASLR added to each symbol */
	char extra[PLACE_EXTRA];	/* lines that come with that, or replace others */
	size_t extra_len;
	bool no_memory;			/* nothing was found out for want of it */
};

struct place_ops {
	uint16_t machine;
	/* can it be there? Then slide and extra are set */
	bool (*find)(struct place *pl);
	uint64_t lowest;		/* symbols below this address do not slide */
};

extern const struct place_ops place_x86_64, place_arm64;

/* one more line of extra, without its end */
void place_line(struct place *pl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* a number of 4 or 8 bytes that a symbol names, read by its distance from init_uts_ns */
bool place_value(const struct place *pl, const char *symbol, size_t len, uint64_t *value);
/*
 * The slide, of [from, to) in steps, at which the kernel's own page table has
 * init_uts_ns.name where it is to be: 1. 0: there is none; -1: none that can be read.
 * lines: what else a space needs to know.
 */
int place_slide(struct place *pl, const char *lines, uint64_t from, uint64_t to, uint64_t step);

#endif
