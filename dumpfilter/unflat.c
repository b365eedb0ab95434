/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cursor.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "out.h"
#include "source-flat.h"
#include "stop.h"
#include "unflat.h"

enum { COPY = 64 << 10 };

struct unflat {
	int fd;
	uint64_t pos;			/* bytes of the stream that were read */
	struct out out;
	uint8_t head[KDUMP_HEADER_LEN];	/* the file's first bytes, as far as they came */
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

/* remember what falls into the file's header: its status may have to be mended */
static void remember(struct unflat *u, const uint8_t *buf, size_t len, uint64_t at)
{
	if (at >= sizeof u->head)
		return;
	if (len > sizeof u->head - at)
		len = sizeof u->head - (size_t)at;
	memcpy(u->head + at, buf, len);
}

static int lay_down(struct unflat *u)
{
	uint8_t raw[FLAT_RECORD];
	uint64_t at, size;

	for (;;) {
		uint64_t where = u->pos;
		int rc;

		if (take(u, raw, sizeof raw))
			return -1;
		rc = flat_parse_record(raw, &at, &size);
		if (rc == 0)
			return 0;
		if (rc < 0)
			return fail(ERR_STOPPED, "standard input: the record at byte %" PRIu64
				    " is damaged", where);
		while (size > 0) {
			size_t n = size < COPY ? (size_t)size : COPY;

			if (take(u, u->buf, n))
				return -1;
			remember(u, u->buf, n, at);
			if (out_pwrite(&u->out, u->buf, n, at))
				return -1;
			at += n;
			size -= n;
		}
	}
}

/* a dump that was cut says so in its header; any other file just keeps its name */
static int mark_incomplete(struct unflat *u)
{
	struct cursor c = cursor_over(u->head + KDUMP_BLOCK_SIZE, 4, false);
	uint32_t block = cursor_u32(&c);
	bool swap = !num_is_power_of_2(block) || block > 262144 || block < 4096;
	uint32_t status, bit = KDUMP_INCOMPLETE;

	if (memcmp(u->head, KDUMP_SIGNATURE, 8) == 0) {
		memcpy(&status, u->head + KDUMP_STATUS, sizeof status);
		status |= swap ? bit << 24 : bit;
		if (out_pwrite(&u->out, &status, sizeof status, KDUMP_STATUS))
			return -1;
	}
	return out_sync(&u->out);
}

static int finish(struct unflat *u)
{
	char why[256];
	enum err code;

	if (lay_down(u) == 0)
		return out_commit(&u->out);
	code = err_code();
	strncpy(why, err_text(), sizeof why - 1);
	why[sizeof why - 1] = '\0';
	if (mark_incomplete(u))
		return -1;
	return fail(code == ERR_FULL ? ERR_FULL : ERR_STOPPED, "%s; what came before is in %s",
		    why, u->out.temp ? u->out.temp : u->out.path);
}

int unflat(int fd, const char *path, bool force)
{
	struct unflat u = { .fd = fd, .out = { .fd = -1 } };
	uint8_t first[FLAT_HEADER];
	int rc = -1;

	if (take(&u, first, sizeof first) || !flat_is_header(first))
		return fail(ERR_UNKNOWN, "standard input: not a flattened stream");
	u.buf = malloc(COPY);
	if (!u.buf)
		return fail_sys("copy buffer");
	if (out_open(&u.out, path, force) == 0)
		rc = finish(&u);
	out_close(&u.out);
	free(u.buf);
	return rc;
}
