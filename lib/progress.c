/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "say.h"

enum {
	TERMINAL_MS = 1000,
	LOG_MS = 5000,
	LOG_PERCENT = 10,
	GUESS_MS = 2000,	/* before that, the time left is not worth guessing */
};

static uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_open(struct progress *p, FILE *out, const char *what, uint64_t total)
{
	uint64_t now = clock_ms();

	*p = (struct progress){ .out = out, .what = what, .total = total };
	p->terminal = out && isatty(fileno(out));
	p->start_ms = now;
	p->next_ms = now + (p->terminal ? TERMINAL_MS : LOG_MS);
	p->next_percent = p->terminal ? 0 : LOG_PERCENT;
}

/* the line itself; on a terminal the next message may overwrite it */
static void show(struct progress *p, uint64_t done, unsigned percent, uint64_t now_ms)
{
	uint64_t spent = now_ms - p->start_ms;

	fprintf(p->out, "%s: %s: %u %%", say_name, p->what, percent);
	if (spent >= GUESS_MS && done > 0 && done < p->total) {
		double left = (double)spent / 1000 * (double)(p->total - done) / (double)done;

		if (left < 360000)
			fprintf(p->out, ", %.0f s left", left);
	}
	fputs(p->terminal ? "\033[K\r" : "\n", p->out);
	fflush(p->out);
}

void progress_step_at(struct progress *p, uint64_t done, uint64_t now_ms)
{
	if (!p->out || p->total == 0 || now_ms < p->next_ms)
		return;
	if (done > p->total)
		done = p->total;
	unsigned percent = (unsigned)((double)done * 100 / (double)p->total);
	if (percent < p->next_percent)
		return;

	show(p, done, percent, now_ms);
	p->shown = true;
	p->next_ms = now_ms + (p->terminal ? TERMINAL_MS : LOG_MS);
	if (!p->terminal)
		p->next_percent = (percent / LOG_PERCENT + 1) * LOG_PERCENT;
}

void progress_step(struct progress *p, uint64_t done)
{
	if (p->out && p->total > 0)
		progress_step_at(p, done, clock_ms());
}

void progress_close(struct progress *p)
{
	if (p->out && p->terminal && p->shown) {
		fputs("\033[K", p->out);
		fflush(p->out);
	}
	*p = (struct progress){ 0 };
}
