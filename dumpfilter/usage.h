/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine's memory is used for, and what each dump level would keep of it: one
 * pass over the struct pages, then a sample of each kind's pages is compressed.
 */
#ifndef USAGE_H
#define USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "estimate.h"
#include "survey.h"

struct map;
struct options;
struct progress;
struct vmcore;

struct usage {
	struct survey survey;
	uint64_t nram, nheld;		/* pages that the machine had, that the dump has */
	uint64_t ram[PAGE_KINDS];	/* by the kind that is shown of them, */
	uint64_t held[PAGE_KINDS];	/* and as many of those the dump has */
	uint64_t *sets;			/* pages that the dump has, by survey_kinds */
	struct sample sample[PAGE_KINDS];	/* of the held ones */
	struct map *map;		/* to be drawn meanwhile, or NULL */
	struct progress *progress;	/* borrowed, or NULL */
};

/* what a dump that leaves out these kinds (bits 1 << enum page_kind) would have */
struct usage_dump {
	uint64_t pages;			/* exact, pages of zeros among them */
	uint64_t overhead;		/* bytes of a kdump file besides the pages, exact */
	struct estimate pages_size;	/* what the pages take when compressed */
};

/*
 * The whole job: the table and, after --map, the picture; or the picture alone. Reads
 * vm, prints to standard output, tells what went wrong; returns an exit status.
 */
int usage_run(struct vmcore *vm, const struct options *o);

/*
 * -n: the plan of a dump, for each level of -d, and about how large the dump would be.
 * Prints to standard output; returns the exit status that the real run would have, as far
 * as reading decides it.
 */
int usage_dry_run(struct vmcore *vm, const struct options *o);

/* count, and draw the map if there is one; -1: memory is short, or a signal came */
int usage_open(struct usage *u, struct vmcore *vm, struct map *map, struct progress *progress,
	       unsigned threads);
/* compress the samples; -1 as above */
int usage_measure(struct usage *u, const struct options *o);
void usage_level(const struct usage *u, uint32_t kinds, struct usage_dump *d);
/* the kinds that are left out at a level, of a dump that was filtered before */
uint32_t usage_kinds(const struct usage *u, unsigned level);
void usage_close(struct usage *u);

/* usage-text.c, usage-json.c: both print to standard output, whose state is not checked */
void usage_print_text(const struct usage *u, const struct options *o);
void usage_print_json(const struct usage *u, const struct options *o);

#endif
