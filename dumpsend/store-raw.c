/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A raw device as a store: it takes the stream in order and cannot seek in it, so a
 * dump with offsets is kept as the flattened format (source-flat.h). The header goes
 * first, marked incomplete, and then follows the stream: after a loss of power at most
 * what was written since it was last rewritten is lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "disk.h"
#include "err.h"
#include "name.h"
#include "raw.h"
#include "source-flat.h"
#include "store.h"

enum {
	WRITE = 1 << 20,	/* bytes */
	REWRITE = 16 << 20,	/* bytes after which the header is brought up to date */
};

struct raw {
	int fd;
	char *device;
	uint64_t size;		/* of the device, bytes */
	struct raw_head head;	/* of what is being written */
	uint64_t saved;		/* its length when the header was last rewritten */
	bool writing;
};

static void raw_close(struct store *s);

static int raw_connect(struct store *s)
{
	static const struct names none;
	struct raw *r = calloc(1, sizeof *r);

	if (!r)
		return fail_sys("%s", s->target->text);
	r->fd = -1;
	s->own = r;
	/* the target has no names in its path, but doubled percent signs */
	r->device = name_expand(s->target->path, &none);
	r->fd = r->device ? raw_open(r->device, true, &r->size) : -1;
	if (r->fd < 0) {
		raw_close(s);
		return -1;
	}
	snprintf(s->where, sizeof s->where, "%s", s->target->text);
	s->write_max = s->flight_max = WRITE;
	s->sequential = true;
	s->can_sync = true;
	return 0;
}

/* what was written is on the device, and then the header that says so */
static int save(struct raw *r)
{
	if (disk_sync(r->fd))
		return fail_sys("%s: sync", r->device);
	if (raw_put_head(r->fd, r->device, &r->head))
		return -1;
	r->saved = r->head.length;
	return 0;
}

/* the same, and the header is on the device, too */
static int save_for_good(struct raw *r)
{
	if (save(r))
		return -1;
	return disk_sync(r->fd) ? fail_sys("%s: sync", r->device) : 0;
}

static void raw_close(struct store *s)
{
	struct raw *r = s->own;

	if (!r)
		return;
	/* given up in the middle: what came so far can be recovered; this has no one to tell */
	if (r->writing)
		save_for_good(r);
	if (r->fd >= 0)
		close(r->fd);
	free(r->device);
	free(r);
	s->own = NULL;
}

static int raw_stat(struct store *s, const char *path, struct store_stat *st)
{
	const struct raw *r = s->own;
	struct raw_head h;
	int found;

	if (strcmp(path, r->device) != 0)
		return 0;
	found = raw_look(r->fd, r->device, &h);
	*st = (struct store_stat){ .size = found == RAW_DUMP ? h.length : 0 };
	return found < 0 ? -1 : found == RAW_DUMP;
}

static int raw_make_dir(struct store *s, const char *path)
{
	(void)s;
	return fail(ERR_SYS, "%s: a raw device has no folders", path);
}

/* of the dump that was begun here nothing is left but a header that says so */
static int raw_remove(struct store *s, const char *path)
{
	struct raw *r = s->own;

	if (strcmp(path, r->device) != 0 || !r->writing)
		return 0;
	r->head.length = 0;
	r->head.crc = (uint32_t)crc32_z(0, NULL, 0);
	r->writing = false;
	return save_for_good(r);
}

static int raw_rename(struct store *s, const char *from, const char *to, bool replace)
{
	(void)s;
	(void)replace;
	return fail(ERR_SYS, "%s: nothing on a raw device can be called %s", from, to);
}

static int raw_space(struct store *s, const char *path, uint64_t *bytes)
{
	const struct raw *r = s->own;

	(void)path;
	*bytes = r->size > RAW_HEADER ? r->size - RAW_HEADER : 0;
	return 1;
}

/* 0: what is there may be overwritten */
static int check_old(const struct raw *r)
{
	struct raw_head h;
	char date[RAW_DATE];

	switch (raw_look(r->fd, r->device, &h)) {
	case RAW_DUMP:
		if (!h.complete || h.recovered)
			return 0;
		return fail(ERR_SYS, "%s: holds a dump of %s that was not recovered yet "
			    "(--recover); -f overwrites it", r->device, raw_date(&h, date));
	case RAW_OTHER:
		return fail(ERR_SYS, "%s: holds something else than a dump of ours; -f "
			    "overwrites it", r->device);
	case RAW_BLANK:
	case RAW_BROKEN:
		return 0;
	default:
		return -1;
	}
}

