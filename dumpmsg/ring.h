/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring buffer of printk() since Linux 5.10
 * (kernel/printk/printk_ringbuffer.h; logs of 5.10, 6.1, 6.12 and 7.2 were read).
 *
 * Three rings. An array of 2^count_bits descriptors says of each record its
 * state and where its text is; an array of as many infos has its time, length
 * and level; the text ring of 2^size_bits bytes has the text. A record's number
 * (id) counts up; id modulo the count is its place in both arrays. tail_id is
 * the oldest one, head_id the newest.
 *
 * The top two bits of a descriptor's state word are the state, the others the
 * id: a descriptor that bears another id was not yet, or is no longer, this
 * record's.
 *
 * Where text lies is said by two logical positions, begin and next, that count
 * up for ever; modulo the ring's size they are places in it. A block is a word
 * with the record's id, then the text, then padding to a whole word. A block
 * that would cross the end of the ring has only its id there; id and text are
 * then at place 0. Odd positions mean that there is no block.
 */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "window.h"

struct kinfo;
struct vmcore;

/* LOG_BUF_LEN_MAX is 2^31 bytes, and there is a descriptor for each 2^5 of them */
enum { RING_SIZE_BITS_MAX = 31, RING_COUNT_BITS_MAX = 26 };
/* no structure in VMCOREINFO is larger, no field's offset reaches so far */
enum { RING_STRUCT_MAX = 4096 };

/* offsets and sizes in bytes, in the order of the table in ring-layout.c */
struct ring_layout {
	uint64_t word;			/* the kernel's unsigned long: 4 or 8 */
	uint64_t desc_size, info_size;

	uint64_t desc_ring, text_data_ring;
	uint64_t count_bits, descs, infos, head_id, tail_id;
	uint64_t state_var, text_blk_lpos;
	uint64_t begin, next;
	uint64_t seq, ts_nsec, text_len, caller_id;
	uint64_t size_bits, data;
	uint64_t counter;

	/* these may be missing: has_device, has_latch */
	bool has_device;
	uint64_t dev_info, subsystem, device;
	uint64_t subsystem_len, device_len;
	bool has_latch;			/* clear_seq is a struct latched_seq: since 5.13 */
	uint64_t latch_val;
};

/* -1 with ERR_UNKNOWN: a key is missing; ERR_CORRUPT: one cannot be true */
int ring_layout_read(struct ring_layout *l, const struct kinfo *ki);

enum ring_block {
	RING_BLOCK_TEXT,
	RING_BLOCK_EMPTY,	/* a record without text */
	RING_BLOCK_LOST,	/* the kernel had no room for the text */
	RING_BLOCK_BAD,
};

/*
 * Where the block between two logical positions is: *at is its place in the
 * ring, *len its bytes with the id. size_bits and word are the ring's.
 */
enum ring_block ring_block(unsigned size_bits, unsigned word, uint64_t begin,
			   uint64_t next, uint64_t *at, uint64_t *len);

/* the state of an open log */
struct ring {
	struct log *log;		/* whose state this is */
	const struct vmcore *vm;
	struct ring_layout l;
	unsigned word;			/* bytes of an unsigned long */
	unsigned size_bits;
	uint64_t count, id_mask;
	uint64_t data;			/* virtual address of the text ring */
	uint64_t clear_seq;		/* the first record after dmesg --clear */
	uint64_t id, left;		/* the next record; how many are left with it */
	uint64_t unbegun;		/* so many of the last ones may not have been begun */
	bool any;			/* a record with text was good */
	struct window descs, infos;
	uint8_t block[sizeof(uint64_t) + UINT16_MAX];
};

/* ring-open.c: what log_ring's open does */
int ring_open(struct log *log);
/* the descriptor and the info where id's would be; NULL: they cannot be read */
const uint8_t *ring_desc(struct ring *ring, uint64_t id);
const uint8_t *ring_info(struct ring *ring, uint64_t id);
/* all that an info says of a record; r->len may be more than there is */
void ring_take_info(const struct ring *ring, const uint8_t *info, struct record *r);
/* an unsigned long of the kernel's */
uint64_t ring_word(const struct ring *ring, const uint8_t *p);

/* what a descriptor's state word says: enum desc_state in kernel/printk/printk_ringbuffer.h */
enum ring_state { RING_RESERVED, RING_COMMITTED, RING_FINALIZED, RING_REUSABLE };
enum ring_state ring_state(const struct ring *ring, uint64_t word);

#endif
