/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unstable writes and commits (RFC 1813 4.8, the same in RFC 7530). A server gives
 * its write verifier with every answer; as long as it stays the same, a commit makes
 * durable all that was written before. A server that was restarted, or lost cached
 * data otherwise, has a new one: then all that was not yet durable is sent again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "nfs-error.h"
#include "nfs-io.h"
#include "store.h"

struct nfs_piece {
	struct nfs_io *io;
	struct part part;		/* what of it is still to be acknowledged */
	struct nfs_piece *next;		/* in spare or again */
	struct nfs_piece *older;	/* in pieces */
};

void nfs_io_open(struct nfs_io *io, struct store *s, struct nfs_conn *conn,
		 const struct nfs_wire *wire)
{
	*io = (struct nfs_io){ .s = s, .conn = conn, .wire = wire, .path = "file" };
}

void nfs_io_close(struct nfs_io *io)
{
	while (io->pieces) {
		struct nfs_piece *p = io->pieces;

		io->pieces = p->older;
		free(p);
	}
	free(io->takes);
	*io = (struct nfs_io){ 0 };
}

/* what fail() was just called with is for service() to tell; the first of several */
static void keep_failure(struct nfs_io *io)
{
	if (io->code)
		return;
	io->code = (int)err_code();
	snprintf(io->text, sizeof io->text, "%s", err_text());
}

static void keep_refusal(struct nfs_io *io, const char *what, const struct nfs_reply *r)
{
	nfs_error(io->path, what, r->errnum, r->words, io->conn->as_root);
	keep_failure(io);
}

/*
 * A call that was never looked at. When a connection breaks, libnfs ends every call
 * in this way before it says so: nfs_conn_service() will tell of that.
 */
static void keep_broken(struct nfs_io *io, const char *what, int status, const char *words)
{
	struct nfs_reply r = { .errnum = EIO, .words = words };

	if (status == RPC_STATUS_ERROR && nfs_error_is_reply(words))
		keep_refusal(io, what, &r);
}

static void put_back(struct nfs_io *io, struct nfs_piece *p)
{
	p->next = io->spare;
	io->spare = p;
}

/* once more; at once, or after a while */
static void resend(struct nfs_io *io, struct nfs_piece *p, bool busy)
{
	p->next = io->again;
	io->again = p;
	io->again_ms = busy ? clock_ms() + NFS_PAUSE_MS : 0;
}

/* may what the server says it has be counted? If not, all is sent again */
static bool is_same_server(struct nfs_io *io, const char *verifier)
{
	struct window *w = io->s->window;

	if (!io->has_verifier || io->verified != w->epoch) {
		memcpy(io->verifier, verifier, NFS_VERIFIER);
		io->verified = w->epoch;
		io->has_verifier = true;
		return true;
	}
	if (memcmp(io->verifier, verifier, NFS_VERIFIER) == 0)
		return true;
	window_again(w);
	return false;
}

static void take_written(struct nfs_io *io, struct nfs_piece *p, const struct nfs_reply *r)
{
	struct part *part = &p->part, head = *part;

	if (r->count > part->len) {
		fail(ERR_SYS, "%s: write: the server took %u bytes of %u", io->path, r->count,
		     part->len);
		keep_failure(io);
		io->s->in_flight -= part->len;
		put_back(io, p);
		return;
	}
	head.len = r->count;
	io->s->in_flight -= head.len;
	/* of what was sent before all began anew, nothing is to be learnt */
	if (part->epoch == io->s->window->epoch &&
	    (r->stable || is_same_server(io, r->verifier)) && head.len > 0)
		window_acked(io->s->window, &head, r->stable);
	if (head.len == part->len) {
		put_back(io, p);
		return;
	}
	part->at += head.len;
	part->data += head.len;
	part->len -= head.len;
	/* one that takes nothing at all is not asked without a pause */
	resend(io, p, head.len == 0);
}

