/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/print.c dumpmsg/print-text.c dumpmsg/print-kmsg.c dumpmsg/print-json.c dumpmsg/names.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../dumpmsg/log.h"
#include "../../dumpmsg/print.h"
#include "out.h"
#include "unit.h"

static struct printer p;

static void open_printer(enum print_style style)
{
	print_close(&p);
	assert_int_equal(print_open(&p, NULL, style), 0);
}

static void check(const char *expected)
{
	assert_int_equal(p.used, strlen(expected));
	assert_memory_equal(p.buf, expected, p.used);
	p.used = 0;
}

static struct record record(const char *text, size_t len)
{
	return (struct record){
		.seq = 7, .timed = true, .ts_nsec = 12345678999, .facility = 1, .level = 5,
		.has_caller = true, .caller = 4242, .text = text, .len = len,
	};
}

static void print(const char *text, size_t len, bool raw, const char *expected)
{
	struct record r = record(text, len);

	open_printer(raw ? PRINT_RAW : PRINT_TEXT);
	assert_int_equal(print_record(&p, &r), 0);
	check(expected);
}

static void printed(void **state)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "a", "a" },
		{ "a\nb", "a\n               b" },
		{ "\nb\n", "\n               b\n" },
		{ "a\n\n", "a\n               \n" },
		{ "\t\v\f\r \\", "\t\v\f\r \\" },
		{ "\a\x1b\x7f", "\\x07\\x1b\\x7f" },
		{ "\xc3\xa9 \xe2\x82\xac", "\xc3\xa9 \xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0" },
		{ "\xff\xc3(\x80", "\\xff\\xc3(\\x80" },
		{ "\xc0\x80\xe0\x9f\xbf", "\\xc0\\x80\\xe0\\x9f\\xbf" },
		{ "\xed\xa0\x80\xed\x9f\xbf", "\\xed\\xa0\\x80\xed\x9f\xbf" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\xf0\x8f\xbf\xbf\xf8\x88", "\\xf0\\x8f\\xbf\\xbf\\xf8\\x88" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char line[256];

		snprintf(line, sizeof line, "[   12.345678] %s\n", rows[i].out);
		print(rows[i].in, strlen(rows[i].in), false, line);
	}
	print("a\nb", 3, true, "<13>[   12.345678] a\n                   b\n");
	print("", 0, false, "\n");
	print("", 0, true, "\n");
	/* not terminated */
	print("a\nx", 2, false, "[   12.345678] a\n\n");
	print("\xe2\x82\xac", 2, false, "[   12.345678] \\xe2\\x82\n");
	print("\n\0x", 3, false, "[   12.345678] \n\\x00x\n");
}

static void callers(void **state)
{
	struct record r = record("a\nb", 3);

	(void)state;
	open_printer(PRINT_TEXT);
	p.caller = true;
	assert_int_equal(print_record(&p, &r), 0);
	check("[   12.345678][ T4242] a\n                       b\n");
	r.caller = 0x80000003;
	r.timed = false;
	assert_int_equal(print_record(&p, &r), 0);
	check("[    C3] a\n         b\n");
	r.has_caller = false;
	assert_int_equal(print_record(&p, &r), 0);
	check("a\nb\n");
	open_printer(PRINT_RAW);
	assert_int_equal(print_record(&p, &r), 0);
	check("<13>a\n    b\n");
}

static void clock_times(void **state)
{
	struct record r = record("a", 1);

	(void)state;
	setenv("TZ", "UTC", 1);
	open_printer(PRINT_TEXT);
	p.ctime = true;
	p.boot_nsec = 1700000000 * INT64_C(1000000000) + 999999999;
	r.ts_nsec = 1;
	assert_int_equal(print_record(&p, &r), 0);
	check("[Tue Nov 14 22:13:21 2023] a\n");
	p.boot_nsec = -1;
	assert_int_equal(print_record(&p, &r), 0);
	check("[Thu Jan  1 00:00:00 1970] a\n");
	r.ts_nsec = 0;
	assert_int_equal(print_record(&p, &r), 0);
	check("[Wed Dec 31 23:59:59 1969] a\n");
	r.ts_nsec = UINT64_MAX;
	p.boot_nsec = INT64_MAX;
	assert_int_equal(print_record(&p, &r), 0);
	check("[Tue Oct 30 23:21:50 2846] a\n");
}

static void gap(enum print_style style, enum loss loss, uint64_t lost, const char *expected)
{
	struct record r = { .loss = loss, .lost = lost };

	open_printer(style);
	assert_int_equal(print_record(&p, &r), 0);
	check(expected);
}

static void gaps(void **state)
{
	struct record r = record("a", 1), none = { .loss = LOSS_DAMAGED, .lost = 2 };

	(void)state;
	gap(PRINT_TEXT, LOSS_MISSING, 2, "[... 2 records lost: pages not in the dump]\n");
	gap(PRINT_TEXT, LOSS_DAMAGED, 1, "[... 1 record lost: damaged]\n");
	gap(PRINT_TEXT, LOSS_DAMAGED, 0, "[... some records lost: damaged]\n");
	gap(PRINT_RAW, LOSS_MISSING, UINT64_MAX,
	    "<4>[... 18446744073709551615 records lost: pages not in the dump]\n");
	gap(PRINT_KMSG, LOSS_MISSING, 2, "");
	assert_int_equal(print_record(&p, &r), 0);
	assert_int_equal(print_record(&p, &none), 0);
	check("13,7,12345678,-;a\n LOST_AFTER=2\n LOST_WHY=damaged\n");
}

