/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "records" is the log of Linux 3.5 to 5.9 (log_store() in kernel/printk.c, later
 * kernel/printk/printk.c): records one behind the other in a buffer of 2^n bytes, each a
 * header, the text, the device's strings, and zeros up to a multiple of 4. The oldest ones
 * go until there is room in one piece; a header of zeros says that the next record is at
 * the buffer's start. Up to 3.16 a record needed a byte more than it has.
 */
#include <string.h>

#include "gen.h"

/* where the kernel's variables are, from log_vars on */
enum { LOG_BUF = 0, LOG_BUF_LEN = 8, LOG_FIRST_IDX = 16, LOG_NEXT_IDX = 24, CLEAR_IDX = 32,
       LOG_VARS = 40 };

struct record {
	struct msg *msg;
	uint64_t at, len;	/* in the buffer */
};

struct records {
	struct gen *g;
	uint64_t buf, size;	/* physical address of the buffer, its bytes */
	unsigned header;	/* bytes */
	uint64_t first, next;	/* places */
	struct record *list;
	uint64_t n, oldest;	/* the first one that is still there */
	uint64_t marker;	/* the place of the header of zeros; size: there is none */
	bool cleared;
	uint64_t clear;
};

static unsigned header_size(const struct desc *d)
{
	return d->log_caller ? 20 : 16;
}

static uint64_t dict_of(const struct msg *m, char dict[128])
{
	int n = 0;

	if (m->subsystem)
		n = snprintf(dict, 128, "SUBSYSTEM=%s%cDEVICE=%s", m->subsystem, 0, m->device);
	return (uint64_t)n;
}

static bool has_room(const struct records *r, uint64_t len)
{
	bool strict = r->g->d->version < VERSION(3, 17, 0);
	uint64_t room;

	if (r->oldest == r->n)
		return true;
	if (r->next > r->first)
		room = r->size - r->next > r->first ? r->size - r->next : r->first;
	else
		room = r->first - r->next;
	return strict ? room > len + r->header : room >= len + r->header;
}

static void drop_oldest(struct records *r)
{
	r->oldest++;
	r->first = r->oldest < r->n ? r->list[r->oldest].at : r->next;
}

static void put_record(struct records *r, struct record *rec)
{
	struct gen *g = r->g;
	const struct msg *m = rec->msg;
	uint64_t at = r->buf + rec->at;
	char dict[128];
	uint64_t dict_len = dict_of(m, dict);
	uint8_t *zeros = take(rec->len);

	put(g, at, zeros, rec->len);
	put64(g, at, m->usec * 1000 + 7);
	put16(g, at + 8, (uint16_t)(m->bad_len ? m->bad_len : rec->len));
	put16(g, at + 10, (uint16_t)(m->bad_text_len ? m->bad_text_len : m->len));
	put16(g, at + 12, (uint16_t)dict_len);
	if (g->d->log_u16_level) {
		put16(g, at + 14, (uint16_t)m->level);
	} else {
		put8(g, at + 14, (uint8_t)(m->level >> 3));
		put8(g, at + 15, (uint8_t)((m->level & 7) << 5 | m->flags));
	}
	if (g->d->log_caller)
		put32(g, at + 16, m->caller);
	put(g, at + r->header, m->text, m->len);
	put(g, at + r->header + m->len, dict, dict_len);
	if (m->zeroed)
		put(g, at, zeros, r->header);
}

static void store(struct records *r, struct msg *m)
{
	bool strict = r->g->d->version < VERSION(3, 17, 0);
	struct record *rec = &r->list[r->n];
	char dict[128];
	uint8_t zeros[32] = { 0 };

	rec->msg = m;
	rec->len = (r->header + m->len + dict_of(m, dict) + 3) & ~3ULL;
	if (rec->len > r->size / 4)
		die(r->g->d, "a message of %zu bytes does not fit into this log", m->len);
	while (!has_room(r, rec->len))
		drop_oldest(r);
	if (r->next + rec->len + r->header + strict > r->size) {
		put(r->g, r->buf + r->next, zeros, r->header);
		r->marker = r->next;
		r->next = 0;
	}
	rec->at = r->next;
	if (r->oldest == r->n)
		r->first = rec->at;
	put_record(r, rec);
	r->next += rec->len;
	r->n++;
	if (r->n == r->g->d->log_clear)
		r->clear = r->next;
}

static bool is_gone(const struct records *r, uint64_t from, uint64_t len)
{
	uint64_t hole = r->g->d->log_hole_page * PAGE;

	return r->g->d->log_hole && from < hole + PAGE && from + len > hole;
}

