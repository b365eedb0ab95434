/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the records of 3.5 to 5.9 look like in memory (see records.h): headers whose four
 * lengths agree, each as far behind the one before as that one says, with times that do not
 * fall. Many such chains next to each other are a buffer; reading it, in spite of damage
 * within, is what records.c does.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "salvage.h"
#include "vmcore.h"

enum {
	LEAST = 4,			/* records of a chain that begins a buffer */
	FEW = 2,			/* of one that continues it */
	NEAR = 65536,			/* bytes that may be damaged, or missing, between chains */
	SLACK = 100000000,		/* nanoseconds that processors' clocks differ */
	PADDING = 8,			/* bytes, and less */
	USUAL = 3,			/* kinds of headers; one more if VMCOREINFO knows it */
};

/* the header has 16 bytes; with CONFIG_PRINTK_CALLER 20, or 24 where words must be aligned */
void salvage_records_open(struct salvage_records *f, const struct vmcore *vm)
{
	struct records_layout l;

	*f = (struct salvage_records){ .vm = vm, .nkinds = USUAL };
	for (unsigned i = 0; i < USUAL; i++)
		f->l[i] = (struct records_layout){
			.size = 16 + 4 * i, .len = 8, .text_len = 10, .dict_len = 12,
			.facility = 14, .early = i == 0, .has_caller = i > 0, .caller_id = 16,
		};
	if (records_layout_read(&l, &vm->info) || (l.ts_nsec == 0 && l.len == 8 &&
	    l.text_len == 10 && l.dict_len == 12 && l.size <= f->l[USUAL - 1].size))
		return;
	f->l[f->nkinds++] = l;
}

void salvage_keep_buffer(struct salvage_buffers *bs, struct salvage_buffer *b)
{
	unsigned least = 0;

	for (unsigned i = 1; i < bs->n; i++)
		if (bs->buffer[i].n < bs->buffer[least].n)
			least = i;
	if (b->n > 0 && bs->n < SALVAGE_BUFFERS)
		bs->buffer[bs->n++] = *b;
	else if (b->n > 0 && bs->buffer[least].n < b->n)
		bs->buffer[least] = *b;
	*b = (struct salvage_buffer){ 0 };
}

/* no control characters at the beginning: header and text are there */
static bool can_be_text(const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len && i < 4; i++)
		if (p[i] < ' ' && p[i] != '\n' && p[i] != '\t' && p[i] != '\33')
			return false;
	return true;
}

static bool can_be(const struct salvage_records *f, const struct records_layout *l,
		   const uint8_t *p, struct header *h)
{
	records_header(h, l, f->vm, p);
	return records_plausible(h, l) && h->len >= l->size && h->ts_nsec >> 60 == 0 &&
	       can_be_text(p + l->size, h->text_len);
}

/* a chain has come to its end: it is the buffer's next part, or another buffer's first */
static void close_chain(struct salvage_records *f, unsigned kind)
{
	struct salvage_chain_of_records *c = &f->chain[kind];
	struct salvage_buffer *b = &f->open[kind];
	/* not the first one's time: it alone may be damaged */
	bool back = c->second + SLACK < b->last;

	if (c->n >= FEW && b->n > 0 && c->phys - b->end <= NEAR) {
		b->ended |= back && b->seam;
		if (back && !b->seam)
			b->seam = c->phys;
		if (!b->ended) {
			b->end = c->next;
			b->last = c->last;
			b->n += c->n;
		}
	} else if (c->n >= LEAST) {
		salvage_keep_buffer(&f->found, b);
		*b = (struct salvage_buffer){ .phys = c->phys, .end = c->next, .n = c->n,
					      .last = c->last, .kind = kind };
	}
	c->n = 0;
}

/* the first of a chain has a second one behind it; what is further away is not looked at */
static bool begins(const struct salvage_records *f, const struct records_layout *l,
		   const uint8_t *p, const struct header *h)
{
	struct header next;

	if (h->text_len == 0 || h->len + l->size + 4 > SALVAGE_AHEAD)
		return false;
	return can_be(f, l, p + h->len, &next) && h->ts_nsec <= next.ts_nsec + SLACK;
}

