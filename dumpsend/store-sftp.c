/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store over SFTP. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "err.h"
#include "say.h"
#include "ssh.h"

static struct sftp *sftp_of(const struct store *s)
{
	return &((struct ssh *)s->own)->sftp;
}

/* the folder that path is in; to be freed */
static char *folder_of(const char *path)
{
	const char *seen = ssh_path(path), *slash = strrchr(seen, '/');

	if (!slash)
		return strdup(".");
	return strndup(seen, slash == seen ? 1 : (size_t)(slash - seen));
}

/* refused, where a new name was to be made */
static int refused_new(struct sftp *f, const char *path, const struct sftp_status *st)
{
	char *folder = folder_of(path);
	int rc = sftp_refused(f, path, st, folder, 0);

	free(folder);
	return rc;
}

/* 1 and *a, 0: not there, -1 */
static int look(struct sftp *f, enum sftp_type how, const char *path, struct sftp_attrs *a)
{
	struct sftp_status st;

	if (sftp_stat(f, how, ssh_path(path), a, &st))
		return -1;
	if (st.code == SFTP_NO_SUCH_FILE)
		return 0;
	return st.code == SFTP_OK ? 1 : sftp_refused(f, path, &st, NULL, 0);
}

static int do_stat(struct store *s, const char *path, struct store_stat *st)
{
	struct sftp_attrs a;
	int rc = look(sftp_of(s), SFTP_STAT, path, &a);

	if (rc == 1)
		*st = (struct store_stat){ .size = a.has_size ? a.size : 0,
					   .is_dir = a.has_mode && S_ISDIR(a.mode) };
	return rc;
}

/* a dump holds all that the machine knew: not for others, whatever the server's umask */
static int keep_private(struct sftp *f, const char *path, uint32_t mode)
{
	struct sftp_attrs a;
	struct sftp_status st;
	int rc = look(f, SFTP_LSTAT, path, &a);

	if (rc <= 0 || !a.has_mode || !(a.mode & 077))
		return rc < 0 ? -1 : 0;
	if (sftp_set_mode(f, ssh_path(path), mode, &st))
		return -1;
	if (st.code != SFTP_OK)
		warn("%s: the server lets others look at it", path);
	return 0;
}

static int do_make_dir(struct store *s, const char *path)
{
	struct sftp *f = sftp_of(s);
	struct sftp_status st;
	struct sftp_attrs a;

	if (sftp_make_dir(f, ssh_path(path), 0700, &st))
		return -1;
	if (st.code == SFTP_OK)
		return keep_private(f, path, 0700);

	int rc = look(f, SFTP_STAT, path, &a);

	if (rc == 1 && a.has_mode && S_ISDIR(a.mode))
		return 0;
	return rc < 0 ? -1 : refused_new(f, path, &st);
}

static int do_remove(struct store *s, const char *path)
{
	struct sftp *f = sftp_of(s);
	struct sftp_status st;

	if (sftp_remove(f, ssh_path(path), &st))
		return -1;
	if (st.code == SFTP_OK || st.code == SFTP_NO_SUCH_FILE)
		return 0;
	return refused_new(f, path, &st);
}

static int do_rename(struct store *s, const char *from, const char *to, bool replace)
{
	struct sftp *f = sftp_of(s);
	struct sftp_status st;
	struct sftp_attrs a;

	if (!replace) {
		/* version 3 does not say so, but OpenSSH's RENAME refuses a name that is taken */
		int rc = look(f, SFTP_LSTAT, to, &a);

		if (rc != 0)
			return rc < 0 ? -1 : fail(ERR_SYS, "%s: exists", to);
	} else if (!f->has_rename && do_remove(s, to)) {
		return -1;
	}
	if (sftp_rename(f, ssh_path(from), ssh_path(to), replace && f->has_rename, &st))
		return -1;
	return st.code == SFTP_OK ? 0 : refused_new(f, to, &st);
}

static int do_space(struct store *s, const char *path, uint64_t *bytes)
{
	struct sftp_space space;
	int rc = sftp_statvfs(sftp_of(s), ssh_path(path), &space);

	if (rc == 1)
		*bytes = space.free;
	return rc;
}

static int do_create(struct store *s, const char *path)
{
	struct sftp *f = sftp_of(s);
	struct sftp_status st;
	struct sftp_attrs a;

	if (ssh_keep_path(s->own, path) || sftp_open_file(f, ssh_path(path), SFTP_CREATE, &st))
		return -1;
	if (st.code == SFTP_OK)
		return keep_private(f, path, 0600);

	int rc = look(f, SFTP_LSTAT, path, &a);

	if (rc == 1)
		return STORE_EXISTS;
	return rc < 0 ? -1 : refused_new(f, path, &st);
}

