/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pass 2: read the pages of the plan, compress them, hand them to the writer or writers. */
#ifndef COPY_H
#define COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

struct codec;
struct plan;
struct vmcore;
struct writer;

struct copy_options {
	const struct codec *codec;
	int codec_level;
	bool as_stored;		/* pages of a kdump input that need no change keep their bytes */
	bool checksum, dedupe;	/* fill writer_page.sum, .hash */
	unsigned threads;	/* 1: no other thread than the caller's */
	FILE *progress;		/* where to tell how far it is, or NULL */
};

/* one output: the pages [w->how.start, w->how.end) */
struct copy_to {
	struct writer *w;
	bool failed;		/* it took no more; the others go on */
	enum err code;		/* why */
	char why[ERR_TEXT];
};

struct copy_result {
	uint64_t unreadable;	/* pages that could not be read and were left out */
	char first[200];	/* what was said of the first of them */
};

/*
 * Outputs are in the order of their pages. 0: every page of the plan was written or
 * counted as unreadable (and has lost its bit in plan->keep), or belongs to an output
 * that failed. -1: stopped early, or no output is left; the pages written so far are
 * good.
 */
int copy_pages(struct vmcore *vm, struct plan *plan, struct copy_to *to, unsigned nto,
	       const struct copy_options *opts, struct copy_result *result);

#endif
