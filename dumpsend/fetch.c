/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "err.h"
#include "fetch.h"
#include "out.h"
#include "say.h"
#include "stop.h"

enum { PIECE = 1 << 20 };	/* bytes read at a time */

struct fetched {
	uint8_t *bytes;
	size_t len;
};

static int read_all(struct store *s, const char *path, struct fetched *f)
{
	size_t done = 0;

	while (done < f->len) {
		size_t want = f->len - done < PIECE ? f->len - done : PIECE;
		ssize_t n = s->ops->read(s, f->bytes + done, want, done);

		if (n < 0 || stop_check())
			return -1;
		if (n == 0)
			return fail(ERR_AGAIN, "%s: has become shorter while it was read", path);
		done += (size_t)n;
	}
	return 0;
}

static int not_there(const char *path)
{
	return fail(ERR_UNKNOWN, "%s: is not there", path);
}

static int read_file(struct store *s, const char *path, uint64_t limit, struct fetched *f)
{
	struct store_stat st;
	int rc;

	if (s->ops->connect(s))
		return -1;
	info("%s: connected", s->where);
	rc = s->ops->stat(s, path, &st);
	if (rc <= 0)
		return rc < 0 ? -1 : not_there(path);
	if (st.is_dir)
		return fail(ERR_SYS, "%s: is a folder", path);
	if (st.size > limit)
		return fail(ERR_SYS, "%s: has %" PRIu64 " bytes, %" PRIu64 " may be fetched: see "
			    "--limit-size", path, st.size, limit);
	f->len = (size_t)st.size;
	f->bytes = malloc(f->len + 1);
	if (!f->bytes)
		return fail_sys("%s", path);
	rc = s->ops->open(s, path);
	if (rc <= 0)
		return rc < 0 ? -1 : not_there(path);
	return read_all(s, path, f);
}

/* stopped before there was anything: by the time limit, or by a signal */
static int nothing_came(const struct deliver_options *o)
{
	if (err_code() != ERR_STOPPED)
		return -1;
	if (clock_ms() >= o->deadline_ms)
		return fail(ERR_AGAIN, "the time limit is over; nothing was fetched");
	return fail(ERR_SYS, "stopped; nothing was fetched");
}

static int put(const struct fetched *f, const char *file, bool force)
{
	struct out out;
	int rc;

	if (out_open_stream(&out, file, force))
		return -1;
	rc = out_write(&out, f->bytes, f->len) || out_commit(&out) ? -1 : 0;
	if (rc && out.kind == OUT_FILE && out.temp)
		out_discard(&out);
	out_close(&out);
	return rc;
}

int fetch(const struct target *t, const char *path, const struct deliver_options *o,
	  uint64_t limit, const char *file)
{
	struct cargo none = { .in.as_is = true };
	struct fetched f = { 0 };
	struct delivery d;
	int rc;

	if (t->kind == TARGET_RAW)
		return fail(ERR_USAGE, "what is on a raw device is fetched by --recover");
	if (deliver_open(&d, t, path, &none, NULL, o))
		return -1;
	d.store.window = NULL;
	d.store.reads = true;
	if (o->deadline_ms != UINT64_MAX)
		stop_after((uint64_t)clock_left(o->deadline_ms));
	rc = read_file(&d.store, path, limit, &f) ? nothing_came(o) : 0;
	deliver_close(&d);
	if (rc == 0)
		rc = put(&f, file, o->force);
	free(f.bytes);
	return rc;
}
