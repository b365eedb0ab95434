/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
#include "log-machine.h"

#define SYMBOLS \
	"SYMBOL(log_buf)=c0000000\nSYMBOL(log_buf_len)=c0000008\nSYMBOL(log_end)=c0000010\n"
#define LOGGED_CHARS "SYMBOL(logged_chars)=c0000018\n"

static void start(struct machine *m, const char *release)
{
	char info[512];

	snprintf(info, sizeof info, "OSRELEASE=%s\nSIZE(list_head)=16\n" SYMBOLS LOGGED_CHARS,
		 release);
	machine_open(m, 8, false, info);
	put(m, LOGGED, 4, BUF_LEN);
}

/* the ring's text ends there */
static void write_text(struct machine *m, uint64_t end, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		m->memory[BUF + ((end - n + i) & (BUF_LEN - 1))] = (uint8_t)text[i];
	put(m, LOG_END, 8, end);
	put(m, LOGGED, 4, end < BUF_LEN ? end : BUF_LEN);
}

static void one(struct machine *m, const char *line, struct record *r, char text[64])
{
	struct log log;

	memset(m->memory + BUF, 0, BUF_LEN);
	write_text(m, strlen(line), line);
	assert_int_equal(log_open(&log, &m->sp), 0);
	assert_int_equal(log.caller_shown, 0);
	assert_int_equal(log_next(&log, r), 1);
	assert_true(r->len < 64);
	memcpy(text, r->text, r->len);
	text[r->len] = '\0';
	r->text = NULL;
	log_close(&log);
}

static void lines(void **state)
{
	static const struct {
		const char *line;
		unsigned prefix;
		bool timed;
		uint64_t ts_nsec;
		const char *text;
	} rows[] = {
		{ "<6>[    1.234567] text\n", 6, true, 1234567000, "text" },
		{ "<6>[12345.000001] text\n", 6, true, 12345000001000, "text" },
		{ "<6>[123456.000001] text\n", 6, true, 123456000001000, "text" },
		{ "<30>[    0.000000] x", 30, true, 0, "x" },
		{ "<191>text\n", 191, false, 0, "text" },
		{ "<6>\n", 6, false, 0, "" },
		{ "\n", 4, false, 0, "" },
		/* what a kernel did not write so is text */
		{ "<6>[    1.234567] \n", 6, false, 0, "[    1.234567] " },
		{ "<6>[    1.234567]text\n", 6, false, 0, "[    1.234567]text" },
		{ "<6>[1.234567] text\n", 6, false, 0, "[1.234567] text" },
		{ "<6>[00001.234567] text\n", 6, false, 0, "[00001.234567] text" },
		{ "<6>[  1 2.234567] text\n", 6, false, 0, "[  1 2.234567] text" },
		{ "<6>[ 123456.234567] text\n", 6, false, 0, "[ 123456.234567] text" },
		{ "<6>[    1.23456] text\n", 6, false, 0, "[    1.23456] text" },
		{ "<6>[    1.2345678] text\n", 6, false, 0, "[    1.2345678] text" },
		{ "<6>[     .234567] text\n", 6, false, 0, "[     .234567] text" },
		{ "[    1.234567] text\n", 4, false, 0, "[    1.234567] text" },
		{ "<>text\n", 4, false, 0, "<>text" },
		{ "<6text\n", 4, false, 0, "<6text" },
		{ "<12345>text\n", 4, false, 0, "<12345>text" },
		{ "<6", 4, false, 0, "<6" },
		{ "<6>", 6, false, 0, "" },
	};
	struct machine m;
	struct record r;
	char text[64];

	(void)state;
	start(&m, "3.0.0");
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		one(&m, rows[i].line, &r, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(r.facility << 3 | r.level, rows[i].prefix);
		assert_int_equal(r.timed, rows[i].timed);
		assert_int_equal(r.ts_nsec, rows[i].timed ? rows[i].ts_nsec : 0);
		assert_false(r.has_caller);
		assert_int_equal(r.mark, 0);
	}
	machine_close(&m);
}

/* log_end's size and order, and that it counts on when the ring is full */
static void ends(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, "2.6.32");
	put(&m, LOGGED, 4, 0);
	expect(&m, "");
	write_text(&m, 20, "<6>one\n<5>two\nthree\n");
	expect(&m, "one|two|three|");
	/* full, and cut at the front */
	memset(m.memory + BUF, 'x', BUF_LEN);
	write_text(&m, 3 * BUF_LEN + 10, "\n<6>one\n<5>two\n");
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_int_equal(strlen(text), BUF_LEN - 15 + 9);
	assert_memory_equal(text, "xxxxx", 5);
	assert_string_equal(text + BUF_LEN - 15, "|one|two|");
	/* its 32 bits have begun again; bytes behind it are another variable's */
	put(&m, LOG_END, 8, 0xffffffff0000000a);
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text + BUF_LEN - 15, "|one|two|");
	machine_close(&m);

	/* an unsigned long, of a machine with the other order */
	machine_open(&m, 8, true, "OSRELEASE=2.6.24\nSIZE(list_head)=16\n" SYMBOLS);
	memcpy(m.memory + BUF, "<6>one\n<5>two\n", 14);
	put(&m, LOG_END, 8, 14);
	expect(&m, "one|two|");
	machine_close(&m);
	machine_open(&m, 4, true, "OSRELEASE=2.6.24\nSIZE(list_head)=8\n" SYMBOLS);
	memcpy(m.memory + BUF, "<6>one\n<5>two\n", 14);
	put(&m, LOG_END, 4, 14);
	expect(&m, "one|two|");
	machine_close(&m);
}

