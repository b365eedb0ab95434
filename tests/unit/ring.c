/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/log.c dumpmsg/ring.c dumpmsg/ring-layout.c dumpmsg/window.c */
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
	PRB = 0x10, RING = 0x40, DESCS = 0x100, INFOS = 0x400, TEXT = 0x800,
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

static void describe(struct machine *m)
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
		"OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=%u\n",
		(unsigned long long)BASE + PRB, w, 3 * w, w, w, (unsigned)INFO, 5 * w, w,
		2 * w, 3 * w, 4 * w, w);

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
	describe(m);
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

/* all that can be read, with blanks between; *log keeps the counts */
static int read_all(struct machine *m, struct log *log, char *text, size_t size)
{
	struct record r;
	int rc;

	*log = (struct log){ .sp = &m->sp };
	text[0] = '\0';
	rc = ring_open(log);
	for (unsigned n = 0; rc == 0 && (rc = ring_next(log, &r)) == 1; n++) {
		size_t used = strlen(text);

		assert_true(n < 1 << RING_COUNT_BITS_MAX);
		if (used + r.len + 2 < size)
			snprintf(text + used, size - used, "%.*s ", (int)r.len, r.text);
		rc = 0;
	}
	ring_close(log);
	return rc;
}

static void expect(struct machine *m, const char *words, uint64_t missing,
		   uint64_t damaged, uint64_t shortened, uint64_t unfinished, bool mended)
{
	struct log log;
	char text[1024];

	assert_int_equal(read_all(m, &log, text, sizeof text), 0);
	assert_string_equal(text, words);
	assert_int_equal(log.missing, missing);
	assert_int_equal(log.damaged, damaged);
	assert_int_equal(log.shortened, shortened);
	assert_int_equal(log.unfinished, unfinished);
	assert_int_equal(log.mended, mended);
}

#define FIVE "zero one two three four "

static void words_and_orders(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct machine m;
		struct record r;

		machine_open(&m, i & 1 ? 4 : 8, i & 2);
		add_five(&m);
		expect(&m, FIVE, 0, 0, 0, 0, false);

		struct log log = { .sp = &m.sp };
		assert_int_equal(ring_open(&log), 0);
		for (unsigned n = 0; n < 3; n++)
			assert_int_equal(ring_next(&log, &r), 1);
		assert_int_equal(r.seq, 2);
		assert_int_equal(r.ts_nsec, 2000000000);
		assert_int_equal(r.caller, 77);
		assert_int_equal(r.facility, 3);
		assert_int_equal(r.level, 5);
		ring_close(&log);
		machine_close(&m);
	}
}

static void states(void **state)
{
	struct machine m;

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	set_state(&m, 0, REUSABLE);
	set_state(&m, 3, RESERVED);
	set_state(&m, 4, COMMITTED);
	expect(&m, "one two four ", 0, 0, 0, 1, false);

	/* the head was moved, its descriptor not yet taken: of the lap before, or new */
	set_ends(&m, 0, 6);
	set_state(&m, 5, RESERVED);
	set_state(&m, 6 - COUNT, REUSABLE);
	expect(&m, "one two four ", 0, 0, 0, 3, false);
	set_state(&m, 6, RESERVED);
	put_word(&m, DESCS + 6 * 24, 0);
	expect(&m, "one two four ", 0, 0, 0, 3, false);
	/* zeros before a record are not normal */
	put_word(&m, DESCS + 1 * 24, 0);
	expect(&m, "two four ", 0, 1, 0, 3, false);
	/* neither is another's number */
	put_word(&m, DESCS + 2 * 24, (uint64_t)FINALIZED << 62 | 0x1234);
	expect(&m, "four ", 0, 2, 0, 3, false);
	machine_close(&m);
}