static void kmsg(void **state)
{
	struct record r = record("a\\b\n\xc3\xa9\x7f", 7);

	(void)state;
	open_printer(PRINT_KMSG);
	assert_int_equal(print_record(&p, &r), 0);
	check("13,7,12345678,-;a\\x5cb\\x0a\\xc3\\xa9\\x7f\n");
	p.caller = true;
	r.mark = 'c';
	r.len = 0;
	memcpy(r.subsystem, "sixteen-bytes-no", sizeof r.subsystem);
	strcpy(r.device, "+pci:\x1b");
	assert_int_equal(print_record(&p, &r), 0);
	check("13,7,12345678,c,caller=T4242;\n SUBSYSTEM=sixteen-bytes-no\n"
	      " DEVICE=+pci:\\x1b\n");
	r.subsystem[0] = r.device[0] = '\0';
	r.timed = false;
	assert_int_equal(print_record(&p, &r), 0);
	check("13,7,0,c,caller=T4242;\n");
}

/* what is in the file that these make, up to 256 bytes */
static void json_is(struct record *r, const struct printer *how, const char *expected)
{
	char path[] = "/tmp/unit-print.XXXXXX", back[256];
	struct out out;
	size_t n;
	FILE *f;

	assert_true(close(mkstemp(path)) == 0);
	assert_int_equal(out_open_stream(&out, path, true), 0);
	assert_int_equal(print_open(&p, &out, PRINT_JSON), 0);
	p.caller = how->caller;
	p.ctime = how->ctime;
	p.boot_nsec = how->boot_nsec;
	assert_int_equal(print_record(&p, r), 0);
	assert_int_equal(print_flush(&p), 0);
	assert_int_equal(out_commit(&out), 0);
	out_close(&out);
	print_close(&p);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(back, 1, sizeof back - 1, f);
	back[n] = '\0';
	assert_string_equal(back, expected);
	fclose(f);
	unlink(path);
}

static void json(void **state)
{
	static struct printer how;
	struct record r = record("\"\xc3\xa9\xff\0\x1b", 6);
	struct record lost = { .loss = LOSS_MISSING };

	(void)state;
	json_is(&r, &how, "{\"seq\": 7, \"ns\": 12345678999, \"facility\": 1, \"level\": 5, "
		"\"priority\": \"user.notice\", "
		"\"text\": \"\\\"\xc3\xa9\\udcff\\u0000\\u001b\"}\n");
	how.caller = how.ctime = true;
	how.boot_nsec = 1700000000 * INT64_C(1000000000);
	r.facility = 99;
	r.len = 0;
	memset(r.device, 'd', sizeof r.device);
	strcpy(r.subsystem, "pci");
	json_is(&r, &how, "{\"seq\": 7, \"ns\": 12345678999, "
		"\"time\": \"2023-11-14T22:13:32.345678Z\", \"facility\": 99, \"level\": 5, "
		"\"caller\": \"T4242\", \"text\": \"\", \"subsystem\": \"pci\", \"device\": "
		"\"dddddddddddddddddddddddddddddddddddddddddddddddd\"}\n");
	json_is(&lost, &how, "{\"lost\": null, \"why\": \"pages not in the dump\"}\n");
	lost.loss = LOSS_DAMAGED;
	lost.lost = 3;
	json_is(&lost, &how, "{\"lost\": 3, \"why\": \"damaged\"}\n");
}

/* longer than the buffer, which out gets a piece at a time */
static void long_record(void **state)
{
	enum { LEN = 65535 };
	static char text[LEN], line[LEN + 64], back[LEN + 64];
	char path[] = "/tmp/unit-print.XXXXXX";
	struct record r = { .timed = true, .ts_nsec = 1000, .text = text, .len = LEN };
	struct out out;
	FILE *f;

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	assert_int_equal(out_open_stream(&out, path, true), 0);
	memset(text, 'x', LEN);
	assert_int_equal(print_open(&p, &out, PRINT_TEXT), 0);
	assert_int_equal(print_record(&p, &r), 0);
	assert_int_equal(print_flush(&p), 0);
	assert_int_equal(out_commit(&out), 0);
	out_close(&out);

	snprintf(line, sizeof line, "[    0.000001] %.*s\n", LEN, text);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof back, f), strlen(line));
	assert_memory_equal(back, line, strlen(line));
	fclose(f);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed),
		cmocka_unit_test(callers),
		cmocka_unit_test(clock_times),
		cmocka_unit_test(gaps),
		cmocka_unit_test(kmsg),
		cmocka_unit_test(json),
		cmocka_unit_test(long_record),
	};

	return RUN(tests);
}
