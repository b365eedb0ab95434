/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/layout.c dumpfilter/survey.c dumpfilter/scan.c dumpfilter/scan-look.c dumpfilter/canvas.c dumpfilter/font.c dumpfilter/size.c dumpfilter/terminal.c */
/* What the picture of memory, and the table, are made of. */
#include <string.h>

#include "../../dumpfilter/canvas.h"
#include "../../dumpfilter/layout.h"
#include "../../dumpfilter/size.h"
#include "../../dumpfilter/terminal.h"
#include "unit.h"

static struct layout of(const uint64_t *ranges, size_t n)
{
	struct layout_rows r;
	struct layout l;

	layout_begin(&r);
	for (size_t i = 0; i < n; i++)
		layout_add(&r, ranges[2 * i], ranges[2 * i + 1]);
	layout_choose(&r, &l);
	return l;
}

static void is_sane(const struct layout *l)
{
	assert_int_equal(l->columns, 1u << (l->row_order - l->block_order));
	assert_int_equal(l->columns * l->scale, 1024);
	assert_in_range(l->height, 1, 1800);
}

static void rows_and_gaps(void **state)
{
	struct layout_rows r;

	(void)state;
	layout_begin(&r);
	layout_add(&r, 0, 10);
	layout_add(&r, 12, 16);
	layout_add(&r, 16, 17);
	layout_add(&r, 20, 20);
	layout_add(&r, 1024, 1025);
	assert_int_equal(r.pages, 16);
	assert_int_equal(r.rows[0], 16);
	assert_int_equal(r.gaps[0], 2);
	assert_int_equal(r.rows[1], 5 + 2 + 1 + 1);
	assert_int_equal(r.gaps[1], 2);
	assert_int_equal(r.rows[2], 6);
	assert_int_equal(r.gaps[2], 1);
	assert_int_equal(r.rows[4], 3);
	assert_int_equal(r.rows[10], 2);
	assert_int_equal(r.gaps[10], 0);
	assert_int_equal(r.rows[63], 1);
}

static void machines(void **state)
{
	const uint64_t tiny[] = { 0, 1 }, pc[] = { 0, 0x9f, 0x100, 0xc0000, 0x100000, 0x240000 };
	const uint64_t far[] = { 0, 16, UINT64_C(1) << 39, (UINT64_C(1) << 39) + 16 };
	const uint64_t huge[] = { 0, UINT64_C(1) << 40 };
	struct layout l = of(tiny, 1);

	(void)state;
	is_sane(&l);
	assert_int_equal(l.block_order, 0);
	l = of(pc, 3);
	is_sane(&l);
	assert_int_equal(l.block_order, 1);
	assert_int_equal(l.scale, 1);
	l = of(far, 2);
	is_sane(&l);
	assert_int_equal(l.block_order, 0);
	l = of(huge, 1);
	is_sane(&l);
	assert_int_equal(l.block_order, 20);
	l = of(NULL, 0);
	assert_int_equal(l.height, 0);
	assert_true(l.columns > 0 && l.scale > 0);
}

/* memory anywhere, in pieces of any size */
static void any_machine(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct layout_rows r;
		struct layout l;
		uint64_t at = 0;
		unsigned pieces = 1 + unit_random(&seed) % 3000;
		unsigned bits = 1 + unit_random(&seed) % 27;

		layout_begin(&r);
		for (unsigned i = 0; i < pieces; i++) {
			at += unit_random(&seed) >> (64 - bits);
			uint64_t n = 1 + (unit_random(&seed) >> (64 - bits));

			layout_add(&r, at, at + n);
			at += n;
		}
		layout_choose(&r, &l);
		is_sane(&l);
		assert_true(r.rows[l.row_order] * l.scale +
			    r.gaps[l.row_order] * LAYOUT_GAP == l.height);
	}
}

static void sizes(void **state)
{
	static const struct { double bytes; const char *text; } rows[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.0 KiB" }, { 1536, "1.5 KiB" },
		{ 1048575, "1.0 MiB" }, { 39728447488.0, "37.0 GiB" },
		{ 1125899906842624.0, "1.0 PiB" }, { 1.8446744073709552e19, "16.0 EiB" },
		{ 1e30, "867361737988.4 EiB" },
	};
	char text[SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(size_text(text, rows[i].bytes), rows[i].text);
	assert_string_equal(size_whole(text, 4096), "4 KiB");
	assert_string_equal(size_whole(text, 512), "512 B");
	assert_string_equal(size_whole(text, 0), "0 B");
	assert_string_equal(size_whole(text, UINT64_C(1) << 63), "8 EiB");
}

static void bars(void **state)
{
	const struct terminal ascii = { .is_one = true }, utf8 = { .is_one = true, .utf8 = true };
	char to[TERMINAL_BAR];

	(void)state;
	assert_string_equal(terminal_bar(&ascii, to, 0, 10), "");
	assert_string_equal(terminal_bar(&ascii, to, 0.5, 10), "#####");
	assert_string_equal(terminal_bar(&ascii, to, 1, 10), "##########");
	assert_string_equal(terminal_bar(&ascii, to, 7, 10), "##########");
	assert_string_equal(terminal_bar(&ascii, to, 1e-9, 10), "#");
	assert_string_equal(terminal_bar(&utf8, to, 0.5, 2), "\u2588");
	assert_string_equal(terminal_bar(&utf8, to, 1e-9, 2), "\u258f");
	assert_string_equal(terminal_bar(&utf8, to, 0.75, 2), "\u2588\u258c");
	assert_int_equal(strlen(terminal_bar(&utf8, to, 1, 1000)), 3 * 64);
	assert_int_equal(terminal_of(-1).width, 80);
	assert_false(terminal_of(-1).is_one);
}

/* letters differ from each other, and nothing is drawn outside */
static void letters(void **state)
{
	static const char all[] = " %'()+,-./0123456789:<=>ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				  "abcdefghijklmnopqrstuvwxyz~";
	const struct colour white = { 255, 255, 255 };
	struct canvas c;
	unsigned dots = 0;

	(void)state;
	for (const char *a = all; *a; a++) {
		assert_non_null(font_glyph(*a));
		for (const char *b = a + 1; *b; b++)
			assert_memory_not_equal(font_glyph(*a), font_glyph(*b), 7);
		for (int row = 0; row < 7; row++)
			assert_true(font_glyph(*a)[row] < 32);
	}
	assert_null(font_glyph('\x01'));
	assert_int_equal(canvas_open(&c, 20, 10), 0);
	canvas_text(&c, 15, 5, "8\xff_", white);
	canvas_box(&c, 19, 9, 4000000000u, 4000000000u, white);
	for (uint32_t i = 0; i < 20 * 10; i++) {
		bool set = c.rgb[3 * i];

		assert_true(c.rgb[3 * i] == c.rgb[3 * i + 1] && c.rgb[3 * i] == c.rgb[3 * i + 2]);
		assert_true(!set || (i % 20 >= 15 && i / 20 >= 5));
		dots += set;
	}
	assert_true(dots > 5);
	canvas_close(&c);
	canvas_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_gaps),
		cmocka_unit_test(machines),
		cmocka_unit_test(any_machine),
		cmocka_unit_test(sizes),
		cmocka_unit_test(bars),
		cmocka_unit_test(letters),
	};

	return RUN(tests);
}
