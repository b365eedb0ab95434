/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "err.h"
#include "window.h"

static struct extent *extent_of(const struct window *w, uint64_t seq)
{
	return &w->extents[seq % WINDOW_EXTENTS];
}

int window_open(struct window *w, size_t size)
{
	*w = (struct window){ .size = size < WINDOW_MIN ? WINDOW_MIN : size & ~(size_t)4095 };
	w->extents = calloc(WINDOW_EXTENTS, sizeof *w->extents);
	/* pages that are never used cost nothing */
	w->ring = mmap(NULL, w->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->ring == MAP_FAILED)
		w->ring = NULL;
	if (w->ring && w->extents)
		return 0;
	size = w->size;
	window_close(w);
	return fail(ERR_MEMORY, "a window of %zu bytes: out of memory", size);
}

void window_close(struct window *w)
{
	if (w->ring)
		munmap(w->ring, w->size);
	free(w->extents);
	*w = (struct window){ 0 };
}

void window_empty(struct window *w)
{
	uint32_t epoch = w->epoch;

	*w = (struct window){ .ring = w->ring, .size = w->size, .extents = w->extents,
			      .ordered = w->ordered, .epoch = epoch + 1 };
}

/* where the oldest extent that is kept begins in the ring */
static size_t tail_of(const struct window *w)
{
	return (size_t)(extent_of(w, w->first)->data - w->ring);
}

/* bytes in one piece from the offset head of the ring on */
static size_t free_at(const struct window *w, size_t head)
{
	if (w->first == w->end || head > tail_of(w))
		return w->size - head;
	/* head and tail meet when nothing is free: an empty window was dealt with above */
	return tail_of(w) - head;
}

/* room for more of the last extent */
static size_t room_to_grow(const struct window *w, uint64_t at)
{
	const struct extent *e = extent_of(w, w->end - 1);
	size_t most = WINDOW_EXTENT - e->len, here = free_at(w, w->head);

	if (!w->filling || e->at + e->len != at)
		return 0;
	return here < most ? here : most;
}

uint8_t *window_room(struct window *w, uint64_t at, size_t *len)
{
	size_t head = w->head, most = WINDOW_EXTENT;

	*len = room_to_grow(w, at);
	if (*len > 0)
		return w->room = w->ring + head;
	window_push(w);
	if (w->end - w->first >= WINDOW_EXTENTS)
		return NULL;
	if (w->first == w->end)
		head = w->head = 0;
	else if (head > tail_of(w) && free_at(w, head) < WINDOW_ROOM)
		head = 0;	/* the rest of the ring is left unused this time */
	*len = free_at(w, head);
	if (*len < WINDOW_ROOM)
		return NULL;
	if (*len > most)
		*len = most;
	return w->room = w->ring + head;
}

void window_filled(struct window *w, uint64_t at, size_t len)
{
	struct extent *e;

	if (len == 0)
		return;
	if (!w->filling) {
		e = extent_of(w, w->end);
		*e = (struct extent){ .seq = w->end, .at = at, .data = w->room,
				      .late = at < w->high };
		w->end++;
		w->filling = true;
	}
	e = extent_of(w, w->end - 1);
	e->len += (uint32_t)len;
	w->head = (size_t)(e->data - w->ring) + e->len;
	if (e->at + e->len > w->high)
		w->high = e->at + e->len;
	if (e->len == WINDOW_EXTENT)
		window_push(w);
}

void window_push(struct window *w)
{
	w->filling = false;
}

bool window_is_empty(const struct window *w)
{
	return w->first == w->end;
}

bool window_holds(const struct window *w, uint64_t at, uint64_t len)
{
	for (uint64_t seq = w->first; seq < w->end; seq++) {
		const struct extent *e = extent_of(w, seq);

		if (e->at < at + len && at < e->at + e->len)
			return true;
	}
	return false;
}

/* does an extent before this one, not yet acknowledged, share bytes with it? */
static bool must_wait(const struct window *w, const struct extent *e)
{
	if (w->ordered || !e->late)
		return false;
	for (uint64_t seq = w->first; seq < e->seq; seq++) {
		const struct extent *old = extent_of(w, seq);

		if (old->acked < old->len && old->at < e->at + e->len && e->at < old->at + old->len)
			return true;
	}
	return false;
}

int window_next(struct window *w, uint32_t max, struct part *p)
{
	uint64_t closed = w->end - (w->filling ? 1 : 0);

	while (w->next < closed && extent_of(w, w->next)->sent == extent_of(w, w->next)->len)
		w->next++;
	if (w->next >= closed)
		return 0;

	struct extent *e = extent_of(w, w->next);
	uint32_t len = e->len - e->sent < max ? e->len - e->sent : max;

	if (e->sent == 0 && must_wait(w, e))
		return 0;
	*p = (struct part){ .seq = e->seq, .epoch = w->epoch, .len = len, .at = e->at + e->sent,
			    .data = e->data + e->sent };
	e->sent += len;
	return 1;
}

void window_undo(struct window *w, const struct part *p)
{
	extent_of(w, p->seq)->sent -= p->len;
}

/* what is durable and at the front goes */
static void drop(struct window *w)
{
	while (w->first < w->end) {
		const struct extent *e = extent_of(w, w->first);

		if (e->safe < e->len || (w->filling && w->first == w->end - 1))
			break;
		w->last_at = e->at;
		w->last_len = e->len < WINDOW_LAST ? e->len : WINDOW_LAST;
		memcpy(w->last, e->data, w->last_len);
		w->dropped += e->len;
		w->first++;
	}
	if (w->next < w->first)
		w->next = w->first;
}

void window_acked(struct window *w, const struct part *p, bool durable)
{
	w->acked += p->len;
	if (p->epoch != w->epoch || p->seq < w->first || p->seq >= w->end)
		return;

	struct extent *e = extent_of(w, p->seq);

	/* a store that acknowledges twice must not make an extent look whole */
	if (p->len > e->sent - e->acked)
		return;
	e->acked += p->len;
	if (durable)
		e->safe += p->len;
	else
		w->unsynced += p->len;
	if (durable)
		drop(w);
}

struct mark window_mark(const struct window *w)
{
	uint64_t seq = w->first;

	while (seq < w->end && extent_of(w, seq)->acked == extent_of(w, seq)->len)
		seq++;
	if (w->filling && seq == w->end)
		seq--;
	return (struct mark){ .seq = seq, .epoch = w->epoch };
}

void window_durable(struct window *w, struct mark m)
{
	if (m.epoch != w->epoch)
		return;
	for (uint64_t seq = w->first; seq < m.seq && seq < w->end; seq++) {
		struct extent *e = extent_of(w, seq);

		w->unsynced -= e->acked - e->safe;
		e->safe = e->acked;
	}
	drop(w);
}

void window_again(struct window *w)
{
	for (uint64_t seq = w->first; seq < w->end; seq++) {
		struct extent *e = extent_of(w, seq);

		/* an older one that it overlaps goes again, and must not have the last word */
		if (e->safe < e->len || e->late)
			e->sent = e->acked = e->safe = 0;
	}
	w->next = w->first;
	w->unsynced = 0;
	w->epoch++;
}
