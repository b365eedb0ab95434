/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "laid.h"
#include "out.h"
#include "source-flat.h"
#include "stop.h"
#include "unflat.h"

enum { COPY = 64 << 10 };

struct unflat {
	int fd;
	uint64_t pos;		/* bytes of the stream that were read */
	struct out out;
	struct laid laid;
	uint8_t *buf;
};

/* len bytes of the stream, or -1; how far it came is in u->pos */
static int take(struct unflat *u, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = read(u->fd, buf, len);

		if (stop_check())
			return -1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("standard input");
		if (n == 0)
			return fail(ERR_STOPPED, "standard input: the stream ends at byte %" PRIu64
				    " without its end marker", u->pos);
		buf += n;
		len -= (size_t)n;
		u->pos += (uint64_t)n;
	}
	return 0;
}

static int put_status(struct unflat *u, const uint8_t status[4])
{
	return out_pwrite(&u->out, status, 4, KDUMP_STATUS);
}

/* one record's bytes; until the end the file says that it is incomplete */
static int copy_record(struct unflat *u, uint64_t at, uint64_t size)
{
	uint8_t status[4];

	while (size > 0) {
		size_t n = size < COPY ? (size_t)size : COPY;

		if (take(u, u->buf, n))
			return -1;
		laid_see(&u->laid, u->buf, n, at);
		if (out_pwrite(&u->out, u->buf, n, at))
			return -1;
		at += n;
		size -= n;
		if (laid_wants_mark(&u->laid, status) && put_status(u, status))
			return -1;
	}
	return 0;
}

static int lay_down(struct unflat *u)
{
	uint8_t raw[FLAT_RECORD], status[4];
	uint64_t at, size;

	for (;;) {
		uint64_t where = u->pos;
		int rc;

		if (take(u, raw, sizeof raw))
			return -1;
		rc = flat_parse_record(raw, &at, &size);
		if (rc == 0 && laid_says_incomplete(&u->laid))
			return fail(ERR_STOPPED, "standard input: the sender has marked its "
				    "dump as incomplete");
		if (rc == 0)
			return laid_final_status(&u->laid, status) ? put_status(u, status) : 0;
		if (rc < 0)
			return fail(ERR_STOPPED, "standard input: the record at byte %" PRIu64
				    " is damaged", where);
		if (copy_record(u, at, size))
			return -1;
	}
}

/* a dump that was cut says so in its header; any other file just keeps its name */
static int mark_incomplete(struct unflat *u)
{
	uint64_t least = laid_least(&u->laid);
	uint8_t status[4];

	if (laid_mark(&u->laid, status) && put_status(u, status))
		return -1;
	/* bitmaps that did not come are empty, but they must be there */
	if (least > 0 && out_reserve(&u->out, least - 1, 1))
		return -1;
	return out_sync(&u->out);
}

static int finish(struct unflat *u)
{
	char why[ERR_TEXT];
	enum err code;

	if (lay_down(u) == 0 && out_commit(&u->out) == 0)
		return 0;
	if (!u->out.temp && u->out.kind == OUT_FILE)
		return -1;	/* it has its name, but that may not be on the disk yet */
	code = err_code();
	snprintf(why, sizeof why, "%s", err_text());
	if (!laid_is_useful(&u->laid)) {
		out_discard(&u->out);
		return fail(code == ERR_STOPPED ? ERR_CORRUPT : ERR_SYS,
			    "%s; what came before is of no use and was not kept", why);
	}
	if (mark_incomplete(u))
		return fail(ERR_FULL, "%s; then it could not be marked as incomplete; what came "
			    "before is in %s", why, u->out.temp ? u->out.temp : u->out.path);
	return fail(code == ERR_FULL ? ERR_FULL : ERR_STOPPED, "%s; what came before is in %s",
		    why, u->out.temp ? u->out.temp : u->out.path);
}

int unflat(int fd, const char *path, bool force)
{
	struct unflat u = { .fd = fd, .out = { .fd = -1 } };
	uint8_t first[FLAT_HEADER];
	int rc = -1;

	if (take(&u, first, sizeof first) && err_code() != ERR_STOPPED)
		return -1;
	if (u.pos < sizeof first || !flat_is_header(first))
		return fail(ERR_UNKNOWN, "standard input: not a flattened stream (%s)",
			    u.pos == 0 ? "it is empty" : "its first bytes are others");
	u.buf = malloc(COPY);
	if (!u.buf)
		return fail_sys("copy buffer");
	if (out_open(&u.out, path, force) == 0)
		rc = finish(&u);
	out_close(&u.out);
	free(u.buf);
	return rc;
}
