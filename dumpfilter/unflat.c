/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "lay.h"
#include "out.h"
#include "stop.h"
#include "unflat.h"

enum { COPY = 64 << 10 };

struct unflat {
	int fd;
	struct out out;
	struct lay lay;
};

static ssize_t take(void *arg, void *buf, size_t len)
{
	struct unflat *u = arg;
	ssize_t n;

	do {
		n = read(u->fd, buf, len);
		if (stop_check())
			return -1;
	} while (n < 0 && errno == EINTR);
	return n < 0 ? fail_sys("standard input") : n;
}

static int put(void *arg, const void *buf, size_t len, uint64_t at)
{
	return out_pwrite(&((struct unflat *)arg)->out, buf, len, at);
}

/* a dump that was cut says so in its header; any other file just keeps its name */
static int mark_incomplete(struct unflat *u)
{
	uint64_t least;

	if (lay_mark(&u->lay, &least))
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

	if (lay_records(&u->lay) == 0 && lay_end(&u->lay) == 0 && out_commit(&u->out) == 0)
		return 0;
	if (!u->out.temp && u->out.kind == OUT_FILE)
		return -1;	/* it has its name, but that may not be on the disk yet */
	code = err_code();
	snprintf(why, sizeof why, "%s", err_text());
	if (!laid_is_useful(&u->lay.laid)) {
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
	uint8_t *buf = malloc(COPY);
	int rc = -1;

	if (!buf)
		return fail_sys("copy buffer");
	u.lay = (struct lay){ .name = "standard input", .take = take, .put = put, .arg = &u,
			      .buf = buf, .room = COPY };
	switch (lay_begin(&u.lay)) {
	case 1:
		if (out_open(&u.out, path, force) == 0)
			rc = finish(&u);
		out_close(&u.out);
		break;
	case 0:
		fail(ERR_UNKNOWN, "standard input: not a flattened stream (%s)",
		     u.lay.pos == 0 ? "it is empty" : "its first bytes are others");
	}
	free(buf);
	return rc;
}
