/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a ring of which not everything was found. What proves that a text is a record's
 * is the id in front of it. Where a descriptor is lost, the block is looked for behind the
 * one before it; where an info is lost, the text has neither time nor level, and ends at
 * its NUL.
 */
#include <string.h>

#include "salvage.h"
#include "stop.h"
#include "vmcore.h"

enum {
	TEXT_BITS = 5,
	PADDING = 8,		/* words between the end of a text and the next block */
	GAP = 8,		/* damaged elements behind which there may be more */
	DEFAULT_LEVEL = 4,	/* what the kernel gives to messages without one: "warning" */
};

/* what is known of one record */
struct trace {
	const uint8_t *info;	/* NULL: none that can be its own */
	bool known;		/* something has its number */
	bool missing;		/* something of it is not in the dump */
	bool empty;		/* it has no text */
	uint64_t phys, len;	/* of its block; 0: not known */
};

static uint64_t seq_of(const struct salvage_reader *rd, uint64_t id)
{
	return (id - rd->found.origin) & rd->ring.id_mask;
}

static const uint8_t *desc_of(struct salvage_reader *rd, uint64_t id)
{
	return rd->found.descs ? ring_desc(&rd->ring, id) : NULL;
}

static const uint8_t *info_of(struct salvage_reader *rd, uint64_t id)
{
	return rd->found.infos ? ring_info(&rd->ring, seq_of(rd, id)) : NULL;
}

static uint64_t state_of(const struct salvage_reader *rd, const uint8_t *desc)
{
	return ring_word(&rd->ring, desc + rd->ring.l.state_var + rd->ring.l.counter);
}

static bool has_id(const struct salvage_reader *rd, const uint8_t *desc, uint64_t id)
{
	return desc && (state_of(rd, desc) & rd->ring.id_mask) == id;
}

static bool has_seq(const struct salvage_reader *rd, const uint8_t *info, uint64_t id)
{
	const struct vmcore *vm = rd->ring.vm;
	const struct ring_layout *l = &rd->ring.l;
	uint64_t seq;

	if (!info)
		return false;
	seq = vmcore_u64(vm, info + l->seq);
	/* zeros are no info, be they the first one's seq */
	return (seq & rd->ring.id_mask) == seq_of(rd, id) &&
	       (seq || vmcore_u64(vm, info + l->ts_nsec) || vmcore_u16(vm, info + l->text_len));
}

static bool is_there(struct salvage_reader *rd, uint64_t id)
{
	return has_id(rd, desc_of(rd, id), id) || has_seq(rd, info_of(rd, id), id);
}

/* the newest record may be behind a few damaged ones */
static void find_ends(struct salvage_reader *rd)
{
	struct ring *ring = &rd->ring;
	uint64_t last = rd->found.last, ahead;

	for (uint64_t n = 0; n < ring->count; n += ahead) {
		for (ahead = 1; ahead <= GAP; ahead++)
			if (is_there(rd, (last + ahead) & ring->id_mask))
				break;
		if (ahead > GAP)
			break;
		last = (last + ahead) & ring->id_mask;
	}
	rd->left = ring->count;
	rd->id = (last - ring->count + 1) & ring->id_mask;
}

/* where there are only texts: from the least id to the greatest */
static void find_ends_of_texts(struct salvage_reader *rd)
{
	const struct salvage_runs *t = &rd->found.texts;
	uint64_t last = 0;

	rd->id = UINT64_MAX;
	for (unsigned i = 0; i < t->n; i++) {
		if (t->run[i].key < rd->id)
			rd->id = t->run[i].key;
		if (t->run[i].key + t->run[i].n - 1 > last)
			last = t->run[i].key + t->run[i].n - 1;
	}
	rd->left = last - rd->id + 1;
	rd->found.origin = rd->id;
}