static int do_open(struct store *s, const char *path)
{
	struct sftp *f = sftp_of(s);
	struct sftp_status st;
	struct sftp_attrs a;
	int rc = look(f, s->reads ? SFTP_STAT : SFTP_LSTAT, path, &a);

	if (rc <= 0)
		return rc;
	if (a.has_mode && !S_ISREG(a.mode))
		return fail(ERR_SYS, "%s: is not a regular file", path);
	if (ssh_keep_path(s->own, path) ||
	    sftp_open_file(f, ssh_path(path), s->reads ? SFTP_READ_ONLY : SFTP_GO_ON, &st))
		return -1;
	if (st.code == SFTP_NO_SUCH_FILE)
		return 0;
	return st.code == SFTP_OK ? 1 : sftp_refused(f, path, &st, NULL, 0);
}

static int do_write(struct store *s, const struct part *p)
{
	return sftp_write(sftp_of(s), p);
}

static int do_commit(struct store *s)
{
	return s->committing ? 0 : sftp_sync(sftp_of(s));
}

static int do_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	struct sftp *f = sftp_of(s);

	/* what was queued goes out before anybody sleeps; a failure comes again in service() */
	if (!f->broken)
		sftp_push(f);
	return f->channel->ops->poll(f->channel, fds);
}

/* a write or a sync was refused: say why, and send no more of what waits */
static int tell_refusal(struct store *s)
{
	const struct ssh *h = s->own;
	struct sftp *f = sftp_of(s);
	struct sftp_status st = f->refusal;

	f->refused = false;
	sftp_drop_queue(f);
	return sftp_refused(f, h->path, &st, ssh_path(h->path), f->refused_len);
}

static int do_service(struct store *s)
{
	struct sftp *f = sftp_of(s);
	int rc = sftp_pump(f);

	if (rc < 0)
		return -1;
	if (f->refused)
		return tell_refusal(s);
	if (rc == 0 && f->waiting > 0 && clock_left(f->alive_ms + s->options->silence_ms) == 0)
		return fail(ERR_AGAIN, "%s: the server has been silent for %" PRIu64 " s",
			    s->target->host, s->options->silence_ms / 1000);
	return 0;
}

static ssize_t do_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	const struct ssh *h = s->own;
	struct sftp *f = sftp_of(s);
	struct sftp_status st;
	ssize_t n = sftp_read(f, buf, len, at, &st);

	if (n < 0 || st.code == SFTP_OK)
		return n;
	return sftp_refused(f, h->path, &st, NULL, 0);
}

static int do_finish(struct store *s, bool complete)
{
	struct ssh *h = s->own;
	struct sftp *f = sftp_of(s);
	struct sftp_status st;

	(void)complete;
	if (f->refused)
		return tell_refusal(s);
	if (f->handle_len == 0)
		return 0;
	if (sftp_stat(f, SFTP_FSTAT, NULL, &h->last, &st))
		return -1;
	h->has_last = st.code == SFTP_OK;
	if (sftp_close_file(f, &st))
		return -1;
	return st.code == SFTP_OK ? 0 : sftp_refused(f, h->path, &st, ssh_path(h->path), 0);
}

static int do_is_ours(struct store *s, const char *path)
{
	struct ssh *h = s->own;
	struct sftp *f = sftp_of(s);
	struct sftp_attrs a;
	struct sftp_status st;

	if (f->handle_len > 0) {
		if (sftp_stat(f, SFTP_FSTAT, NULL, &h->last, &st))
			return -1;
		h->has_last = st.code == SFTP_OK;
	}

	int rc = look(f, SFTP_LSTAT, path, &a);

	if (rc <= 0 || !h->has_last)
		return rc < 0 ? -1 : 0;
	return a.has_size == h->last.has_size && a.size == h->last.size &&
	       a.has_mtime == h->last.has_mtime && a.mtime == h->last.mtime;
}

const struct store_ops store_sftp = {
	.name = "sftp",
	.connect = ssh_connect,
	.close = ssh_close,
	.stat = do_stat,
	.make_dir = do_make_dir,
	.remove = do_remove,
	.rename = do_rename,
	.space = do_space,
	.create = do_create,
	.open = do_open,
	.write = do_write,
	.commit = do_commit,
	.poll = do_poll,
	.service = do_service,
	.read = do_read,
	.finish = do_finish,
	.is_ours = do_is_ours,
	.sha256 = ssh_sha256,
};
