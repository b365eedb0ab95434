/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
#include "log-machine.h"

/* unsigned long of 8 bytes, of 4 bytes */
#define SYMBOLS \
	"SYMBOL(log_buf)=c0000000\nSYMBOL(log_buf_len)=c0000008\n" \
	"SYMBOL(log_first_idx)=c0000010\nSYMBOL(log_next_idx)=c0000018\n"
#define LAYOUT(name) \
	"SIZE(" name ")=16\nOFFSET(" name ".ts_nsec)=0\nOFFSET(" name ".len)=8\n" \
	"OFFSET(" name ".text_len)=10\n"
#define WORDS(word) (word == 8 ? "SIZE(list_head)=16\n" : "SIZE(list_head)=8\n")
#define CLEARED "SYMBOL(clear_idx)=c0000020\n"

enum { NEWLINE = 2, PREFIX = 4, CONT = 8 };

static void say(struct machine *m, const char *release, const char *more)
{
	char info[2048];

	snprintf(info, sizeof info, "OSRELEASE=%s\n%s%s%s%s", release, WORDS(m->word), SYMBOLS,
		 LAYOUT("printk_log"), more);
	machine_say(m, info);
}

static void start(struct machine *m, unsigned word, bool big_endian)
{
	machine_open(m, word, big_endian, "");
	say(m, "4.19.0", "");
}

/* a record at that place; where the next one is */
static unsigned add(struct machine *m, unsigned at, uint64_t seconds, const char *text)
{
	unsigned n = (unsigned)strlen(text), len = (16 + n + 3) & ~3u;

	put(m, BUF + at, 8, seconds * 1000000000);
	put(m, BUF + at + 8, 2, len);
	put(m, BUF + at + 10, 2, n);
	put(m, BUF + at + 12, 2, 0);
	put(m, BUF + at + 14, 1, 3);
	put(m, BUF + at + 15, 1, m->big_endian ? NEWLINE << 3 | 5 : NEWLINE | 5 << 5);
	memcpy(m->memory + BUF + at + 16, text, n);
	return at + len;
}

static void set_ends(struct machine *m, unsigned first, unsigned next)
{
	put(m, FIRST, 4, first);
	put(m, NEXT, 4, next);
}

/* numbers as words, 20 bytes a record; where the next one is */
static unsigned add_numbers(struct machine *m, unsigned at, unsigned from, unsigned to)
{
	char text[8];

	for (unsigned i = from; i < to; i++) {
		snprintf(text, sizeof text, "%u", i);
		at = add(m, at, i, text);
	}
	return at;
}

static void set_flags(struct machine *m, unsigned at, unsigned flags)
{
	put(m, BUF + at + 15, 1, flags | 5 << 5);
}

static void words_and_orders(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct machine m;
		struct record r;
		struct log log;

		start(&m, i & 1 ? 4 : 8, i & 2);
		set_ends(&m, 0, add_numbers(&m, 0, 1, 6));
		expect(&m, "1|2|3|4|5|");
		assert_int_equal(log_open(&log, &m.sp), 0);
		assert_int_equal(log.caller_shown, 0);
		for (unsigned pass = 0; pass < 2; pass++) {
			for (unsigned n = 0; n < 3; n++)
				assert_int_equal(log_next(&log, &r), 1);
			assert_int_equal(r.seq, 2);
			assert_true(r.timed);
			assert_int_equal(r.ts_nsec, 3000000000);
			assert_false(r.has_caller);
			assert_int_equal(r.facility, 3);
			assert_int_equal(r.level, 5);
			assert_int_equal(r.mark, '-');
			assert_int_equal(log_rewind(&log), 0);
		}
		log_close(&log);
		machine_close(&m);
	}
}

static char marks_as(struct machine *m, const char *release, char marks[8])
{
	struct record r;
	struct log log;
	unsigned n = 0;

	say(m, release, "");
	assert_int_equal(log_open(&log, &m->sp), 0);
	while (log_next(&log, &r) == 1)
		marks[n++] = r.mark;
	marks[n] = '\0';
	log_close(&log);
	return 0;
}

