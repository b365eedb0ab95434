/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "nfs-conn.h"
#include "nfs-error.h"
#include "stop.h"
#include "store.h"

/* what a server or libnfs says, fit for one line */
static void keep_words(struct nfs_conn *c, const char *words)
{
	snprintf(c->words, sizeof c->words, "%s", words ? words : "");
	for (char *p = c->words; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

static void begin(struct nfs_conn *c, const struct store *s, const char *address)
{
	int64_t uid = s->target->uid;

	*c = (struct nfs_conn){ .silence_ms = s->options->silence_ms,
				.as_root = uid >= 0 ? uid == 0 : geteuid() == 0 };
	snprintf(c->peer, sizeof c->peer, "%s", address);
}

int nfs_conn_open(struct nfs_conn *c, const struct store *s, const char *address,
		  unsigned version)
{
	const struct target *t = s->target;
	struct nfs_url *url;
	char text[128];

	begin(c, s, address);
	c->ctx = nfs_init_context();
	if (!c->ctx)
		return fail(ERR_MEMORY, "%s: out of memory", address);
	c->rpc = nfs_get_rpc_context(c->ctx);
	if (t->uid >= 0)
		nfs_set_uid(c->ctx, (int)t->uid);
	if (t->gid >= 0)
		nfs_set_gid(c->ctx, (int)t->gid);
	/* the only way to these in libnfs 4; a nested export that is denied would fail the mount */
	snprintf(text, sizeof text, "nfs://server/?version=%u&nfsport=%u&mountport=%u&"
		 "auto-traverse-mounts=0&autoreconnect=0&dircache=0", version, t->port,
		 t->mountport);
	url = nfs_parse_url_incomplete(c->ctx, text);
	if (!url)
		return fail(ERR_MEMORY, "%s: out of memory", address);
	nfs_destroy_url(url);
	return 0;
}

int nfs_conn_open_rpc(struct nfs_conn *c, const struct store *s, const char *address)
{
	begin(c, s, address);
	c->rpc = rpc_init_context();
	return c->rpc ? 0 : fail(ERR_MEMORY, "%s: out of memory", address);
}

void nfs_conn_close(struct nfs_conn *c)
{
	c->lost = true;
	if (c->ctx)
		nfs_destroy_context(c->ctx);
	else if (c->rpc)
		rpc_destroy_context(c->rpc);
	c->ctx = NULL;
	c->rpc = NULL;
}

/* libnfs puts errno in brackets behind its own words: take only that */
static int errno_of(const char *words)
{
	const char *p = words ? strrchr(words, '(') : NULL;
	int n = p ? atoi(p + 1) : 0;

	return n > 0 && n < 200 ? n : 0;
}

static int lose(struct nfs_conn *c, int errnum)
{
	c->lost = true;
	return fail(ERR_AGAIN, "%s: %s", c->peer, errnum ? strerror(errnum) :
		    "the server closed the connection");
}

int nfs_conn_service(struct nfs_conn *c, int revents)
{
	const char *before = rpc_get_error(c->rpc), *after;
	socklen_t len = sizeof(int);
	int errnum = 0;

	/* libnfs forgets which error it was */
	if ((revents & POLLERR) &&
	    getsockopt(rpc_get_fd(c->rpc), SOL_SOCKET, SO_ERROR, &errnum, &len))
		errnum = errno;
	if (rpc_service(c->rpc, revents) >= 0)
		return 0;
	/* of a connection that the server closed, it says nothing: the old words stay */
	after = rpc_get_error(c->rpc);
	if (errnum == 0 && after != before)
		errnum = errno_of(after);
	return lose(c, errnum);
}

int nfs_conn_turn(struct nfs_conn *c, uint64_t deadline_ms)
{
	struct pollfd fd;
	int rc;

	if (c->lost)
		return fail(ERR_AGAIN, "%s: the connection is lost", c->peer);
	fd = (struct pollfd){ .fd = rpc_get_fd(c->rpc) };
	if (fd.fd < 0)
		return lose(c, errno_of(rpc_get_error(c->rpc)));
	fd.events = (short)rpc_which_events(c->rpc);
	rc = net_wait(&fd, 1, deadline_ms);
	if (rc < 0)
		c->lost = true;
	if (rc <= 0)
		return rc;
	return nfs_conn_service(c, fd.revents) ? -1 : 1;
}

void nfs_conn_expect(struct nfs_conn *c, void *answer, size_t size)
{
	c->done = false;
	c->status = 0;
	c->words[0] = '\0';
	c->answer = answer;
	c->size = size;
	c->file = NULL;
}

void nfs_conn_answered(int status, struct nfs_context *ctx, void *data, void *conn)
{
	struct nfs_conn *c = conn;

	c->done = true;
	c->status = status;
	if (status < 0)
		/* an RPC that went wrong has its own words, or none */
		keep_words(c, status == -EFAULT ? data : nfs_get_error(ctx));
	else if (!c->answer)
		c->file = data;
	else if (data)
		memcpy(c->answer, data, c->size);
}

void nfs_conn_rpc_answered(struct rpc_context *rpc, int status, void *data, void *conn)
{
	struct nfs_conn *c = conn;

	(void)rpc;
	c->done = true;
	c->status = status == RPC_STATUS_SUCCESS ? 0 :
		    status == RPC_STATUS_ERROR ? -EFAULT : -EINTR;
	if (c->status == -EFAULT)
		keep_words(c, data);
}

int nfs_conn_wait(struct nfs_conn *c, uint64_t deadline_ms)
{
	while (!c->done) {
		int rc = nfs_conn_turn(c, deadline_ms);

		if (rc < 0)
			return -1;
		/* a socket that is always ready is not an answer */
		if (rc > 0 && (c->done || clock_ms() < deadline_ms))
			continue;
		c->lost = true;
		return fail(ERR_AGAIN, "%s: no answer in time", c->peer);
	}
	/* a connection that breaks ends every call with an error: that is not the answer */
	return c->lost ? fail(ERR_AGAIN, "%s: the connection is lost", c->peer) : 0;
}

static int start(struct nfs_conn *c, const struct nfs_ask *a)
{
	struct nfs_context *ctx = c->ctx;
	const char *path = a->path;

	switch (a->verb) {
	case NFS_STAT:
		return nfs_stat64_async(ctx, path, nfs_conn_answered, c);
	case NFS_LSTAT:
		return nfs_lstat64_async(ctx, path, nfs_conn_answered, c);
	case NFS_STATVFS:
		return nfs_statvfs64_async(ctx, path, nfs_conn_answered, c);
	case NFS_MKDIR:
		return nfs_mkdir2_async(ctx, path, 0700, nfs_conn_answered, c);
	case NFS_UNLINK:
		return nfs_unlink_async(ctx, path, nfs_conn_answered, c);
	case NFS_RENAME:
		return nfs_rename_async(ctx, path, a->to, nfs_conn_answered, c);
	case NFS_CREATE:
		return nfs_create_async(ctx, path, O_RDWR | O_EXCL, 0600, nfs_conn_answered, c);
	case NFS_OPEN:
		return nfs_open_async(ctx, path, O_RDWR, nfs_conn_answered, c);
	case NFS_LOOK:
		return nfs_open_async(ctx, path, O_RDONLY, nfs_conn_answered, c);
	case NFS_CLOSE:
		return nfs_close_async(ctx, a->file, nfs_conn_answered, c);
	}
	return -1;
}

int nfs_conn_ask(struct nfs_conn *c, const struct nfs_ask *a)
{
	uint64_t deadline = clock_ms() + c->silence_ms;

	for (;;) {
		if (c->lost)
			return fail(ERR_AGAIN, "%s: the connection is lost", c->peer);
		nfs_conn_expect(c, a->answer, a->size);
		if (start(c, a))
			return fail(ERR_MEMORY, "%s: out of memory", c->peer);
		if (nfs_conn_wait(c, deadline))
			return -1;
		if (c->status >= 0 || !nfs_error_is_busy(-c->status, c->words))
			return 0;

		uint64_t later = clock_ms() + NFS_PAUSE_MS;

		if (later >= deadline)
			return 0;
		/* other answers may come meanwhile */
		while (clock_ms() < later)
			if (nfs_conn_turn(c, later) < 0)
				return -1;
	}
}

int nfs_conn_refused(const struct nfs_conn *c, const char *path, const char *what)
{
	return nfs_error(path, what, -c->status, c->words, c->as_root);
}
