/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a transfer has come, and how fast: on a terminal one line that changes every
 * second, elsewhere (a console, a journal) a line every 10 seconds.
 */
#ifndef METER_H
#define METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct meter {
	FILE *out;		/* borrowed; NULL to show nothing */
	const char *what;	/* borrowed: "sent" */
	uint64_t total;		/* bytes; 0 when unknown */

	/* private */
	bool terminal, shown;
	uint64_t start_ms, next_ms;
	uint64_t last_ms, last_done;	/* for the rate of the last while */
};

void meter_open(struct meter *m, FILE *out, const char *what, uint64_t total);
void meter_step(struct meter *m, uint64_t done);
/* the same at this time; meter_step() takes it from the clock */
void meter_step_at(struct meter *m, uint64_t done, uint64_t now_ms);
/* takes the line off a terminal: before a message, and at the end */
void meter_clear(struct meter *m);

/* "1.5 GiB" or "12 KiB": to holds METER_TEXT bytes */
enum { METER_TEXT = 24 };
const char *meter_bytes(char to[METER_TEXT], uint64_t bytes);

#endif
