/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open file: written and read with many requests on their way at a time. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "sftp.h"

enum {
	FLAG_READ = 1, FLAG_WRITE = 2, FLAG_CREAT = 8, FLAG_EXCL = 0x20,
	ATTR_MODE = 4,
};

int sftp_open_file(struct sftp *f, const char *path, enum sftp_purpose purpose,
		   struct sftp_status *st)
{
	bool create = purpose == SFTP_CREATE;

	sftp_begin(f, SFTP_OPEN);
	sftp_put_string(f, path, strlen(path));
	sftp_put_u32(f, FLAG_READ | (purpose == SFTP_READ_ONLY ? 0 : FLAG_WRITE) |
			(create ? FLAG_CREAT | FLAG_EXCL : 0));
	sftp_put_u32(f, create ? ATTR_MODE : 0);
	if (create)
		sftp_put_u32(f, S_IFREG | 0600);

	int type = sftp_call(f);

	*st = (struct sftp_status){ 0 };
	if (type < 0)
		return -1;
	if (type != SFTP_IS_HANDLE)
		return sftp_parse_status(&f->answer, (uint8_t)type, st) && st->code != SFTP_OK ?
		       0 : sftp_bad(f, "a file without a handle");

	uint32_t len = cursor_u32(&f->answer);
	const uint8_t *handle = cursor_take(&f->answer, len);

	if (!handle || len == 0 || len > SFTP_HANDLE)
		return sftp_bad(f, "a handle of a wrong length");
	memcpy(f->handle, handle, len);
	f->handle_len = len;
	return 0;
}

int sftp_close_file(struct sftp *f, struct sftp_status *st)
{
	sftp_begin(f, SFTP_CLOSE);
	sftp_put_string(f, f->handle, f->handle_len);
	f->handle_len = 0;
	return sftp_call_status(f, st);
}

int sftp_write(struct sftp *f, const struct part *p)
{
	struct sftp_request *r = sftp_queue(f, SFTP_FOR_WRITE);

	if (!r)
		return -1;
	r->part = *p;
	f->store->in_flight += p->len;
	return 0;
}

int sftp_sync(struct sftp *f)
{
	if (!f->has_fsync) {
		window_durable(f->store->window, window_mark(f->store->window));
		return 0;
	}
	f->store->committing = 1;
	return sftp_queue(f, SFTP_FOR_SYNC) ? 0 : -1;
}

void sftp_drop_queue(struct sftp *f)
{
	while (f->next != f->sending) {
		struct sftp_request *r = &f->request[--f->next % SFTP_REQUESTS];

		if (r->kind == SFTP_FOR_WRITE)
			f->store->in_flight -= r->part.len;
		if (r->kind == SFTP_FOR_SYNC)
			f->store->committing = 0;
		if (r->kind != SFTP_FREE)
			f->waiting--;
		r->kind = SFTP_FREE;
	}
}

/* the first refusal is told; those after it follow from the same fault */
static void refused(struct sftp *f, const struct sftp_status *st, uint32_t len)
{
	if (f->refused)
		return;
	f->refused = true;
	f->refusal = *st;
	f->refused_len = len;
}

int sftp_wrote(struct sftp *f, const struct sftp_request *r, uint8_t type, struct cursor *c)
{
	struct sftp_status st;

	if (!sftp_parse_status(c, type, &st))
		return sftp_bad(f, "a wrong kind of answer to a write");
	f->store->in_flight -= r->part.len;
	if (st.code == SFTP_OK)
		window_acked(f->store->window, &r->part, !f->has_fsync);
	else
		refused(f, &st, r->part.len);
	return 0;
}

int sftp_synced(struct sftp *f, const struct sftp_request *r, uint8_t type, struct cursor *c)
{
	struct sftp_status st;

	if (!sftp_parse_status(c, type, &st))
		return sftp_bad(f, "a wrong kind of answer to a sync");
	f->store->committing = 0;
	if (st.code == SFTP_OK)
		window_durable(f->store->window, r->mark);
	else
		refused(f, &st, 0);
	return 0;
}

/* reading */

/* ask for the next part, of at most read_max bytes */
static int ask(struct sftp *f, uint8_t *to, size_t len, uint64_t at)
{
	struct sftp_request *r = sftp_queue(f, SFTP_FOR_READ);

	if (!r)
		return -1;
	r->to = to;
	r->len = len < f->read_max ? (uint32_t)len : f->read_max;
	r->at = at;
	f->reads++;
	return (int)r->len;
}

static int no_data(struct sftp *f, const struct sftp_request *r, uint8_t type, struct cursor *c)
{
	struct sftp_status st;

	if (!sftp_parse_status(c, type, &st) || st.code == SFTP_OK)
		return sftp_bad(f, "a wrong kind of answer to a read");
	if (st.code == SFTP_EOF) {
		f->read_end = r->at < f->read_end ? r->at : f->read_end;
		return 0;
	}
	f->read_status = st;
	f->read_failed = true;
	return 0;
}

int sftp_got(struct sftp *f, struct sftp_request *r, uint8_t type, struct cursor *c)
{
	f->reads--;
	if (type != SFTP_IS_DATA)
		return no_data(f, r, type, c);

	uint32_t len = cursor_u32(c);
	const uint8_t *data = cursor_take(c, len);

	if (!data || len == 0 || len > r->len)
		return sftp_bad(f, "data of a wrong length");
	memcpy(r->to, data, len);
	r->to += len;
	r->at += len;
	r->len -= len;
	if (r->len == 0 || r->at >= f->read_end)
		return 0;
	/* a short answer need not be the file's end: the rest becomes a request of its own */
	f->more[f->mores++] = *r;
	return 0;
}

/* the rest of short answers */
static int ask_again(struct sftp *f)
{
	while (f->mores > 0) {
		struct sftp_request r = f->more[--f->mores];

		if (ask(f, r.to, r.len, r.at) < 0)
			return -1;
	}
	return 0;
}

static int read_parts(struct sftp *f, uint8_t *to, size_t len, uint64_t at)
{
	size_t asked = 0;

	for (;;) {
		if (ask_again(f))
			return -1;
		while (asked < len && f->reads + f->mores < SFTP_READS &&
		       at + asked < f->read_end && !f->read_failed) {
			int n = ask(f, to + asked, len - asked, at + asked);

			if (n < 0)
				return -1;
			asked += (size_t)n;
		}
		if (f->reads + f->mores == 0)
			return 0;
		if (sftp_step(f))
			return -1;
	}
}

ssize_t sftp_read(struct sftp *f, void *buf, size_t len, uint64_t at, struct sftp_status *st)
{
	uint64_t end;

	*st = (struct sftp_status){ 0 };
	if (__builtin_add_overflow(at, len, &end))
		return fail(ERR_SYS, "a read beyond 2^64");
	f->read_end = end;
	f->reads = f->mores = 0;
	f->read_failed = false;

	int rc = read_parts(f, buf, len, at);

	/* buf is the caller's again, whatever may still come */
	for (unsigned i = 0; i < SFTP_REQUESTS; i++)
		if (f->request[i].kind == SFTP_FOR_READ)
			f->request[i].kind = SFTP_FOR_NOBODY;
	if (rc)
		return -1;
	if (f->read_failed)
		*st = f->read_status;
	return f->read_end > at ? (ssize_t)(f->read_end - at) : 0;
}
