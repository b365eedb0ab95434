/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "range.h"
#include "unit.h"

enum { WORLD = 100, NOWHERE = -1 };

static void add(struct ranges *rs, uint64_t start, uint64_t end, uint64_t at)
{
	assert_int_equal(ranges_add(rs, (struct range){ start, end, at }), 0);
}

static void check(const struct ranges *rs, size_t i, uint64_t start, uint64_t end, uint64_t at)
{
	assert_true(i < rs->n);
	assert_int_equal(rs->r[i].start, start);
	assert_int_equal(rs->r[i].end, end);
	assert_int_equal(rs->r[i].at, at);
}

static void nothing(void **state)
{
	struct ranges rs = { 0 };

	(void)state;
	add(&rs, 5, 5, 0);
	add(&rs, 6, 5, 0);
	assert_int_equal(rs.n, 0);
	assert_int_equal(ranges_seal(&rs), 0);
	assert_null(ranges_find(&rs, 5));
	assert_null(ranges_above(&rs, 0));
	assert_true(ranges_cover(&rs, 7, 0));
	assert_false(ranges_cover(&rs, 5, 1));
	assert_int_equal(ranges_end(&rs), 0);
	ranges_free(&rs);
	ranges_free(&rs);
}

static void joined(void **state)
{
	struct ranges rs = { 0 };

	(void)state;
	add(&rs, 20, 30, 120);	/* continues the next one, in both worlds */
	add(&rs, 10, 20, 110);
	add(&rs, 30, 40, 131);	/* neighbour in one world only */
	add(&rs, 50, 60, 150);
	assert_int_equal(ranges_seal(&rs), 0);
	assert_int_equal(rs.n, 3);
	check(&rs, 0, 10, 30, 110);
	check(&rs, 1, 30, 40, 131);
	check(&rs, 2, 50, 60, 150);
	assert_ptr_equal(ranges_find(&rs, 29), &rs.r[0]);
	assert_ptr_equal(ranges_find(&rs, 30), &rs.r[1]);
	assert_null(ranges_find(&rs, 9));
	assert_null(ranges_find(&rs, 40));
	assert_null(ranges_find(&rs, 60));
	assert_ptr_equal(ranges_above(&rs, 0), &rs.r[0]);
	assert_ptr_equal(ranges_above(&rs, 40), &rs.r[2]);
	assert_null(ranges_above(&rs, 60));
	assert_true(ranges_cover(&rs, 10, 30));
	assert_false(ranges_cover(&rs, 10, 31));
	assert_false(ranges_cover(&rs, 35, 20));
	assert_int_equal(ranges_end(&rs), 60);
	ranges_free(&rs);
}

static void greater_place_wins(void **state)
{
	struct ranges rs = { 0 };

	(void)state;
	add(&rs, 0, 100, 1000);
	add(&rs, 40, 60, 5000);
	add(&rs, 50, 55, 9000);
	add(&rs, 90, 120, 500);
	assert_int_equal(ranges_seal(&rs), 0);
	assert_int_equal(rs.n, 6);
	check(&rs, 0, 0, 40, 1000);
	check(&rs, 1, 40, 50, 5000);
	check(&rs, 2, 50, 55, 9000);
	check(&rs, 3, 55, 60, 5015);
	check(&rs, 4, 60, 100, 1060);
	check(&rs, 5, 100, 120, 510);
	assert_true(ranges_cover(&rs, 0, 120));
	ranges_free(&rs);
}

static void edge_of_the_world(void **state)
{
	struct ranges rs = { 0 };

	(void)state;
	add(&rs, UINT64_MAX - 10, UINT64_MAX, 7);
	add(&rs, 0, 1, UINT64_MAX - 5);
	assert_int_equal(ranges_seal(&rs), 0);
	assert_int_equal(ranges_end(&rs), UINT64_MAX);
	assert_non_null(ranges_find(&rs, UINT64_MAX - 1));
	assert_null(ranges_find(&rs, UINT64_MAX));
	assert_true(ranges_cover(&rs, UINT64_MAX - 10, 10));
	assert_false(ranges_cover(&rs, UINT64_MAX - 10, 11));
	assert_false(ranges_cover(&rs, 1, UINT64_MAX));
	ranges_free(&rs);
}

