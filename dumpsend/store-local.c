/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of this machine. What was written counts as durable at once: should the
 * machine die, there is nobody left to send it again. It is on the disk when finish()
 * has come back, and its name when rename() has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "disk.h"
#include "err.h"
#include "num.h"
#include "store.h"

enum { WRITE = 1 << 20 };	/* bytes */

struct local {
	int fd;			/* of the file that is open, or was last; -1: none */
	struct stat file;	/* its device and inode */
	char *path;		/* its name when it was opened, for messages */
	bool unsynced;		/* written to since it was last synced */
};

static int local_connect(struct store *s)
{
	struct local *l = calloc(1, sizeof *l);

	if (!l)
		return fail_sys("%s", s->target->path);
	l->fd = -1;
	s->own = l;
	snprintf(s->where, sizeof s->where, "%s", s->target->text);
	s->write_max = s->flight_max = WRITE;
	s->sequential = false;
	s->can_sync = true;
	return 0;
}

static void let_go(struct local *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	l->fd = -1;
	l->path = NULL;
}

static void local_close(struct store *s)
{
	if (s->own)
		let_go(s->own);
	free(s->own);
	s->own = NULL;
}

static int local_stat(struct store *s, const char *path, struct store_stat *st)
{
	struct stat got;

	(void)s;
	/* a link that leads nowhere is as much in the way as a file */
	if (stat(path, &got) && lstat(path, &got))
		return errno == ENOENT ? 0 : fail_sys("%s", path);
	if (S_ISBLK(got.st_mode))
		return fail(ERR_SYS, "%s: is a block device: raw:%s writes to it", path, path);
	if (!S_ISREG(got.st_mode) && !S_ISDIR(got.st_mode) && !S_ISLNK(got.st_mode))
		return fail(ERR_SYS, "%s: is neither a file nor a folder", path);
	*st = (struct store_stat){ .size = (uint64_t)got.st_size, .is_dir = S_ISDIR(got.st_mode) };
	return 1;
}

static int local_make_dir(struct store *s, const char *path)
{
	struct stat st;

	(void)s;
	if (mkdir(path, 0700) == 0)
		return disk_sync_dir(path) ? fail_sys("%s: directory", path) : 0;
	if (errno != EEXIST)
		return fail_sys("%s", path);
	if (stat(path, &st))
		return fail_sys("%s", path);
	return S_ISDIR(st.st_mode) ? 0 : fail(ERR_SYS, "%s: is not a folder", path);
}

static int local_remove(struct store *s, const char *path)
{
	(void)s;
	return unlink(path) && errno != ENOENT ? fail_sys("%s", path) : 0;
}

static int local_rename(struct store *s, const char *from, const char *to, bool replace)
{
	(void)s;
	if (replace ? rename(from, to) : disk_rename_new(from, to)) {
		/* EBUSY and the like will not pass by themselves */
		return fail(errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_SYS,
			    "%s: cannot be renamed to %s: %s", from, to, strerror(errno));
	}
	return disk_sync_dir(to) ? fail_sys("%s: directory", to) : 0;
}

static int local_space(struct store *s, const char *path, uint64_t *bytes)
{
	struct statvfs v;

	/* a relative path without a folder lies here */
	if (strcmp(path, "/") == 0 && s->target->path[0] != '/')
		path = ".";
	if (statvfs(path, &v))
		return fail_sys("%s", path);
	/* some is kept for root, who usually is who saves dumps */
	if (!num_mul(geteuid() == 0 ? v.f_bfree : v.f_bavail, v.f_frsize, bytes) || v.f_blocks == 0)
		return 0;
	return 1;
}

static int another_writes(const char *path)
{
	return fail(ERR_AGAIN, "%s: another process is writing it", path);
}

/* takes fd; the writer of a file holds its lock */
static int hold(struct store *s, int fd, const char *path)
{
	struct local *l = s->own;

	let_go(l);
	l->fd = fd;
	l->unsynced = true;
	l->path = strdup(path);
	if (!l->path || fstat(fd, &l->file))
		return fail_sys("%s", path);
	/* where there are no locks, we do without */
	return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? another_writes(path) : 0;
}

static int local_create(struct store *s, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno != EEXIST)
		return fail_sys("%s", path);
	if (fd < 0)
		return disk_is_being_written(path) ? another_writes(path) : STORE_EXISTS;
	return hold(s, fd, path);
}

/* takes fd; others may write it meanwhile */
static int only_read(struct store *s, int fd, const char *path)
{
	struct local *l = s->own;

	let_go(l);
	l->fd = fd;
	l->unsynced = false;
	l->path = strdup(path);
	return l->path && fstat(fd, &l->file) == 0 ? 0 : fail_sys("%s", path);
}

static int local_open(struct store *s, const char *path)
{
	int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags | (s->reads ? O_RDONLY : O_RDWR | O_NOFOLLOW));
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_sys("%s", path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(ERR_SYS, "%s: is not a file", path);
	}
	return (s->reads ? only_read(s, fd, path) : hold(s, fd, path)) ? -1 : 1;
}

static int local_write(struct store *s, const struct part *p)
{
	struct local *l = s->own;
	size_t done = 0;

	if (p->at > (uint64_t)INT64_MAX - p->len)
		return fail(ERR_FULL, "%s: no file can be that long", l->path);
	l->unsynced = true;
	while (done < p->len) {
		ssize_t n = pwrite(l->fd, p->data + done, p->len - done, (off_t)(p->at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s: write at %#llx", l->path,
					(unsigned long long)(p->at + done));
		if (n == 0)
			return fail(ERR_FULL, "%s: takes no more", l->path);
		done += (size_t)n;
	}
	window_acked(s->window, p, true);
	return 0;
}

static int local_commit(struct store *s)
{
	window_durable(s->window, window_mark(s->window));
	return 0;
}

static int local_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	(void)s;
	(void)fds;
	return 0;
}

static int local_service(struct store *s)
{
	(void)s;
	return 0;
}

static int sync_file(struct local *l)
{
	if (l->unsynced && disk_sync(l->fd))
		return fail_sys("%s: sync", l->path);
	l->unsynced = false;
	return 0;
}

static ssize_t local_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	struct local *l = s->own;
	uint8_t *to = buf;
	size_t done = 0;

	if (len > INT64_MAX || at > (uint64_t)INT64_MAX - len)
		return 0;
	/* what is compared shall come from the disk, not from our memory */
	if (l->unsynced) {
		if (sync_file(l))
			return -1;
		posix_fadvise(l->fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	while (done < len) {
		ssize_t n = pread(l->fd, to + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s: read at %#llx", l->path,
					(unsigned long long)(at + done));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* it stays open, and so locked, until its name was changed or another one is opened */
static int local_finish(struct store *s, bool complete)
{
	struct local *l = s->own;

	(void)complete;
	return l->fd < 0 ? 0 : sync_file(l);
}

static int local_is_ours(struct store *s, const char *path)
{
	const struct local *l = s->own;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : fail_sys("%s", path);
	return l->fd >= 0 && st.st_dev == l->file.st_dev && st.st_ino == l->file.st_ino;
}

const struct store_ops store_local = {
	.name = "file",
	.connect = local_connect,
	.close = local_close,
	.stat = local_stat,
	.make_dir = local_make_dir,
	.remove = local_remove,
	.rename = local_rename,
	.space = local_space,
	.create = local_create,
	.open = local_open,
	.write = local_write,
	.commit = local_commit,
	.poll = local_poll,
	.service = local_service,
	.read = local_read,
	.finish = local_finish,
	.is_ours = local_is_ours,
};