static void marks(void **state)
{
	struct machine m;
	char text[8];

	(void)state;
	start(&m, 8, false);
	set_ends(&m, 0, add_numbers(&m, 0, 1, 6));
	set_flags(&m, 0, CONT | PREFIX);
	set_flags(&m, 20, CONT);
	set_flags(&m, 40, NEWLINE);		/* ends the line before, up to 4.8 */
	set_flags(&m, 60, CONT);
	set_flags(&m, 80, NEWLINE | PREFIX);
	marks_as(&m, "4.8.0", text);
	assert_string_equal(text, "c++c-");
	marks_as(&m, "4.9.0", text);
	assert_string_equal(text, "cc-c-");
	machine_close(&m);
}

/* 3.5: no sizes in VMCOREINFO; flags and level, or a u16 of facility and level */
static void early(void **state)
{
	struct machine m;
	struct record r;
	struct log log;

	(void)state;
	start(&m, 8, false);
	machine_say(&m, "OSRELEASE=3.5.0\n" SYMBOLS);
	set_ends(&m, 0, add_numbers(&m, 0, 1, 3));
	put(&m, BUF + 14, 2, 23 << 3 | 6);
	assert_int_equal(log_open(&log, &m.sp), 0);
	assert_int_equal(log_next(&log, &r), 1);
	assert_int_equal(r.facility, 23);
	assert_int_equal(r.level, 6);
	assert_int_equal(r.mark, 0);
	assert_int_equal(log_next(&log, &r), 1);
	assert_int_equal(r.facility, 3);
	assert_int_equal(r.level, 5);
	log_close(&log);
	machine_close(&m);
}

static void dictionaries(void **state)
{
	static const char dict[] = "SUBSYSTEM=pci\0DRIVER=x\0DEVICE=+pci:0000:00:1f.2";
	struct machine m;
	struct record r;
	struct log log;

	(void)state;
	start(&m, 8, false);
	say(&m, "5.4.0", "SIZE(printk_log)=24\nOFFSET(printk_log.dict_len)=12\n"
	    "OFFSET(printk_log.caller_id)=16\n");
	put(&m, BUF, 8, 1000);
	put(&m, BUF + 8, 2, 24 + 2 + 48);
	put(&m, BUF + 10, 2, 2);
	put(&m, BUF + 12, 2, sizeof dict - 1);
	put(&m, BUF + 15, 1, 0xc2);
	put(&m, BUF + 16, 4, 0x80000003);
	memcpy(m.memory + BUF + 24, "hi", 2);
	memcpy(m.memory + BUF + 26, dict, sizeof dict - 1);
	put(&m, BUF + 8, 2, (24 + 2 + sizeof dict - 1 + 3) & ~3u);
	set_ends(&m, 0, (24 + 2 + sizeof dict - 1 + 3) & ~3u);
	/* SIZE was said twice: the first counts, so 16 bytes, and the text is 8 bytes early */
	machine_say(&m, "OSRELEASE=5.4.0\n" SYMBOLS "SIZE(printk_log)=24\n"
		    "OFFSET(printk_log.ts_nsec)=0\nOFFSET(printk_log.len)=8\n"
		    "OFFSET(printk_log.text_len)=10\nOFFSET(printk_log.dict_len)=12\n"
		    "OFFSET(printk_log.caller_id)=16\n");
	assert_int_equal(log_open(&log, &m.sp), 0);
	assert_int_equal(log.caller_shown, 1);
	assert_int_equal(log_next(&log, &r), 1);
	assert_int_equal(r.len, 2);
	assert_memory_equal(r.text, "hi", 2);
	assert_true(r.has_caller);
	assert_int_equal(r.caller, 0x80000003);
	assert_string_equal(r.subsystem, "pci");
	assert_string_equal(r.device, "+pci:0000:00:1f.2");
	assert_int_equal(log_next(&log, &r), 0);
	log_close(&log);
	machine_close(&m);
}

