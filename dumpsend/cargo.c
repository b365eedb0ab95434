/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cargo.h"

enum { TURN = 4 << 20 };	/* bytes read in a row, before the store has its turn */

int cargo_open(struct cargo *c, const char *path, bool as_is, size_t window_size,
	       bool with_sha256)
{
	*c = (struct cargo){ .in.fd = -1, .with_sha256 = with_sha256 };
	if (input_open(&c->in, path, as_is) == 0 && window_open(&c->window, window_size) == 0 &&
	    digest_open(&c->digest, with_sha256) == 0)
		return 0;
	cargo_close(c);
	return -1;
}

void cargo_close(struct cargo *c)
{
	digest_close(&c->digest);
	window_close(&c->window);
	input_close(&c->in);
}

bool cargo_is_laid(const struct cargo *c)
{
	return !c->in.as_is;
}

/* a few bytes of our own; -1: no room for them now */
static int put(struct cargo *c, const void *buf, size_t len, uint64_t at)
{
	size_t n;
	uint8_t *room = window_room(&c->window, at, &n);

	if (!room)
		return -1;
	memcpy(room, buf, len);
	window_filled(&c->window, at, len);
	return 0;
}

/* the input ends here, for the reason of fail(); what came so far is still delivered */
static void cut(struct cargo *c)
{
	c->cut = true;
	c->reason_code = err_code();
	snprintf(c->reason, sizeof c->reason, "%s", err_text());
}

int cargo_see(struct cargo *c, uint8_t *buf, size_t len, uint64_t at)
{
	if (digest_add(&c->digest, buf, len, at))
		return -1;
	if (cargo_is_laid(c))
		laid_see(&c->laid, buf, len, at);
	return 0;
}

/* the next piece of the input: an enum cargo_fill; got grows; -1: the input ends here */
static int fill_piece(struct cargo *c, size_t *got)
{
	uint64_t at;
	size_t len, room_len;
	uint8_t *room;
	ssize_t n;
	int rc = input_next(&c->in, &at, &len);

	if (rc <= 0)
		return rc == 0 && !c->in.ended ? CARGO_EMPTY : -1;
	room = window_room(&c->window, at, &room_len);
	if (!room)
		return CARGO_FULL;
	n = input_read(&c->in, room, room_len < len ? room_len : len);
	if (n <= 0)
		return n == 0 && !c->in.ended ? CARGO_EMPTY : -1;
	if (cargo_see(c, room, (size_t)n, at))
		return -1;
	window_filled(&c->window, at, (size_t)n);
	if (cargo_is_laid(c) && laid_wants_mark(&c->laid, c->mark))
		c->marking = true;
	*got += (size_t)n;
	return CARGO_MORE;
}

static int end_of_input(struct cargo *c)
{
	c->filled = true;
	window_push(&c->window);
	return CARGO_EMPTY;
}

int cargo_fill(struct cargo *c)
{
	size_t got = 0;
	int rc = CARGO_MORE;

	while (rc == CARGO_MORE && got < TURN) {
		if (c->marking && put(c, c->mark, sizeof c->mark, laid_status_at(&c->laid)))
			return CARGO_FULL;
		c->marking = false;
		rc = fill_piece(c, &got);
	}
	if (rc >= 0)
		return rc;
	if (c->in.ended && !c->in.flat && c->in.seekable && c->in.pos < c->in.size)
		fail(ERR_STOPPED, "%s: has become shorter meanwhile", c->in.path);
	else if (c->in.ended && (!c->in.flat || c->in.marker))
		return end_of_input(c);
	cut(c);
	return end_of_input(c);
}

int cargo_end(struct cargo *c)
{
	uint64_t least = laid_least(&c->laid);
	uint8_t bytes[4] = { 0 };
	int rc = 0;

	if (cargo_is_laid(c) && !c->cut && laid_says_incomplete(&c->laid)) {
		fail(ERR_STOPPED, "%s: the sender has marked its dump as incomplete", c->in.path);
		cut(c);
	}
	if (cargo_is_laid(c) && c->cut && least > c->digest.end)
		rc = put(c, bytes, 1, least - 1);
	else if (cargo_is_laid(c) && !c->cut && laid_final_status(&c->laid, bytes))
		rc = put(c, bytes, sizeof bytes, laid_status_at(&c->laid));
	if (rc)
		return fail(ERR_MEMORY, "no room for the end of the dump");
	window_push(&c->window);
	c->ended = true;
	return 0;
}

bool cargo_is_replayable(const struct cargo *c)
{
	return c->window.dropped == 0 || c->in.seekable;
}

int cargo_replay(struct cargo *c)
{
	if (c->window.dropped > 0)
		return cargo_rewind(c);
	window_again(&c->window);
	return 0;
}

int cargo_rewind(struct cargo *c)
{
	if (input_rewind(&c->in) || digest_restart(&c->digest, c->with_sha256))
		return -1;
	window_empty(&c->window);
	c->laid = (struct laid){ 0 };
	c->marking = c->filled = c->cut = c->ended = false;
	return 0;
}
