/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the rings are, and their ends: see ring.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "err.h"
#include "kinfo.h"
#include "num.h"
#include "ring.h"
#include "space.h"
#include "vmcore.h"

/* processors may have been stopped between taking a number and its descriptor */
enum { UNBEGUN_MAX = 64 };

uint64_t ring_word(const struct ring *ring, const uint8_t *p)
{
	return ring->word == 8 ? vmcore_u64(ring->vm, p) : vmcore_u32(ring->vm, p);
}

static int read_word(struct ring *ring, uint64_t virt, uint64_t *value)
{
	uint8_t bytes[sizeof *value];

	if (log_read(ring->log, bytes, ring->word, virt))
		return -1;
	*value = ring_word(ring, bytes);
	return 0;
}

static int read_bits(struct ring *ring, uint64_t virt, const char *name, uint32_t max,
		     unsigned *value)
{
	uint32_t bits;

	if (log_read(ring->log, &bits, sizeof bits, virt))
		return fail_in(name);
	bits = vmcore_u32(ring->vm, &bits);
	if (bits == 0 || bits > max)
		return fail(ERR_CORRUPT, "%s is %" PRIu32 ", not 1 to %" PRIu32, name, bits,
			    max);
	*value = bits;
	return 0;
}

const uint8_t *ring_desc(struct ring *ring, uint64_t id)
{
	return window_at(&ring->descs, id & (ring->count - 1));
}

const uint8_t *ring_info(struct ring *ring, uint64_t id)
{
	return window_at(&ring->infos, id & (ring->count - 1));
}

enum ring_state ring_state(const struct ring *ring, uint64_t word)
{
	return (enum ring_state)(word >> (8 * ring->word - 2));
}

/* the state word where id's would be, if it is id's */
static bool is_id(struct ring *ring, uint64_t id, uint64_t *sv)
{
	const uint8_t *desc = ring_desc(ring, id);

	if (!desc)
		return false;
	*sv = ring_word(ring, desc + ring->l.state_var + ring->l.counter);
	return (*sv & ring->id_mask) == id;
}

static bool has_text(struct ring *ring, uint64_t id)
{
	uint64_t sv;

	return is_id(ring, id, &sv) && (ring_state(ring, sv) == RING_COMMITTED ||
					ring_state(ring, sv) == RING_FINALIZED);
}

/*
 * The records are those from tail to head. The kernel moves the tail only past a
 * record it has thrown away, and takes the descriptor after the head only after
 * moving the head: where that is not so, the ends are damaged, and we go on for
 * as long as there are records.
 */
static int find_ends(struct log *log, struct ring *ring, uint64_t tail, uint64_t head)
{
	uint64_t n = ((head - tail) & ring->id_mask) + 1, last = head, sv;

	if (n > ring->count) {
		log->mended = true;
		if (!is_id(ring, head, &sv))
			head = tail;
		if (!is_id(ring, head, &sv))
			return fail(ERR_CORRUPT, "the oldest record is %" PRIu64 ", the newest "
				    "%" PRIu64 ", in a ring of %" PRIu64 ", and neither is "
				    "there", tail, last, ring->count);
		tail = head;
		n = 1;
	}
	while (n < ring->count && is_id(ring, (head + 1) & ring->id_mask, &sv)) {
		head = (head + 1) & ring->id_mask;
		n++;
		log->mended = true;
	}
	while (n < ring->count && has_text(ring, (tail - 1) & ring->id_mask)) {
		tail = (tail - 1) & ring->id_mask;
		n++;
		log->mended = true;
	}
	ring->id = tail;
	ring->left = n;
	return 0;
}

/* descriptors of zeros are normal only behind the last record with text, and if they are few */
static void find_unbegun(struct ring *ring)
{
	uint64_t n = 0, head = ring->id + ring->left - 1;

	while (n < ring->left && n <= UNBEGUN_MAX &&
	       !has_text(ring, (head - n) & ring->id_mask))
		n++;
	ring->unbegun = n <= UNBEGUN_MAX ? n : 0;
}

/*
 * The record that the next one was when somebody said dmesg --clear. It is a plain number
 * up to 5.12, later a struct latched_seq: two numbers, of which a counter says the valid one.
 */
static void find_clear(struct ring *ring)
{
	uint8_t bytes[8];
	uint64_t at, newest;
	uint32_t turn;
	const uint8_t *info = ring_info(ring, ring->id + ring->left - 1);

	if (!info || !kinfo_symbol(&ring->vm->info, "clear_seq", &at))
		return;
	if (ring->l.has_latch) {
		if (log_read(ring->log, &turn, sizeof turn, at))
			return;
		at += ring->l.latch_val + 8 * (vmcore_u32(ring->vm, &turn) & 1);
	}
	newest = vmcore_u64(ring->vm, info + ring->l.seq);
	if (log_read(ring->log, bytes, sizeof bytes, at))
		return;
	/* one that is still to come: damaged, or the newest info is */
	if (vmcore_u64(ring->vm, bytes) - 1 <= newest + ring->count)
		ring->clear_seq = vmcore_u64(ring->vm, bytes);
}

static int open_rings(struct log *log, struct ring *ring)
{
	const struct ring_layout *l = &ring->l;
	uint64_t prb, desc_ring, text_ring, descs, infos, head, tail;
	unsigned count_bits;

	if (!kinfo_symbol(&ring->vm->info, "prb", &prb))
		return fail(ERR_UNKNOWN, "VMCOREINFO lacks SYMBOL(prb)");
	if (read_word(ring, prb, &prb))
		return fail_in("prb");
	desc_ring = prb + l->desc_ring;
	text_ring = prb + l->text_data_ring;
	if (read_bits(ring, desc_ring + l->count_bits, "count_bits", RING_COUNT_BITS_MAX,
		      &count_bits) ||
	    read_bits(ring, text_ring + l->size_bits, "size_bits", RING_SIZE_BITS_MAX,
		      &ring->size_bits))
		return -1;
	if (read_word(ring, desc_ring + l->descs, &descs) ||
	    read_word(ring, desc_ring + l->infos, &infos) ||
	    read_word(ring, desc_ring + l->head_id + l->counter, &head) ||
	    read_word(ring, desc_ring + l->tail_id + l->counter, &tail) ||
	    read_word(ring, text_ring + l->data, &ring->data))
		return -1;
	ring->count = (uint64_t)1 << count_bits;
	if (window_open(&ring->descs, ring->log, descs, ring->count,
			(uint32_t)l->desc_size) ||
	    window_open(&ring->infos, ring->log, infos, ring->count,
			(uint32_t)l->info_size))
		return -1;
	if (!num_add(ring->data, (uint64_t)1 << ring->size_bits, &(uint64_t){ 0 }))
		return fail(ERR_CORRUPT, "the text at %#" PRIx64, ring->data);
	if (find_ends(log, ring, tail & ring->id_mask, head & ring->id_mask))
		return -1;
	find_unbegun(ring);
	find_clear(ring);
	return 0;
}

int ring_open(struct log *log)
{
	struct ring *ring = calloc(1, sizeof *ring);

	log->state = ring;
	if (!ring)
		return fail_sys("the log");
	ring->log = log;
	ring->vm = log->sp->vm;
	if (ring_layout_read(&ring->l, &log->sp->vm->info))
		return -1;
	ring->word = (unsigned)ring->l.word;
	ring->id_mask = UINT64_MAX >> (64 - 8 * ring->word + 2);
	if (open_rings(log, ring))
		return fail_in("the log's ring buffer");
	return 0;
}
