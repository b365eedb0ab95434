/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which descriptors, infos and texts belong together. A descriptor's id is also the
 * first word of its text's block, and says which info is its own: id and sequence
 * number rise together, and id was
 *
 *	-count modulo 2^62 (2^30 where a long has 4 bytes)	since 5.18 or so
 *	2^32 - count						before
 *
 * when the number was 0. count is a power of two, and the ring of text has 2^5 times as
 * many bytes (PRB_AVGBITS), on all kernels. So for each pair of runs there are few
 * possibilities, and a dozen records that are tried tell which of them is true.
 */
#include <string.h>

#include "err.h"
#include "salvage.h"
#include "stop.h"
#include "vmcore.h"

enum {
	TEXT_BITS = 5, COUNT_BITS_MIN = 2,
	TRIED = 16,			/* records, for each possibility */
	CANDIDATES = 8,			/* runs of descriptors and infos to try */
	PADDING = 8,			/* words between the end of a text and the next block */
	SHORT = 16,			/* bytes: messages are longer on average */
	LEAST_BLOCKS = 16,		/* in a row, where there is nothing else */
	NEAR = 16 << 20,		/* bytes that they may be apart */
	BLOCK = 2048,			/* bytes that we look through for the next one */
	SEQ_MAX = 1 << 28,		/* records in the life of a kernel of few bits, and more */
};

struct solve {
	struct log *log;
	struct salvage_find *f;
	const struct ring_layout *l;
	uint64_t mask;
};

static uint64_t word_of(const struct solve *s, const uint8_t *p)
{
	return s->l->word == 8 ? vmcore_u64(s->f->vm, p) : vmcore_u32(s->f->vm, p);
}

static bool has_word(const struct solve *s, uint64_t phys, uint64_t value)
{
	uint8_t bytes[8];

	return log_read(s->log, bytes, s->l->word, phys) == 0 && word_of(s, bytes) == value;
}

/* is key one of the run's n? */
static bool is_in(const struct salvage_run *run, uint64_t key, uint64_t mask)
{
	return ((key - run->key) & mask) < run->n;
}

static uint64_t info_of(const struct solve *s, const struct salvage_ring *r, uint64_t seq)
{
	return r->infos + s->l->info_size * (seq & (((uint64_t)1 << r->count_bits) - 1));
}

static uint64_t desc_of(const struct solve *s, const struct salvage_ring *r, uint64_t id)
{
	return r->descs + s->l->desc_size * (id & (((uint64_t)1 << r->count_bits) - 1));
}

/* where its descriptor says that the text is; false if it says no such thing */
static bool block_of(const struct solve *s, const struct salvage_ring *r, uint64_t id,
		     uint64_t *at, uint64_t *len)
{
	const struct ring_layout *l = s->l;
	uint8_t desc[RING_STRUCT_MAX];

	return log_read(s->log, desc, l->desc_size, desc_of(s, r, id)) == 0 &&
	       (word_of(s, desc + l->state_var + l->counter) & s->mask) == id &&
	       ring_block(r->count_bits + TEXT_BITS, (unsigned)l->word,
			  word_of(s, desc + l->text_blk_lpos + l->begin),
			  word_of(s, desc + l->text_blk_lpos + l->next), at, len) ==
		       RING_BLOCK_TEXT;
}

/* how long its info says that the text is; false if it is not there */
static bool length_of(const struct solve *s, const struct salvage_ring *r, uint64_t id,
		      uint64_t *len)
{
	const struct ring_layout *l = s->l;
	uint8_t info[RING_STRUCT_MAX];
	uint64_t seq = (id - r->origin) & s->mask;

	if (log_read(s->log, info, l->info_size, info_of(s, r, seq)) ||
	    (vmcore_u64(s->f->vm, info + l->seq) & s->mask) != seq)
		return false;
	*len = vmcore_u16(s->f->vm, info + l->text_len);
	return true;
}

/* a quarter of what was tried must agree, and two: fewer is chance */
static unsigned enough(unsigned n, uint64_t tried)
{
	return n >= 2 && n >= tried / 4 ? n : 0;
}

/* of some records of this run, how many have block, id and, if there are infos, info */
static unsigned agree(const struct solve *s, const struct salvage_ring *r,
		      const struct salvage_run *run)
{
	unsigned n = 0;
	uint64_t step = run->n / TRIED + 1;

	for (uint64_t i = 0; i < run->n; i += step) {
		uint64_t id = (run->key + i) & s->mask, at, len, text;

		if (!block_of(s, r, id, &at, &len) || !has_word(s, r->data + at, id))
			continue;
		if (!r->infos || (length_of(s, r, id, &text) && text <= len - s->l->word))
			n++;
	}
	return enough(n, run->n / step);
}

/* blocks that follow each other as the lengths in the infos say */
static unsigned follow(const struct solve *s, const struct salvage_ring *r,
		       const struct salvage_run *run)
{
	uint64_t word = s->l->word, phys = run->phys, len;
	unsigned n = 0;

	for (uint64_t i = 0; i + 1 < run->n && n == i && n < TRIED; i++) {
		if (!length_of(s, r, (run->key + i) & s->mask, &len))
			break;
		phys += word + (len + word - 1) / word * word;
		for (unsigned pad = 0; pad < PADDING && n == i; pad++, phys += word)
			if (has_word(s, phys, (run->key + i + 1) & s->mask)) {
				n++;
				phys -= word;
			}
	}
	return enough(n, run->n < TRIED ? run->n : TRIED);
}

