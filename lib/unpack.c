/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "stop.h"
#include "unpack.h"
#include "unpack-parts.h"

/* run is NULL for what this build lacks */
static const struct packer {
	uint8_t len;
	char magic[7];
	const char *name;
	int (*run)(struct unpack *u);
} packers[] = {
	{ 3, "\x1f\x8b\x08", "gzip", unpack_gzip },
	{ 3, "BZh", "bzip2", NULL },
#ifdef HAVE_lzma
	{ 3, "\x5d\0\0", "lzma", unpack_lzma },
	{ 6, "\xfd" "7zXZ\0", "xz", unpack_xz },
#else
	{ 3, "\x5d\0\0", "lzma", NULL },
	{ 6, "\xfd" "7zXZ\0", "xz", NULL },
#endif
#ifdef HAVE_lzo2
	{ 4, "\x89LZO", "lzo", unpack_lzo },
#else
	{ 4, "\x89LZO", "lzo", NULL },
#endif
#ifdef HAVE_lz4
	{ 4, "\x02\x21\x4c\x18", "lz4", unpack_lz4 },
#else
	{ 4, "\x02\x21\x4c\x18", "lz4", NULL },
#endif
#ifdef HAVE_libzstd
	{ 4, "\x28\xb5\x2f\xfd", "zstd", unpack_zstd },
#else
	{ 4, "\x28\xb5\x2f\xfd", "zstd", NULL },
#endif
};

enum { PACKERS = sizeof packers / sizeof packers[0] };

static const struct packer *find(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < PACKERS; i++)
		if (len >= packers[i].len &&
		    memcmp(head, packers[i].magic, packers[i].len) == 0)
			return &packers[i];
	return NULL;
}

const char *unpack_kind(const uint8_t *head, size_t len)
{
	const struct packer *p = find(head, len);

	return p ? p->name : NULL;
}

uint64_t unpack_place(const struct unpack *u)
{
	return u->at - (u->len - u->from);
}

/* as much as the file gives, so that a short read is no end of anything */
static int refill(struct unpack *u)
{
	size_t want = u->end - u->at < UNPACK_BUF ? (size_t)(u->end - u->at) : UNPACK_BUF;

	u->from = u->len = 0;
	while (u->len < want) {
		ssize_t n = pread(u->fd, u->buf + u->len, want - u->len, (off_t)u->at);

		if (stop_check())
			return -1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("reading at %#" PRIx64, u->at);
		if (n == 0)
			break;
		u->at += (uint64_t)n;
		u->len += (size_t)n;
	}
	return u->len > 0;
}

int unpack_more(struct unpack *u)
{
	if (u->from < u->len)
		return 1;
	if (stop_check())
		return -1;
	return u->at < u->end ? refill(u) : 0;
}

int unpack_take(struct unpack *u, void *bytes, size_t n)
{
	uint8_t *p = bytes;

	while (n) {
		int more = unpack_more(u);
		size_t part = u->len - u->from < n ? u->len - u->from : n;

		if (more < 0)
			return -1;
		if (more == 0)
			return fail(ERR_CORRUPT, "cut short: the packed data ends at %#" PRIx64,
				    unpack_place(u));
		memcpy(p, u->buf + u->from, part);
		u->from += part;
		p += part;
		n -= part;
	}
	return 0;
}

int unpack_bad(const struct unpack *u, const char *packer, const char *why)
{
	return fail(ERR_CORRUPT, "%s data damaged before %#" PRIx64 ": %s", packer,
		    unpack_place(u), why);
}

int unpack_stream(int fd, uint64_t at, uint64_t end, uint64_t *used,
		  int (*put)(void *arg, const uint8_t *bytes, size_t len), void *arg)
{
	struct unpack u = { .fd = fd, .at = at, .end = end, .put = put, .arg = arg };
	const struct packer *p = NULL;
	int result = -1;

	*used = 0;
	if (at > INT64_MAX || end > INT64_MAX)
		return fail(ERR_CORRUPT, "packed data at %#" PRIx64, at);
	u.buf = malloc(UNPACK_BUF);
	if (!u.buf)
		return fail_sys("unpacking");
	if (unpack_more(&u) < 0)
		goto out;
	p = find(u.buf, u.len);
	if (!p)
		fail(ERR_UNKNOWN, "no known compression at %#" PRIx64, at);
	else if (!p->run)
		fail(ERR_UNKNOWN, "packed by %s, which this build cannot unpack", p->name);
	else
		result = p->run(&u);
	*used = unpack_place(&u) - at;
out:
	free(u.buf);
	return result;
}

const char *unpack_features(void)
{
	static const char text[] = "gzip"
#ifdef HAVE_lzma
		" lzma xz"
#endif
#ifdef HAVE_lzo2
		" lzo"
#endif
#ifdef HAVE_lz4
		" lz4"
#endif
#ifdef HAVE_libzstd
		" zstd"
#endif
		;

	return text;
}
