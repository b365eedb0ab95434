/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pump: as much of the input as there is and as the window has room for, as
 * much of the window as the store may have on its way, a commit now and then;
 * then wait for whichever comes first.
 */
#include <stdlib.h>

#include "clock.h"
#include "deliver.h"
#include "err.h"
#include "landing.h"
#include "net.h"
#include "say.h"
#include "stop.h"

enum {
	COMMIT_PART = 8,	/* a commit is due when this part of the window waits for one... */
	COMMIT_MORE = 16,	/* ... or this part besides what commits on their way will cover */
	WAIT_MS = 1000,
	SPACE_MS = 15000,	/* how often the free space is looked at */
};

/* how many bytes the rate allows to be sent now, in all; each second's share comes bit by bit */
static uint64_t allowed(const struct delivery *d, uint64_t now_ms, uint64_t start_ms)
{
	if (d->options->rate == 0)
		return UINT64_MAX;
	return (uint64_t)((double)d->options->rate * (double)(now_ms - start_ms + 100) / 1000);
}

/* window to store: as much as may be on its way */
static int submit(struct delivery *d, uint64_t *sent, uint64_t limit)
{
	struct store *s = &d->store;
	struct window *w = &d->cargo->window;
	struct part p;

	if (w->epoch != d->epoch) {
		/* answers to what was sent before must not count for what is sent now */
		if (s->in_flight > 0)
			return 0;
		d->epoch = w->epoch;
	}
	while (s->in_flight < s->flight_max && *sent < limit) {
		int rc = window_next(w, s->write_max, &p);

		if (rc == 0 && w->filling && s->in_flight == 0) {
			window_push(w);
			rc = window_next(w, s->write_max, &p);
		}
		if (rc == 0)
			return 0;
		rc = s->ops->write(s, &p);
		if (rc)
			window_undo(w, &p);
		if (rc)
			return rc == STORE_BUSY ? 0 : -1;
		*sent += p.len;
	}
	return 0;
}

static int commit_if_due(struct delivery *d, enum cargo_fill filled)
{
	struct store *s = &d->store;
	const struct window *w = &d->cargo->window;
	bool idle = s->in_flight == 0 && s->committing == 0 &&
		    (filled == CARGO_FULL || d->cargo->filled);
	/* on a long line the window must not be full of what waits for one answer */
	unsigned part = s->committing ? COMMIT_MORE : COMMIT_PART;
	/* where connections do not last, smaller steps */
	uint64_t step = (w->size / part) >> (d->naps < 8 ? d->naps : 8);
	/* of what was acknowledged, the commits on their way cover some already */
	uint64_t more = s->committing ? w->acked - d->covered : w->unsynced;

	if (w->unsynced == 0 || w->epoch != d->epoch)
		return 0;
	if (s->committing > 0 && s->committing >= s->commits_max)
		return 0;
	if (more < step && !idle)
		return 0;
	d->covered = w->acked;
	return s->ops->commit(s);
}

/* until the input or the store has something to do, or a second is over */
static int wait_for_either(struct delivery *d, enum cargo_fill filled, uint64_t until_ms)
{
	struct cargo *c = d->cargo;
	struct pollfd fds[STORE_FDS + 1];
	int n = d->store.ops->poll(&d->store, fds);
	bool reads = !c->filled && filled != CARGO_FULL;

	if (n < 0)
		return -1;
	if (reads && c->in.seekable)
		until_ms = 0;
	else if (reads && filled == CARGO_MORE)
		until_ms = 0;
	else if (reads)
		fds[n++] = (struct pollfd){ .fd = c->in.fd, .events = POLLIN };
	return net_wait(fds, (unsigned)n, until_ms) < 0 ? -1 : 0;
}

/* the server owes us an answer, and for how long? */
static int check_silence(struct delivery *d, uint64_t *heard, uint64_t *heard_ms, uint64_t now)
{
	const struct store *s = &d->store;
	uint64_t sign = d->cargo->window.acked + d->cargo->window.dropped;

	if (sign != *heard || (s->in_flight == 0 && !s->committing)) {
		*heard = sign;
		*heard_ms = now;
	}
	if (now - *heard_ms <= d->options->store.silence_ms)
		return 0;
	return fail(ERR_AGAIN, "no answer for %llu s",
		    (unsigned long long)(now - *heard_ms) / 1000);
}

/* a server that will be full before all has arrived: the user should know before it is */
static int watch_space(struct delivery *d)
{
	const struct cargo *c = d->cargo;
	char text[METER_TEXT], *folder;
	uint64_t room, rest = 2 * c->window.size;
	int rc;

	if (d->store.sequential || d->warned_of_space)
		return 0;
	folder = landing_folder(d->path);
	rc = d->store.ops->space(&d->store, folder ? folder : "/", &room);
	free(folder);
	if (c->in.size > c->in.pos)
		rest = c->in.size - c->in.pos;
	if (rc != 1 || room >= rest)
		return rc < 0 ? -1 : 0;
	d->warned_of_space = true;
	if (d->meter)
		meter_clear(d->meter);
	warn("%s: only %s are left there", d->store.where, meter_bytes(text, room));
	return 0;
}

int pump(struct delivery *d)
{
	struct cargo *c = d->cargo;
	struct store *s = &d->store;
	uint64_t start = clock_ms(), now = start, sent = 0;
	uint64_t heard = 0, heard_ms = start, space_ms = start + SPACE_MS;

	d->epoch = c->window.epoch;
	for (;;) {
		uint64_t limit = allowed(d, now, start);
		int filled = c->filled ? CARGO_EMPTY : cargo_fill(c);

		s->ending = c->filled;
		if (filled < 0 || deliver_check(d) || submit(d, &sent, limit))
			return -1;
		if (c->filled && window_is_empty(&c->window)) {
			if (c->ended)
				return 0;
			if (cargo_end(c))
				return -1;
			continue;
		}
		if (commit_if_due(d, (enum cargo_fill)filled) ||
		    wait_for_either(d, (enum cargo_fill)filled, sent >= limit ? now + 50 : now + WAIT_MS) ||
		    s->ops->service(s))
			return -1;
		now = clock_ms();
		if (check_silence(d, &heard, &heard_ms, now))
			return -1;
		if (window_is_empty(&c->window))
			deliver_is_well(d);
		if (now >= space_ms) {
			if (watch_space(d))
				return -1;
			space_ms = now + SPACE_MS;
		}
		if (d->meter)
			meter_step_at(d->meter, c->window.dropped + c->window.unsynced, now);
	}
}
