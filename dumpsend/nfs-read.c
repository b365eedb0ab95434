/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading back: all parts are asked for at the same time, in whatever order they come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "nfs-error.h"
#include "nfs-io.h"
#include "store.h"

enum take_state { TAKE_ASK, TAKE_WAIT, TAKE_DONE };

struct nfs_take {
	struct nfs_io *io;
	uint8_t *buf;
	uint64_t at;
	uint32_t len, got;	/* bytes */
	uint64_t due_ms;	/* TAKE_ASK: not before */
	enum take_state state;
};

static void refuse(struct nfs_take *t, int errnum, const char *words)
{
	struct nfs_io *io = t->io;

	t->state = TAKE_DONE;
	if (io->code)
		return;
	nfs_error(io->path, "read", errnum, words, io->conn->as_root);
	io->code = (int)err_code();
	snprintf(io->text, sizeof io->text, "%s", err_text());
}

static void taken(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct nfs_take *t = private;
	struct nfs_reply r;

	(void)rpc;
	t->state = TAKE_ASK;
	if (status != RPC_STATUS_SUCCESS) {
		if (status == RPC_STATUS_ERROR && nfs_error_is_reply(data))
			refuse(t, EIO, data);
		return;
	}
	t->io->wire->taken(data, &r);
	if (r.errnum && nfs_error_is_busy(r.errnum, r.words)) {
		t->due_ms = clock_ms() + NFS_PAUSE_MS;
	} else if (r.errnum) {
		refuse(t, r.errnum, r.words);
	} else if (r.count > t->len - t->got) {
		refuse(t, EPROTO, NULL);
	} else {
		if (r.count > 0)
			memcpy(t->buf + t->got, r.data, r.count);
		t->got += r.count;
		if (r.eof || r.count == 0 || t->got == t->len)
			t->state = TAKE_DONE;
	}
}

/* ask for whatever is due; how many are not yet done, or -1 */
static int ask(struct nfs_io *io, unsigned count, uint64_t *wake_ms)
{
	int left = 0;

	for (unsigned i = 0; i < count; i++) {
		struct nfs_take *t = &io->takes[i];

		/* after a refusal, only what is on its way is waited for */
		if (io->code && t->state == TAKE_ASK)
			t->state = TAKE_DONE;
		left += t->state != TAKE_DONE;
		if (t->state != TAKE_ASK)
			continue;
		if (t->due_ms > clock_ms()) {
			*wake_ms = t->due_ms < *wake_ms ? t->due_ms : *wake_ms;
			continue;
		}
		if (io->wire->read(io->conn->rpc, &io->file, t->at + t->got, t->len - t->got,
				   taken, t)) {
			io->conn->lost = true;	/* answers may still come for the others */
			return fail(ERR_MEMORY, "%s: read: out of memory", io->path);
		}
		t->state = TAKE_WAIT;
	}
	return left;
}

/* bytes that have come so far */
static uint64_t sum_of(const struct nfs_io *io, unsigned count)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += io->takes[i].got;
	return sum;
}

static int take_all(struct nfs_io *io, unsigned count)
{
	uint64_t silent = clock_ms() + io->conn->silence_ms, before = 0;

	for (;;) {
		uint64_t wake = silent, sum;
		int rc = ask(io, count, &wake);

		if (rc < 0)
			return -1;
		if (rc == 0)
			return io->code ? nfs_io_service(io) : 0;
		if (nfs_conn_turn(io->conn, wake) < 0)
			return -1;
		sum = sum_of(io, count);
		if (sum > before) {
			silent = clock_ms() + io->conn->silence_ms;
		} else if (clock_ms() >= silent) {
			io->conn->lost = true;
			return fail(ERR_AGAIN, "%s: no answer for %llu seconds", io->conn->peer,
				    (unsigned long long)io->conn->silence_ms / 1000);
		}
		before = sum;
	}
}

static int make_takes(struct nfs_io *io, unsigned count)
{
	struct nfs_take *more;

	if (count <= io->takes_max)
		return 0;
	more = reallocarray(io->takes, count, sizeof *more);
	if (!more)
		return fail(ERR_MEMORY, "%s: read: out of memory", io->path);
	io->takes = more;
	io->takes_max = count;
	return 0;
}

ssize_t nfs_io_read(struct nfs_io *io, void *buf, size_t len, uint64_t at)
{
	unsigned count = 0;
	size_t done = 0;

	if (len > 1 << 30)
		len = 1 << 30;
	if (make_takes(io, (unsigned)((len + NFS_MEGABYTE - 1) / NFS_MEGABYTE)))
		return -1;
	for (; done < len; count++) {
		uint32_t n = len - done < NFS_MEGABYTE ? (uint32_t)(len - done) : NFS_MEGABYTE;

		io->takes[count] = (struct nfs_take){ .io = io, .buf = (uint8_t *)buf + done,
						      .at = at + done, .len = n };
		done += n;
	}
	if (take_all(io, count))
		return -1;
	done = 0;
	for (unsigned i = 0; i < count; i++) {
		done += io->takes[i].got;
		if (io->takes[i].got < io->takes[i].len)
			break;
	}
	return (ssize_t)done;
}