/* ids of the record with number 0 that kernels had, for a ring of so many records */
static unsigned origins(const struct solve *s, unsigned count_bits, uint64_t origin[2])
{
	uint64_t count = (uint64_t)1 << count_bits;

	origin[0] = (0 - count) & s->mask;
	origin[1] = ((uint64_t)1 << 32) - count;
	return s->l->word == 8 ? 2 : 1;
}

/* without infos to tell: an id near 2^32 */
static bool is_old(uint64_t id)
{
	return id >= (uint64_t)1 << 31 && id < (uint64_t)3 << 31;
}

static bool first_of(uint64_t phys, uint64_t key, uint64_t size, unsigned count_bits,
		     uint64_t *base)
{
	uint64_t before = (key & (((uint64_t)1 << count_bits) - 1)) * size;

	*base = phys - before;
	return before < phys;
}

static void consider(struct salvage_ring *best, const struct salvage_ring *r, unsigned agreed)
{
	if (agreed <= best->agreed)
		return;
	*best = *r;
	best->agreed = agreed;
}

/* the infos that go with these descriptors and texts */
static void try_infos(const struct solve *s, const struct salvage_ring *r,
		      const struct salvage_run *d, struct salvage_ring *best)
{
	uint64_t origin[2];
	unsigned norigins = origins(s, r->count_bits, origin);

	for (unsigned i = 0; i < s->f->infos.n && i < CANDIDATES; i++) {
		const struct salvage_run *info = &s->f->infos.run[i];

		for (unsigned o = 0; o < norigins; o++) {
			struct salvage_ring with = *r;
			uint64_t id = (info->key + origin[o]) & s->mask;

			with.origin = origin[o];
			if (info->n == 0 || (!is_in(d, id, s->mask) &&
			    !is_in(info, (d->key - origin[o]) & s->mask, s->mask)))
				continue;
			if (first_of(info->phys, info->key, s->l->info_size, r->count_bits,
				     &with.infos))
				consider(best, &with, 2 * agree(s, &with, d));
		}
	}
}

/* where the block behind this one begins, whose id is the next; 0: not near */
static uint64_t next_block(const struct solve *s, uint64_t phys, uint64_t next)
{
	uint8_t bytes[BLOCK];

	if (log_read(s->log, bytes, sizeof bytes, phys))
		return 0;
	for (uint64_t i = s->l->word; i < sizeof bytes; i += s->l->word)
		if (word_of(s, bytes + i) == next)
			return phys + i;
	return 0;
}

/* these descriptors, if the record of that id has its block at phys */
static void try_block(const struct solve *s, const struct salvage_run *d, uint64_t id,
		      uint64_t phys, struct salvage_ring *best)
{
	for (unsigned bits = COUNT_BITS_MIN; bits <= RING_COUNT_BITS_MAX; bits++) {
		struct salvage_ring r = { .count_bits = bits };
		uint64_t at, len, origin[2];

		origins(s, bits, origin);
		r.origin = origin[s->l->word == 8 && is_old(d->key)];
		if (d->n > (uint64_t)1 << bits || ((d->key - r.origin) & s->mask) > SEQ_MAX ||
		    !first_of(d->phys, d->key, s->l->desc_size, bits, &r.descs) ||
		    !block_of(s, &r, id, &at, &len) || at >= phys)
			continue;
		r.data = phys - at;
		consider(best, &r, agree(s, &r, d));
		try_infos(s, &r, d, best);
	}
}

/* these descriptors, with whatever texts and infos go with them */
static int try_descs(const struct solve *s, const struct salvage_run *d, struct salvage_ring *best)
{
	for (unsigned i = 0; i < s->f->texts.n; i++) {
		const struct salvage_run *t = &s->f->texts.run[i];
		uint64_t phys = t->phys;

		if (stop_check())
			return -1;
		if (t->n == 0)
			continue;
		/* the first id may be a damaged one that happens to fit */
		for (unsigned k = 0; k < 2 && phys; k++) {
			uint64_t id = (t->key + k) & s->mask;

			if (is_in(d, id, s->mask))
				try_block(s, d, id, phys, best);
			phys = next_block(s, phys, (id + 1) & s->mask);
		}
	}
	return 0;
}

/* these infos, with texts, but without descriptors */
static int try_texts(const struct solve *s, const struct salvage_run *info,
		     struct salvage_ring *best)
{
	for (unsigned i = 0; i < s->f->texts.n; i++) {
		const struct salvage_run *t = &s->f->texts.run[i];

		if (stop_check())
			return -1;
		for (unsigned bits = COUNT_BITS_MIN; t->n && bits <= RING_COUNT_BITS_MAX; bits++) {
			uint64_t origin[2];
			unsigned n = origins(s, bits, origin);

			for (unsigned o = 0; o < n; o++) {
				struct salvage_ring r = { .count_bits = bits, .origin = origin[o] };

				if (info->n <= (uint64_t)1 << bits &&
				    is_in(info, (t->key - origin[o]) & s->mask, s->mask) &&
				    first_of(info->phys, info->key, s->l->info_size, bits, &r.infos))
					consider(best, &r, follow(s, &r, t));
			}
		}
	}
	return 0;
}

