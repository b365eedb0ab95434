/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NFS store: libnfs' own calls for names, our raw ones (nfs-io.c) for bytes.
 *
 * A file is opened only to get its handle and closed at once. NFSv3 knows no open
 * files anyway, and for NFSv4 nfs-wire4.c says why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "nfs-attr4.h"
#include "nfs-conn.h"
#include "nfs-error.h"
#include "nfs-io.h"
#include "nfs-mount.h"
#include "say.h"
#include "store.h"

/* what nfs_get_fh() returns; libnfs (4.0 to 5.0) does not say so in a header */
struct nfs_fh {
	int len;
	char *val;
};

struct nfs {
	struct nfs_conn conn;
	struct nfs_mount mount;
	struct nfs_io io;
	char *path;		/* of the open file */
};

static void op_close(struct store *s)
{
	struct nfs *n = s->own;

	s->own = NULL;
	s->in_flight = 0;
	s->committing = 0;
	if (!n)
		return;
	nfs_conn_close(&n->conn);
	nfs_io_close(&n->io);
	free(n->mount.export);
	free(n->path);
	free(n);
	s->in_flight = 0;
	s->committing = 0;
}

/* the version that worked before, when this is not the first connection */
static unsigned spoken_before(const struct store *s)
{
	const char *v = strstr(s->where, ", NFSv");

	return v ? (unsigned)(v[6] - '0') : 0;
}

static void introduce(struct store *s, const struct nfs *n)
{
	unsigned before = spoken_before(s);
	uint64_t most = n->mount.version == 3 ? nfs_get_writemax(n->conn.ctx) : NFS_MEGABYTE;

	s->write_max = n->io.wire->write_max;
	if (most < s->write_max)
		s->write_max = (uint32_t)most;
	s->flight_max = n->io.wire->flight_max;
	s->sequential = false;
	s->commits_max = NFS_COMMITS;
	s->can_sync = true;
	if (before == 0 && n->mount.version == 4 && s->write_max < 65536)
		info("%s: libnfs 4 writes NFSv4 in pieces of %u bytes: NFSv3 is much faster",
		     s->target->host, s->write_max);
	snprintf(s->where, sizeof s->where, "nfs://%.50s%.50s, NFSv%u", s->target->host,
		 n->mount.export, n->mount.version);
}

static int op_connect(struct store *s)
{
	struct nfs *n = calloc(1, sizeof *n);

	op_close(s);
	if (!n)
		return fail(ERR_MEMORY, "%s: out of memory", s->target->host);
	s->own = n;
	if (nfs_mount_any(&n->conn, s, spoken_before(s), &n->mount)) {
		op_close(s);
		return -1;
	}
	net_guard(nfs_get_fd(n->conn.ctx), s->options->silence_ms);
	nfs_io_open(&n->io, s, &n->conn, n->mount.version == 3 ? &nfs_wire3 : &nfs_wire4);
	introduce(s, n);
	return 0;
}

/*
 * The path within the export, "/" for the export itself and for what it lies in; NULL
 * after fail() for one that is elsewhere.
 */
static const char *within(const struct nfs *n, const char *path)
{
	int len = nfs_mount_prefix(n->mount.export, path);

	if (len >= 0)
		return path[len] ? path + len : "/";
	if (nfs_mount_prefix(path, n->mount.export) >= 0)
		return "/";
	fail(ERR_SYS, "%s: does not lie in the export %s", path, n->mount.export);
	return NULL;
}

/* ask about one path: 0 and the connection's status; -1 */
static int ask(struct nfs *n, enum nfs_verb verb, const char *path, void *answer, size_t size)
{
	struct nfs_ask a = { .verb = verb, .path = within(n, path), .answer = answer,
			     .size = size };

	return a.path ? nfs_conn_ask(&n->conn, &a) : -1;
}

