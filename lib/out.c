/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "err.h"
#include "out-flat.h"
#include "out-write.h"
#include "out.h"
#include "stop.h"

enum { MOST_STALE = 9999 };

bool out_is_stdout(const char *path)
{
	/* with -f, the links of these names must not be replaced by a file */
	return !path || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0 ||
	       strcmp(path, "/dev/fd/1") == 0;
}

/* the kind for what cannot seek */
static int set_stream(struct out *o, bool text)
{
	if (!text && isatty(o->fd))
		return fail(ERR_USAGE, "%s is a terminal: name a file, or redirect to a "
			    "file or pipe", o->path);
	o->kind = text ? OUT_TEXT : OUT_FLAT;
	return 0;
}

static int open_stdout(struct out *o, bool text)
{
	struct stat st;

	o->path = "standard output";
	o->fd = STDOUT_FILENO;
	int flags = fcntl(o->fd, F_GETFL);
	if (flags < 0 || fstat(o->fd, &st))
		return fail_sys("%s", o->path);
	if (text || !S_ISREG(st.st_mode) || flags & O_APPEND)
		return set_stream(o, text);

	off_t at = lseek(o->fd, 0, SEEK_CUR);

	if (at < 0)
		return fail_sys("%s: seek", o->path);
	if (at > 0)
		return set_stream(o, text);
	o->kind = OUT_STDOUT;
	return ftruncate(o->fd, 0) ? fail_sys("%s: truncate", o->path) : 0;
}

/* PATH is a device, a FIFO or the like: it has no other name meanwhile */
static int open_special(struct out *o, mode_t mode, bool text)
{
	bool block = S_ISBLK(mode);

	if (block && !o->force)
		return fail(ERR_SYS, "%s: is a block device; -f overwrites it", o->path);
	/* O_EXCL: not a block device that is in use, by a mount for one */
	o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (block ? O_EXCL : 0));
	if (o->fd < 0)
		return fail_sys("%s", o->path);
	o->ours = true;
	o->kind = OUT_STDOUT;
	return block ? 0 : set_stream(o, text);
}

static int move_stale(struct out *o)
{
	if (disk_is_being_written(o->temp))
		return fail(ERR_AGAIN, "%s: another process is writing it", o->temp);
	for (unsigned n = 1; n <= MOST_STALE; n++) {
		if (asprintf(&o->moved, "%s.%u", o->temp, n) < 0) {
			o->moved = NULL;
			return fail(ERR_MEMORY, "%s: out of memory", o->temp);
		}
		if (disk_rename_new(o->temp, o->moved) == 0)
			return 0;
		int errnum = errno;
		free(o->moved);
		o->moved = NULL;
		errno = errnum;
		if (errno != EEXIST)
			return fail_sys("%s: cannot be moved aside", o->temp);
	}
	return fail(ERR_SYS, "%s: %d older ones are kept: remove some", o->temp, MOST_STALE);
}

static int create(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int open_file(struct out *o)
{
	if (asprintf(&o->temp, "%s-incomplete", o->path) < 0) {
		o->temp = NULL;
		return fail(ERR_MEMORY, "%s: out of memory", o->path);
	}
	o->kind = OUT_FILE;
	o->fd = create(o->temp);
	if (o->fd < 0 && errno == EEXIST) {
		if (move_stale(o))
			return -1;
		o->fd = create(o->temp);
	}
	if (o->fd < 0)
		return fail_sys("%s", o->temp);
	o->ours = true;
	flock(o->fd, LOCK_EX | LOCK_NB);	/* where there are no locks, we do without */
	return 0;
}

static int open_path(struct out *o, bool text)
{
	struct stat st, link;

	if (lstat(o->path, &link)) {
		if (errno != ENOENT)
			return fail_sys("%s", o->path);
		return o->path[0] ? open_file(o) : fail(ERR_USAGE, "output without a name");
	}
	/* a link that leads nowhere is as much in the way as a file */
	if (stat(o->path, &st))
		st = link;
	if (S_ISDIR(st.st_mode))
		return fail(ERR_SYS, "%s: is a directory; name a file in it", o->path);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return open_special(o, st.st_mode, text);
	if (!o->force)
		return fail(ERR_SYS, "%s: exists; -f replaces it", o->path);
	return open_file(o);
}

static int open_any(struct out *o, const char *path, bool force, bool text)
{
	*o = (struct out){ .path = path, .fd = -1, .force = force };
	if ((out_is_stdout(path) ? open_stdout(o, text) : open_path(o, text)) == 0)
		return 0;
	out_close(o);
	return -1;
}

int out_open(struct out *o, const char *path, bool force)
{
	return open_any(o, path, force, false);
}

int out_open_stream(struct out *o, const char *path, bool force)
{
	return open_any(o, path, force, true);
}

static int check_limit(const struct out *o, uint64_t at, uint64_t len)
{
	if (!o->limit || (at <= o->limit && len <= o->limit - at))
		return 0;
	return fail(ERR_FULL, "%s: would be longer than the limit of %llu bytes", o->path,
		    (unsigned long long)o->limit);
}

int out_pwrite(struct out *o, const void *buf, size_t len, uint64_t at)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };

	if (len == 0)
		return 0;
	if (check_limit(o, at, len))
		return -1;
	switch (o->kind) {
	case OUT_FLAT:
		return out_flat_pwrite(o, buf, len, at);
	case OUT_TEXT:
		if (at != o->pos)
			return fail(ERR_SYS, "%s: cannot seek", o->path);
		return out_put(o, &iov, 1);
	default:
		if (out_put_at(o, buf, len, at))
			return -1;
		o->written += len;
		return 0;
	}
}

