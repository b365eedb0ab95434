/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "ring" is the printk_ringbuffer of Linux 5.10 and later
 * (kernel/printk/printk_ringbuffer.c): 2^n descriptors, as many infos, and a ring
 * of bytes for text. Positions in the ring of bytes only grow, and begin one ring
 * below zero; descriptor numbers do the same within 62 bits. A block that does not
 * fit before the ring's end leaves its number there and lies at the ring's start.
 */
#include <string.h>

#include "gen.h"

enum {
	DESC = 24, INFO = 88, LINE_BITS = 5,
	RESERVED = 0, COMMITTED = 1, FINALIZED = 2, REUSABLE = 3,
	FAILED_LPOS = 1, EMPTY_LPOS = 3,
};

#define ID_MASK 0x3fffffffffffffff

struct record {
	struct msg *msg;
	uint64_t begin, next;	/* positions of its text, or what stands for no text */
	bool wrapped, has_text;
	unsigned state;
};

struct ring {
	struct gen *g;
	unsigned count_bits, size_bits;
	uint64_t descs, infos, text;	/* physical */
	struct record *records;
	uint64_t n, data_tail;		/* records; the oldest that still has its text */
	uint64_t tail;			/* the oldest that still has its descriptor */
	uint64_t head_lpos, tail_lpos;
	bool printed;			/* a message that a reader prints */
	bool used_up;			/* the descriptor before the first was reused */
};

static bool crosses(const struct ring *r, uint64_t begin, uint64_t next)
{
	if (r->g->d->log_exact_end)
		next--;
	return begin >> r->size_bits != next >> r->size_bits;
}

/* the oldest text goes, and its record with it */
static void drop_text(struct ring *r, uint64_t below)
{
	for (; r->data_tail < r->n && (int64_t)(r->tail_lpos - below) < 0; r->data_tail++) {
		struct record *old = &r->records[r->data_tail];

		if (!old->has_text)
			continue;
		r->tail_lpos = old->next;
		old->state = REUSABLE;
	}
}

static void drop_descriptor(struct ring *r)
{
	uint64_t count = 1ULL << r->count_bits;

	if (r->n + 1 >= count)
		r->used_up = true;
	if (r->n - r->tail < count)
		return;
	struct record *old = &r->records[r->tail++];

	old->state = REUSABLE;
	if (old->has_text)
		drop_text(r, old->next);
}

static void stretch(struct ring *r, struct msg *m)
{
	uint64_t size = 1ULL << r->size_bits, room = size - (r->head_lpos & (size - 1));
	uint64_t len = room - 8;
	char *text;

	if (!r->g->d->log_exact_end || room < 16 || m->len == 0)
		die(r->g->d, "a message cannot end where this ring ends");
	text = take(len);
	for (uint64_t i = 0; i < len; i++)
		text[i] = m->text[i % m->len];
	m->text = text;
	m->len = len;
}

static void place(struct ring *r, struct record *rec)
{
	uint64_t size = 1ULL << r->size_bits;
	struct msg *m = rec->msg;

	rec->begin = rec->next = m->what == MSG_EMPTY ? EMPTY_LPOS : FAILED_LPOS;
	if (m->what == MSG_EMPTY || m->what == MSG_LOST)
		return;
	if (m->to_end)
		stretch(r, m);
	uint64_t block = (m->len + 8 + 7) & ~7ULL;

	if (block > size / 2 || m->len > 0xffff)
		die(r->g->d, "a message of %zu bytes does not fit into this ring", m->len);
	rec->has_text = true;
	rec->begin = r->head_lpos;
	rec->next = rec->begin + block;
	rec->wrapped = crosses(r, rec->begin, rec->next);
	if (rec->wrapped)
		rec->next = (rec->next & ~(size - 1)) + block;
	drop_text(r, rec->next - size);
	r->head_lpos = rec->next;
}

static uint64_t id_of(const struct ring *r, uint64_t record)
{
	return (record - (1ULL << r->count_bits)) & ID_MASK;
}

