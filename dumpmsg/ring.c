/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "err.h"
#include "kinfo.h"
#include "num.h"
#include "ring.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"
#include "window.h"

/* enum desc_state in kernel/printk/printk_ringbuffer.h */
enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };
/* what the kernel stores instead of positions: FAILED_LPOS, EMPTY_LINE_LPOS (NO_LPOS) */
enum { LPOS_FAILED = 1, LPOS_EMPTY = 3 };

enum { TEXT_MAX = UINT16_MAX };
/* processors may have been stopped between taking a number and its descriptor */
enum { UNTAKEN_MAX = 64 };

struct ring {
	struct log *log;		/* whose state this is */
	const struct vmcore *vm;
	struct ring_layout l;
	unsigned word;			/* bytes of an unsigned long */
	unsigned size_bits;
	uint64_t count, id_mask;
	uint64_t data;			/* virtual address of the text ring */
	uint64_t id, left;		/* the next record; how many are left with it */
	uint64_t untaken;		/* descriptors of zeros in a row */
	bool any;			/* a record was good */
	struct window descs, infos;
	uint8_t block[sizeof(uint64_t) + TEXT_MAX];
};

static uint64_t get_word(const struct ring *ring, const uint8_t *p)
{
	return ring->word == 8 ? vmcore_u64(ring->vm, p) : vmcore_u32(ring->vm, p);
}

static int read_word(struct ring *ring, uint64_t virt, uint64_t *value)
{
	uint8_t bytes[sizeof *value];

	if (log_read(ring->log, bytes, ring->word, virt))
		return -1;
	*value = get_word(ring, bytes);
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

static const uint8_t *desc_at(struct ring *ring, uint64_t id)
{
	return window_at(&ring->descs, id & (ring->count - 1));
}

/* the state word of the descriptor where id's would be */
static bool state_at(struct ring *ring, uint64_t id, uint64_t *sv)
{
	const uint8_t *desc = desc_at(ring, id);

	if (desc)
		*sv = get_word(ring, desc + ring->l.state_var + ring->l.counter);
	return desc;
}

static unsigned state_of(const struct ring *ring, uint64_t sv)
{
	return (unsigned)(sv >> (8 * ring->word - 2));
}

static bool is_id(struct ring *ring, uint64_t id)
{
	uint64_t sv;

	return state_at(ring, id, &sv) && (sv & ring->id_mask) == id;
}

static bool has_text(struct ring *ring, uint64_t id)
{
	uint64_t sv;

	return state_at(ring, id, &sv) && (sv & ring->id_mask) == id &&
	       (state_of(ring, sv) == COMMITTED || state_of(ring, sv) == FINALIZED);
}

/*
 * The records are those from tail to head. The kernel moves the tail only past a
 * record it has thrown away, and takes the descriptor after the head only after
 * moving the head: where that is not so, the ends are damaged, and we go on for
 * as long as there are records.
 */
static int find_ends(struct log *log, struct ring *ring, uint64_t tail, uint64_t head)
{
	uint64_t n = ((head - tail) & ring->id_mask) + 1, last = head;

	if (n > ring->count) {
		log->mended = true;
		if (!is_id(ring, head))
			head = tail;
		if (!is_id(ring, head))
			return fail(ERR_CORRUPT, "the oldest record is %" PRIu64 ", the newest "
				    "%" PRIu64 ", in a ring of %" PRIu64 ", and neither is "
				    "there", tail, last, ring->count);
		tail = head;
		n = 1;
	}
	while (n < ring->count && is_id(ring, (head + 1) & ring->id_mask)) {
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
	return find_ends(log, ring, tail & ring->id_mask, head & ring->id_mask);
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

/* another id than expected: the record was not begun yet, or its descriptor is damaged */
static void pass_over(struct log *log, struct ring *ring, uint64_t sv)
{
	if (sv == 0)
		ring->untaken++;
	else if (((sv + ring->count) & ring->id_mask) == ring->id)
		log->unfinished++;
	else
		log->damaged++;
}

/* descriptors of zeros are normal only where the log ends */
static void settle_untaken(struct log *log, struct ring *ring, bool at_end)
{
	if (at_end && ring->untaken <= UNTAKEN_MAX)
		log->unfinished += ring->untaken;
	else
		log->damaged += ring->untaken;
	ring->untaken = 0;
}

static void take_info(const struct ring *ring, const uint8_t *info, struct record *r)
{
	const struct vmcore *vm = ring->vm;
	const struct ring_layout *l = &ring->l;
	bool big_endian = vm->swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	uint8_t bits = info[l->text_len + 3];	/* flags:5, level:3 */

	r->seq = vmcore_u64(vm, info + l->seq);
	r->ts_nsec = vmcore_u64(vm, info + l->ts_nsec);
	r->caller = vmcore_u32(vm, info + l->caller_id);
	r->facility = info[l->text_len + 2];
	r->level = big_endian ? bits & 7 : bits >> 5;
	r->len = vmcore_u16(vm, info + l->text_len);
}

/* r->len bytes of text, or as many as the block has; false: the record is lost */
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
		log->unfinished++;
		return false;
	default:
		log->damaged++;
		return false;
	}
	cut = r->len > len - ring->word;
	if (cut)
		r->len = len - ring->word;
	if (log_read(log, ring->block, ring->word + r->len, ring->data + at)) {
		log->missing++;
		return false;
	}
	if (get_word(ring, ring->block) != ring->id) {
		log->damaged++;		/* the block is another record's by now */
		return false;
	}
	log->shortened += cut;
	return true;
}

/* the record ring->id: false if there is nothing to print, and counted why */
static bool take(struct log *log, struct ring *ring, struct record *r)
{
	const uint8_t *desc = desc_at(ring, ring->id), *info;
	const struct ring_layout *l = &ring->l;
	uint64_t sv;

	if (!desc) {
		log->missing++;
		return false;
	}
	sv = get_word(ring, desc + l->state_var + l->counter);
	if ((sv & ring->id_mask) != ring->id) {
		pass_over(log, ring, sv);
		return false;
	}
	settle_untaken(log, ring, false);
	switch (state_of(ring, sv)) {
	case RESERVED:
		log->unfinished++;
		return false;
	case REUSABLE:		/* thrown away to make room: the oldest, none behind a good one */
		log->damaged += ring->any;
		return false;
	}
	info = window_at(&ring->infos, ring->id & (ring->count - 1));
	if (!info) {
		log->missing++;
		return false;
	}
	take_info(ring, info, r);
	return take_text(log, ring, get_word(ring, desc + l->text_blk_lpos + l->begin),
			 get_word(ring, desc + l->text_blk_lpos + l->next), r);
}

int ring_next(struct log *log, struct record *r)
{
	struct ring *ring = log->state;
	bool taken = false;

	while (ring->left > 0 && !taken) {
		if (stop_check())
			return -1;
		taken = take(log, ring, r);
		ring->any |= taken;
		ring->id = (ring->id + 1) & ring->id_mask;
		ring->left--;
	}
	if (ring->left == 0)
		settle_untaken(log, ring, true);
	return taken;
}

void ring_close(struct log *log)
{
	free(log->state);
	log->state = NULL;
}
