/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
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
	uint32_t codecs;		/* the flags of the first page descriptors */
	uint64_t end;			/* of what was laid down */
	bool marked;			/* the file says that it is incomplete, and its codecs */
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

static uint32_t u32_of(const uint8_t *p, bool swap)
{
	struct cursor c = cursor_over(p, 4, swap);

	return cursor_u32(&c);
}

/* a dump of the other byte order than ours? Its block size tells. */
static bool is_swapped(const struct unflat *u)
{
	uint32_t block = u32_of(u->head + KDUMP_BLOCK_SIZE, false);

	return !num_is_power_of_2(block) || block > 262144 || block < 4096;
}

/* where the page descriptors begin: behind all that a reader needs to open the file */
static uint64_t descs_at(const struct unflat *u)
{
	bool swap = is_swapped(u);
	uint64_t blocks = 1 + (uint64_t)u32_of(u->head + KDUMP_SUB_BLOCKS, swap) +
			  u32_of(u->head + KDUMP_BITMAP_BLOCKS, swap);

	return blocks * u32_of(u->head + KDUMP_BLOCK_SIZE, swap);
}

/*
 * What may be needed to mend the status of a dump that was cut, which comes last:
 * the file's header, and from the first descriptors the codec.
 */
static void remember(struct unflat *u, const uint8_t *buf, size_t len, uint64_t at)
{
	bool swap = is_swapped(u);

	if (at >= sizeof u->head && at == descs_at(u)) {
		for (size_t i = 0; i + KDUMP_DESC_LEN <= len; i += KDUMP_DESC_LEN)
			u->codecs |= u32_of(buf + i + KDUMP_DESC_FLAGS, swap) & CODEC_FLAGS;
		u->marked = false;	/* the codecs are still to be said */
	}
	if (at >= sizeof u->head)
		return;
	if (len > sizeof u->head - at)
		len = sizeof u->head - (size_t)at;
	memcpy(u->head + at, buf, len);
}

/* the stream's own status is kept back: what is written of it has the bit, too */
static void hold_status(const struct unflat *u, uint8_t *buf, size_t len, uint64_t at)
{
	uint64_t byte = KDUMP_STATUS + (is_swapped(u) ? 3 : 0);

	if (memcmp(u->head, KDUMP_SIGNATURE, 8) == 0 && byte >= at && byte - at < len)
		buf[byte - at] |= KDUMP_INCOMPLETE;
}

/* the dump says that it is incomplete until the stream's end marker has come */
static int write_status(struct unflat *u, bool complete)
{
	bool swap = is_swapped(u);
	uint32_t status = u32_of(u->head + KDUMP_STATUS, swap);

	if (memcmp(u->head, KDUMP_SIGNATURE, 8) != 0 || u->end < sizeof u->head)
		return 0;
	u->marked = !complete;
	if (!complete)
		status |= u->codecs | KDUMP_INCOMPLETE;
	status = swap ? __builtin_bswap32(status) : status;
	return out_pwrite(&u->out, &status, sizeof status, KDUMP_STATUS);
}

/* a whole stream can bring a dump that is not: its sender was stopped, or its vmcore cut */
static bool says_incomplete(const struct unflat *u)
{
	return memcmp(u->head, KDUMP_SIGNATURE, 8) == 0 &&
	       u32_of(u->head + KDUMP_STATUS, is_swapped(u)) & KDUMP_INCOMPLETE;
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
		if (rc == 0 && says_incomplete(u))
			return fail(ERR_STOPPED, "standard input: the sender has marked its "
				    "dump as incomplete");
		if (rc == 0)
			return write_status(u, true);
		if (rc < 0)
			return fail(ERR_STOPPED, "standard input: the record at byte %" PRIu64
				    " is damaged", where);
		while (size > 0) {
			size_t n = size < COPY ? (size_t)size : COPY;

			if (take(u, u->buf, n))
				return -1;
			remember(u, u->buf, n, at);
			hold_status(u, u->buf, n, at);
			if (out_pwrite(&u->out, u->buf, n, at))
				return -1;
			at += n;
			size -= n;
			u->end = at > u->end ? at : u->end;
			if (!u->marked && write_status(u, false))
				return -1;
		}
	}
}

/* a dump that was cut says so in its header; any other file just keeps its name */
static int mark_incomplete(struct unflat *u)
{
	/* bitmaps that did not come are empty, but they must be there */
	if (memcmp(u->head, KDUMP_SIGNATURE, 8) == 0 &&
	    (write_status(u, false) || out_reserve(&u->out, descs_at(u) - 1, 1)))
		return -1;
	return out_sync(&u->out);
}

/* a dump without its first page cannot even be opened; of other files any byte counts */
static bool is_useful(const struct unflat *u)
{
	if (memcmp(u->head, KDUMP_SIGNATURE, 8) != 0)
		return u->end > 0;
	return u->end >= sizeof u->head && u->end > descs_at(u);
}

static int finish(struct unflat *u)
{
	char why[256];
	enum err code;

	if (lay_down(u) == 0 && out_commit(&u->out) == 0)
		return 0;
	if (!u->out.temp && u->out.kind == OUT_FILE)
		return -1;	/* it has its name, but that may not be on the disk yet */
	code = err_code();
	strncpy(why, err_text(), sizeof why - 1);
	why[sizeof why - 1] = '\0';
	if (!is_useful(u)) {
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