static int op_stat(struct store *s, const char *path, struct store_stat *st)
{
	struct nfs *n = s->own;
	struct nfs_stat_64 found = { 0 };

	if (ask(n, NFS_STAT, path, &found, sizeof found))
		return -1;
	if (n->conn.status == -ENOENT)
		return 0;
	if (n->conn.status < 0)
		return nfs_conn_refused(&n->conn, path, "stat");
	st->size = found.nfs_size;
	st->is_dir = S_ISDIR(found.nfs_mode);
	return 1;
}

static int op_make_dir(struct store *s, const char *path)
{
	struct nfs *n = s->own;
	struct store_stat st;
	int rc;

	/* first, as a server may refuse one that is there because it is read-only, or not ours */
	rc = op_stat(s, path, &st);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return st.is_dir ? 0 : fail(ERR_SYS, "%s: is not a folder", path);
	if (ask(n, NFS_MKDIR, path, NULL, 0))
		return -1;
	/* the tree of names that leads to NFSv4's exports, and hides those of others */
	if (n->mount.version == 4 && n->conn.status == -EROFS)
		return fail(ERR_SYS, "%s: make folder: read-only on the server, or in no export"
			    " that this host may see", path);
	/* another of those that come back at the same time may have made it */
	if (n->conn.status < 0 && n->conn.status != -EEXIST)
		return nfs_conn_refused(&n->conn, path, "make folder");
	return 0;
}

static int op_remove(struct store *s, const char *path)
{
	struct nfs *n = s->own;

	if (ask(n, NFS_UNLINK, path, NULL, 0))
		return -1;
	if (n->conn.status < 0 && n->conn.status != -ENOENT)
		return nfs_conn_refused(&n->conn, path, "remove");
	return 0;
}

static int op_rename(struct store *s, const char *from, const char *to, bool replace)
{
	struct nfs *n = s->own;
	struct nfs_stat_64 found;
	struct nfs_ask a = { .verb = NFS_RENAME, .path = within(n, from), .to = within(n, to) };

	if (!a.path || !a.to)
		return -1;
	if (!replace) {
		if (ask(n, NFS_LSTAT, to, &found, sizeof found))
			return -1;
		if (n->conn.status >= 0)
			return fail(ERR_SYS, "%s: exists", to);
		if (n->conn.status != -ENOENT)
			return nfs_conn_refused(&n->conn, to, "stat");
	}
	if (nfs_conn_ask(&n->conn, &a))
		return -1;
	return n->conn.status < 0 ? nfs_conn_refused(&n->conn, to, "rename") : 0;
}

static int op_space(struct store *s, const char *path, uint64_t *bytes)
{
	struct nfs *n = s->own;
	struct nfs_statvfs_64 v = { 0 };
	struct nfs_attr4 found;

	if (n->mount.version == 4) {
		if (nfs_attr4_ask(&n->conn, NULL, path, &found))
			return -1;
		*bytes = found.space;
		return found.has_space;
	}
	if (ask(n, NFS_STATVFS, path, &v, sizeof v))
		return -1;
	if (n->conn.status < 0 || v.f_blocks == 0 || v.f_frsize == 0)
		return 0;
	if (__builtin_mul_overflow(v.f_bavail, v.f_frsize, bytes))
		*bytes = UINT64_MAX;
	return 1;
}

/* the handle of the file that was just opened, and close it: 0 or -1 */
static int take_handle(struct nfs *n, const char *path, struct nfs_handle *h)
{
	struct nfsfh *file = n->conn.file;
	const struct nfs_fh *fh = nfs_get_fh(file);
	struct nfs_ask a = { .verb = NFS_CLOSE, .path = path, .file = file };

	h->len = 0;
	if (fh->len > 0 && fh->len <= NFS_HANDLE) {
		memcpy(h->data, fh->val, (size_t)fh->len);
		h->len = (uint32_t)fh->len;
	}
	/* what the server says to it does not matter: the handle stays good */
	if (nfs_conn_ask(&n->conn, &a))
		return -1;
	return h->len > 0 ? 0 : fail(ERR_SYS, "%s: the server's file handle has %d bytes", path,
				     fh->len);
}