static void written(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct nfs_piece *p = private;
	struct nfs_io *io = p->io;
	struct nfs_reply r;

	(void)rpc;
	if (status != RPC_STATUS_SUCCESS) {
		keep_broken(io, "write", status, data);
		io->s->in_flight -= p->part.len;
		put_back(io, p);
		return;
	}
	io->wire->written(data, &r);
	if (r.errnum == 0) {
		take_written(io, p, &r);
	} else if (nfs_error_is_busy(r.errnum, r.words)) {
		resend(io, p, true);
	} else {
		keep_refusal(io, "write", &r);
		io->s->in_flight -= p->part.len;
		put_back(io, p);
	}
}

static int send_piece(struct nfs_io *io, struct nfs_piece *p)
{
	const struct part *part = &p->part;

	if (io->wire->write(io->conn->rpc, &io->file, part->at, part->data, part->len, written, p))
		return fail(ERR_MEMORY, "%s: write: out of memory", io->path);
	return 0;
}

int nfs_io_write(struct nfs_io *io, const struct part *part)
{
	struct nfs_piece *p = io->spare;

	if (p) {
		io->spare = p->next;
	} else {
		p = malloc(sizeof *p);
		if (!p)
			return fail(ERR_MEMORY, "%s: write: out of memory", io->path);
		p->io = io;
		p->older = io->pieces;
		io->pieces = p;
	}
	p->part = *part;
	if (send_piece(io, p)) {
		put_back(io, p);
		return -1;
	}
	io->s->in_flight += part->len;
	return 0;
}

static void landed(struct nfs_commit *c)
{
	c->flying = false;
	c->io->s->committing--;
}

static void committed(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct nfs_commit *c = private;
	struct nfs_io *io = c->io;
	struct window *w = io->s->window;
	struct nfs_reply r;

	(void)rpc;
	if (status != RPC_STATUS_SUCCESS) {
		landed(c);
		keep_broken(io, "commit", status, data);
		return;
	}
	io->wire->committed(data, &r);
	if (r.errnum && nfs_error_is_busy(r.errnum, r.words)) {
		c->again = true;
		io->again_ms = clock_ms() + NFS_PAUSE_MS;
		return;
	}
	landed(c);
	if (r.errnum)
		keep_refusal(io, "commit", &r);
	else if (c->mark.epoch == w->epoch && is_same_server(io, r.verifier))
		window_durable(w, c->mark);
}

static int send_commit(struct nfs_commit *c)
{
	struct nfs_io *io = c->io;

	c->mark = window_mark(io->s->window);
	if (io->wire->commit(io->conn->rpc, &io->file, committed, c))
		return fail(ERR_MEMORY, "%s: commit: out of memory", io->path);
	return 0;
}

int nfs_io_commit(struct nfs_io *io)
{
	for (int i = 0; i < NFS_COMMITS; i++) {
		struct nfs_commit *c = &io->commits[i];

		if (c->flying)
			continue;
		*c = (struct nfs_commit){ .io = io };
		if (send_commit(c))
			return -1;
		c->flying = true;
		io->s->committing++;
		break;
	}
	return 0;
}

static int send_again(struct nfs_io *io)
{
	struct nfs_piece *p;

	if (io->again_ms > 0 && clock_ms() < io->again_ms)
		return 0;
	while ((p = io->again)) {
		io->again = p->next;
		if (p->part.epoch != io->s->window->epoch) {
			io->s->in_flight -= p->part.len;
			put_back(io, p);
		} else if (send_piece(io, p)) {
			resend(io, p, true);
			return -1;
		}
	}
	for (int i = 0; i < NFS_COMMITS; i++) {
		struct nfs_commit *c = &io->commits[i];

		if (!c->again)
			continue;
		c->again = false;
		if (send_commit(c)) {
			landed(c);
			return -1;
		}
	}
	io->again_ms = 0;
	return 0;
}

int nfs_io_service(struct nfs_io *io)
{
	int code = io->code;

	if (code) {
		io->code = 0;
		return fail((enum err)code, "%s", io->text);
	}
	return send_again(io);
}