/* records from 3000 to the end of the buffer, and some at its start */
static unsigned wrap(struct machine *m)
{
	unsigned end = add_numbers(m, 3000, 1, 54), next;

	memset(m->memory + BUF + end, 0, 16);
	/* this one would not have fitted */
	next = add(m, 0, 54, "fifty-four has a long text");
	return add_numbers(m, next, 55, 58);
}

static void cleared(void **state)
{
	struct machine m;
	struct record r;
	struct log log;

	(void)state;
	start(&m, 8, false);
	set_ends(&m, 3000, wrap(&m));
	say(&m, "4.19.0", CLEARED);
	for (unsigned n = 0; n <= 56; n += 7) {
		unsigned clear = n < 53 ? 3000 + 20 * n : n == 53 ? 0 : 44 + 20 * (n - 54), i = 0;

		put(&m, CLEAR, 4, clear);
		assert_int_equal(log_open(&log, &m.sp), 0);
		while (log_next(&log, &r) == 1)
			assert_int_equal(r.cleared, i++ < n);
		assert_int_equal(i, 57);
		log_close(&log);
	}
	machine_close(&m);
}

static void refused(void **state)
{
	struct machine m;
	struct log log;
	char text[256];

	(void)state;
	start(&m, 8, false);
	set_ends(&m, 0, add_numbers(&m, 0, 1, 4));
	put(&m, LOG_BUF_LEN, 4, 4095);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "log_buf_len is 4095");
	put(&m, LOG_BUF_LEN, 4, BUF_LEN);
	set_ends(&m, BUF_LEN, 2);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "neither log_first_idx nor log_next_idx");
	set_ends(&m, 0, 0);
	memset(m.memory + BUF, 0, BUF_LEN);
	expect(&m, "");				/* before the first message */
	put(&m, LOG_BUF, 8, UINT64_MAX - 100);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	machine_say(&m, SYMBOLS "SIZE(log)=8\n");
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "struct printk_log");
	machine_say(&m, "SYMBOL(log_first_idx)=c0000010\n");
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_UNKNOWN, "SYMBOL(log_buf)");
	machine_close(&m);
}

/* either end is wrong: the other one and the records themselves say enough */
static void ends(void **state)
{
	static const unsigned wrong[] = { 0x7ffffff0, 4096, 4092, 7, 3003 };
	struct machine m;
	struct log log;
	char good[4096], text[4096];
	unsigned next;

	(void)state;
	start(&m, 8, false);
	next = wrap(&m);
	set_ends(&m, 3000, next);
	assert_int_equal(read_all(&m, &log, good, sizeof good), 0);
	assert_non_null(strstr(good, "1|2|3|"));
	assert_non_null(strstr(good, "53|fifty-four has a long text|55|56|57|"));
	assert_false(log.mended);
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		set_ends(&m, 3000, wrong[i]);
		assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
		assert_string_equal(text, good);
		assert_true(log.mended);
		set_ends(&m, wrong[i], next);
		assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
		assert_string_equal(text, good);
		assert_true(log.mended);
	}
	/* the end is a record's place, but not the last one's: time goes on behind it */
	set_ends(&m, 3000, 44);
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_true(log.mended);
	assert_string_equal(text, good);
	machine_close(&m);
}

/* with log_buf_len= the buffer of 3.5 to 3.13 was memory as it was found, of an older boot */
static void remains(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, 8, false);
	say(&m, "3.10.0-1160.el7.x86_64", "");
	add_numbers(&m, 0, 1, 9);
	set_ends(&m, 0, 5 * 20);
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text, "1|2|3|4|5|");
	assert_false(log.mended);
	/* later kernels clear it, and what has gone round is all of this boot */
	say(&m, "3.14.0", "");
	expect(&m, "1|2|3|4|5|6|7|8|");
	machine_close(&m);
}