static void texts(void **state)
{
	struct machine m;

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	set_block(&m, 1, 3, 3);			/* an empty line */
	set_block(&m, 3, 1, 1);			/* the kernel had no room */
	expect(&m, "zero  two four ", 0, 0, 0, 1, false);
	set_block(&m, 3, 3, 1);			/* neither */
	expect(&m, "zero  two four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 97, 128);
	expect(&m, "zero  two four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 64, 88);		/* the block of record 2 */
	expect(&m, "zero  two four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 96, 96);
	expect(&m, "zero  two four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 96, 96 + 2 * SIZE);
	expect(&m, "zero  two four ", 0, 1, 0, 0, false);
	add_five(&m);
	put(&m, INFOS + 4 * INFO + 16, 2, 0xffff);	/* longer than its block */
	memcpy(m.memory + TEXT + 128 + 8, "fourfourfourfour", 16);
	expect(&m, "zero one two three fourfourfourfour ", 0, 0, 1, 0, false);
	machine_close(&m);
}

static void holes(void **state)
{
	struct machine m;

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	m.hole = TEXT + 32;			/* the text of record 1 */
	expect(&m, "zero two three four ", 1, 0, 0, 0, false);
	m.hole = INFOS + 2 * INFO + 31;		/* the info of record 2 */
	expect(&m, "zero one three four ", 1, 0, 0, 0, false);
	m.hole = DESCS + 3 * 24 + 5;		/* the descriptor of record 3 */
	expect(&m, "zero one two four ", 1, 0, 0, 0, false);
	m.hole = DESCS + 3 * 24;		/* and, as far as we know, its page */
	expect(&m, "zero one two ", 2, 0, 0, 0, false);
	m.vm.page_size = 64;			/* which 3, 4 and 5 begin in */
	add(&m, 5, 160, "five");
	add(&m, 6, 192, "six");
	set_ends(&m, 0, 6);
	expect(&m, "zero one two six ", 3, 0, 0, 0, false);
	machine_close(&m);
}

static void ends(void **state)
{
	struct machine m;
	struct log log;
	char text[256];

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	set_state(&m, 1, COMMITTED);
	set_ends(&m, 2, 4);			/* records before the tail */
	expect(&m, FIVE, 0, 0, 0, 0, true);
	set_ends(&m, 0, 1);			/* and after the head */
	expect(&m, FIVE, 0, 0, 0, 0, true);
	set_ends(&m, 1004, 4);			/* a tail after the head */
	expect(&m, FIVE, 0, 0, 0, 0, true);
	set_ends(&m, 2, (uint64_t)1 << 50);	/* a head from nowhere */
	expect(&m, FIVE, 0, 0, 0, 0, true);
	set_ends(&m, (uint64_t)1 << 51, (uint64_t)1 << 50);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "neither is there");
	machine_close(&m);

	/* an unbroken circle of records ends after one round */
	machine_open(&m, 8, false);
	for (uint64_t id = 0; id < COUNT; id++)
		add(&m, id, id * 32, "x");
	set_ends(&m, 0, COUNT - 1);
	expect(&m, "x x x x x x x x x x x x x x x x ", 0, 0, 0, 0, false);
	set_ends(&m, 5, 4);
	expect(&m, "x x x x x x x x x x x x x x x x ", 0, 0, 0, 0, true);
	machine_close(&m);
}

static void refused(void **state)
{
	struct machine m;
	struct log log;
	char text[256];

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	put(&m, RING, 4, RING_COUNT_BITS_MAX + 1);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "count_bits is 27, not 1 to 26");
	put(&m, RING, 4, 0);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	put(&m, RING, 4, COUNT_BITS);
	put_word(&m, RING + 8, UINT64_MAX - 100);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "an array of 16 elements of 24 bytes");
	put_word(&m, RING + 8, BASE + DESCS);
	put_word(&m, PRB, 0);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	machine_close(&m);
}

/* every bit of a log, in turn, is wrong: nothing breaks, most of it is still read */
static void every_bit(void **state)
{
	unsigned long all = 0, most = 0;

	(void)state;
	for (unsigned word = 4; word <= 8; word += 4) {
		struct machine m;
		struct log log;
		char text[4096];

		machine_open(&m, word, false);
		for (uint64_t id = 0; id < COUNT - 2; id++)
			add(&m, id, id * 32, "text");
		set_ends(&m, 0, COUNT - 3);
		for (unsigned bit = 0; bit < MEMORY * 8; bit++) {
			m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (read_all(&m, &log, text, sizeof text) == 0) {
				all++;
				most += strlen(text) >= 5 * (COUNT - 4);
			}
			m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		machine_close(&m);
	}
	assert_true(all > MEMORY * 15);
	assert_true(most > MEMORY * 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_orders),
		cmocka_unit_test(states),
		cmocka_unit_test(texts),
		cmocka_unit_test(holes),
		cmocka_unit_test(ends),
		cmocka_unit_test(refused),
		cmocka_unit_test(every_bit),
	};

	return RUN(tests);
}
