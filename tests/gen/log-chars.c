/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "chars" is the log before Linux 3.5 (emit_log_char() in kernel/printk.c): characters, in
 * a ring of 2^n. Each line begins with <N> and, if the kernel keeps times, with one.
 */
#include <stdlib.h>
#include <string.h>

#include "gen.h"

enum { LOG_BUF = 0, LOG_BUF_LEN = 8, LOG_END = 16, LOGGED_CHARS = 24, LOG_VARS = 32 };

struct chars {
	struct gen *g;
	uint64_t buf, size;	/* physical address of the ring, its bytes */
	char *all;		/* everything ever written */
	uint64_t n, room;
	uint64_t clear;		/* so many were written before dmesg --clear */
};

static void emit(struct chars *c, const char *text, size_t len)
{
	if (c->n + len > c->room) {
		c->room = 2 * (c->n + len);
		c->all = realloc(c->all, c->room);
		if (!c->all)
			die(c->g->d, "out of memory");
	}
	memcpy(c->all + c->n, text, len);
	c->n += len;
}

/* each line of a message gets what stands before the first */
static void emit_message(struct chars *c, const struct msg *m)
{
	const char *text = m->text, *end = text + m->len, *line_end;
	char prefix[64];
	int n;

	if (m->bare) {
		emit(c, text, m->len);
		return;
	}
	n = snprintf(prefix, sizeof prefix, "<%u>", m->level);
	if (!c->g->d->log_no_time)
		n += snprintf(prefix + n, sizeof prefix - (size_t)n, "[%5llu.%06llu] ",
			      (unsigned long long)m->usec / 1000000,
			      (unsigned long long)m->usec % 1000000);
	for (;; text = line_end + 1) {
		line_end = memchr(text, '\n', (size_t)(end - text));
		emit(c, prefix, (size_t)n);
		emit(c, text, (size_t)((line_end ? line_end : end) - text));
		emit(c, "\n", 1);
		if (!line_end)
			return;
	}
}

/* the time that a kernel would have written just so: how many characters it has, or 0 */
static int time_of(const char *text, uint64_t *usec)
{
	unsigned long long sec, part;
	char again[64];
	int n;

	if (sscanf(text, "[%llu.%llu]", &sec, &part) != 2)
		return 0;
	n = snprintf(again, sizeof again, "[%5llu.%06llu] ", sec, part);
	*usec = sec * 1000000 + part;
	return part < 1000000 && !strncmp(text, again, (size_t)n) ? n : 0;
}

/* a line as it is in the ring; only one with a level may have a time */
static void expect_text(struct chars *c, struct expect *e, uint64_t from, uint64_t to,
			uint64_t seq, unsigned *level)
{
	const char *text = c->all + from;
	size_t len = to - from;
	char copy[64], *end;
	uint64_t usec = 0;
	int n = 0, timed = 0;

	snprintf(copy, sizeof copy, "%.*s", (int)(len < 63 ? len : 63), text);
	if (copy[0] == '<' && strtoul(copy + 1, &end, 10) < 2048 && *end == '>' && end > copy + 1) {
		*level = (unsigned)strtoul(copy + 1, NULL, 10);
		n = (int)(end + 1 - copy);
		timed = time_of(end + 1, &usec);
		if ((size_t)(n + timed) == len)
			timed = 0;
	}
	expect_line(e, &(struct line){
		.timed = timed, .usec = timed ? usec : 0, .seq = seq, .level = *level,
		.text = text + n + timed, .len = len - (size_t)(n + timed), .mark = '-',
		.cleared = from < c->clear,
	}, false);
}

static bool is_gone(const struct chars *c, uint64_t i)
{
	uint64_t hole = c->g->d->log_hole_page * PAGE, at = i & (c->size - 1);

	return c->g->d->log_hole && at >= hole && at < hole + PAGE;
}

static void expect_chars(struct chars *c, struct expect *e)
{
	uint64_t from = c->n > c->size ? c->n - c->size : 0, to, seq = 0;
	unsigned level = 4;

	while (from < c->n) {
		for (to = from; to < c->n && is_gone(c, to); to++)
			;
		if (to > from) {
			expect_gap(e, LOST_MISSING, 0);
			level = 4;
			from = to;
			continue;
		}
		while (to < c->n && c->all[to] != '\n' && !is_gone(c, to))
			to++;
		expect_text(c, e, from, to, seq++, &level);
		from = to < c->n && !is_gone(c, to) ? to + 1 : to;
	}
}

void chars_make(struct gen *g, struct expect *e)
{
	struct chars c = { .g = g, .size = 1ULL << g->d->log_bits };
	uint64_t written = 0, logged;

	g->log_vars = alloc(g, LOG_VARS, 8);
	c.buf = alloc(g, c.size, PAGE);
	for (struct msg *m = g->d->msgs; m; m = m->next) {
		emit_message(&c, m);
		if (++written == g->d->log_clear)
			c.clear = c.n;
	}
	for (uint64_t i = c.n > c.size ? c.n - c.size : 0; i < c.n; i++)
		put8(g, c.buf + (i & (c.size - 1)), (uint8_t)c.all[i]);
	logged = c.n - c.clear < c.size ? c.n - c.clear : c.size;
	put64(g, g->log_vars + LOG_BUF, linear_address(g->d, c.buf));
	put32(g, g->log_vars + LOG_BUF_LEN, (uint32_t)c.size);
	put32(g, g->log_vars + LOG_END, (uint32_t)c.n);
	put32(g, g->log_vars + LOGGED_CHARS, (uint32_t)logged);
	expect_chars(&c, e);
	if (g->d->log_hole)
		g->hole = (struct range){ c.buf + g->d->log_hole_page * PAGE,
					  c.buf + (g->d->log_hole_page + 1) * PAGE };
}

void chars_info(struct gen *g)
{
	static const struct { const char *name; unsigned at; } symbols[] = {
		{ "log_buf", LOG_BUF }, { "log_end", LOG_END },
		{ "log_buf_len", LOG_BUF_LEN }, { "logged_chars", LOGGED_CHARS },
	};

	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		key(g, 0, NEVER, "SYMBOL(%s)=%llx", symbols[i].name,
		    (unsigned long long)static_address(g->d, g->log_vars + symbols[i].at));
}
