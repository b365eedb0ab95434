/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "err.h"
#include "num.h"
#include "range.h"

enum { FIRST_ROOM = 16 };

typedef bool below_fn(const struct range *a, const struct range *b);

/* where a piece of r that begins at addr is kept */
static uint64_t place(const struct range *r, uint64_t addr)
{
	return r->at + (addr - r->start);
}

static int append(struct ranges *rs, struct range r)
{
	if (rs->n == rs->room) {
		size_t room = rs->room ? rs->room * 2 : FIRST_ROOM;
		struct range *more = reallocarray(rs->r, room, sizeof *more);

		if (!more)
			return fail_sys("%zu ranges", room);
		rs->r = more;
		rs->room = room;
	}
	rs->r[rs->n++] = r;
	return 0;
}

/* append, or lengthen the last range if this one continues it in both worlds */
static int append_joined(struct ranges *rs, struct range r)
{
	struct range *last = rs->n ? &rs->r[rs->n - 1] : NULL;

	if (last && last->end == r.start && place(last, r.start) == r.at) {
		last->end = r.end;
		return 0;
	}
	return append(rs, r);
}

int ranges_add(struct ranges *rs, struct range r)
{
	return r.start < r.end ? append(rs, r) : 0;
}

static bool starts_below(const struct range *a, const struct range *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->at != b->at ? a->at < b->at : a->end < b->end;
}

/* the order of authority where ranges overlap */
static bool yields_to(const struct range *a, const struct range *b)
{
	return a->at != b->at ? a->at < b->at : a->start < b->start;
}

/*
 * Heaps, with the greatest range on top. They need no memory beside the array
 * and no hostile order makes them slow, unlike qsort().
 */
static void sift_down(struct range *heap, size_t n, size_t i, below_fn *below)
{
	struct range r = heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && below(&heap[child], &heap[child + 1]))
			child++;
		if (!below(&r, &heap[child]))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = r;
}

static void push(struct range *heap, size_t n, struct range r, below_fn *below)
{
	while (n > 0 && below(&heap[(n - 1) / 2], &r)) {
		heap[n] = heap[(n - 1) / 2];
		n = (n - 1) / 2;
	}
	heap[n] = r;
}

static void pop(struct range *heap, size_t n, below_fn *below)
{
	heap[0] = heap[n - 1];
	if (n > 2)
		sift_down(heap, n - 1, 0, below);
}

static bool is_sorted(const struct ranges *rs)
{
	for (size_t i = 1; i < rs->n; i++)
		if (starts_below(&rs->r[i], &rs->r[i - 1]))
			return false;
	return true;
}

static void sort(struct ranges *rs)
{
	if (is_sorted(rs))
		return;
	for (size_t i = rs->n / 2; i-- > 0;)
		sift_down(rs->r, rs->n, i, starts_below);
	for (size_t n = rs->n; n > 1; n--) {
		struct range greatest = rs->r[0];

		pop(rs->r, n, starts_below);
		rs->r[n - 1] = greatest;
	}
}

static bool is_disjoint(const struct ranges *rs)
{
	for (size_t i = 1; i < rs->n; i++)
		if (rs->r[i].start < rs->r[i - 1].end)
			return false;
	return true;
}

/* rs is sorted and disjoint: no memory is needed */
static void join_neighbours(struct ranges *rs)
{
	struct ranges joined = { .r = rs->r, .room = rs->room };

	for (size_t i = 0; i < rs->n; i++)
		append_joined(&joined, rs->r[i]);
	rs->n = joined.n;
}

/*
 * Sweep over the starts of the sorted ranges. Those that are open at pos form a
 * heap, most powerful on top, in the part of the array that is done with.
 */
static int resolve_overlaps(struct ranges *rs, struct ranges *result)
{
	struct range *heap = rs->r;
	size_t next = 0, open = 0;
	uint64_t pos = 0;

	while (next < rs->n || open > 0) {
		if (open == 0)
			pos = rs->r[next].start;
		for (; next < rs->n && rs->r[next].start <= pos; next++, open++)
			push(heap, open, rs->r[next], yields_to);
		if (heap[0].end <= pos) {
			pop(heap, open--, yields_to);
			continue;
		}

		uint64_t end = heap[0].end;
		if (next < rs->n && rs->r[next].start < end)
			end = rs->r[next].start;
		if (append_joined(result, (struct range){ pos, end, place(heap, pos) }))
			return -1;
		pos = end;
	}
	return 0;
}

/* give back what doubling took too much; that this may fail does not matter */
static void trim(struct ranges *rs)
{
	struct range *less = rs->n ? reallocarray(rs->r, rs->n, sizeof *less) : NULL;

	if (less) {
		rs->r = less;
		rs->room = rs->n;
	}
}

int ranges_seal(struct ranges *rs)
{
	sort(rs);
	if (is_disjoint(rs)) {
		join_neighbours(rs);
	} else {
		struct ranges result = { 0 };

		if (resolve_overlaps(rs, &result)) {
			ranges_free(&result);
			return -1;
		}
		ranges_free(rs);
		*rs = result;
	}
	trim(rs);
	return 0;
}

const struct range *ranges_above(const struct ranges *rs, uint64_t addr)
{
	size_t low = 0, high = rs->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (rs->r[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low < rs->n ? &rs->r[low] : NULL;
}

const struct range *ranges_find(const struct ranges *rs, uint64_t addr)
{
	const struct range *r = ranges_above(rs, addr);

	return r && r->start <= addr ? r : NULL;
}

bool ranges_cover(const struct ranges *rs, uint64_t start, uint64_t len)
{
	const struct range *r, *end = rs->r + rs->n;
	uint64_t to;

	if (len == 0)
		return true;
	if (!num_add(start, len, &to))
		return false;
	for (r = ranges_find(rs, start); r && r < end && r->start <= start; r++) {
		if (r->end >= to)
			return true;
		start = r->end;
	}
	return false;
}

uint64_t ranges_end(const struct ranges *rs)
{
	return rs->n ? rs->r[rs->n - 1].end : 0;
}

void ranges_free(struct ranges *rs)
{
	free(rs->r);
	*rs = (struct ranges){ 0 };
}