/* each byte in turn is in a hole: records are missing, and nothing else */
static void holes(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, 8, false);
	set_ends(&m, 0, add_numbers(&m, 0, 1, 200));
	m.hole = BUF;
	m.hole_end = BUF + BUF_LEN;
	expect(&m, "(m0)");
	machine_close(&m);

	/* two chunks of the buffer: it does not begin with a page */
	start(&m, 8, false);
	put(&m, LOG_BUF, 8, BASE + 2048);
	for (unsigned i = 0, at = 0; i < 190; i++)
		at = add(&m, at, i, "abcd") - 0;
	memmove(m.memory + 2048, m.memory + BUF, BUF_LEN);
	memset(m.memory + 2048 + BUF_LEN, 0, MEMORY - 2048 - BUF_LEN);
	set_ends(&m, 0, 190 * 20);
	m.hole = 2048;
	m.hole_end = 4096;
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_memory_equal(text, "(m0)abcd|abcd|", 14);
	assert_int_equal(strlen(text), 4 + 5 * (190 - 103));
	assert_true(log.uncounted);
	m.hole = 4096;
	m.hole_end = 8192;
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_int_equal(strlen(text), 4 + 5 * 102);
	assert_string_equal(text + 5 * 102, "(m0)");
	machine_close(&m);
}

static void damage(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, 8, false);
	set_ends(&m, 0, add_numbers(&m, 0, 1, 9));
	put(&m, BUF + 40 + 8, 2, 0);			/* record 3 is no marker */
	expect(&m, "1|2|(d0)4|5|6|7|8|");
	put(&m, BUF + 40 + 8, 2, 24);			/* so is its text; the next is where it ends */
	expect(&m, "1|2|3|4|5|6|7|8|");
	put(&m, BUF + 40 + 8, 2, 60);
	expect(&m, "1|2|(d0)4|5|6|7|8|");
	memset(m.memory + BUF + 40, 0, 16);
	expect(&m, "1|2|(d0)4|5|6|7|8|");
	memset(m.memory + BUF + 40, 0xff, 40);
	expect(&m, "1|2|(d0)5|6|7|8|");
	put(&m, BUF + 100, 8, (uint64_t)1 << 50);	/* a wrong time hides nothing */
	expect(&m, "1|2|(d0)5|6|7|8|");
	memset(m.memory + BUF + 120, 0xff, 20);
	expect(&m, "1|2|(d0)5|6|(d0)8|");
	add(&m, 100, 6, "6");
	add(&m, 120, 7, "7");
	put(&m, BUF + 100, 8, 0);			/* of a processor that has just come up */
	expect(&m, "1|2|(d0)5|6|7|8|");
	put(&m, NEXT, 4, 0x7fffffff);
	expect(&m, "1|2|(d0)5|6|7|8|");
	put(&m, NEXT, 4, 160);
	memset(m.memory + BUF + 140, 0xff, 20);		/* the last one */
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text, "1|2|(d0)5|6|7|(d0)");
	assert_int_equal(log.damaged, 2);
	memset(m.memory + BUF, 0xff, 160);
	expect(&m, "(d0)");
	machine_close(&m);
}

/* every bit of a log, in turn, is wrong: nothing breaks, most of it is still read */
static void every_bit(void **state)
{
	unsigned long all = 0, most = 0, tries = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct machine m;
		struct log log;
		char text[8192];

		start(&m, i ? 4 : 8, false);
		set_ends(&m, 3000, wrap(&m));
		for (unsigned bit = 0; bit < MEMORY * 8; bit++) {
			if (bit / 8 >= 40 && bit / 8 < BUF)
				continue;
			m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
			tries++;
			if (read_all(&m, &log, text, sizeof text) == 0) {
				unsigned n = 0;

				for (const char *p = text; *p; p++)
					n += *p == '|';
				all++;
				most += n >= 55 && n <= 58;
			}
			m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		machine_close(&m);
	}
	/* but for the bits of log_buf and log_buf_len */
	assert_true(all >= tries - 2 * 96);
	assert_true(most >= all - 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_orders),
		cmocka_unit_test(marks),
		cmocka_unit_test(early),
		cmocka_unit_test(dictionaries),
		cmocka_unit_test(cleared),
		cmocka_unit_test(refused),
		cmocka_unit_test(ends),
		cmocka_unit_test(remains),
		cmocka_unit_test(holes),
		cmocka_unit_test(damage),
		cmocka_unit_test(every_bit),
	};

	return RUN(tests);
}