static int raw_create(struct store *s, const char *path)
{
	struct raw *r = s->own;

	if (strcmp(path, r->device) != 0)
		return fail(ERR_SYS, "%s: a raw device holds one dump and nothing else", path);
	if (r->size <= RAW_HEADER + FLAT_HEADER)
		return fail(ERR_FULL, "%s: has only %" PRIu64 " bytes", r->device, r->size);
	if (!s->force && check_old(r))
		return -1;
	r->head = (struct raw_head){ .flat = s->flat, .crc = (uint32_t)crc32_z(0, NULL, 0),
				     .time = time(NULL) };
	r->writing = true;
	/* the old header goes before anything behind it is overwritten */
	return save_for_good(r);
}

static int raw_reopen(struct store *s, const char *path)
{
	(void)s;
	(void)path;
	return 0;
}

/* the next bytes of the stream; what does not fit is cut off */
static int put(struct raw *r, const void *bytes, size_t len)
{
	uint64_t room = r->size - RAW_HEADER - r->head.length;
	size_t fits = len < room ? len : (size_t)room;
	const uint8_t *p = bytes;

	while (fits > 0) {
		ssize_t n = pwrite(r->fd, p, fits, (off_t)(RAW_HEADER + r->head.length));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != ENOSPC)
			return fail_sys("%s: write at %" PRIu64, r->device,
					RAW_HEADER + r->head.length);
		if (n <= 0)
			break;
		r->head.crc = (uint32_t)crc32_z(r->head.crc, p, (size_t)n);
		r->head.length += (uint64_t)n;
		p += n;
		fits -= (size_t)n;
	}
	if (p == (const uint8_t *)bytes + len)
		return 0;
	if (save_for_good(r))
		return -1;
	return fail(ERR_FULL, "%s: is full; %" PRIu64 " bytes are on it, for --recover", r->device,
		    r->head.length);
}

/* a record of the flattened format; its header goes before the first */
static int put_record(struct raw *r, uint64_t at, uint64_t size, const void *bytes, size_t len)
{
	uint8_t header[FLAT_HEADER], record[FLAT_RECORD];

	flat_make_header(header);
	flat_make_record(record, at, size);
	if (r->head.length == 0 && put(r, header, sizeof header))
		return -1;
	return put(r, record, sizeof record) || put(r, bytes, len) ? -1 : 0;
}

static int raw_write(struct store *s, const struct part *p)
{
	struct raw *r = s->own;

	if (r->head.flat) {
		if (put_record(r, p->at, p->len, p->data, p->len))
			return -1;
	} else if (p->at != r->head.length) {
		return fail(ERR_SYS, "%s: byte %" PRIu64 " out of order", r->device, p->at);
	} else if (put(r, p->data, p->len)) {
		return -1;
	}
	if (r->head.length - r->saved >= REWRITE && save(r))
		return -1;
	/* nobody could send it again after this machine has stopped */
	window_acked(s->window, p, true);
	return 0;
}

static int raw_commit(struct store *s)
{
	window_durable(s->window, window_mark(s->window));
	return 0;
}

static int raw_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	(void)s;
	(void)fds;
	return 0;
}

static int raw_service(struct store *s)
{
	(void)s;
	return 0;
}

static ssize_t raw_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	(void)buf;
	(void)len;
	return fail(ERR_SYS, "%s: a stream cannot be read at byte %" PRIu64, s->where, at);
}

static int raw_finish(struct store *s, bool complete)
{
	struct raw *r = s->own;

	if (!r->writing)
		return 0;
	if (complete && r->head.flat && put_record(r, UINT64_MAX, UINT64_MAX, NULL, 0))
		return -1;
	/* the stream first, and only then the word that it is whole */
	if (save_for_good(r))
		return -1;
	r->writing = false;
	r->head.complete = complete;
	return complete ? save_for_good(r) : 0;
}

static int raw_is_ours(struct store *s, const char *path)
{
	const struct raw *r = s->own;

	return strcmp(path, r->device) == 0;
}

const struct store_ops store_raw = {
	.name = "raw",
	.connect = raw_connect,
	.close = raw_close,
	.stat = raw_stat,
	.make_dir = raw_make_dir,
	.remove = raw_remove,
	.rename = raw_rename,
	.space = raw_space,
	.create = raw_create,
	.open = raw_reopen,
	.write = raw_write,
	.commit = raw_commit,
	.poll = raw_poll,
	.service = raw_service,
	.read = raw_read,
	.finish = raw_finish,
	.is_ours = raw_is_ours,
};
