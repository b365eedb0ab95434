/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
#include "ring-machine.h"

/* all that can be read, with blanks between, (m2): 2 missing; *log keeps the counts */
static int read_all(struct machine *m, struct log *log, char *text, size_t size)
{
	struct record r;
	struct log counts;
	int rc;

	text[0] = '\0';
	rc = log_open(log, &m->sp);
	for (unsigned n = 0; rc == 0 && (rc = log_next(log, &r)) == 1; n++) {
		size_t used = strlen(text);

		assert_true(n < 1 << RING_COUNT_BITS_MAX);
		if (used + r.len + 32 < size && r.loss)
			snprintf(text + used, size - used, "(%c%u) ",
				 r.loss == LOSS_MISSING ? 'm' : 'd', (unsigned)r.lost);
		else if (used + r.len + 2 < size)
			snprintf(text + used, size - used, "%.*s ", (int)r.len, r.text);
		rc = 0;
	}
	counts = *log;
	log_close(log);
	*log = counts;
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

		struct log log;

		assert_int_equal(log_open(&log, &m.sp), 0);
		for (unsigned n = 0; n < 3; n++)
			assert_int_equal(log_next(&log, &r), 1);
		assert_int_equal(r.seq, 2);
		assert_int_equal(r.ts_nsec, 2000000000);
		assert_int_equal(r.caller, 77);
		assert_int_equal(r.facility, 3);
		assert_int_equal(r.level, 5);
		log_close(&log);
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
	expect(&m, "(d1) two four ", 0, 1, 0, 3, false);
	/* neither is another's number */
	put_word(&m, DESCS + 2 * 24, (uint64_t)FINALIZED << 62 | 0x1234);
	expect(&m, "(d2) four ", 0, 2, 0, 3, false);
	machine_close(&m);
}

/* up to 5.11 an empty message had no text to be thrown away: it stays when others go */
static void thrown_away(void **state)
{
	struct machine m;

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	set_block(&m, 0, 3, 3);
	set_state(&m, 1, REUSABLE);
	set_state(&m, 2, REUSABLE);
	expect(&m, " three four ", 0, 0, 0, 0, false);
	/* behind a text that is there it is damage */
	set_state(&m, 4, REUSABLE);
	expect(&m, " three (d1) ", 0, 1, 0, 0, false);
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
	expect(&m, "zero  two (d1) four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 97, 128);
	expect(&m, "zero  two (d1) four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 64, 88);		/* the block of record 2 */
	expect(&m, "zero  two (d1) four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 96, 96);
	expect(&m, "zero  two (d1) four ", 0, 1, 0, 0, false);
	set_block(&m, 3, 96, 96 + 2 * SIZE);
	expect(&m, "zero  two (d1) four ", 0, 1, 0, 0, false);
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
	expect(&m, "zero (m1) two three four ", 1, 0, 0, 0, false);
	m.hole = INFOS + 2 * INFO + 31;		/* the info of record 2 */
	expect(&m, "zero one (m1) three four ", 1, 0, 0, 0, false);
	m.hole = DESCS + 3 * 24 + 5;		/* the descriptor of record 3 */
	expect(&m, "zero one two (m1) four ", 1, 0, 0, 0, false);
	m.hole = DESCS + 3 * 24;		/* and, as far as we know, its page */
	expect(&m, "zero one two (m2) ", 2, 0, 0, 0, false);
	m.vm.page_size = 64;			/* which 3, 4 and 5 begin in */
	add(&m, 5, 160, "five");
	add(&m, 6, 192, "six");
	set_ends(&m, 0, 6);
	expect(&m, "zero one two (m3) six ", 3, 0, 0, 0, false);
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
		cmocka_unit_test(thrown_away),
		cmocka_unit_test(texts),
		cmocka_unit_test(holes),
		cmocka_unit_test(ends),
		cmocka_unit_test(refused),
		cmocka_unit_test(every_bit),
	};

	return RUN(tests);
}