/*
 * With log_buf_len= the ring of 3.0 to 3.4 was memory as it was found, which may be the log
 * of the boot before. Two counters that agree are not damaged.
 */
static void remains(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, "3.4.0");
	write_text(&m, BUF_LEN - 1, "<6>of another boot\n");
	memcpy(m.memory + BUF, "<6>one\n<5>two\n<6>x", 18);
	put(&m, LOG_END, 8, 14);
	put(&m, LOGGED, 4, 14);
	expect(&m, "one|two|");
	put(&m, LOGGED, 4, 140);
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_non_null(strstr(text, "of another boot"));
	assert_true(log.mended);
	machine_close(&m);
}

static void cleared(void **state)
{
	struct machine m;
	struct record r;
	struct log log;

	(void)state;
	start(&m, "3.4.0");
	write_text(&m, 21, "<6>one\n<6>two\n<6>six\n");
	for (unsigned n = 0; n <= 3; n++) {
		put(&m, LOGGED, 4, 21 - 7 * n);
		assert_int_equal(log_open(&log, &m.sp), 0);
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(log_next(&log, &r), 1);
			assert_int_equal(r.seq, i);
			assert_int_equal(r.cleared, i < n);
		}
		assert_int_equal(log_next(&log, &r), 0);
		log_close(&log);
	}
	machine_close(&m);
}

/* a hole takes what is in it, and cuts the lines that it begins and ends in */
static void holes(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, "3.4.0");
	put(&m, LOG_BUF, 8, BASE + 2048);
	for (unsigned i = 0; i < BUF_LEN; i += 8)
		memcpy(m.memory + 2048 + i, "<6>abcd\n", 8);
	put(&m, LOG_END, 8, 4004);
	put(&m, LOGGED, 4, 4004);
	memset(m.memory + 2048 + 4004, 0, BUF_LEN - 4004);	/* never written */
	m.hole = 4096;
	m.hole_end = MEMORY;
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_int_equal(strlen(text), 256 * 5 + 4);
	assert_string_equal(text + 256 * 5, "(m0)");
	assert_int_equal(log.missing, 1);
	assert_true(log.uncounted);
	m.hole = 2048;
	m.hole_end = 4096;
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_memory_equal(text, "(m0)abcd|abcd|", 14);
	assert_int_equal(log.shortened, 0);
	memmove(m.memory + 2051, m.memory + 2048, 4001);	/* a line on both pages */
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_memory_equal(text, "(m0)cd|abcd|", 12);
	m.hole = 4096;
	m.hole_end = MEMORY;
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text + strlen(text) - 13, "|abcd|ab|(m0)");
	assert_int_equal(log.shortened, 1);
	machine_close(&m);

	start(&m, "3.4.0");
	write_text(&m, 8, "<6>one\n<");
	m.memory[BUF + 8] = 0;
	put(&m, LOG_END, 8, 20);
	memcpy(m.memory + BUF + 16, ">x\n", 3);	/* zeros in a line */
	put(&m, LOG_END, 8, 19);
	put(&m, LOGGED, 4, 19);
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text, "one|<|(d0)>x|");
	assert_int_equal(log.shortened, 1);
	assert_int_equal(log.damaged, 1);
	machine_close(&m);
}

/* the ring has never been full, whatever log_end says */
static void zeros(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];

	(void)state;
	start(&m, "3.4.0");
	write_text(&m, 14, "<6>one\n<6>two\n");
	put(&m, LOG_END, 8, 14 + (1 << 20));
	assert_int_equal(read_all(&m, &log, text, sizeof text), 0);
	assert_string_equal(text, "one|two|");
	assert_true(log.mended);
	assert_int_equal(log.damaged, 0);
	machine_close(&m);
}

static void refused(void **state)
{
	struct machine m;
	struct log log;
	char text[64];

	(void)state;
	start(&m, "3.4.0");
	put(&m, LOG_BUF_LEN, 4, 4097);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_CORRUPT, "log_buf_len is 4097");
	put(&m, LOG_BUF_LEN, 4, 1024);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	put(&m, LOG_BUF_LEN, 4, BUF_LEN);
	put(&m, LOG_BUF, 8, UINT64_MAX - 10);
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	machine_say(&m, "SYMBOL(log_end)=c0000010\nSYMBOL(log_buf)=c0000000\n");
	assert_int_equal(read_all(&m, &log, text, sizeof text), -1);
	assert_failed(ERR_UNKNOWN, "SYMBOL(log_buf_len)");
	machine_close(&m);
}

/* every bit, in turn, is wrong: nothing breaks, most is still read */
static void every_bit(void **state)
{
	struct machine m;
	struct log log;
	char text[8192];
	unsigned long most = 0;

	(void)state;
	start(&m, "3.4.0");
	for (unsigned i = 0; i < BUF_LEN; i += 16)
		memcpy(m.memory + BUF + i, "<6>twelve byte\n\n", 16);
	put(&m, LOG_END, 8, 100000);
	for (unsigned bit = 0; bit < MEMORY * 8; bit++) {
		if (bit / 8 >= 32 && bit / 8 < BUF)
			continue;
		m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (read_all(&m, &log, text, sizeof text) == 0)
			most += strlen(text) >= 3300;
		m.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(most >= BUF_LEN * 8);
	machine_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(ends),
		cmocka_unit_test(remains),
		cmocka_unit_test(cleared),
		cmocka_unit_test(holes),
		cmocka_unit_test(zeros),
		cmocka_unit_test(refused),
		cmocka_unit_test(every_bit),
	};

	return RUN(tests);
}
