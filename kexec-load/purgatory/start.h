/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What entry-*.S and C have in common. */
#ifndef START_H
#define START_H

#include <stdint.h>

#include "../told.h"

/* in two registers, both on x86_64 (RAX, RDX) and on arm64 (x0, x1) */
struct jump {
	uint64_t kernel, argument;
};

/* hidden: reached without a table of addresses */
extern struct told told __attribute__((visibility("hidden")));

/* called by entry-*.S, which then jumps */
struct jump purgatory(void);

#endif
