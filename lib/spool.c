/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lay.h"
#include "spool.h"
#include "stop.h"

enum { COPY = 256 << 10 };

struct file {
	const char *dir;
	int fd;
	uint64_t end;		/* bytes that it has */
};

static ssize_t take(void *arg, void *buf, size_t len)
{
	ssize_t n;

	(void)arg;
	do {
		if (stop_check())
			return -1;
		n = read(STDIN_FILENO, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? fail_sys("standard input") : n;
}

static int put(void *arg, const void *buf, size_t len, uint64_t at)
{
	struct file *f = arg;
	const char *p = buf;

	while (len > 0) {
		ssize_t n = pwrite(f->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s: a file for standard input: write at %#" PRIx64,
					f->dir, at);
		p += n;
		len -= (size_t)n;
		at += (uint64_t)n;
		f->end = at > f->end ? at : f->end;
	}
	return 0;
}

/* a file that nobody else sees and that is gone when we are */
static int open_file(struct file *f)
{
	char *name;

	f->fd = open(f->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd >= 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return fail_sys("%s", f->dir);
	/* NFS, among others, has no files without a name: take the name away */
	if (asprintf(&name, "%s/crashpipe.XXXXXX", f->dir) < 0)
		return fail_sys("%s", f->dir);
	f->fd = mkostemp(name, O_CLOEXEC);
	if (f->fd < 0)
		fail_sys("%s", name);
	else
		unlink(name);
	free(name);
	return f->fd < 0 ? -1 : 0;
}

/* not a flattened stream: its bytes as they are; the first of them are in l->buf */
static int copy(struct lay *l)
{
	ssize_t n = (ssize_t)l->pos;
	uint64_t at = 0;

	if (n == 0)
		return fail(ERR_CORRUPT, "standard input: is empty");
	while (n > 0) {
		if (put(l->arg, l->buf, (size_t)n, at))
			return -1;
		at += (uint64_t)n;
		n = take(l->arg, l->buf, l->room);
	}
	return n < 0 ? -1 : 0;
}

/* what came of the stream: of use, though not whole? The reason is in fail()'s words */
static int salvage(struct spool *s, struct lay *l, bool flat)
{
	struct file *f = l->arg;
	uint64_t least = 0;

	if (stop_check())
		return -1;
	snprintf(s->why, sizeof s->why, "%s", err_text());
	s->code = err_code() == ERR_STOPPED ? ERR_CORRUPT : err_code();
	if (f->end == 0 || (flat && !laid_is_useful(&l->laid)))
		return fail(s->code, "%s; what came before is of no use", s->why);
	s->truncated = true;
	if (!flat)
		return 0;
	/* on a full disk the mark still finds its place: the header is there */
	if (lay_mark(l, &least))
		return -1;
	if (f->end < least && ftruncate(f->fd, (off_t)least))
		return fail_sys("%s: a file for standard input", f->dir);
	return 0;
}

static int fill(struct spool *s, struct lay *l)
{
	int flat = lay_begin(l);

	if (flat < 0)
		return -1;
	if (flat ? lay_records(l) == 0 && lay_end(l) == 0 : copy(l) == 0)
		return 0;
	return salvage(s, l, flat);
}

static int keep_stream(struct spool *s, const char *dir)
{
	struct file f = { .dir = dir, .fd = -1 };
	struct lay l = { .name = "standard input", .take = take, .put = put, .arg = &f,
			 .room = COPY };
	int rc = -1;

	if (open_file(&f))
		return -1;
	l.buf = malloc(COPY);
	if (!l.buf)
		fail_sys("copy buffer");
	else if (fill(s, &l) == 0)
		rc = dup2(f.fd, STDIN_FILENO) < 0 ? fail_sys("standard input") : 0;
	free(l.buf);
	close(f.fd);
	return rc;
}

int spool_open(struct spool *s, const char *tmp_dir, const char *else_do)
{
	struct stat st;

	*s = (struct spool){ .path = "-" };
	if (fstat(STDIN_FILENO, &st))
		return fail_sys("standard input");
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
		return 0;
	if (isatty(STDIN_FILENO))
		return fail(ERR_USAGE, "standard input is a terminal, not a dump");
	if (!tmp_dir)
		return fail(ERR_USAGE, "standard input is a pipe, and a dump is not read from "
			    "front to back: --tmp DIR says where it may be kept meanwhile%s",
			    else_do);
	return keep_stream(s, tmp_dir);
}
