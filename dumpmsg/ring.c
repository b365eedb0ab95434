/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "ring.h"
#include "stop.h"
#include "vmcore.h"

/* what the kernel stores instead of positions: FAILED_LPOS, EMPTY_LINE_LPOS (NO_LPOS) */
enum { LPOS_FAILED = 1, LPOS_EMPTY = 3 };
/* enum printk_info_flags: a fragment of a line */
enum { LOG_CONT = 8 };
/* bytes: printk() keeps room for level, newline, NUL, and whole words */
enum { LOOSE = 24 };

enum ring_block ring_block(unsigned size_bits, unsigned word, uint64_t begin,
			   uint64_t next, uint64_t *at, uint64_t *len)
{
	uint64_t mask = UINT64_MAX >> (64 - 8 * word);
	uint64_t size = (uint64_t)1 << size_bits;
	/* the last byte, because since 6.19 a block may end where the ring does */
	uint64_t last = (next - 1) & mask;

	if (begin & next & 1) {
		if (begin != next)
			return RING_BLOCK_BAD;
		return begin == LPOS_EMPTY ? RING_BLOCK_EMPTY :
		       begin == LPOS_FAILED ? RING_BLOCK_LOST : RING_BLOCK_BAD;
	}
	if (begin % word || next % word)
		return RING_BLOCK_BAD;
	if (begin >> size_bits == last >> size_bits) {
		*at = begin & (size - 1);
		*len = (next - begin) & mask;
	} else if (((begin + size) & mask) >> size_bits == last >> size_bits) {
		*at = 0;
		*len = (last & (size - 1)) + 1;
	} else {
		return RING_BLOCK_BAD;
	}
	return *len >= word && *len <= size ? RING_BLOCK_TEXT : RING_BLOCK_BAD;
}

/* struct dev_printk_info's strings end with a NUL, or where they end */
static void take_device(const struct ring *ring, const uint8_t *dev, struct record *r)
{
	const struct ring_layout *l = &ring->l;

	snprintf(r->subsystem, sizeof r->subsystem, "%.*s", (int)l->subsystem_len,
		 (const char *)dev + l->subsystem);
	snprintf(r->device, sizeof r->device, "%.*s", (int)l->device_len,
		 (const char *)dev + l->device);
}

void ring_take_info(const struct ring *ring, const uint8_t *info, struct record *r)
{
	const struct vmcore *vm = ring->vm;
	const struct ring_layout *l = &ring->l;
	bool big_endian = vm->swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	uint8_t bits = info[l->text_len + 3];	/* flags:5, level:3 */

	r->seq = vmcore_u64(vm, info + l->seq);
	r->timed = true;
	r->ts_nsec = vmcore_u64(vm, info + l->ts_nsec);
	r->has_caller = true;
	r->caller = vmcore_u32(vm, info + l->caller_id);
	r->facility = info[l->text_len + 2];
	r->level = big_endian ? bits & 7 : bits >> 5;
	r->mark = (big_endian ? bits >> 3 : bits) & LOG_CONT ? 'c' : '-';
	r->cleared = r->seq < ring->clear_seq;
	r->len = vmcore_u16(vm, info + l->text_len);
	if (l->has_device)
		take_device(ring, info + l->dev_info, r);
}

/* the kernel had not finished it, or had lost it: nothing that a dump could have */
static bool pass_over(struct log *log)
{
	log->unfinished++;
	return false;
}

/* r->len bytes of text, or as many as the block has */
static bool take_text(struct log *log, struct ring *ring, uint64_t begin, uint64_t next,
		      struct record *r)
{
	uint64_t at, len;
	bool cut;

	r->text = (const char *)ring->block + ring->word;
	switch (ring_block(ring->size_bits, ring->word, begin, next, &at, &len)) {
	case RING_BLOCK_TEXT:
		break;
	case RING_BLOCK_EMPTY:
		r->len = 0;
		return true;
	case RING_BLOCK_LOST:
		return pass_over(log);
	default:
		return log_lose(log, r, LOSS_DAMAGED, 1);
	}
	cut = r->len > len - ring->word;
	if (cut)
		r->len = len - ring->word;
	if (log_read(log, ring->block, ring->word + r->len, ring->data + at))
		return log_lose(log, r, LOSS_MISSING, 1);
	if (ring_word(ring, ring->block) != ring->id)	/* by now another record's */
		return log_lose(log, r, LOSS_DAMAGED, 1);
	log->shortened += cut;
	log->loose += len - ring->word - r->len > LOOSE;
	return true;
}

/*
 * Another id than expected: the record was not begun yet (its descriptor is that of a
 * record a lap ago, or was never used), or the descriptor is damaged.
 */
static bool take_other(struct log *log, struct ring *ring, uint64_t sv, struct record *r)
{
	if (sv == 0 ? ring->left <= ring->unbegun :
		      ((sv + ring->count) & ring->id_mask) == ring->id)
		return pass_over(log);
	return log_lose(log, r, LOSS_DAMAGED, 1);
}

/* the record ring->id, or a gap in *r; false: neither */
static bool take(struct log *log, struct ring *ring, struct record *r)
{
	const struct ring_layout *l = &ring->l;
	const uint8_t *desc = ring_desc(ring, ring->id), *info;
	uint64_t sv;

	if (!desc)
		return log_lose(log, r, LOSS_MISSING, 1);
	sv = ring_word(ring, desc + l->state_var + l->counter);
	if ((sv & ring->id_mask) != ring->id)
		return take_other(log, ring, sv, r);
	switch (ring_state(ring, sv)) {
	case RING_RESERVED:
		return pass_over(log);
	case RING_REUSABLE:	/* thrown away to make room: the oldest, none behind a good one */
		return ring->any && log_lose(log, r, LOSS_DAMAGED, 1);
	default:
		break;
	}
	info = ring_info(ring, ring->id);
	if (!info)
		return log_lose(log, r, LOSS_MISSING, 1);
	ring_take_info(ring, info, r);
	return take_text(log, ring, ring_word(ring, desc + l->text_blk_lpos + l->begin),
			 ring_word(ring, desc + l->text_blk_lpos + l->next), r);
}

static int ring_next(struct log *log, struct record *r)
{
	struct ring *ring = log->state;
	bool taken = false;

	while (ring->left > 0 && !taken) {
		if (stop_check())
			return -1;
		taken = take(log, ring, r);
		/* up to 5.11 empty messages have no text, so that they are never thrown away */
		ring->any |= taken && r->loss == LOSS_NONE && r->len > 0;
		ring->id = (ring->id + 1) & ring->id_mask;
		ring->left--;
	}
	return taken;
}

static void ring_close(struct log *log)
{
	free(log->state);
	log->state = NULL;
}

const struct log_format log_ring = {
	"5.10 and later", "prb", ring_open, ring_next, ring_close
};
