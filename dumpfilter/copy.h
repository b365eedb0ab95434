/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pass 2: read the pages of the plan, compress them, hand them to the writer. */
#ifndef COPY_H
#define COPY_H

#include <stdint.h>
#include <stdio.h>

struct codec;
struct plan;
struct vmcore;
struct writer;

struct copy_options {
	const struct codec *codec;
	int codec_level;
	unsigned threads;	/* 1: no other thread than the caller's */
	FILE *progress;		/* where to tell how far it is, or NULL */
};

struct copy_result {
	uint64_t unreadable;	/* pages that could not be read and were left out */
	char first[200];	/* what was said of the first of them */
};

/*
 * 0: every page of the plan was written or counted as unreadable (and has lost
 * its bit in plan->keep). -1: stopped early; the pages written so far are good.
 */
int copy_pages(struct vmcore *vm, struct plan *plan, struct writer *w,
	       const struct copy_options *opts, struct copy_result *result);

#endif