static void take_out(struct salvage_run *run, struct salvage_runs *to)
{
	if (to)
		salvage_keep(to, *run);
	run->n = 0;
}

/* elements of the array at base go with it; the greatest of their keys, and -1 if there is none */
static uint64_t claim(struct salvage_runs *rs, uint64_t base, uint64_t size, unsigned count_bits)
{
	uint64_t last = UINT64_MAX;

	for (unsigned i = 0; i < rs->n; i++) {
		struct salvage_run *run = &rs->run[i];
		uint64_t first;

		if (run->n == 0 || !first_of(run->phys, run->key, size, count_bits, &first) ||
		    first != base)
			continue;
		if (last == UINT64_MAX || run->key + run->n - 1 > last)
			last = run->key + run->n - 1;
		run->n = 0;
	}
	return last;
}

/* texts of ids that the ring can have, in its data if we know where that is */
static void claim_texts(const struct solve *s, struct salvage_ring *r)
{
	uint64_t size = (uint64_t)1 << (r->count_bits + TEXT_BITS);

	for (unsigned i = 0; i < s->f->texts.n; i++) {
		struct salvage_run *t = &s->f->texts.run[i];

		if (t->n == 0)
			continue;
		if (r->data ? t->phys - r->data < size : r->infos && follow(s, r, t))
			take_out(t, r->data ? NULL : &r->texts);
	}
}

static void settle(const struct solve *s, struct salvage_ring *r)
{
	uint64_t seq, id = UINT64_MAX;

	if (r->descs)
		id = claim(&s->f->descs, r->descs, s->l->desc_size, r->count_bits);
	if (r->infos) {
		seq = claim(&s->f->infos, r->infos, s->l->info_size, r->count_bits);
		if (seq != UINT64_MAX && id == UINT64_MAX)
			id = seq + r->origin;
	}
	r->last = id & s->mask;
	claim_texts(s, r);
}

/*
 * Do the texts of these blocks reach their ends, but for a newline, a NUL and what fills a
 * word? Other things that have numbers and names have room for longer names, or short ones.
 */
static bool is_filled(const struct solve *s, const struct salvage_run *t)
{
	uint64_t word = s->l->word, phys = t->phys;
	uint8_t bytes[BLOCK];
	unsigned full = 0, n = 0;
	uint64_t all = 0;

	for (; n < TRIED && n + 1 < t->n; n++) {
		uint64_t next = (t->key + n + 1) & s->mask, len = word;

		if (log_read(s->log, bytes, sizeof bytes, phys))
			break;
		while (len + word < sizeof bytes && word_of(s, bytes + len) != next)
			len += word;
		full += len - word < strnlen((char *)bytes + word, len - word) + 2 * word;
		all += len - word;
		phys += len;
	}
	return n > 0 && full >= n - n / 4 && all / n >= SHORT;
}

/*
 * Nothing but text. The texts of one ring lie close to each other, and those in a row have
 * ids in a row.
 */
static bool only_texts(const struct solve *s, struct salvage_ring *r)
{
	struct salvage_run *best = NULL;

	for (unsigned i = 0; i < s->f->texts.n; i++) {
		struct salvage_run *t = &s->f->texts.run[i];

		if (t->n >= LEAST_BLOCKS && (!best || t->n > best->n) && is_filled(s, t))
			best = t;
	}
	if (!best)
		return false;
	const struct salvage_run main = *best;

	for (unsigned i = 0; i < s->f->texts.n; i++) {
		struct salvage_run *t = &s->f->texts.run[i];
		uint64_t apart = t->phys > main.phys ? t->phys - main.phys : main.phys - t->phys;
		uint64_t ids = t->key > main.key ? t->key - main.key : main.key - t->key;

		if (t == best || (t->n && apart < NEAR && ids < apart / s->l->word && is_filled(s, t)))
			take_out(t, &r->texts);
	}
	r->agreed = 1;
	return true;
}

int salvage_solve(struct log *log, struct salvage_find *f, struct salvage_ring *found)
{
	struct solve s = { .log = log, .f = f, .l = &f->l, .mask = f->id_mask };

	*found = (struct salvage_ring){ 0 };
	for (unsigned i = 0; i < f->descs.n && i < CANDIDATES; i++)
		if (f->descs.run[i].n && try_descs(&s, &f->descs.run[i], found))
			return -1;
	for (unsigned i = 0; i < f->infos.n && i < CANDIDATES && found->agreed < 2; i++)
		if (f->infos.run[i].n && try_texts(&s, &f->infos.run[i], found))
			return -1;
	if (found->agreed >= 2) {
		settle(&s, found);
		return 1;
	}
	*found = (struct salvage_ring){ 0 };
	return only_texts(&s, found);
}
