/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "err.h"
#include "source-flat.h"
#include "source.h"

enum {
	WINDOW = 32 << 20,
	WINDOW_PAYS = 128 << 10,	/* to map one costs as much as to read this */
};

/* what kind of file this is, and its size; named: it is not standard input */
static int examine(struct source *s, bool named)
{
	struct statfs fs;
	struct stat st;

	if (fstat(s->fd, &st))
		return fail_sys("stat");
	if (S_ISDIR(st.st_mode))
		return fail(ERR_UNKNOWN, "is a directory");
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(s->fd, BLKGETSIZE64, &s->size))
			return fail_sys("size");
	} else if (S_ISREG(st.st_mode)) {
		s->size = (uint64_t)st.st_size;
	} else {
		return fail(named ? ERR_UNKNOWN : ERR_USAGE, "is a pipe or device: a dump is not "
			    "read from front to back, so save it to a file first");
	}
	/* /proc/vmcore copies page by page when read, and much faster when mapped */
	s->use_window = fstatfs(s->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	if (s->size == 0)
		return fail(ERR_CORRUPT, "is empty");
	return 0;
}

int source_open(struct source *s, const char *path)
{
	uint8_t head[FLAT_HEADER];

	bool standard = strcmp(path, "-") == 0;

	*s = (struct source){ .path = standard ? "standard input" : path, .fd = -1 };
	/* O_NONBLOCK: a FIFO without a writer must be refused, not waited for */
	s->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
			   open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (s->fd < 0) {
		fail_sys("open");
		goto fail;
	}
	if (examine(s, !standard))
		goto fail;
	if (s->size < sizeof head)
		return 0;
	if (source_read(s, head, sizeof head, 0))
		goto fail;
	if (flat_is_header(head) && source_flat_index(s))
		goto fail;
	return 0;
fail:
	source_close(s);
	return fail_in(standard ? "standard input" : path);
}

static int read_file(struct source *s, uint8_t *p, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pread(s->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("read at %#" PRIx64, at);
		if (n == 0)
			return fail(ERR_CORRUPT, "ends at %#" PRIx64 ", %zu bytes early", at,
				    len);
		p += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

/* map the window around at, or remember that it cannot be mapped */
static void move_window(struct source *s, uint64_t at)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = at / WINDOW * WINDOW;
	uint64_t len = s->size - start < WINDOW ? s->size - start : WINDOW;
	void *p = MAP_FAILED;

	if (s->window)
		munmap(s->window, s->window_len);
	/* the kernel refuses to map the part of a page behind the end */
	len = len / page * page;
	if (len > 0)
		p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, s->fd, (off_t)start);
	s->window = p == MAP_FAILED ? NULL : p;
	s->window_at = start;
	s->window_len = len;
	s->missed = 0;
}

/*
 * Is the window to move here? Not for a page table or two: only when enough has
 * been read in one place that mapping it would have been cheaper.
 */
static bool window_pays(struct source *s, size_t len, uint64_t at)
{
	if (at / WINDOW != s->missed_at / WINDOW)
		s->missed = 0;
	s->missed_at = at;
	s->missed += len;
	return s->missed >= WINDOW_PAYS;
}

/* as many bytes as the window has of what is wanted: 0 if it has not the first */
static size_t read_window(struct source *s, uint8_t *p, size_t len, uint64_t at)
{
	bool inside = at >= s->window_at && at - s->window_at < s->window_len;

	if (!inside && !window_pays(s, len, at))
		return 0;
	if (!inside)
		move_window(s, at);
	if (!s->window || at - s->window_at >= s->window_len)
		return 0;

	uint64_t off = at - s->window_at;
	size_t n = s->window_len - off < len ? s->window_len - off : len;

	memcpy(p, s->window + off, n);
	return n;
}

static int read_plain(struct source *s, uint8_t *p, size_t len, uint64_t at)
{
	while (s->use_window && len > 0) {
		size_t n = read_window(s, p, len, at);

		if (n == 0)
			break;
		p += n;
		len -= n;
		at += n;
	}
	return read_file(s, p, len, at);
}

static int read_flat(struct source *s, uint8_t *p, size_t len, uint64_t at)
{
	while (len > 0) {
		const struct range *r = ranges_above(&s->records, at);
		bool gap = !r || r->start > at;
		uint64_t end = !r ? UINT64_MAX : gap ? r->start : r->end;
		size_t n = end - at < len ? (size_t)(end - at) : len;

		if (gap)
			memset(p, 0, n);
		else if (read_file(s, p, n, r->at + (at - r->start)))
			return -1;
		p += n;
		len -= n;
		at += n;
	}
	return 0;
}

int source_read(struct source *s, void *buf, size_t len, uint64_t at)
{
	if (at > s->size || len > s->size - at)
		return fail(ERR_CORRUPT, "%zu bytes at %#" PRIx64 " lie past the end at %#"
			    PRIx64, len, at, s->size);
	return s->flat ? read_flat(s, buf, len, at) : read_plain(s, buf, len, at);
}

void source_close(struct source *s)
{
	if (s->window)
		munmap(s->window, s->window_len);
	if (s->fd >= 0)
		close(s->fd);
	ranges_free(&s->records);
	*s = (struct source){ .fd = -1 };
}
