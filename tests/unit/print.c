/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/print.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../dumpmsg/log.h"
#include "../../dumpmsg/print.h"
#include "out.h"
#include "unit.h"

static void print(const char *text, size_t len, bool raw, const char *expected)
{
	struct printer p;
	struct record r = {
		.ts_nsec = 12345678999, .facility = 1, .level = 5,
		.text = text, .len = len,
	};

	print_open(&p, NULL, raw);
	assert_int_equal(print_record(&p, &r), 0);
	assert_int_equal(p.used, strlen(expected));
	assert_memory_equal(p.buf, expected, p.used);
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

/* longer than the buffer, which out gets a piece at a time */
static void long_record(void **state)
{
	enum { LEN = 65535 };
	static char text[LEN], line[LEN + 64], back[LEN + 64];
	char path[] = "/tmp/unit-print.XXXXXX";
	struct record r = { .ts_nsec = 1000, .text = text, .len = LEN };
	struct printer p;
	struct out out;
	FILE *f;

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	assert_int_equal(out_open_stream(&out, path, true), 0);
	memset(text, 'x', LEN);
	print_open(&p, &out, false);
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
		cmocka_unit_test(long_record),
	};

	return RUN(tests);
}