/* time goes on, or it was only the last one's that had gone wrong */
static bool continues(const struct salvage_chain_of_records *c, uint64_t ts_nsec)
{
	return ts_nsec + SLACK >= c->last || (c->n > 2 && ts_nsec + SLACK >= c->before);
}

static void look_at(struct salvage_records *f, unsigned kind, const uint8_t *p, uint64_t phys)
{
	const struct records_layout *l = &f->l[kind];
	struct salvage_chain_of_records *c = &f->chain[kind];
	struct header h;

	if (c->n && phys < c->next)
		return;
	if (!can_be(f, l, p, &h))
		return;
	if (c->n && (phys > c->next || !continues(c, h.ts_nsec)))
		close_chain(f, kind);
	if (c->n == 0) {
		if (!begins(f, l, p, &h))
			return;
		c->phys = phys;
		c->last = c->second = 0;
	}
	if (++c->n == 2)
		c->second = h.ts_nsec;
	c->before = c->last;
	c->next = phys + h.len;
	c->last = h.ts_nsec;
}

/* kinds of headers that differ only in their size, at each place where there can be one */
static void look_for(struct salvage_records *f, unsigned from, unsigned to, const uint8_t *p,
		     size_t len, uint64_t phys)
{
	const struct records_layout *least = &f->l[from];
	const uint32_t range = (uint32_t)(f->l[to - 1].size - least->size) + PADDING;

	for (size_t i = 0; i < len; i += RECORDS_ALIGN, p += RECORDS_ALIGN) {
		uint32_t all = vmcore_u16(f->vm, p + least->len);
		uint32_t parts = (uint32_t)least->size + vmcore_u16(f->vm, p + least->text_len) +
				 vmcore_u16(f->vm, p + least->dict_len);

		if (all % RECORDS_ALIGN || all - parts >= range)
			continue;
		for (unsigned kind = from; kind < to; kind++)
			look_at(f, kind, p, phys + i);
	}
}

void salvage_records_look(void *arg, const uint8_t *p, size_t len, uint64_t phys, bool apart)
{
	struct salvage_records *f = arg;

	(void)apart;
	look_for(f, 0, USUAL, p, len, phys);
	if (f->nkinds > USUAL)
		look_for(f, USUAL, f->nkinds, p, len, phys);
}

void salvage_records_end(struct salvage_records *f)
{
	for (unsigned kind = 0; kind < f->nkinds; kind++) {
		close_chain(f, kind);
		salvage_keep_buffer(&f->found, &f->open[kind]);
	}
}

struct records *salvage_records_begin(struct log *log, const struct salvage_records *f,
				      const struct salvage_buffer *b)
{
	struct records *rs = calloc(1, sizeof *rs);
	unsigned version = log->sp->vm->info.version;
	/* there is room for a marker behind the last record */
	uint64_t len = b->end - b->phys + f->l[b->kind].size;

	if (!rs) {
		fail_sys("the log");
		return NULL;
	}
	rs->log = log;
	rs->vm = log->sp->vm;
	rs->l = f->l[b->kind];
	rs->old_marks = version != 0 && version < KINFO_VERSION(4, 9, 0);
	if (len > (uint64_t)1 << 31)
		len = (uint64_t)1 << 31;	/* LOG_BUF_LEN_MAX: more is none */
	rs->buf_len = (uint32_t)len;
	rs->first = b->seam && b->seam - b->phys < len ? (uint32_t)(b->seam - b->phys) : 0;
	rs->at = rs->clear = rs->first;
	rs->endless = true;		/* rs->next is not known */
	rs->next = rs->buf_len;
	if (chunk_open(&rs->chunk, log, b->phys, len) || chunk_open(&rs->ahead, log, b->phys, len)) {
		free(rs);
		return NULL;
	}
	return rs;
}
