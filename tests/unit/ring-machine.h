/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A printk_ringbuffer in a few bytes of memory. */
#ifndef RING_MACHINE_H
#define RING_MACHINE_H

#include <stdio.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "../../dumpmsg/ring.h"
#include "kinfo.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

/*
 * A machine of one linear map, of words of 4 or 8 bytes in either order, and a log
 * in it. Where its structures are in memory:
 */
enum {
	PRB = 0x10, CLEAR = 0x20, RING = 0x40, DESCS = 0x100, INFOS = 0x400, TEXT = 0x800,
	MEMORY = 0xa00,
	COUNT_BITS = 4, SIZE_BITS = 9, COUNT = 1 << COUNT_BITS, SIZE = 1 << SIZE_BITS,
	INFO = 32,
};
enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

#define BASE ((uint64_t)0xc0000000)

struct machine {
	struct vmcore vm;
	struct space sp;
	unsigned word;
	bool big_endian;
	uint64_t hole;			/* this byte is not in the dump; 0: all are */
	uint8_t memory[MEMORY];
};

static int machine_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	struct machine *m = vm->priv;

	if (len > MEMORY || phys > MEMORY - len)
		return fail(ERR_CORRUPT, "no such memory");
	if (m->hole && phys <= m->hole && m->hole < phys + len)
		return fail(ERR_CORRUPT, "not in the dump");
	memcpy(buf, m->memory + phys, len);
	return 0;
}

static const struct vmcore_ops machine_ops = { .name = "machine", .read = machine_read };

static void put(struct machine *m, uint64_t at, unsigned len, uint64_t value)
{
	assert_true(at + len <= MEMORY);
	for (unsigned i = 0; i < len; i++) {
		unsigned shift = 8 * (m->big_endian ? len - 1 - i : i);

		m->memory[at + i] = (uint8_t)(value >> shift);
	}
}

static void put_word(struct machine *m, uint64_t at, uint64_t value)
{
	put(m, at, m->word, value);
}

static void describe(struct machine *m, const char *more)
{
	char text[2048];
	unsigned w = m->word;
	int n = snprintf(text, sizeof text,
		"SYMBOL(prb)=%llx\nSIZE(atomic_long_t)=%u\n"
		"OFFSET(atomic_long_t.counter)=0\n"
		"SIZE(prb_desc)=%u\nOFFSET(prb_desc.state_var)=0\nOFFSET(prb_desc.text_blk_lpos)=%u\n"
		"OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=%u\n"
		"SIZE(printk_info)=%u\nOFFSET(printk_info.seq)=0\n"
		"OFFSET(printk_info.ts_nsec)=8\nOFFSET(printk_info.text_len)=16\n"
		"OFFSET(printk_info.caller_id)=20\nOFFSET(printk_ringbuffer.desc_ring)=0\n"
		"OFFSET(printk_ringbuffer.text_data_ring)=%u\n"
		"OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=%u\n"
		"OFFSET(prb_desc_ring.infos)=%u\nOFFSET(prb_desc_ring.head_id)=%u\n"
		"OFFSET(prb_desc_ring.tail_id)=%u\n"
		"OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=%u\n%s",
		(unsigned long long)BASE + PRB, w, 3 * w, w, w, (unsigned)INFO, 5 * w, w,
		2 * w, 3 * w, 4 * w, w, more);

	assert_true(n > 0 && (size_t)n < sizeof text);
	assert_int_equal(kinfo_open(&m->vm.info, text, (size_t)n), 0);
}

static void machine_open(struct machine *m, unsigned word, bool big_endian)
{
	memset(m, 0, sizeof *m);
	m->word = word;
	m->big_endian = big_endian;
	m->vm.ops = &machine_ops;
	m->vm.priv = m;
	m->vm.swap = big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	m->vm.page_size = 4096;
	m->sp.vm = &m->vm;
	m->sp.nlinear = 1;
	m->sp.linear[0].virt = BASE;
	m->sp.linear[0].len = MEMORY;
	describe(m, "");
	put_word(m, PRB, BASE + RING);
	put(m, RING, 4, COUNT_BITS);
	put_word(m, RING + word, BASE + DESCS);
	put_word(m, RING + 2 * word, BASE + INFOS);
	put(m, RING + 5 * word, 4, SIZE_BITS);
	put_word(m, RING + 6 * word, BASE + TEXT);
}

static void machine_close(struct machine *m) { kinfo_close(&m->vm.info); }

static void set_ends(struct machine *m, uint64_t tail, uint64_t head)
{
	put_word(m, RING + 3 * m->word, head);
	put_word(m, RING + 4 * m->word, tail);
}

static void set_state(struct machine *m, uint64_t id, unsigned state)
{
	uint64_t top = (uint64_t)state << (8 * m->word - 2);
	uint64_t mask = UINT64_MAX >> (64 - 8 * m->word + 2);

	put_word(m, DESCS + (id & (COUNT - 1)) * 3 * m->word, top | (id & mask));
}

static void set_block(struct machine *m, uint64_t id, uint64_t begin, uint64_t next)
{
	uint64_t at = DESCS + (id & (COUNT - 1)) * 3 * m->word;

	put_word(m, at + m->word, begin);
	put_word(m, at + 2 * m->word, next);
}

/* a finalized record whose block has room for 16 bytes of text and begins at begin */
static void add(struct machine *m, uint64_t id, uint64_t begin, const char *text)
{
	uint64_t info = INFOS + (id & (COUNT - 1)) * INFO, at = TEXT + begin % SIZE;

	set_state(m, id, FINALIZED);
	set_block(m, id, begin, begin + m->word + 16);
	put(m, info, 8, id);
	put(m, info + 8, 8, id * 1000000000);
	put(m, info + 16, 2, strlen(text));
	put(m, info + 18, 1, 3);
	put(m, info + 19, 1, m->big_endian ? 0xf8 | 5 : 0x1f | 5 << 5);
	put(m, info + 20, 4, 77);
	put_word(m, at, id & UINT64_MAX >> (64 - 8 * m->word + 2));
	assert_true(strlen(text) <= 16);
	memcpy(m->memory + at + m->word, text, strlen(text));
}

/* records 0 to 4 */
static void add_five(struct machine *m)
{
	static const char *const texts[] = { "zero", "one", "two", "three", "four" };

	for (unsigned i = 0; i < 5; i++)
		add(m, i, i * 32, texts[i]);
	set_ends(m, 0, 4);
}

#endif
