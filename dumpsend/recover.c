/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "disk.h"
#include "err.h"
#include "lay.h"
#include "out.h"
#include "raw.h"
#include "recover.h"
#include "say.h"
#include "stop.h"

enum { COPY = 1 << 20 };	/* bytes read at a time */

struct recovery {
	const char *device;
	int fd;
	struct raw_head head;
	uint64_t pos;		/* bytes of the stream that were read */
	uint32_t crc;		/* of them */
	struct out out;
	struct lay lay;
	uint8_t *buf;
};

/* the next bytes of the stream, at most len: how many; 0 at its end */
static ssize_t take(void *arg, void *to, size_t len)
{
	struct recovery *r = arg;
	uint64_t left = r->head.length - r->pos;
	ssize_t n;

	if (len > left)
		len = (size_t)left;
	if (len == 0)
		return 0;
	do {
		if (stop_check())
			return -1;
		n = pread(r->fd, to, len, (off_t)(RAW_HEADER + r->pos));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_sys("%s: read at %" PRIu64, r->device, RAW_HEADER + r->pos);
	if (n == 0)
		return fail(ERR_STOPPED, "%s: ends at byte %" PRIu64, r->device,
			    RAW_HEADER + r->pos);
	r->crc = (uint32_t)crc32_z(r->crc, to, (size_t)n);
	r->pos += (uint64_t)n;
	return n;
}

static int put(void *arg, const void *buf, size_t len, uint64_t at)
{
	return out_pwrite(&((struct recovery *)arg)->out, buf, len, at);
}

static bool matches(const struct recovery *r)
{
	return r->pos == r->head.length && r->crc == r->head.crc;
}

/* all of it was read, or all that could be: is it what was written, and is it whole? */
static int check(struct recovery *r)
{
	char date[RAW_DATE];

	if (!matches(r))
		return fail(ERR_SYS, "%s: its checksum does not match", r->device);
	if (!r->head.complete)
		return fail(ERR_STOPPED, "%s: the dump of %s was not written to its end",
			    r->device, raw_date(&r->head, date));
	return 0;
}

static int copy_records(struct recovery *r)
{
	int rc = lay_begin(&r->lay);

	if (rc == 0)
		return fail(ERR_STOPPED, "%s: not a flattened stream", r->device);
	return rc < 0 ? -1 : lay_records(&r->lay);
}

/* a stream of records: the file that they make */
static int lay_down(struct recovery *r)
{
	if (copy_records(r)) {
		/* where it ends, or goes wrong, it may end or go wrong as it was written */
		if (err_code() != ERR_STOPPED || stop_check() || r->pos < r->head.length)
			return -1;
		return matches(r) ? -1 : check(r);
	}
	return check(r) ? -1 : lay_end(&r->lay);
}

/* any other stream: as it is */
static int copy(struct recovery *r)
{
	for (;;) {
		ssize_t n = take(r, r->buf, COPY);

		if (n < 0)
			return -1;
		if (n == 0)
			return check(r);
		if (out_write(&r->out, r->buf, (size_t)n))
			return -1;
	}
}

/* a dump that was cut says so in its header; any other file just keeps its name */
static int mark_incomplete(struct recovery *r)
{
	uint64_t least;

	if (lay_mark(&r->lay, &least))
		return -1;
	/* bitmaps that did not come are empty, but they must be there */
	if (least > 0 && out_reserve(&r->out, least - 1, 1))
		return -1;
	return out_sync(&r->out);
}

/* the reason is said by fail(): what is there is kept, and it is said where */
static int keep(struct recovery *r)
{
	const char *name = r->out.temp ? r->out.temp : r->out.path;
	bool useful = r->head.flat ? laid_is_useful(&r->lay.laid) : r->out.pos > 0;
	/* what does not match is not even what was there of the dump */
	bool differs = r->pos == r->head.length && !matches(r);
	enum err code = err_code();
	char why[ERR_TEXT];

	snprintf(why, sizeof why, "%s", err_text());
	if (!useful) {
		out_discard(&r->out);
		return fail(code == ERR_STOPPED ? ERR_CORRUPT : ERR_SYS,
			    "%s; what is there is of no use and was not kept", why);
	}
	if (mark_incomplete(r))
		return fail(ERR_FULL, "%s; then it could not be marked as incomplete; what there "
			    "is of it is in %s", why, name);
	return fail(code == ERR_FULL ? ERR_FULL : differs ? ERR_SYS : ERR_STOPPED,
		    "%s; what there is of it is in %s", why, name);
}

/* the next start of the system need not do it again, and the next dump may take its place */
static void set_recovered(struct recovery *r)
{
	enum err code = err_code();
	char why[ERR_TEXT];

	r->head.recovered = true;
	snprintf(why, sizeof why, "%s", err_text());
	if (raw_put_head(r->fd, r->device, &r->head) == 0 && disk_sync(r->fd) == 0)
		return;
	warn("%s: cannot be marked as recovered: %s", r->device, strerror(errno));
	fail(code, "%s", why);
}

static int recover_to(struct recovery *r, const char *path, bool force)
{
	int rc;

	if (r->head.flat ? out_open(&r->out, path, force) :
			   out_open_stream(&r->out, path, force))
		return -1;
	rc = r->head.flat ? lay_down(r) : copy(r);
	if (rc == 0)
		rc = out_commit(&r->out);
	/* "!temp": it has its name, but that may not be on the disk yet */
	if (rc && (r->out.temp || r->out.kind != OUT_FILE))
		keep(r);
	return rc;
}

static int check_head(const struct recovery *r, int found, uint64_t size, bool force)
{
	char date[RAW_DATE];

	if (found < 0)
		return -1;
	if (found == RAW_BROKEN)
		return fail(ERR_CORRUPT, "%s: the header of its dump is damaged", r->device);
	if (found != RAW_DUMP || r->head.length == 0)
		return fail(ERR_UNKNOWN, "%s: holds no dump", r->device);
	if (size < RAW_HEADER || r->head.length > size - RAW_HEADER)
		return fail(ERR_CORRUPT, "%s: a dump of %" PRIu64 " bytes cannot be on it",
			    r->device, r->head.length);
	if (r->head.recovered && !force)
		return fail(ERR_SYS, "%s: its dump of %s was recovered before; -f does it again",
			    r->device, raw_date(&r->head, date));
	return 0;
}

int recover(const char *device, const char *path, bool force)
{
	struct recovery r = { .device = device, .out = { .fd = -1 },
			      .crc = (uint32_t)crc32_z(0, NULL, 0) };
	uint64_t size = 0;
	int rc = -1;

	r.fd = raw_open(device, true, &size);
	/* one that cannot be written to, or is in use meanwhile, can still be read */
	if (r.fd < 0 && err_code() == ERR_SYS)
		r.fd = raw_open(device, false, &size);
	if (r.fd < 0)
		return -1;
	if (check_head(&r, raw_look(r.fd, device, &r.head), size, force) == 0) {
		r.buf = malloc(COPY);
		r.lay = (struct lay){ .name = device, .take = take, .put = put, .arg = &r,
				      .buf = r.buf, .room = COPY };
		rc = r.buf ? recover_to(&r, path, force) : fail_sys("copy buffer");
		/* also what was cut: more than is in the file now will never come */
		if ((rc == 0 || err_code() == ERR_STOPPED) && matches(&r))
			set_recovered(&r);
	}
	out_close(&r.out);
	free(r.buf);
	close(r.fd);
	return rc;
}
