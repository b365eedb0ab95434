/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <unistd.h>

#include "clock.h"
#include "meter.h"
#include "say.h"

enum { TERMINAL_MS = 1000, LOG_MS = 10000 };

void meter_open(struct meter *m, FILE *out, const char *what, uint64_t total)
{
	uint64_t now = clock_ms();

	*m = (struct meter){ .out = out, .what = what, .total = total, .start_ms = now, .last_ms = now };
	m->terminal = out && isatty(fileno(out));
	m->next_ms = now + (m->terminal ? TERMINAL_MS : LOG_MS);
}

const char *meter_bytes(char to[METER_TEXT], uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double v = (double)bytes;
	int unit = -1;

	while (v >= 1024 && unit < 5) {
		v /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(to, METER_TEXT, "%" PRIu64 " bytes", bytes);
	else
		snprintf(to, METER_TEXT, v < 10 ? "%.1f %ciB" : "%.0f %ciB", v, units[unit]);
	return to;
}

static void show(struct meter *m, uint64_t done, uint64_t now_ms)
{
	char text[METER_TEXT], speed[METER_TEXT];
	uint64_t spent = now_ms - m->last_ms;
	double rate = spent ? (double)(done - m->last_done) * 1000 / (double)spent : 0;

	fprintf(m->out, "%s: %s %s, %s/s", say_name, m->what, meter_bytes(text, done),
		meter_bytes(speed, (uint64_t)rate));
	if (m->total > 0 && done <= m->total) {
		fprintf(m->out, ", %.0f %%", (double)done * 100 / (double)m->total);
		if (rate > 0 && (double)(m->total - done) / rate < 360000)
			fprintf(m->out, ", %.0f s left", (double)(m->total - done) / rate);
	}
	fputs(m->terminal ? "\033[K\r" : "\n", m->out);
	fflush(m->out);
}

void meter_step_at(struct meter *m, uint64_t done, uint64_t now_ms)
{
	if (!m->out || now_ms < m->next_ms)
		return;
	if (done < m->last_done)
		m->last_done = done;	/* something is being sent again */
	show(m, done, now_ms);
	m->shown = true;
	m->last_ms = now_ms;
	m->last_done = done;
	m->next_ms = now_ms + (m->terminal ? TERMINAL_MS : LOG_MS);
}

void meter_step(struct meter *m, uint64_t done)
{
	if (m->out)
		meter_step_at(m, done, clock_ms());
}

void meter_clear(struct meter *m)
{
	if (!m->out || !m->terminal || !m->shown)
		return;
	fputs("\033[K", m->out);
	fflush(m->out);
	m->shown = false;
}
