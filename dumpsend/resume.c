/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file (not a stream) that an earlier run has begun to send: what is there already
 * need not be sent again. Its beginning must be the same, and of what seems to be there
 * the last part is compared, because there the earlier run's writes may have left
 * holes; from the first difference on all is sent. Everything before is compared by
 * verify.c in the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "deliver.h"
#include "err.h"
#include "say.h"

enum {
	BEGINNING = 64 << 10,	/* bytes of the stream that must be the same */
	PIECE = 1 << 20,	/* compared at a time: half of the smallest window */
};

/* further back than any window reaches, bytes */
static const uint64_t back = 256ull << 20;

enum { SAME, DIFFERENT };

/*
 * How far in the stream an earlier run may have come, when the file is this long: to
 * the first record that reaches beyond. UINT64_MAX: the file is longer than it can be.
 */
static int find_end(const struct input *in, uint64_t there, uint64_t *pos)
{
	uint8_t raw[FLAT_RECORD];
	uint64_t at, size, where = FLAT_HEADER, high = 0;

	*pos = there;
	if (in->as_is) {
		if (there > in->size)
			*pos = UINT64_MAX;
		return 0;
	}
	for (;;) {
		ssize_t n = pread(in->fd, raw, sizeof raw, (off_t)where);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s", in->path);
		if (n < (ssize_t)sizeof raw || flat_parse_record(raw, &at, &size) != 1)
			break;
		where += sizeof raw;
		if (at + size > there) {
			*pos = at < there ? where + (there - at) : where;
			return 0;
		}
		high = at + size > high ? at + size : high;
		if (size > INT64_MAX - where)
			break;
		where += size;
	}
	*pos = high == there ? where : UINT64_MAX;
	return 0;
}

/* are these bytes there? SAME or DIFFERENT, or -1 */
static int compare(struct delivery *d, const uint8_t *buf, size_t len, uint64_t at)
{
	uint8_t *there = d->cargo->window.ring + PIECE;
	ssize_t n = d->store.ops->read(&d->store, there, len, at);
	uint64_t status = laid_status_at(&d->cargo->laid);
	bool masked = !d->cargo->in.as_is && status && at <= status && status + 4 <= at + len;

	if (n < 0)
		return -1;
	if ((size_t)n < len)
		return DIFFERENT;
	/* the status of a dump on its way is another than that of the whole one */
	if (masked)
		memcpy(there + (status - at), buf + (status - at), 4);
	return memcmp(buf, there, len) == 0 ? SAME : DIFFERENT;
}

/* the input up to pos: 1 when a difference was found, and what differs is in the window */
static int skip_to(struct delivery *d, uint64_t end)
{
	struct cargo *c = d->cargo;
	uint64_t tail = end > back ? end - back : 0;

	while (c->in.pos < end) {
		uint64_t at, pos;
		size_t len, room_len;
		int rc = input_next(&c->in, &at, &len);
		uint8_t *room;
		ssize_t n;

		if (rc < 0 || deliver_check(d))
			return -1;
		pos = c->in.pos;
		if (rc == 0 || pos >= end)
			return 0;
		room = window_room(&c->window, at, &room_len);
		if (len > (pos < BEGINNING ? BEGINNING : PIECE))
			len = pos < BEGINNING ? BEGINNING : PIECE;
		if (len > end - pos)
			len = (size_t)(end - pos);
		n = input_read(&c->in, room, len);
		if (n <= 0)
			return (int)n;
		rc = cargo_see(c, room, (size_t)n, at);
		if (rc == 0 && (pos < BEGINNING || pos + (size_t)n > tail))
			rc = compare(d, room, (size_t)n, at);
		if (rc == DIFFERENT)
			window_filled(&c->window, at, (size_t)n);
		if (rc)
			return rc < 0 ? -1 : 1;
	}
	return 0;
}

static int start_anew(struct delivery *d)
{
	return cargo_rewind(d->cargo) ? -1 : landing_afresh(d);
}

int resume(struct delivery *d)
{
	struct cargo *c = d->cargo;
	uint64_t start, end;
	int rc;

	if (!d->resumable)
		return d->created ? 0 : start_anew(d);
	if (find_end(&c->in, d->there, &end) || cargo_rewind(c))
		return -1;
	start = c->in.pos;
	rc = end == UINT64_MAX ? 1 : skip_to(d, end);
	if (rc < 0)
		return -1;
	/* another dump's, or nothing tells that it is not: it stays, under another name */
	if (c->in.pos == start || (rc == 1 && c->in.pos <= 2 * BEGINNING))
		return start_anew(d);
	/* its mark may be one of the holes, or all that is still to be sent */
	c->laid.marked = false;
	c->marking = cargo_is_laid(c) && laid_wants_mark(&c->laid, c->mark);
	warn("%s: an earlier run has left it: going on at byte %" PRIu64, d->temp, c->in.pos);
	return 0;
}
