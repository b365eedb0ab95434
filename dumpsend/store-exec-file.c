/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream that a remote cat is given. A file that has offsets becomes a
 * flattened one: its header, then each extent with a record in front, then the end
 * marker. Where an extent lies in it follows from how many were before it, and so
 * can be worked out again after a new connection.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "exec.h"
#include "net.h"
#include "num.h"
#include "source-flat.h"

enum { IDLE_MS = 2000 };	/* a commit that is asked for so long is worth a new command */

static struct exec *exec_of(const struct store *s)
{
	return ((const struct ssh *)s->own)->exec;
}

static struct exec_part *part_of(const struct exec *x, uint64_t n)
{
	return &x->part[n % WINDOW_EXTENTS];
}

/* where the oldest part that is kept begins; the file must reach so far */
static int place(struct store *s, uint64_t at)
{
	struct exec *x = exec_of(s);
	const struct window *w = s->window;
	uint64_t start = at;

	if (s->flat)
		start = w->first == 0 ? 0 : FLAT_HEADER + FLAT_RECORD * w->first + w->dropped;
	if (x->size < start)
		return fail(ERR_SYS, "%s: ends at byte %" PRIu64 ", and what follows up to %" PRIu64
			    " was lost with the connection", ((struct ssh *)s->own)->path,
			    x->size, start);
	x->pos = x->taken = start;
	x->placed = true;
	if (s->flat && start == 0) {
		flat_make_header(x->stage);
		x->stage_len = FLAT_HEADER;
		x->pos = FLAT_HEADER;
	}
	return 0;
}

/* dd moves the offset that cat goes on from: both have the same open file */
static int start_cat(struct store *s)
{
	struct ssh *h = s->own;
	struct exec *x = h->exec;
	char *command;
	int rc;

	if (asprintf(&command, "umask 077; test -f %s && { dd bs=1 count=0 seek=%" PRIu64
		     " conv=notrunc </dev/null 2>/dev/null && cat; } 2>&1 1<>%s && "
		     "{ sync %s 2>/dev/null || sync; } && wc -c <%s",
		     x->quoted, x->taken, x->quoted, x->quoted, x->quoted) < 0)
		return fail(ERR_MEMORY, "%s: out of memory", h->path);
	x->cat = (struct channel){ .ops = h->channel.ops, .target = s->target,
				   .options = s->options };
	rc = x->cat.ops->open(&x->cat, NULL, command);
	free(command);
	if (rc < 0)
		return -1;
	if (rc != CHANNEL_OPEN)
		return fail(ERR_SYS, "%s: the server runs no commands for this account any more",
			    s->target->host);
	x->running = true;
	x->ending = false;
	x->said_len = 0;
	x->alive_ms = clock_ms();
	return 0;
}

int exec_write(struct store *s, const struct part *p)
{
	struct exec *x = exec_of(s);

	if (!x->placed && place(s, p->at))
		return -1;
	if (!s->flat && p->at != x->pos)
		return fail(ERR_SYS, "%s: takes no bytes out of order", s->where);
	if (x->next - x->first >= WINDOW_EXTENTS)
		return fail(ERR_AGAIN, "%s: too many parts on the way", s->where);
	x->pos += p->len + (s->flat ? FLAT_RECORD : 0);
	*part_of(x, x->next++) = (struct exec_part){ .part = *p, .end = x->pos };
	x->wrote_ms = clock_ms();
	s->in_flight += p->len;
	return x->running ? 0 : start_cat(s);
}

static void stage_part(struct store *s)
{
	struct exec *x = exec_of(s);
	const struct part *p = &part_of(x, x->staged++)->part;

	if (s->flat) {
		flat_make_record(x->stage + x->stage_len, p->at, p->len);
		x->stage_len += FLAT_RECORD;
	}

	size_t room = EXEC_STAGE - x->stage_len, here = p->len < room ? p->len : room;

	memcpy(x->stage + x->stage_len, p->data, here);
	x->stage_len += here;
	x->rest = p->data + here;
	x->rest_len = p->len - here;
}

/* false when there is nothing to give to the channel */
static bool fill_stage(struct store *s)
{
	struct exec *x = exec_of(s);

	if (x->stage_done < x->stage_len || x->rest_len > 0)
		return true;
	x->stage_len = x->stage_done = 0;
	while (x->staged != x->next && x->rest_len == 0 &&
	       EXEC_STAGE - x->stage_len > FLAT_RECORD)
		stage_part(s);
	return x->stage_len > 0;
}

/* what the channel has taken is acknowledged; what is far behind that, is durable */
static void acknowledge(struct store *s)
{
	struct exec *x = exec_of(s);
	uint64_t lag = s->window->size / 4 < EXEC_LAG ? s->window->size / 4 : EXEC_LAG;
	const struct exec_part *e;
	struct mark mark = { 0 };

	while (x->unacked != x->staged && (e = part_of(x, x->unacked))->end <= x->taken) {
		s->in_flight -= e->part.len;
		window_acked(s->window, &e->part, false);
		x->unacked++;
	}
	while (x->first != x->unacked && (e = part_of(x, x->first))->end + lag <= x->taken) {
		mark = (struct mark){ .seq = e->part.seq + 1, .epoch = e->part.epoch };
		x->first++;
	}
	if (mark.seq > 0)
		window_durable(s->window, mark);
}