static void write_record(struct ring *r, uint64_t i)
{
	struct gen *g = r->g;
	const struct record *rec = &r->records[i];
	uint64_t id = id_of(r, i), index = i & ((1ULL << r->count_bits) - 1);
	uint64_t mask = (1ULL << r->size_bits) - 1;
	uint64_t desc = r->descs + index * DESC, info = r->infos + index * INFO;

	put64(g, desc, (uint64_t)rec->state << 62 | (rec->msg->foreign ? id - 1000 : id));
	put64(g, desc + 8, rec->begin);
	put64(g, desc + 16, rec->next);
	put64(g, info, i);
	put64(g, info + 8, rec->msg->usec * 1000 + 7);
	put16(g, info + 16, (uint16_t)rec->msg->len);
	put8(g, info + 18, (uint8_t)(rec->msg->level >> 3));
	put8(g, info + 19, (uint8_t)((rec->msg->level & 7) << 5 | rec->msg->flags));
	put32(g, info + 20, rec->msg->caller);
	if (rec->msg->subsystem)
		put(g, info + 24, rec->msg->subsystem, strlen(rec->msg->subsystem));
	if (rec->msg->device)
		put(g, info + 40, rec->msg->device, strlen(rec->msg->device));
	if (!rec->has_text)
		return;
	uint64_t at = r->text + (rec->wrapped ? 0 : rec->begin & mask);

	if (rec->msg->stale)
		id -= 1000;
	put64(g, r->text + (rec->begin & mask), id);
	put64(g, at, id);
	put(g, at + 8, rec->msg->text, rec->msg->len);
}

/* since 5.13 two numbers, of which a counter says the valid one */
static void write_clear(struct gen *g)
{
	if (g->d->version < VERSION(5, 13, 0)) {
		put64(g, g->clear_seq, g->d->log_clear);
		return;
	}
	put32(g, g->clear_seq, 7);
	put64(g, g->clear_seq + 8, 1);
	put64(g, g->clear_seq + 16, g->d->log_clear);
}

static void write_ring(struct ring *r)
{
	struct gen *g = r->g;
	uint64_t count = 1ULL << r->count_bits, rb = g->rb;

	/* the one descriptor that an empty ring has */
	put64(g, r->descs + (count - 1) * DESC, (uint64_t)REUSABLE << 62 | id_of(r, ~0ULL));
	for (uint64_t i = 0; i < r->n; i++)
		write_record(r, i);
	put32(g, rb, r->count_bits);
	put64(g, rb + 8, linear_address(g->d, r->descs));
	put64(g, rb + 16, linear_address(g->d, r->infos));
	put64(g, rb + 24, id_of(r, r->n - 1));
	if (g->d->log_tail_ahead)
		put64(g, rb + 32, id_of(r, r->n - 1 + g->d->log_tail_ahead));
	else
		put64(g, rb + 32, id_of(r, r->used_up ? r->tail : ~0ULL));
	put32(g, rb + 48, r->size_bits);
	put64(g, rb + 56, linear_address(g->d, r->text));
	put64(g, rb + 64, r->head_lpos);
	put64(g, rb + 72, r->tail_lpos);
	put64(g, g->prb, static_address(g->d, rb));
	write_clear(g);
}

static void ring_open(struct ring *r, struct gen *g)
{
	uint64_t n = 0;

	for (struct msg *m = g->d->msgs; m; m = m->next)
		n++;
	*r = (struct ring){ .g = g, .size_bits = g->d->log_bits };
	if (n == 0 || r->size_bits < LINE_BITS + 1)
		die(g->d, "a log needs messages, and a ring of 64 bytes or more");
	r->count_bits = r->size_bits - LINE_BITS;
	r->records = take(n * sizeof *r->records);
	r->head_lpos = r->tail_lpos = 0 - (1ULL << r->size_bits);
	g->prb = alloc(g, 8, 8);
	g->clear_seq = alloc(g, 24, 8);
	g->rb = alloc(g, INFO, 8);
	r->descs = alloc(g, (uint64_t)DESC << r->count_bits, 8);
	r->infos = alloc(g, (uint64_t)INFO << r->count_bits, 8);
	r->text = alloc(g, 1ULL << r->size_bits, PAGE);
}

static bool in_hole(const struct ring *r, const struct record *rec)
{
	uint64_t from = rec->wrapped ? 0 : rec->begin & ((1ULL << r->size_bits) - 1);
	uint64_t hole = r->g->d->log_hole_page * PAGE;

	return r->g->d->log_hole && rec->has_text &&
	       from < hole + PAGE && from + 8 + rec->msg->len > hole;
}