/* what a gap is about, and whether the record's length is known all the same */
static bool is_lost(const struct records *r, const struct record *rec, enum lost *why,
		    bool *counted)
{
	const struct msg *m = rec->msg;

	*why = LOST_DAMAGED;
	*counted = false;
	if (m->bad_len || m->bad_text_len || m->zeroed)
		return true;
	*why = LOST_MISSING;
	*counted = !is_gone(r, rec->at, r->header);
	return is_gone(r, rec->at, r->header + m->len);
}

/* what /dev/kmsg said of fragments: it looked at the record before, up to 4.8 */
static char mark_of(const struct records *r, unsigned flags, unsigned before)
{
	if (r->g->d->version >= VERSION(4, 9, 0))
		return flags & LOG_CONT ? 'c' : '-';
	if (flags & LOG_CONT)
		return before & LOG_CONT ? '+' : 'c';
	return before & LOG_CONT && !(flags & LOG_PREFIX) ? '+' : '-';
}

static void expect_records(struct records *r, struct expect *e)
{
	unsigned before = 0;
	uint64_t seq = 0;

	for (uint64_t i = r->oldest; i < r->n; i++) {
		const struct msg *m = r->list[i].msg;
		enum lost why;
		bool counted, lost = is_lost(r, &r->list[i], &why, &counted);

		if (lost) {
			expect_gap(e, why, counted);
			seq += counted;
			if (counted)
				before = m->flags;
			continue;
		}
		expect_line(e, &(struct line){
			.timed = true, .usec = m->usec, .seq = seq++, .level = m->level,
			.has_caller = r->g->d->log_caller, .caller = m->caller,
			.text = m->text, .len = m->len, .mark = mark_of(r, m->flags, before),
			.subsystem = m->subsystem, .device = m->device,
			.cleared = r->g->d->version >= VERSION(4, 9, 0) &&
				   i < r->g->d->log_clear,
		}, r->g->d->log_caller);
		before = m->flags;
	}
}

static void write_vars(struct records *r)
{
	struct gen *g = r->g;

	put64(g, g->log_vars + LOG_BUF, linear_address(g->d, r->buf));
	put32(g, g->log_vars + LOG_BUF_LEN, (uint32_t)r->size);
	put32(g, g->log_vars + LOG_FIRST_IDX, g->d->log_bad_first ? 0x7fffffff : (uint32_t)r->first);
	put32(g, g->log_vars + LOG_NEXT_IDX, g->d->log_bad_next ? 0x7fffffff : (uint32_t)r->next);
	/* what was cleared is thrown away first, and clear_idx goes with it */
	put32(g, g->log_vars + CLEAR_IDX,
	      (uint32_t)(g->d->log_clear > r->oldest ? r->clear : r->first));
}

void records_make(struct gen *g, struct expect *e)
{
	struct records r = { .g = g, .size = 1ULL << g->d->log_bits,
			     .header = header_size(g->d) };
	uint64_t n = 0;

	for (struct msg *m = g->d->msgs; m; m = m->next)
		n++;
	if (n == 0 || r.size < PAGE)
		die(g->d, "a log needs messages, and a buffer of a page");
	r.list = take(n * sizeof *r.list);
	r.marker = r.size;
	g->log_vars = alloc(g, LOG_VARS, 8);
	r.buf = alloc(g, r.size, PAGE);
	for (struct msg *m = g->d->msgs; m; m = m->next)
		store(&r, m);
	write_vars(&r);
	expect_records(&r, e);
	if (g->d->log_hole)
		g->hole = (struct range){ r.buf + g->d->log_hole_page * PAGE,
					  r.buf + (g->d->log_hole_page + 1) * PAGE };
}

void records_info(struct gen *g)
{
	static const struct { const char *name; unsigned at, since; } symbols[] = {
		{ "log_buf", LOG_BUF, 0 }, { "log_buf_len", LOG_BUF_LEN, 0 },
		{ "log_first_idx", LOG_FIRST_IDX, 0 },
		{ "clear_idx", CLEAR_IDX, VERSION(4, 9, 0) },
		{ "log_next_idx", LOG_NEXT_IDX, 0 },
	};
	static const struct { const char *field; unsigned at; } offsets[] = {
		{ "ts_nsec", 0 }, { "len", 8 }, { "text_len", 10 }, { "dict_len", 12 },
	};
	const char *name = g->d->version < VERSION(3, 11, 0) ? "log" : "printk_log";

	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		key(g, symbols[i].since, NEVER, "SYMBOL(%s)=%llx", symbols[i].name,
		    (unsigned long long)static_address(g->d, g->log_vars + symbols[i].at));
	key(g, VERSION(3, 6, 0), NEVER, "SIZE(%s)=%u", name, header_size(g->d));
	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
		key(g, VERSION(3, 6, 0), NEVER, "OFFSET(%s.%s)=%u", name, offsets[i].field,
		    offsets[i].at);
	if (g->d->log_caller)
		key(g, VERSION(5, 1, 0), NEVER, "OFFSET(%s.caller_id)=16", name);
}
