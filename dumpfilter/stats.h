/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --show-stats: what a run kept, left out and wrote, and how long it took. As text on
 * standard error; as one line of JSON on standard output, or on standard error when
 * the dump itself goes to standard output.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdint.h>

struct json;
struct options;
struct plan;

struct stats {
	const struct options *o;
	const struct plan *plan;
	unsigned level;			/* the one of several that was used */
	const char *output;		/* as out_open() takes it */
	int status;			/* the exit status to be, */
	bool complete;			/* and whether the dump is whole */

	uint64_t npages, nzero, nshared;	/* written: as in struct writer; of all parts */
	uint64_t unreadable;		/* left out because they could not be read */
	uint64_t written;		/* bytes */
	double scan, copy;		/* seconds of the one pass and the other */
};

void stats_print(const struct stats *s);
/* the member "left_out": pages that the plan leaves out, by kind */
void stats_put_left_out(struct json *j, const struct plan *plan);

#endif