int salvage_ring_open(struct salvage_reader *rd, struct log *log, const struct ring_layout *l,
		      const struct salvage_ring *found)
{
	struct ring *ring = &rd->ring;

	memset(rd, 0, sizeof *rd);
	rd->found = *found;
	ring->log = log;
	ring->vm = log->sp->vm;
	ring->l = *l;
	ring->word = (unsigned)l->word;
	ring->id_mask = UINT64_MAX >> (64 - 8 * ring->word + 2);
	ring->size_bits = found->count_bits + TEXT_BITS;
	ring->count = (uint64_t)1 << found->count_bits;
	ring->data = found->data;
	if (window_open(&ring->descs, log, found->descs, ring->count, (uint32_t)l->desc_size) ||
	    window_open(&ring->infos, log, found->infos, ring->count, (uint32_t)l->info_size))
		return -1;
	if (found->descs || found->infos)
		find_ends(rd);
	else
		find_ends_of_texts(rd);
	return 0;
}

static bool pass_over(struct log *log)
{
	log->unfinished++;
	return false;
}

static bool has_block(struct salvage_reader *rd, uint64_t phys, bool *missing)
{
	uint8_t bytes[8];

	if (phys == 0)
		return false;
	if (log_read(rd->ring.log, bytes, rd->ring.word, phys)) {
		*missing = true;
		return false;
	}
	return ring_word(&rd->ring, bytes) == rd->id;
}

/* no descriptor says where it is: behind the last one, at the ring's start, or where we saw it */
static uint64_t look_for_block(struct salvage_reader *rd, bool *missing)
{
	const struct salvage_runs *t = &rd->found.texts;
	uint64_t phys = rd->expected;

	for (unsigned i = 0; i < t->n; i++)
		if (t->run[i].key == rd->id && has_block(rd, t->run[i].phys, missing))
			return t->run[i].phys;
	for (unsigned pad = 0; phys && pad < PADDING; pad++, phys += rd->ring.word)
		if (has_block(rd, phys, missing))
			return phys;
	return has_block(rd, rd->ring.data, missing) ? rd->ring.data : 0;
}

/* 1: a record; 0: nothing that can be had, for good reasons; -1: what was had is lost */
static int follow_desc(struct salvage_reader *rd, const uint8_t *desc, struct trace *t)
{
	struct ring *ring = &rd->ring;
	const uint8_t *lpos = desc + ring->l.text_blk_lpos;
	uint64_t at;

	switch (ring_state(ring, state_of(rd, desc))) {
	case RING_RESERVED:
		return 0;
	case RING_REUSABLE:
		return -1;
	default:
		break;
	}
	switch (ring_block(ring->size_bits, ring->word, ring_word(ring, lpos + ring->l.begin),
			   ring_word(ring, lpos + ring->l.next), &at, &t->len)) {
	case RING_BLOCK_TEXT:
		t->phys = ring->data ? ring->data + at : 0;
		return 1;
	case RING_BLOCK_EMPTY:
		t->empty = true;
		return 1;
	case RING_BLOCK_LOST:
		return 0;
	default:
		t->len = 0;
		return 1;
	}
}

/*
 * Up to its NUL, and without what printk() does not count but leaves there: the newline, and
 * the level of a fragment ("\1c").
 */
static size_t end_of_text(const char *text, size_t len)
{
	const char *left = memchr(text, '\1', len);
	size_t n = strnlen(text, left ? (size_t)(left - text) : len);

	if (n == 0 || text[n - 1] != '\n')
		return n;
	n--;
	/* where printk() cut off two bytes in front, "\0016", the last two are there twice */
	if (n >= 4 && memcmp(text + n - 2, text + n - 4, 2) == 0)
		n -= 2;
	return n;
}

/* how many bytes there are before the next record's block, at the most; it is in ring->block */
static size_t look_for_end(struct salvage_reader *rd, uint64_t phys)
{
	struct ring *ring = &rd->ring;
	uint64_t page = ring->vm->page_size, next = (rd->id + 1) & ring->id_mask;
	size_t n = SALVAGE_AHEAD;

	if (log_read(ring->log, ring->block, n, phys)) {
		n = (size_t)(page - (phys & (page - 1)));
		n = n < SALVAGE_AHEAD ? n : SALVAGE_AHEAD;
		if (log_read(ring->log, ring->block, n, phys))
			return 0;
	}
	for (size_t i = ring->word; i + ring->word + 8 <= n; i += ring->word)
		if (ring_word(ring, ring->block + i) == next &&
		    salvage_is_text(ring->block + i + ring->word))
			return i;
	return n;
}