static void expect_record(struct ring *r, uint64_t i, struct expect *e)
{
	const struct record *rec = &r->records[i];
	const struct msg *m = rec->msg;

	if (m->foreign || (m->stale && rec->has_text) ||
	    (m->what == MSG_REUSABLE && r->printed)) {
		expect_gap(e, LOST_DAMAGED, 1);
		return;
	}
	if ((rec->state != COMMITTED && rec->state != FINALIZED) || m->what == MSG_LOST)
		return;
	if (in_hole(r, rec)) {
		expect_gap(e, LOST_MISSING, 1);
		return;
	}
	r->printed = true;
	expect_line(e, &(struct line){
		.timed = true, .usec = m->usec, .seq = i, .level = m->level,
		.has_caller = true, .caller = m->caller, .text = m->text, .len = m->len,
		.mark = m->flags & LOG_CONT ? 'c' : '-',
		.subsystem = m->subsystem, .device = m->device,
		.cleared = i < r->g->d->log_clear,
	}, r->g->d->log_caller);
}

void ring_make(struct gen *g, struct expect *e)
{
	struct ring r;

	ring_open(&r, g);
	for (struct msg *m = g->d->msgs; m; m = m->next) {
		struct record *rec = &r.records[r.n];

		drop_descriptor(&r);
		rec->msg = m;
		place(&r, rec);
		rec->state = m->what == MSG_TORN ? RESERVED :
			     m->what == MSG_REUSABLE ? REUSABLE :
			     m->what == MSG_COMMITTED ? COMMITTED : FINALIZED;
		r.n++;
	}
	write_ring(&r);
	for (uint64_t i = r.tail; i < r.n && !g->d->log_tail_ahead; i++)
		expect_record(&r, i, e);
	if (g->d->log_hole)
		g->hole = (struct range){ r.text + g->d->log_hole_page * PAGE,
					  r.text + (g->d->log_hole_page + 1) * PAGE };
}

void ring_info(struct gen *g)
{
	static const char *const facts[] = {
		"SIZE(printk_ringbuffer)=88", "OFFSET(printk_ringbuffer.desc_ring)=0",
		"OFFSET(printk_ringbuffer.text_data_ring)=48",
		"OFFSET(printk_ringbuffer.fail)=80", "SIZE(prb_desc_ring)=48",
		"OFFSET(prb_desc_ring.count_bits)=0", "OFFSET(prb_desc_ring.descs)=8",
		"OFFSET(prb_desc_ring.infos)=16", "OFFSET(prb_desc_ring.head_id)=24",
		"OFFSET(prb_desc_ring.tail_id)=32", "SIZE(prb_desc)=24",
		"OFFSET(prb_desc.state_var)=0", "OFFSET(prb_desc.text_blk_lpos)=8",
		"SIZE(prb_data_blk_lpos)=16", "OFFSET(prb_data_blk_lpos.begin)=0",
		"OFFSET(prb_data_blk_lpos.next)=8", "SIZE(printk_info)=88",
		"OFFSET(printk_info.seq)=0", "OFFSET(printk_info.ts_nsec)=8",
		"OFFSET(printk_info.text_len)=16", "OFFSET(printk_info.caller_id)=20",
		"OFFSET(printk_info.dev_info)=24", "SIZE(dev_printk_info)=64",
		"OFFSET(dev_printk_info.subsystem)=0", "LENGTH(printk_info_subsystem)=16",
		"OFFSET(dev_printk_info.device)=16", "LENGTH(printk_info_device)=48",
		"SIZE(prb_data_ring)=32", "OFFSET(prb_data_ring.size_bits)=0",
		"OFFSET(prb_data_ring.data)=8", "OFFSET(prb_data_ring.head_lpos)=16",
		"OFFSET(prb_data_ring.tail_lpos)=24", "SIZE(atomic_long_t)=8",
		"OFFSET(atomic_long_t.counter)=0",
	};

	key(g, 0, NEVER, "SYMBOL(prb)=%llx",
	    (unsigned long long)static_address(g->d, g->prb));
	key(g, 0, NEVER, "SYMBOL(printk_rb_static)=%llx",
	    (unsigned long long)static_address(g->d, g->rb));
	key(g, 0, NEVER, "SYMBOL(clear_seq)=%llx",
	    (unsigned long long)static_address(g->d, g->clear_seq));
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		key(g, 0, NEVER, "%s", facts[i]);
	key(g, VERSION(5, 13, 0), NEVER, "SIZE(latched_seq)=24");
	key(g, VERSION(5, 13, 0), NEVER, "OFFSET(latched_seq.val)=8");
}
