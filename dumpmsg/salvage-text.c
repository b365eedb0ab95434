/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log of kernels before 3.5 looks like in memory (see text.h): lines that begin
 * with <N>, and nothing but characters. A single byte that is none is damage; more of them
 * are the end.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "salvage.h"
#include "text.h"
#include "vmcore.h"

enum {
	LEAST = 4,			/* lines with a level */
	STRANGE = 4,			/* bytes in a row that are no text: the end */
	NEAR = 65536,			/* bytes that may be missing */
	SLACK = 100000000,		/* nanoseconds that processors' clocks differ */
	PREFIX = 64,			/* bytes to look for level and time in */
	REMAINS = 1024,			/* bytes of a line that has lost its beginning */
	LEVEL_MAX = 191,		/* facility 23, level 7: in <N> */
};

static bool is_text(uint8_t c)
{
	return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' || c == '\r' || c == '\33';
}

static void end(struct salvage_text *f)
{
	if (f->open.n < LEAST)
		f->open.n = 0;
	/* without times: a line that has lost its beginning is the oldest, if it is the only one */
	if (f->open.last == 0 && f->nremains == 1)
		f->open.seam = f->bare;
	/* no line goes on behind a page that the dump does not hold: to be met in reading */
	if (f->open.end == f->hole)
		f->open.end++;
	salvage_keep_buffer(&f->found, &f->open);
	f->line = f->remains = 0;
	f->strange = f->nremains = 0;
}

/*
 * A line of that time begins at phys. One time that is too large or too small is damage; only
 * where two are smaller than the two before, the ring has a seam.
 */
static void take_time(struct salvage_buffer *b, uint64_t ts_nsec, uint64_t phys)
{
	bool back = ts_nsec + SLACK < b->last && ts_nsec + SLACK < b->before;

	if (back && !b->low) {
		b->low = phys;
		return;
	}
	if (back) {
		b->ended |= b->seam != 0;
		if (!b->seam)
			b->seam = b->low;
		b->last = ts_nsec;
	}
	b->low = 0;
	b->before = b->last;
	b->last = ts_nsec;
}

/* a line begins here: what does it say? */
static void take_line(struct salvage_text *f, const uint8_t *p, uint64_t phys)
{
	struct salvage_buffer *b = &f->open;
	const char *s = (const char *)p;
	unsigned level;
	uint64_t ts_nsec;
	size_t n = text_prefix(s, PREFIX, &level);

	f->line = phys;
	if (n == 0 || level > LEVEL_MAX) {
		if (!f->remains)
			f->remains = phys;
		if (b->n > 0) {
			f->nremains++;
			f->bare = phys;
		}
		return;
	}
	if (text_time(s + n, PREFIX - n, &ts_nsec))
		take_time(b, ts_nsec, f->remains ? f->remains : phys);
	if (!b->ended)
		b->n++;
	f->remains = 0;
}

/* the first line of a buffer that has a level; before it may be what is left of another */
static bool begins(const uint8_t *p)
{
	unsigned level;
	size_t n = text_prefix((const char *)p, PREFIX, &level);

	return n && level <= LEVEL_MAX && is_text(p[n]) && is_text(p[n + 1]);
}

/* where the buffer may begin, if its first line with a level is at p */
static const uint8_t *first_of(const uint8_t *from, const uint8_t *p)
{
	const uint8_t *first = p;

	while (first > from && p - first < REMAINS && is_text(first[-1]))
		first--;
	return p - first < REMAINS ? first : p;
}

/* one byte of a buffer */
static void take(struct salvage_text *f, const uint8_t *p, uint64_t phys)
{
	if (!is_text(*p)) {
		if (++f->strange == STRANGE)
			end(f);
		return;
	}
	f->strange = 0;
	if (!f->line)
		take_line(f, p, phys);
	if (!f->open.ended)
		f->open.end = phys + 1;
	if (*p == '\n')
		f->line = 0;
}

void salvage_text_look(void *arg, const uint8_t *p, size_t len, uint64_t phys, bool apart)
{
	struct salvage_text *f = arg;
	const uint8_t *to = p + len, *from = p;

	if (apart)
		f->hole = f->next;
	if (f->open.phys && apart && phys - f->next > NEAR)
		end(f);
	f->next = phys + len;
	while (p < to) {
		if (f->open.phys) {
			take(f, p, phys + (uint64_t)(p - from));
			p++;
			continue;
		}
		p = memchr(p, '<', (size_t)(to - p));
		if (!p)
			return;
		if (begins(p)) {
			p = first_of(from, p);
			f->open.phys = phys + (uint64_t)(p - from) - (apart && p == from && phys > 0);
		} else {
			p++;
		}
	}
}

void salvage_text_end(struct salvage_text *f)
{
	f->hole = f->next;
	end(f);
}

struct text *salvage_text_begin(struct log *log, const struct salvage_buffer *b)
{
	struct text *t = calloc(1, sizeof *t);

	if (!t) {
		fail_sys("the log");
		return NULL;
	}
	t->size = b->end - b->phys;
	t->at = t->clear = b->seam ? b->seam - b->phys : 0;
	t->end = t->at + t->size;
	t->prefix = LEVEL_DEFAULT;
	if (chunk_open(&t->chunk, log, b->phys, t->size)) {
		free(t);
		return NULL;
	}
	return t;
}
