/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See text.h. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "log.h"
#include "space.h"
#include "stop.h"
#include "text.h"
#include "vmcore.h"

enum { NSEC_PER_SEC = 1000000000, NSEC_PER_USEC = 1000 };

/* the character at t->at; -1: it is not in the dump */
static int peek(struct text *t)
{
	const struct chunk *c = &t->chunk;
	uint64_t at = t->at % t->size;
	uint8_t byte;

	if (at >= c->at && at < c->end)		/* as nearly always */
		return c->missing ? -1 : c->bytes[at - c->at];
	return chunk_read(&t->chunk, &byte, at, 1) ? -1 : byte;
}

/* VMCOREINFO has one address for both: one of them is damaged */
static bool in_one_place(const struct kinfo *ki)
{
	uint64_t end, logged;

	return kinfo_symbol(ki, "log_end", &end) && kinfo_symbol(ki, "logged_chars", &logged) &&
	       end == logged;
}

static int open_ring(struct log *log, struct text *t)
{
	unsigned version = log->sp->vm->info.version;
	/* an unsigned long up to 2.6.24 */
	bool is_long = version != 0 && version < KINFO_VERSION(2, 6, 25);
	uint64_t buf, len, logged, n;

	if (log_buffer(log, &buf, &len) || chunk_open(&t->chunk, log, buf, len) ||
	    log_number(log, "log_end", is_long ? log_word(log) : 4, &t->end))
		return -1;
	if (log_number(log, "logged_chars", 4, &logged) || in_one_place(&log->sp->vm->info))
		logged = UINT64_MAX;
	/* log_end itself starts again at 0 after 4 GiB, with a full ring */
	n = t->end < len && logged != len ? t->end : len;
	t->size = len;
	t->at = t->end;
	/*
	 * Something was written there: log_end is damaged. But a ring of log_buf_len= may hold
	 * an older boot's from the start (3.0 to 3.4); then logged_chars is the same.
	 */
	if (n < len && logged != t->end && peek(t) > 0) {
		log->mended = true;
		n = len;
	}
	t->end += len;			/* so that nothing is below 0 */
	t->at = t->end - n;
	t->clear = logged < n ? t->end - logged : t->at;
	t->prefix = LEVEL_DEFAULT;
	return 0;
}

static int text_open(struct log *log)
{
	struct text *t = calloc(1, sizeof *t);

	log->state = t;
	log->caller_shown = 0;
	if (!t)
		return fail_sys("the log");
	return open_ring(log, t) ? fail_in("the log's characters") : 0;
}

/* to the first character that is in the dump again */
static void pass_hole(struct text *t)
{
	do
		t->at += t->chunk.end - (t->at % t->size);
	while (t->at < t->end && peek(t) < 0);
	if (t->at > t->end)
		t->at = t->end;
}

static int lose(struct log *log, struct text *t, struct record *r, enum loss why)
{
	t->prefix = LEVEL_DEFAULT;
	return log_lose(log, r, why, 0);
}

/* an unsigned number of at least min digits and at most max; how many it has, or 0 */
static size_t number(const char *s, size_t len, size_t min, size_t max, uint64_t *value)
{
	size_t n = 0;

	for (*value = 0; n < len && n < max && s[n] >= '0' && s[n] <= '9'; n++)
		*value = *value * 10 + (unsigned)(s[n] - '0');
	return n >= min ? n : 0;
}

size_t text_prefix(const char *s, size_t len, unsigned *prefix)
{
	uint64_t value;
	size_t n;

	if (len < 3 || s[0] != '<')
		return 0;
	n = number(s + 1, len - 1, 1, 4, &value);
	if (n == 0 || n + 1 >= len || s[n + 1] != '>')
		return 0;
	*prefix = (unsigned)value;
	return n + 2;
}

size_t text_time(const char *s, size_t len, uint64_t *ts_nsec)
{
	uint64_t sec, usec;
	size_t blanks = 1, n;

	if (len < 15 || s[0] != '[')
		return 0;
	while (blanks < 5 && s[blanks] == ' ')
		blanks++;
	n = blanks + number(s + blanks, len - blanks, 1, 10, &sec);
	if (n == blanks || n < 6 || (n > 6 && blanks > 1) || (s[blanks] == '0' && n > blanks + 1) ||
	    len - n < 10 || s[n] != '.' ||
	    !number(s + n + 1, 6, 6, 6, &usec) || s[n + 7] != ']' || s[n + 8] != ' ')
		return 0;
	*ts_nsec = sec * NSEC_PER_SEC + usec * NSEC_PER_USEC;
	return n + 9;
}

/* t->line is a record */
static int take(struct text *t, struct record *r, bool cleared)
{
	const char *s = t->line;
	size_t len = t->len, n = text_prefix(s, len, &t->prefix);

	*r = (struct record){
		.seq = t->seq++,
		.facility = t->prefix >> 3,
		.level = t->prefix & 7,
		.cleared = cleared,
		.text = s + n,
		.len = len - n,
	};
	/* without a level it is what is left of a line, or another line of a message: as it is */
	n = n > 0 ? text_time(r->text, r->len, &r->ts_nsec) : 0;
	r->timed = n > 0;
	r->text += n;
	r->len -= n;
	return 1;
}

/* a kernel writes no zeros: the ring has never come here, or something else has */
static int skip_zeros(struct log *log, struct text *t, struct record *r)
{
	bool first = t->seq == 0;

	while (t->at < t->end && peek(t) == 0)
		t->at++;
	log->mended |= first;
	return first ? 0 : lose(log, t, r, LOSS_DAMAGED);
}

/* one line, or one gap: 1; 0: neither */
static int read_line(struct log *log, struct text *t, struct record *r)
{
	bool cleared = t->at < t->clear;
	int c = peek(t);

	if (c == 0)
		return skip_zeros(log, t, r);
	if (c < 0) {
		pass_hole(t);
		return lose(log, t, r, LOSS_MISSING);
	}
	for (t->len = 0; t->len < LINE_MAX_BYTES && t->at < t->end; t->at++) {
		c = peek(t);
		if (c <= 0)
			break;
		if (c == '\n') {
			t->at++;
			return take(t, r, cleared);
		}
		t->line[t->len++] = (char)c;
	}
	log->shortened += c <= 0;	/* a hole begins within the line */
	return take(t, r, cleared);
}

static int text_next(struct log *log, struct record *r)
{
	struct text *t = log->state;
	int rc = 0;

	while (rc == 0 && t->at < t->end) {
		if (stop_check())
			return -1;
		rc = read_line(log, t, r);
	}
	return rc;
}

static void text_close(struct log *log)
{
	free(log->state);
	log->state = NULL;
}

const struct log_format log_text = {
	"before 3.5", "log_end", text_open, text_next, text_close
};