/* where each address is kept, the slow way */
static void paint(int64_t *world, const struct range *in, int n)
{
	const struct range *owner[WORLD] = { 0 };

	for (int i = 0; i < n; i++)
		for (uint64_t a = in[i].start; a < in[i].end; a++) {
			const struct range *o = owner[a];

			if (!o || in[i].at > o->at ||
			    (in[i].at == o->at && in[i].start > o->start))
				owner[a] = &in[i];
		}
	for (int a = 0; a < WORLD; a++)
		world[a] = owner[a] ? (int64_t)(owner[a]->at + (a - owner[a]->start)) : NOWHERE;
}

static void check_world(const struct ranges *rs, const int64_t *world)
{
	for (uint64_t a = 0; a < WORLD; a++) {
		const struct range *r = ranges_find(rs, a);
		uint64_t covered = 0;

		if (world[a] == NOWHERE)
			assert_null(r);
		else
			assert_true(r && (int64_t)(r->at + (a - r->start)) == world[a]);
		while (a + covered < WORLD && world[a + covered] != NOWHERE)
			covered++;
		assert_true(ranges_cover(rs, a, covered));
		assert_false(ranges_cover(rs, a, covered + 1));
	}
	for (size_t i = 1; i < rs->n; i++) {
		const struct range *a = &rs->r[i - 1], *b = &rs->r[i];

		assert_true(a->start < a->end && a->end <= b->start);
		assert_false(a->end == b->start && a->at + (a->end - a->start) == b->at);
	}
}

static void any_overlaps(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct ranges rs = { 0 };
		struct range in[14];
		int n = (int)(unit_random(&seed) % 15);
		int64_t world[WORLD];

		for (int i = 0; i < n; i++) {
			uint64_t start = unit_random(&seed) % 70;

			/* places of their own, or as in an ELF file, or many alike */
			in[i].start = start;
			in[i].end = start + unit_random(&seed) % 30;
			in[i].at = round % 3 == 0 ? unit_random(&seed) % 1000 :
				   round % 3 == 1 ? start + unit_random(&seed) % 2 : 7;
			add(&rs, in[i].start, in[i].end, in[i].at);
		}
		paint(world, in, n);
		assert_int_equal(ranges_seal(&rs), 0);
		check_world(&rs, world);
		ranges_free(&rs);
	}
}

/* each order is bad for some sorting or sweeping; all must take n log n */
static void hostile_orders(void **state)
{
	enum { N = 300000 };
	clock_t begin = clock();

	(void)state;
	for (int order = 0; order < 4; order++) {
		struct ranges rs = { 0 };
		size_t most;

		for (uint64_t i = 0; i < N; i++)
			switch (order) {
			case 0:		/* nested like onions */
				add(&rs, i, 2 * N - i, 3 * i);
				break;
			case 1:		/* all begin together */
				add(&rs, 0, i + 1, N - i);
				break;
			case 2:		/* backwards */
				add(&rs, 2 * (N - i), 2 * (N - i) + 1, i);
				break;
			case 3:		/* all the same */
				add(&rs, 5, 9, 1);
				break;
			}
		assert_int_equal(ranges_seal(&rs), 0);
		most = order == 0 ? 2 * N - 1 : order == 3 ? 1 : N;
		assert_int_equal(rs.n, most);
		ranges_free(&rs);
	}
	assert_true((clock() - begin) / CLOCKS_PER_SEC < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(joined),
		cmocka_unit_test(greater_place_wins),
		cmocka_unit_test(edge_of_the_world),
		cmocka_unit_test(any_overlaps),
		cmocka_unit_test(hostile_orders),
	};

	return RUN(tests);
}
