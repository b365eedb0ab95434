/* with: dumpsend/window.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../../dumpsend/window.h"
#include "unit.h"

static void put(struct window *w, uint64_t at, size_t len, int byte)
{
	size_t room;
	uint8_t *p;

	while (len > 0) {
		p = window_room(w, at, &room);
		assert_non_null(p);
		if (room > len)
			room = len;
		memset(p, byte, room);
		window_filled(w, at, room);
		at += room;
		len -= room;
	}
}

/* what is adjacent becomes one extent; an extent ends at WINDOW_EXTENT bytes */
static void joins(void **state)
{
	struct window w;
	struct part p;

	(void)state;
	assert_int_equal(window_open(&w, 0), 0);
	assert_int_equal(w.size, WINDOW_MIN);
	assert_true(window_is_empty(&w));
	put(&w, 0, 100, 1);
	put(&w, 100, 50, 2);
	assert_int_equal(w.end, 1);
	assert_int_equal(window_next(&w, 1000, &p), 0);	/* it may still grow */
	put(&w, 4096, 10, 3);
	assert_int_equal(w.end, 2);
	assert_int_equal(window_next(&w, 1000, &p), 1);
	assert_int_equal(p.at, 0);
	assert_int_equal(p.len, 150);
	assert_int_equal(p.data[99], 1);
	assert_int_equal(p.data[100], 2);
	assert_int_equal(window_next(&w, 1000, &p), 0);
	window_push(&w);
	assert_int_equal(window_next(&w, 4, &p), 1);
	assert_int_equal(p.len, 4);
	assert_int_equal(window_next(&w, 100, &p), 1);
	assert_int_equal(p.at, 4100);
	assert_int_equal(p.len, 6);
	put(&w, 8192, WINDOW_EXTENT + 1, 4);
	assert_int_equal(w.end, 4);
	assert_false(window_is_empty(&w));
	window_close(&w);
	window_close(&w);
}

/* a full window has no room until its oldest extent is durable */
static void fills_up(void **state)
{
	struct window w;
	struct part p[8];
	size_t room;
	int n = 0;

	(void)state;
	assert_int_equal(window_open(&w, 2 * WINDOW_EXTENT), 0);
	put(&w, 0, 2 * WINDOW_EXTENT, 7);
	assert_null(window_room(&w, 2 * WINDOW_EXTENT, &room));
	while (window_next(&w, WINDOW_EXTENT / 2, &p[n]))
		n++;
	assert_int_equal(n, 4);
	for (int i = 3; i > 0; i--)
		window_acked(&w, &p[i], false);
	assert_int_equal(w.unsynced, WINDOW_EXTENT / 2 * 3);
	window_durable(&w, window_mark(&w));	/* the first extent is not whole: nothing */
	assert_null(window_room(&w, 2 * WINDOW_EXTENT, &room));
	window_acked(&w, &p[0], false);
	window_durable(&w, window_mark(&w));
	assert_int_equal(w.dropped, 2 * WINDOW_EXTENT);
	assert_int_equal(w.unsynced, 0);
	assert_true(window_is_empty(&w));
	assert_non_null(window_room(&w, 2 * WINDOW_EXTENT, &room));
	assert_int_equal(room, WINDOW_EXTENT);
	window_close(&w);
}

/* so many extents at a time, and no more, however small they are */
static void counts_extents(void **state)
{
	struct window w;
	struct part p;
	size_t room;

	(void)state;
	assert_int_equal(window_open(&w, 16 * WINDOW_EXTENT), 0);
	for (unsigned i = 0; i < WINDOW_EXTENTS; i++)
		put(&w, (uint64_t)i * 10, 1, 1);
	assert_null(window_room(&w, 1000000, &room));
	assert_int_equal(window_next(&w, 10, &p), 1);
	window_acked(&w, &p, true);
	assert_int_equal(w.dropped, 1);
	assert_non_null(window_room(&w, 1000000, &room));
	window_close(&w);
}

/* bytes that are written over wait until the first ones have arrived */
static void keeps_order_of_overlaps(void **state)
{
	struct window w;
	struct part a, b, c;

	(void)state;
	assert_int_equal(window_open(&w, 0), 0);
	put(&w, 0, 464, 1);
	put(&w, 424, 4, 2);
	put(&w, 4096, 10, 3);
	window_push(&w);
	assert_int_equal(window_next(&w, 1000, &a), 1);
	assert_int_equal(window_next(&w, 1000, &b), 0);
	window_acked(&w, &a, false);
	assert_int_equal(window_next(&w, 1000, &b), 1);
	assert_int_equal(b.at, 424);
	assert_int_equal(window_next(&w, 1000, &c), 1);
	window_again(&w);
	assert_int_equal(window_next(&w, 1000, &a), 1);
	assert_int_equal(a.at, 0);
	assert_int_equal(window_next(&w, 1000, &b), 0);
	w.ordered = true;
	assert_int_equal(window_next(&w, 1000, &b), 1);
	window_close(&w);
}

/* what is sent again must not go over later bytes that were durable already */
static void sends_overlaps_again(void **state)
{
	struct window w;
	struct part a, b;

	(void)state;
	assert_int_equal(window_open(&w, 0), 0);
	put(&w, 0, 464, 1);
	put(&w, 424, 4, 2);
	window_push(&w);
	assert_int_equal(window_next(&w, 1000, &a), 1);
	window_acked(&w, &a, false);
	assert_int_equal(window_next(&w, 1000, &b), 1);
	window_acked(&w, &b, true);
	window_again(&w);
	assert_int_equal(window_next(&w, 1000, &a), 1);
	assert_int_equal(a.at, 0);
	window_acked(&w, &a, true);
	assert_false(window_is_empty(&w));
	assert_int_equal(window_next(&w, 1000, &b), 1);
	assert_int_equal(b.at, 424);
	window_acked(&w, &b, true);
	assert_true(window_is_empty(&w));
	assert_int_equal(w.unsynced, 0);
	window_close(&w);
}

/* answers that come late, twice, or for what was never sent change nothing */
static void ignores_strangers(void **state)
{
	struct window w;
	struct part a, again;
	struct mark m;

	(void)state;
	assert_int_equal(window_open(&w, 0), 0);
	put(&w, 0, 100, 1);
	window_push(&w);
	assert_int_equal(window_next(&w, 1000, &a), 1);
	window_acked(&w, &a, false);
	m = window_mark(&w);
	window_again(&w);
	window_durable(&w, m);		/* of another epoch */
	assert_false(window_is_empty(&w));
	window_acked(&w, &a, true);
	assert_false(window_is_empty(&w));
	assert_int_equal(window_next(&w, 60, &again), 1);
	window_acked(&w, &again, true);
	window_acked(&w, &again, true);	/* twice */
	assert_false(window_is_empty(&w));
	again.seq = 77;
	window_acked(&w, &again, true);
	assert_int_equal(window_next(&w, 60, &a), 1);
	assert_int_equal(a.len, 40);
	window_acked(&w, &a, true);
	assert_true(window_is_empty(&w));
	window_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),
		cmocka_unit_test(fills_up),
		cmocka_unit_test(counts_extents),
		cmocka_unit_test(keeps_order_of_overlaps),
		cmocka_unit_test(sends_overlaps_again),
		cmocka_unit_test(ignores_strangers),
	};

	return RUN(tests);
}
