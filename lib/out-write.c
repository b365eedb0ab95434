/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "err.h"
#include "out-write.h"
#include "out.h"
#include "stop.h"

enum {
	PATIENCE_MS = 1000,	/* for a pipe that is full */
	SMALL_WRITE = 4096,	/* never blocks on a pipe that poll() calls writable */
};

int out_put_at(struct out *o, const void *buf, size_t len, uint64_t at)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t n = pwrite(o->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;	/* no file system should, some have */
		if (n <= 0)
			return fail_sys("%s: write at %#" PRIx64, o->path, at);
		p += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

/* skip n bytes and then what is empty */
static void advance(struct iovec **iov, int *count, size_t n)
{
	while (*count > 0 && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		(*count)--;
	}
	if (*count > 0) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

/* 1: there is room; 0: not yet, look for signals; -1 after fail() */
static int wait_for_room(struct out *o, bool ending)
{
	struct pollfd fd = { .fd = o->fd, .events = POLLOUT };
	int rc = poll(&fd, 1, PATIENCE_MS);

	if (rc < 0 && errno != EINTR)
		return fail_sys("%s: poll", o->path);
	if (rc == 0 && ending)
		return fail(ERR_STOPPED, "%s: stopped, and nobody reads the rest", o->path);
	return rc > 0;
}

static ssize_t write_some(int fd, const struct iovec *iov, int n, bool ending)
{
	size_t len = iov->iov_len;

	if (ending)
		return write(fd, iov->iov_base, len < SMALL_WRITE ? len : SMALL_WRITE);
	return writev(fd, iov, n);
}

/*
 * A signal that asks us to stop interrupts a write that waits for a reader. What
 * was begun is then ended, and what the caller sends to end well goes out too,
 * but only as long as somebody reads.
 */
static int put(struct out *o, struct iovec *iov, int count)
{
	bool ending = stop_check() != 0, full = false;

	advance(&iov, &count, 0);
	while (count > 0) {
		int ready = ending || full ? wait_for_room(o, ending) : 1;
		ssize_t n = 0;

		if (ready < 0)
			return -1;
		if (ready && (n = write_some(o->fd, iov, count, ending)) == 0)
			return fail(ERR_FULL, "%s: takes no more", o->path);
		full = !ready || (n < 0 && errno == EAGAIN);
		if (n < 0 && errno != EINTR && !full)
			return fail_sys("%s: write", o->path);
		if (n > 0) {
			o->written += (uint64_t)n;
			advance(&iov, &count, (size_t)n);
		}
		ending = ending || stop_check() != 0;
	}
	return 0;
}

int out_put(struct out *o, struct iovec *iov, int n)
{
	if (o->broken)
		return -1;
	o->broken = put(o, iov, n) != 0;
	return o->broken ? -1 : 0;
}
