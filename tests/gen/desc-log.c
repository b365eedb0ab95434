/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a description says of the log. */
#include <stdlib.h>
#include <string.h>

#include "gen.h"

/* log ring|records|chars BITS [OPTION]... */
void log_read(struct desc *d, char *line)
{
	const struct { const char *name; bool *flag; uint64_t *value; } options[] = {
		{ "exact-end", &d->log_exact_end, NULL }, { "hole", &d->log_hole, NULL },
		{ "hole-page", &d->log_hole, &d->log_hole_page },
		{ "tail-ahead", NULL, &d->log_tail_ahead }, { "clear", NULL, &d->log_clear },
		{ "caller", &d->log_caller, NULL }, { "no-time", &d->log_no_time, NULL },
		{ "u16-level", &d->log_u16_level, NULL },
		{ "bad-first", &d->log_bad_first, NULL }, { "bad-next", &d->log_bad_next, NULL },
	};
	enum { N = sizeof options / sizeof options[0] };
	char *w = next_word(d, &line);
	size_t i;

	d->log = w ? log_kind_find(w) : NULL;
	if (!d->log)
		die(d, "no log is called %s", w ? w : "nothing");
	d->log_bits = (unsigned)number(d, next_word(d, &line));
	if (d->log_bits > 26)
		die(d, "the log is too large");
	while ((w = next_word(d, &line))) {
		for (i = 0; i < N && strcmp(w, options[i].name) != 0; i++)
			;
		if (i == N)
			die(d, "log: what is %s?", w);
		if (options[i].flag)
			*options[i].flag = true;
		if (options[i].value)
			*options[i].value = number(d, next_word(d, &line));
	}
}

static char *copy_of(struct desc *d, const char *text, size_t len)
{
	char *copy = take(len + 1);

	if (!text)
		die(d, "a text is missing");
	memcpy(copy, text, len);
	return copy;
}

/* "newline", "cont", "prefix": flags of the record; without any it is a whole line */
static bool read_flag(struct msg *m, const char *what)
{
	const struct { const char *name; unsigned flag; } flags[] = {
		{ "newline", LOG_NEWLINE }, { "cont", LOG_CONT }, { "prefix", LOG_PREFIX },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!strcmp(what, flags[i].name)) {
			m->flags = (m->has_flags ? m->flags : 0) | flags[i].flag;
			m->has_flags = true;
			return true;
		}
	return false;
}

static bool read_what(struct msg *m, const char *what)
{
	static const char *const names[] = {
		[MSG_LOST] = "lost", [MSG_TORN] = "torn", [MSG_COMMITTED] = "committed",
		[MSG_REUSABLE] = "reusable",
	};

	for (int i = MSG_LOST; i <= MSG_REUSABLE; i++)
		if (!strcmp(what, names[i])) {
			m->what = i;
			return true;
		}
	return false;
}

/* what may follow a message's text */
static void read_options(struct desc *d, struct msg *m, char *line)
{
	const struct { const char *name; bool *flag; } flags[] = {
		{ "to-end", &m->to_end }, { "foreign", &m->foreign }, { "stale", &m->stale },
		{ "bare", &m->bare }, { "zeroed", &m->zeroed },
	};
	enum { NFLAGS = sizeof flags / sizeof flags[0] };
	char *w, *text;
	size_t i, len;

	while ((w = next_word(d, &line))) {
		for (i = 0; i < NFLAGS && strcmp(w, flags[i].name) != 0; i++)
			;
		if (i < NFLAGS) {
			*flags[i].flag = true;
		} else if (read_flag(m, w) || read_what(m, w)) {
			continue;
		} else if (!strcmp(w, "bad-len")) {
			m->bad_len = (unsigned)number(d, next_word(d, &line));
		} else if (!strcmp(w, "bad-text-len")) {
			m->bad_text_len = (unsigned)number(d, next_word(d, &line));
		} else if (!strcmp(w, "dev")) {
			text = word(d, &line, &len);
			m->subsystem = copy_of(d, text, len);
			text = word(d, &line, &len);
			m->device = copy_of(d, text, len);
		} else {
			die(d, "msg: what is %s?", w);
		}
	}
}

/* msg SECONDS.MICROSECONDS LEVEL CALLER "TEXT" [OPTION]... */
void msg_read(struct desc *d, char *line)
{
	struct msg *m = take(sizeof *m);
	char *w = next_word(d, &line), *dot = w ? strchr(w, '.') : NULL;

	if (!dot || strlen(dot) != 7)
		die(d, "a time is SECONDS.MICROSECONDS, with six digits");
	m->usec = strtoull(w, NULL, 10) * 1000000 + strtoull(dot + 1, NULL, 10);
	m->level = (unsigned)number(d, next_word(d, &line)) & 2047;
	m->flags = LOG_NEWLINE;
	w = next_word(d, &line);
	if (!w || (*w != 'T' && *w != 'C'))
		die(d, "a caller is T and a task's number or C and a CPU's");
	m->caller = (uint32_t)number(d, w + 1) | (*w == 'C' ? 0x80000000 : 0);
	w = word(d, &line, &m->len);
	m->text = copy_of(d, w, m->len);
	if (m->len == 0)
		m->what = MSG_EMPTY;
	read_options(d, m, line);
	if (d->last_msg)
		d->last_msg->next = m;
	else
		d->msgs = m;
	d->last_msg = m;
}
