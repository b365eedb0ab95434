/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large a dump will be, from a sample of its pages.
 *
 * The pages of the sample are those with the least hash of their number: every page has
 * the same chance, the choice is the same on every run, and it can be made while pages
 * go by, in memory that does not grow. They are read and compressed afterwards.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec;
struct vmcore;

struct sample_pick {
	uint64_t hash, pfn;
};

/* bytes that the pages of the sample take in a dump, and how much they differ */
struct sample_sum {
	double sum, squares;
};

struct sample {
	uint64_t npages;	/* that the sample is taken of */
	size_t n, room;		/* pages in it */
	struct sample_pick *pick;

	/* filled by sample_measure() */
	uint64_t unreadable, zeros;	/* of the n */
	struct sample_sum stored, no_zeros;	/* no_zeros: where pages of zeros take nothing */
};

/* room for so many pages */
int sample_open(struct sample *s, size_t room);
void sample_add(struct sample *s, uint64_t pfn, uint64_t npages);
/* read the pages and compress them; -1: memory is short, or a signal came */
int sample_measure(struct sample *s, struct vmcore *vm, const struct codec *codec, int level);
void sample_close(struct sample *s);

/*
 * The sum of parts, each with a sample of its own. error is what 19 of 20 such estimates
 * are not farther off than; 0 if every page was looked at.
 */
struct estimate {
	double bytes, variance;
	double zeros;		/* pages of zeros */
};

/* npages more, that are like the ones that s is a sample of */
void estimate_add(struct estimate *e, const struct sample *s, uint64_t npages, bool no_zeros,
		  uint32_t page_size);
double estimate_error(const struct estimate *e);

/* what a kdump-compressed file takes besides its pages: headers, bitmaps, descriptors */
uint64_t estimate_overhead(const struct vmcore *vm, uint64_t npages, bool no_zeros);

#endif