/* does an info with another number than it should have fit this block nevertheless? */
static bool fits(const struct salvage_reader *rd, const uint8_t *info, uint64_t len)
{
	uint64_t text = vmcore_u16(rd->ring.vm, info + rd->ring.l.text_len);

	return len && text && text + rd->ring.word <= len &&
	       len - text - rd->ring.word < PADDING * rd->ring.word;
}

static bool take_text(struct log *log, struct salvage_reader *rd, const struct trace *t,
		      struct record *r)
{
	struct ring *ring = &rd->ring;
	size_t len = (size_t)t->len;

	r->text = (const char *)ring->block + ring->word;
	if (t->info) {
		if (len && r->len > len - ring->word) {
			r->len = len - ring->word;
			log->shortened++;
		}
		if (log_read(log, ring->block, ring->word + r->len, t->phys))
			return log_lose(log, r, LOSS_MISSING, 1);
		if (len == 0)
			len = ring->word + (r->len + ring->word - 1) / ring->word * ring->word;
	} else {
		size_t most = look_for_end(rd, t->phys);

		if (len == 0 || len > most)
			len = most;
		if (len <= ring->word)
			return log_lose(log, r, LOSS_MISSING, 1);
		r->len = end_of_text(r->text, len - ring->word);
		r->level = DEFAULT_LEVEL;
	}
	rd->expected = t->phys + len;
	return true;
}

/* places where nothing is, between two good records: as many are lost */
static void count_doubtful(struct log *log, struct salvage_reader *rd)
{
	log->damaged += rd->any ? rd->doubtful : 0;
	rd->doubtful = 0;
}

static bool take(struct log *log, struct salvage_reader *rd, struct record *r)
{
	const uint8_t *desc = desc_of(rd, rd->id), *info = info_of(rd, rd->id);
	struct trace t = { .missing = (rd->found.descs && !desc) || (rd->found.infos && !info) };
	int rc = 1;

	if (has_id(rd, desc, rd->id)) {
		/* thrown away to make room: normal before the first good one */
		if (!rd->any && ring_state(&rd->ring, state_of(rd, desc)) == RING_REUSABLE)
			return false;
		t.known = true;
		rc = follow_desc(rd, desc, &t);
		if (rc <= 0)
			return rc < 0 ? log_lose(log, r, LOSS_DAMAGED, 1) : pass_over(log);
	}
	if (has_seq(rd, info, rd->id) || (t.known && info && fits(rd, info, t.len))) {
		t.info = info;
		t.known = true;
	}
	if (!t.empty && !has_block(rd, t.phys, &t.missing)) {
		t.phys = look_for_block(rd, &t.missing);
		t.len = 0;
		if (!t.phys && t.known)
			return log_lose(log, r, t.missing ? LOSS_MISSING : LOSS_DAMAGED, 1);
		if (!t.phys) {
			rd->doubtful++;
			return false;
		}
	}
	if (t.info)
		ring_take_info(&rd->ring, t.info, r);
	r->seq = seq_of(rd, rd->id);
	if (t.empty) {
		r->len = 0;
		r->text = "";
		return true;
	}
	return take_text(log, rd, &t, r);
}

int salvage_ring_next(struct log *log, struct salvage_reader *rd, struct record *r)
{
	bool taken = false;

	while (rd->left > 0 && !taken) {
		if (stop_check())
			return -1;
		taken = take(log, rd, r);
		if (taken && r->loss == LOSS_NONE) {
			count_doubtful(log, rd);
			rd->any |= r->len > 0;
		}
		rd->id = (rd->id + 1) & rd->ring.id_mask;
		rd->left--;
	}
	return taken;
}
