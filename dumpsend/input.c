/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "input.h"
#include "stop.h"

enum {
	PIPE = 1 << 20,		/* bytes: a larger pipe means fewer turns between sender and us */
	PIECE = 1 << 20,	/* bytes: of what is not flattened */
};

/* would a read wait? A file never does */
static bool is_ready(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return in->seekable || poll(&p, 1, 0) > 0;
}

/* at most len bytes that came after those read ahead; 0 at the end */
static ssize_t take_more(struct input *in, void *buf, size_t len)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	ssize_t n;

	for (;;) {
		if (stop_check())
			return -1;
		n = read(in->fd, buf, len);
		if (n >= 0)
			return n;
		if (errno == EAGAIN)
			poll(&p, 1, 1000);	/* somebody else made it so: then we wait here */
		else if (errno != EINTR)
			return fail_sys("%s", in->path);
	}
}

/*
 * At most len bytes; 0: none now, or the end, and then ended is set. Of the bytes read
 * ahead, those come first.
 */
static ssize_t take(struct input *in, void *buf, size_t len)
{
	size_t ahead = in->head_len - in->head_used;
	ssize_t n;

	if (ahead > 0) {
		n = (ssize_t)(len < ahead ? len : ahead);
		memcpy(buf, in->head + in->head_used, (size_t)n);
		in->head_used += (size_t)n;
	} else {
		if (!is_ready(in))
			return 0;
		n = take_more(in, buf, len);
		if (n < 0)
			return -1;
		in->ended = n == 0;
	}
	in->pos += (uint64_t)n;
	return n;
}

static int cut_short(const struct input *in)
{
	return fail(ERR_STOPPED, "%s: the stream ends at byte %" PRIu64 " without its end marker",
		    in->path, in->pos);
}

/* the record header is whole: where do its bytes belong? */
static int parse_record(struct input *in)
{
	int rc = flat_parse_record(in->raw, &in->at, &in->left);

	in->raw_len = 0;
	if (rc < 0)
		return fail(ERR_STOPPED, "%s: the record at byte %" PRIu64 " is damaged", in->path,
			    in->pos - FLAT_RECORD);
	in->marker = rc == 0;
	if (in->marker)
		in->left = 0;
	return 0;
}

/* of a stream that is kept as it is: only see whether it is whole */
static int look_at(struct input *in, const uint8_t *p, size_t len, uint64_t pos)
{
	while (len > 0 && !in->marker) {
		size_t n;

		if (pos < FLAT_HEADER) {
			n = FLAT_HEADER - pos < len ? (size_t)(FLAT_HEADER - pos) : len;
		} else if (in->left > 0) {
			n = in->left < len ? (size_t)in->left : len;
			in->left -= n;
		} else {
			n = sizeof in->raw - in->raw_len < len ? sizeof in->raw - in->raw_len : len;
			memcpy(in->raw + in->raw_len, p, n);
			in->raw_len += n;
			if (in->raw_len == sizeof in->raw && parse_record(in))
				return -1;
		}
		p += n;
		len -= n;
		pos += n;
	}
	return 0;
}

/* the first bytes, all of INPUT_HEAD unless there are fewer */
static int read_head(struct input *in)
{
	while (in->head_len < sizeof in->head) {
		ssize_t n = take_more(in, in->head + in->head_len, sizeof in->head - in->head_len);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		in->head_len += (size_t)n;
	}
	if (in->head_len == 0)
		return fail(ERR_CORRUPT, "%s: is empty: nothing was sent", in->path);
	return 0;
}

static int open_fd(struct input *in, const char *path)
{
	struct stat st;

	if (path)
		in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0 || fstat(in->fd, &st))
		return fail_sys("%s", in->path);
	if (S_ISDIR(st.st_mode))
		return fail(ERR_SYS, "%s: is a directory", in->path);
	if (!path && isatty(in->fd))
		return fail(ERR_USAGE, "%s is a terminal: redirect a stream to it, or name a file "
			    "with -i", in->path);
	/* standard input that is a file may be read from its middle: that is not read again */
	in->seekable = S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0;
	if (in->seekable && st.st_size > 0)
		in->size = (uint64_t)st.st_size;
	if (S_ISFIFO(st.st_mode))
		fcntl(in->fd, F_SETPIPE_SZ, PIPE);	/* where it may not, we do with less */
	return 0;
}

int input_open(struct input *in, const char *path, bool as_is)
{
	*in = (struct input){ .path = path ? path : "standard input",
			      .fd = path ? -1 : STDIN_FILENO };
	if (open_fd(in, path) || read_head(in)) {
		input_close(in);
		return -1;
	}
	in->flat = in->head_len >= FLAT_HEADER && flat_is_header(in->head);
	in->as_is = as_is || !in->flat;
	if (!in->as_is)
		in->pos = in->head_used = FLAT_HEADER;
	return 0;
}

void input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

int input_rewind(struct input *in)
{
	if (lseek(in->fd, (off_t)in->head_len, SEEK_SET) < 0)
		return fail_sys("%s: seek", in->path);
	in->ended = in->marker = false;
	in->raw_len = 0;
	in->at = in->left = 0;
	in->pos = in->head_used = in->as_is ? 0 : FLAT_HEADER;
	return 0;
}

const void *input_file_head(const struct input *in, size_t *len)
{
	uint64_t at, size;

	*len = in->head_len;
	if (!in->flat)
		return in->head;
	*len = 0;
	if (in->head_len < FLAT_HEADER + FLAT_RECORD ||
	    flat_parse_record(in->head + FLAT_HEADER, &at, &size) != 1 || at != 0)
		return in->head;
	*len = in->head_len - FLAT_HEADER - FLAT_RECORD;
	if (*len > size)
		*len = (size_t)size;
	return in->head + FLAT_HEADER + FLAT_RECORD;
}

/* a record header, as far as it has come: 1 when there are bytes to come of it */
static int next_record(struct input *in)
{
	while (in->left == 0 && !in->marker) {
		ssize_t n = take(in, in->raw + in->raw_len, sizeof in->raw - in->raw_len);

		if (n < 0)
			return -1;
		if (n == 0)
			return in->ended ? cut_short(in) : 0;
		in->raw_len += (size_t)n;
		if (in->raw_len == sizeof in->raw && parse_record(in))
			return -1;
	}
	in->ended = in->marker;
	return !in->marker;
}

int input_next(struct input *in, uint64_t *at, size_t *len)
{
	int rc;

	if (in->ended)
		return 0;
	if (in->as_is) {
		*at = in->pos;
		*len = PIECE;
		return 1;
	}
	rc = next_record(in);
	if (rc == 1) {
		*at = in->at;
		*len = in->left < PIECE ? (size_t)in->left : PIECE;
	}
	return rc;
}

ssize_t input_read(struct input *in, void *buf, size_t len)
{
	uint64_t pos = in->pos;
	ssize_t n;

	if (!in->as_is && len > in->left)
		len = (size_t)in->left;
	n = take(in, buf, len);
	if (n < 0)
		return -1;
	if (!in->as_is) {
		if (in->ended)
			return cut_short(in);
		in->at += (uint64_t)n;
		in->left -= (uint64_t)n;
		return n;
	}
	if (in->flat && n > 0 && look_at(in, buf, (size_t)n, pos))
		return -1;
	if (in->flat && in->ended && !in->marker)
		return cut_short(in);
	return n;
}
