/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a long piece of work has come: on a terminal one line that changes
 * every second, elsewhere (a console, a journal) a line for every 10 %, but not
 * more often than every 5 seconds.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out;		/* borrowed; NULL to show nothing */
	const char *what;	/* borrowed: "saving pages" */
	uint64_t total;		/* how much there is to do, in any unit */

	/* private */
	bool terminal, shown;
	uint64_t start_ms, next_ms;
	unsigned next_percent;
};

/* out is standard error, or NULL when the user wants quiet; total may be 0 */
void progress_open(struct progress *p, FILE *out, const char *what, uint64_t total);
/* done of total is done; cheap enough for every page */
void progress_step(struct progress *p, uint64_t done);
/* the same, at this time; progress_step() takes it from the clock */
void progress_step_at(struct progress *p, uint64_t done, uint64_t now_ms);
/* removes the line from a terminal */
void progress_close(struct progress *p);

#endif