int out_write(struct out *o, const void *buf, size_t len)
{
	if (out_pwrite(o, buf, len, o->pos))
		return -1;
	o->pos += len;
	return 0;
}

/* zeros from at on, but not over what may have been written */
static int fill(struct out *o, uint64_t at, uint64_t len)
{
	static const char zeros[1 << 16];
	struct stat st;
	uint64_t end = at + len;

	if (fstat(o->fd, &st))
		return fail_sys("%s: stat", o->path);
	if ((uint64_t)st.st_size > at)
		at = (uint64_t)st.st_size;
	while (at < end) {
		size_t n = end - at < sizeof zeros ? (size_t)(end - at) : sizeof zeros;

		if (stop_check() || out_put_at(o, zeros, n, at))
			return -1;
		at += n;
	}
	return 0;
}

int out_reserve(struct out *o, uint64_t at, uint64_t len)
{
	int rc;

	if (len == 0 || o->kind == OUT_FLAT || o->kind == OUT_TEXT)
		return 0;
	if (at > INT64_MAX || len > INT64_MAX - at)
		return fail(ERR_FULL, "%s: no file can be that long", o->path);
	if (check_limit(o, at, len))
		return -1;
	do
		rc = fallocate(o->fd, 0, (off_t)at, (off_t)len);
	while (rc && errno == EINTR);
	/* whatever else it says (a block device: EINVAL), it is that it cannot do this */
	if (rc && errno != ENOSPC && errno != EDQUOT && errno != EFBIG && errno != EIO)
		return fill(o, at, len);
	return rc ? fail_sys("%s: %llu bytes", o->path, (unsigned long long)len) : 0;
}

int out_extend(struct out *o, uint64_t size)
{
	struct stat st;

	if (o->kind == OUT_FLAT)
		return out_pwrite(o, "", 1, size - 1);
	if (check_limit(o, size, 0))
		return -1;
	if (fstat(o->fd, &st))
		return fail_sys("%s: stat", o->path);
	if ((uint64_t)st.st_size >= size)
		return 0;
	if (size > INT64_MAX)
		return fail(ERR_FULL, "%s: no file can be that long", o->path);
	return ftruncate(o->fd, (off_t)size) ? fail_sys("%s: %llu bytes", o->path,
							(unsigned long long)size) : 0;
}

bool out_has_holes(const struct out *o)
{
	return (o->kind == OUT_FILE && o->temp) || (o->kind == OUT_STDOUT && !o->ours);
}

int out_flush(struct out *o)
{
	if (o->kind == OUT_FLAT || o->kind == OUT_TEXT || o->fd < 0)
		return 0;
	if (disk_sync(o->fd))
		return fail_sys("%s: sync", o->temp ? o->temp : o->path);
	return 0;
}

int out_sync(struct out *o)
{
	if (o->kind == OUT_FLAT && out_flat_end(o))
		return -1;
	if (o->fd >= 0 && disk_sync(o->fd))
		return fail_sys("%s: sync", o->temp ? o->temp : o->path);
	return 0;
}

static int close_fd(struct out *o)
{
	int fd = o->fd;

	o->fd = -1;
	return o->ours && fd >= 0 ? close(fd) : 0;
}

/* does the name temp still lead to what we write? */
static bool has_temp(const struct out *o)
{
	struct stat name, file;

	return o->temp && o->fd >= 0 && fstat(o->fd, &file) == 0 &&
	       lstat(o->temp, &name) == 0 && name.st_dev == file.st_dev &&
	       name.st_ino == file.st_ino;
}

int out_commit(struct out *o)
{
	if (out_sync(o))
		return -1;
	if (o->temp && !has_temp(o))
		return fail(ERR_SYS, "%s: was renamed or removed by somebody else", o->temp);
	if (!o->temp)
		return close_fd(o) ? fail_sys("%s: close", o->path) : 0;
	/* still open: should the name be refused, the caller can mend the file */
	if (o->force ? rename(o->temp, o->path) : disk_rename_new(o->temp, o->path))
		return fail_sys("%s: cannot be renamed to %s", o->temp, o->path);
	free(o->temp);
	o->temp = NULL;
	close_fd(o);	/* what it could still complain of, fsync() has seen */
	/* a rename is durable once the directory that holds the name is */
	return disk_sync_dir(o->path) ? fail_sys("%s: directory", o->path) : 0;
}

void out_discard(struct out *o)
{
	if (has_temp(o))
		unlink(o->temp);
	else if (o->kind == OUT_STDOUT && !o->ours && o->fd >= 0 && ftruncate(o->fd, 0))
		fail_sys("%s: truncate", o->path);
	free(o->temp);
	o->temp = NULL;
	close_fd(o);
}

void out_close(struct out *o)
{
	close_fd(o);
	free(o->temp);
	free(o->moved);
	*o = (struct out){ .fd = -1 };
}