/* 1 when the channel took something, 0, -1 */
static int push(struct store *s)
{
	struct exec *x = exec_of(s);
	int moved = 0;

	if (!x->running && fill_stage(s) && start_cat(s))
		return -1;
	while (!x->ending && fill_stage(s)) {
		bool in_stage = x->stage_done < x->stage_len;
		const uint8_t *p = in_stage ? x->stage + x->stage_done : x->rest;
		size_t len = in_stage ? x->stage_len - x->stage_done : x->rest_len;
		ssize_t n = x->cat.ops->write(&x->cat, p, len);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		moved = 1;
		x->taken += (uint64_t)n;
		if (in_stage) {
			x->stage_done += (size_t)n;
		} else {
			x->rest += n;
			x->rest_len -= (size_t)n;
		}
	}
	if (moved)
		acknowledge(s);
	return moved;
}

/* the cat has ended: well, if it was told to and the file is as long as it should be */
static int cat_ended(struct store *s)
{
	struct ssh *h = s->own;
	struct exec *x = h->exec;
	int status = x->cat.ops->status(&x->cat);
	const char *word = x->said + strspn(x->said, " \t");
	uint64_t size;

	x->cat.ops->close(&x->cat);
	x->running = false;
	s->committing = 0;
	if (status < 0)
		return fail(ERR_AGAIN, "%s: the connection broke", s->target->host);
	x->failed = true;
	if (status > 0 || !x->ending)
		return exec_refused(s, h->path, x->said);
	if (!num_parse(word, strcspn(word, " \n"), 10, &size) || size != x->taken)
		return fail(ERR_SYS, "%s: %s: is not %" PRIu64 " bytes long on the server",
			    s->target->host, h->path, x->taken);
	x->failed = false;
	if (x->first != x->unacked) {
		const struct part *p = &part_of(x, x->unacked - 1)->part;

		window_durable(s->window, (struct mark){ .seq = p->seq + 1, .epoch = p->epoch });
		x->first = x->unacked;
	}
	return 0;
}

/* 1 when something came, 0, -1 */
static int pull(struct store *s)
{
	struct exec *x = exec_of(s);
	bool eof = false;
	int moved = 0;

	while (x->running) {
		/* more words than there is room for say no more */
		if (x->said_len > sizeof x->said / 2)
			x->said_len = 0;

		ssize_t n = x->cat.ops->read(&x->cat, x->said + x->said_len,
					     sizeof x->said - 1 - x->said_len, &eof);
		if (n < 0)
			return -1;
		x->said_len += (size_t)n;
		x->said[x->said_len] = '\0';
		if (n > 0) {
			moved = 1;
			continue;
		}
		if (!eof)
			return moved;
		if (cat_ended(s))
			return -1;
		moved = 1;
	}
	return moved;
}

int exec_service(struct store *s)
{
	struct exec *x = exec_of(s);
	int out = push(s);
	int in = out < 0 ? -1 : pull(s);

	/* what was queued while a cat ended waits for the next one */
	if (in < 0 || (!x->running && push(s) < 0))
		return -1;
	if (in > 0 || out > 0 || !x->running || (!x->ending && s->in_flight == 0))
		x->alive_ms = clock_ms();
	else if (clock_left(x->alive_ms + s->options->silence_ms) == 0)
		return fail(ERR_AGAIN, "%s: the server has been silent for %" PRIu64 " s",
			    s->target->host, s->options->silence_ms / 1000);
	return 0;
}

int exec_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	struct exec *x = exec_of(s);

	if (!x->running)
		return 0;
	/* what was queued goes out before anybody sleeps; a failure comes again in service() */
	push(s);
	return x->cat.ops->poll(&x->cat, fds);
}

/* nothing more comes for this cat: it ends, and what it wrote is synced */
static int end_cat(struct store *s)
{
	struct exec *x = exec_of(s);

	x->ending = true;
	s->committing = 1;
	x->alive_ms = clock_ms();
	return x->cat.ops->send_eof(&x->cat);
}

int exec_commit(struct store *s)
{
	struct exec *x = exec_of(s);

	if (x->failed)
		return fail(ERR_SYS, "%s: the command that writes has ended", s->where);
	if (!x->running || x->ending || s->in_flight > 0)
		return 0;
	/* a new command is dear: only at the end, or when the input rests */
	bool all = x->next != x->first && part_of(x, x->next - 1)->part.seq + 1 == s->window->end;

	if (!(s->ending && all) && clock_ms() - x->wrote_ms < IDLE_MS)
		return 0;
	return end_cat(s);
}

/* service until the cat has ended */
static int run_out(struct store *s)
{
	struct exec *x = exec_of(s);

	while (x->running) {
		struct pollfd fds[STORE_FDS];
		uint64_t deadline = clock_ms() + s->options->silence_ms;

		if (s->in_flight == 0 && !x->ending && !fill_stage(s) && end_cat(s))
			return -1;
		if (exec_service(s))
			return -1;
		if (x->running &&
		    net_wait(fds, (unsigned)exec_poll(s, fds), deadline) < 0)
			return -1;
	}
	return 0;
}

int exec_finish(struct store *s, bool complete)
{
	struct exec *x = exec_of(s);

	if (!x->quoted)
		return 0;
	if (run_out(s))
		return -1;
	if (s->flat && complete) {
		if (!x->placed && place(s, 0))
			return -1;
		flat_make_record(x->stage + x->stage_len, UINT64_MAX, UINT64_MAX);
		x->stage_len += FLAT_RECORD;
		x->pos += FLAT_RECORD;
		if (exec_service(s) || run_out(s))
			return -1;
	}
	free(x->quoted);
	x->quoted = NULL;
	return 0;
}
