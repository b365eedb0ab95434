/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "progress.h"
#include "say.h"
#include "unit.h"

struct screen {
	FILE *file;
	char *text;
	size_t len;
};

static void open_screen(struct screen *s)
{
	s->text = NULL;
	s->file = open_memstream(&s->text, &s->len);
	assert_non_null(s->file);
}

static void close_screen(struct screen *s)
{
	fclose(s->file);
	free(s->text);
}

static unsigned lines_of(const struct screen *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += s->text[i] == '\n';
	return n;
}

/* a log: 10 % or more between two lines, and 5 seconds */
static void slow_log(void **state)
{
	struct progress p;
	struct screen s;

	(void)state;
	open_screen(&s);
	progress_open(&p, s.file, "saving pages", 1000);
	uint64_t t0 = p.start_ms;
	for (uint64_t i = 0; i <= 1000; i++)
		progress_step_at(&p, i, t0 + i * 100);	/* 100 s in all: 10 s for 10 % */
	assert_int_equal(lines_of(&s), 10);
	assert_non_null(strstr(s.text, "unit: saving pages: 10 %, 90 s left\n"));
	assert_non_null(strstr(s.text, "unit: saving pages: 50 %, 50 s left\n"));
	assert_non_null(strstr(s.text, "unit: saving pages: 100 %\n"));
	assert_null(strchr(s.text, '\r'));
	size_t len = s.len;
	progress_close(&p);
	assert_int_equal(s.len, len);
	close_screen(&s);
}

static void fast_log(void **state)
{
	struct progress p;
	struct screen s;

	(void)state;
	open_screen(&s);
	progress_open(&p, s.file, "saving pages", 1000);
	uint64_t t0 = p.start_ms;
	for (uint64_t i = 0; i <= 1000; i++)
		progress_step_at(&p, i, t0 + i * 12);	/* 12 s in all */
	assert_int_equal(lines_of(&s), 2);
	assert_non_null(strstr(s.text, "saving pages: 41 %, 7 s left\n"));
	assert_non_null(strstr(s.text, "saving pages: 83 %"));
	close_screen(&s);

	open_screen(&s);
	progress_open(&p, s.file, "saving pages", 1000);
	for (uint64_t i = 0; i <= 1000; i++)
		progress_step_at(&p, i, p.start_ms + i * 4);	/* 4 s: nothing to say */
	fflush(s.file);
	assert_int_equal(s.len, 0);
	close_screen(&s);
}

static void strange_numbers(void **state)
{
	struct progress p;
	struct screen s;

	(void)state;
	open_screen(&s);
	progress_open(&p, s.file, "x", 10);
	progress_step_at(&p, 11, p.start_ms + 6000);	/* more than there is */
	assert_non_null(strstr(s.text, "x: 100 %\n"));
	progress_close(&p);
	progress_open(&p, s.file, "y", UINT64_MAX);
	progress_step_at(&p, UINT64_MAX, p.start_ms + 6000);
	assert_non_null(strstr(s.text, "y: 100 %\n"));
	progress_close(&p);
	size_t len = s.len;
	progress_open(&p, s.file, "z", 0);		/* nothing to do */
	progress_step_at(&p, 0, p.start_ms + 60000);
	progress_step(&p, 5);
	progress_close(&p);
	progress_open(&p, NULL, "quiet", 10);
	progress_step_at(&p, 10, p.start_ms + 60000);
	progress_step(&p, 10);
	progress_close(&p);
	fflush(s.file);
	assert_int_equal(s.len, len);
	close_screen(&s);
}

static void on_a_terminal(void **state)
{
	static const char expected[] =
		"unit: saving pages: 1 %\033[K\r"
		"unit: saving pages: 2 %, 98 s left\033[K\r"
		"unit: saving pages: 3 %, 97 s left\033[K\r"
		"\033[K";
	char text[400] = "";
	struct progress p;
	int keyboard, screen;

	(void)state;
	assert_int_equal(openpty(&keyboard, &screen, NULL, NULL, NULL), 0);
	FILE *out = fdopen(screen, "w");
	progress_open(&p, out, "saving pages", 1000);
	uint64_t t0 = p.start_ms;
	for (uint64_t i = 0; i < 40; i++)
		progress_step_at(&p, i, t0 + i * 100);
	progress_close(&p);
	for (size_t n = 0; n < sizeof expected - 1;) {
		ssize_t more = read(keyboard, text + n, sizeof text - 1 - n);

		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_string_equal(text, expected);
	fclose(out);
	close(keyboard);
}

/* with the real clock: nothing in the first second */
static void real_clock(void **state)
{
	struct progress p;
	struct screen s;

	(void)state;
	open_screen(&s);
	progress_open(&p, s.file, "x", 1000000);
	for (uint64_t i = 0; i < 1000000; i++)
		progress_step(&p, i);
	fflush(s.file);
	assert_int_equal(s.len, 0);
	/* and 5 seconds later, a line */
	p.start_ms -= 6000;
	p.next_ms -= 6000;
	progress_step(&p, 500000);
	assert_non_null(strstr(s.text, "x: 50 %, 6 s left"));
	progress_close(&p);
	close_screen(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_log),
		cmocka_unit_test(fast_log),
		cmocka_unit_test(strange_numbers),
		cmocka_unit_test(on_a_terminal),
		cmocka_unit_test(real_clock),
	};

	say_start("unit");
	return RUN(tests);
}