/* from now on path is the open file */
static int begin_file(struct store *s, const char *path)
{
	struct nfs *n = s->own;
	struct nfs_attr4 found = { 0 };

	free(n->path);
	n->path = strdup(path);
	if (!n->path)
		return fail(ERR_MEMORY, "%s: out of memory", path);
	n->io.path = n->path;
	if (take_handle(n, path, &n->io.file))
		return -1;
	/* NFSv3 has told when the export was mounted */
	if (n->mount.version == 4 && nfs_attr4_ask(&n->conn, &n->io.file, NULL, &found))
		return -1;
	if (found.write_max >= 512 && found.write_max < s->write_max)
		s->write_max = (uint32_t)found.write_max;
	return 0;
}

static int op_create(struct store *s, const char *path)
{
	struct nfs *n = s->own;

	if (ask(n, NFS_CREATE, path, NULL, 0))
		return -1;
	if (n->conn.status == -EEXIST)
		return STORE_EXISTS;
	if (n->conn.status == -ENOENT)
		return fail(ERR_SYS, "%s: create: its folder is not there", path);
	if (n->conn.status < 0)
		return nfs_conn_refused(&n->conn, path, "create");
	return begin_file(s, path);
}

static int op_open(struct store *s, const char *path)
{
	struct nfs *n = s->own;

	if (ask(n, s->reads ? NFS_LOOK : NFS_OPEN, path, NULL, 0))
		return -1;
	if (n->conn.status == -ENOENT)
		return 0;
	if (n->conn.status < 0)
		return nfs_conn_refused(&n->conn, path, "open");
	return begin_file(s, path) ? -1 : 1;
}

static int op_write(struct store *s, const struct part *p)
{
	struct nfs *n = s->own;

	return nfs_io_write(&n->io, p);
}

static int op_commit(struct store *s)
{
	struct nfs *n = s->own;

	return nfs_io_commit(&n->io);
}

static int op_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	struct nfs *n = s->own;

	fds[0] = (struct pollfd){ .fd = nfs_get_fd(n->conn.ctx),
				  .events = (short)nfs_which_events(n->conn.ctx) };
	return 1;
}

static int op_service(struct store *s)
{
	struct nfs *n = s->own;
	struct pollfd fd[STORE_FDS];

	/* what was sent again is on its way before this returns */
	if (nfs_io_service(&n->io))
		return -1;
	op_poll(s, fd);
	if (n->conn.lost || fd[0].fd < 0)
		return fail(ERR_AGAIN, "%s: the connection is lost", n->conn.peer);
	if (poll(fd, 1, 0) <= 0)
		return 0;
	if (nfs_conn_service(&n->conn, fd[0].revents))
		return -1;
	return nfs_io_service(&n->io);
}

static ssize_t op_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	struct nfs *n = s->own;

	return nfs_io_read(&n->io, buf, len, at);
}

/* nothing of it is open on the server */
static int op_finish(struct store *s, bool complete)
{
	(void)s;
	(void)complete;
	return 0;
}

static int op_is_ours(struct store *s, const char *path)
{
	struct nfs *n = s->own;
	struct nfs_handle h;

	if (ask(n, NFS_LOOK, path, NULL, 0))
		return -1;
	if (n->conn.status == -ENOENT)
		return 0;
	if (n->conn.status < 0)
		return nfs_conn_refused(&n->conn, path, "open");
	if (take_handle(n, path, &h))
		return -1;
	return h.len == n->io.file.len && memcmp(h.data, n->io.file.data, h.len) == 0;
}

const struct store_ops store_nfs = {
	.name = "nfs",
	.connect = op_connect,
	.close = op_close,
	.stat = op_stat,
	.make_dir = op_make_dir,
	.remove = op_remove,
	.rename = op_rename,
	.space = op_space,
	.create = op_create,
	.open = op_open,
	.write = op_write,
	.commit = op_commit,
	.poll = op_poll,
	.service = op_service,
	.read = op_read,
	.finish = op_finish,
	.is_ours = op_is_ours,
};
