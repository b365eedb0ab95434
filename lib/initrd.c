/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init/initramfs.c (Linux 6.1): at '0' and a multiple of 4 a plain archive goes on, zeros
 * are skipped, anything else must be packed. What is packed counts its offsets from 0 and
 * ends between two entries. A boot configuration may follow all of it (init/main.c): its
 * length and sum in 4 bytes each, then "#BOOTCONFIG\n", and up to 3 bytes of filling.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bootimage-kinds.h"
#include "cpio.h"
#include "err.h"
#include "initrd.h"
#include "num.h"
#include "stop.h"
#include "unpack.h"

enum { STEP = 256 << 10, PAGE = 4096, CONFIG_MAGIC = 12 };

static const uint64_t unpacked_max = (uint64_t)64 << 30;

struct walk {
	struct initrd *rd;
	const char *init;	/* without slashes in front */
	struct cpio cpio;
	bool plain;	/* the last archive was not packed */
	uint8_t *buf;
	uint64_t packed_at;
};

/* "/init", "./init" and "init" are one */
static const char *plain_path(const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	return path;
}

/* where /sbin is a link to usr/sbin, programs are found under both names */
static bool is_init(const char *name, const char *init)
{
	name = plain_path(name);
	if (strcmp(name, init) == 0)
		return true;
	return strncmp(name, "usr/", 4) == 0 && strcmp(name + 4, init) == 0 && strchr(init, '/');
}

static bool is_above(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	return len > 0 && strncmp(folder, path, len) == 0 && path[len] == '/';
}

/* is it a folder on the way to it? under both names as well */
static bool leads_to_init(const char *name, const char *init)
{
	name = plain_path(name);
	return is_above(name, init) ||
	       (strncmp(name, "usr/", 4) == 0 && is_above(name + 4, init));
}

static bool is_module(const char *name)
{
	static const char *const ends[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcmp(name + len - n, ends[i]) == 0)
			return true;
	}
	return false;
}

static int found(void *arg, const struct cpio_entry *entry)
{
	struct walk *w = arg;
	struct initrd *rd = w->rd;
	uint64_t pages = num_div_up(entry->size, PAGE) * PAGE;

	rd->entries++;
	if (S_ISREG(entry->mode)) {
		rd->unpacked += pages;
		if (is_module(entry->name))
			rd->modules += pages;
	}
	if (S_ISLNK(entry->mode) && leads_to_init(entry->name, w->init))
		rd->behind_link = true;
	if (is_init(entry->name, w->init)) {
		rd->has_init = S_ISREG(entry->mode) || S_ISLNK(entry->mode);
		rd->init_executable = S_ISLNK(entry->mode) ||
				      (S_ISREG(entry->mode) && entry->mode & 0111);
	}
	return 0;
}

/* another archive in the list, as far as that has room */
static void add_kind(struct initrd *rd, const char *kind)
{
	size_t n = strlen(rd->kinds);

	rd->archives++;
	if (n + strlen(kind) + 2 < sizeof rd->kinds)
		snprintf(rd->kinds + n, sizeof rd->kinds - n, "%s%s", n ? ", " : "", kind);
}

static void begin(struct walk *w, const char *kind, uint64_t at)
{
	add_kind(w->rd, kind);
	w->cpio = (struct cpio){ .at = at, .found = found, .arg = w };
}

static int end(struct walk *w)
{
	if (cpio_end(&w->cpio))
		return -1;
	w->rd->has_trailer = w->cpio.trailer;
	return 0;
}

/* plain entries from *at on, until something else comes */
static int walk_plain(struct walk *w, int fd, uint64_t *at, uint64_t size)
{
	begin(w, "cpio", *at);
	while (*at < size) {
		size_t n = size - *at < STEP ? (size_t)(size - *at) : STEP, taken;

		if (stop_check() || bootimage_pread(fd, w->buf, n, *at) ||
		    cpio_feed(&w->cpio, w->buf, n, &taken))
			return -1;
		*at += taken;
		if (taken < n)
			break;
	}
	return end(w);
}

static int put(void *arg, const uint8_t *bytes, size_t len)
{
	struct walk *w = arg;
	size_t taken;

	if (cpio_feed(&w->cpio, bytes, len, &taken))
		return -1;
	if (w->cpio.at > unpacked_max)
		return fail(ERR_CORRUPT, "more than 64 GiB unpacked");
	return taken == len ? 0 : fail(ERR_CORRUPT, "no cpio archive at %#" PRIx64,
				       w->cpio.at);
}

static int walk_packed(struct walk *w, int fd, uint64_t *at, uint64_t size, const char *kind)
{
	uint64_t used;
	char context[64];

	begin(w, kind, 0);
	if (unpack_stream(fd, *at, size, &used, put, w) == 0 && end(w) == 0) {
		*at += used;
		return 0;
	}
	if (err_code() == ERR_UNKNOWN) {
		w->rd->not_all = true;
		*at = size;
		return 0;
	}
	snprintf(context, sizeof context, "packed by %s from %#" PRIx64 " on", kind, *at);
	return fail_in(context);
}

/* what stands where an archive should */
static int fail_kind(const uint8_t *head, uint64_t at)
{
	enum err code = at ? ERR_CORRUPT : ERR_UNKNOWN;

	if (memcmp(head, "\x04\x22\x4d\x18", 4) == 0)
		return fail(code, "lz4 data in frames at %#" PRIx64 ", which the kernel does not"
			    " know: pack it with lz4 -l", at);
	if (memcmp(head, "070", 3) == 0)
		return fail(code, "a cpio archive at %#" PRIx64 ", not a multiple of 4", at);
	if (unpack_kind(head, UNPACK_MAGIC))
		return fail(code, "packed data at %#" PRIx64 ", not a multiple of 4", at);
	if (at)
		return fail(code, "neither a cpio archive nor packed data at %#" PRIx64, at);
	return fail(code, "neither a cpio archive nor packed");
}

/* is it an archive that was meant to be unpacked? */
static bool is_archive(const uint8_t *head)
{
	return memcmp(head, "070", 3) == 0 || memcmp(head, "\x04\x22\x4d\x18", 4) == 0 ||
	       unpack_kind(head, UNPACK_MAGIC);
}

/* the kernel stops at it, keeps what it has unpacked, and starts that */
static int stop_walk(struct walk *w, const uint8_t *head, uint64_t at)
{
	fail_kind(head, at);
	if (at == 0 || !w->rd->has_init || !w->rd->has_trailer || is_archive(head))
		return -1;
	w->rd->stops_at = at;
	return 0;
}

/* zeros are skipped; at the end of the file *at is its size */
static int skip_zeros(struct walk *w, int fd, uint64_t *at, uint64_t size)
{
	while (*at < size) {
		size_t n = size - *at < STEP ? (size_t)(size - *at) : STEP, i = 0;

		if (stop_check() || bootimage_pread(fd, w->buf, n, *at))
			return -1;
		while (i < n && w->buf[i] == 0)
			i++;
		*at += i;
		if (i < n)
			break;
	}
	return 0;
}

static int walk_all(struct walk *w, int fd, uint64_t size)
{
	uint64_t at = 0;

	while (!skip_zeros(w, fd, &at, size)) {
		uint8_t head[UNPACK_MAGIC] = { 0 };
		const char *kind;
		int result;

		if (at == size)
			return w->rd->archives ? 0 : fail(ERR_UNKNOWN, "nothing but zeros");
		if (bootimage_pread(fd, head, size - at < sizeof head ? (size_t)(size - at) :
				    sizeof head, at))
			return -1;
		kind = unpack_kind(head, sizeof head);
		if (head[0] == '0' && head[1] == '7' && head[2] == '0' && at % 4 == 0)
			result = walk_plain(w, fd, &at, size);
		else if (kind && !(w->plain && at % 4))
			result = walk_packed(w, fd, &at, size, kind);
		else
			return stop_walk(w, head, at);
		if (result)
			return -1;
		w->plain = !kind;
	}
	return -1;
}

/* the end without a boot configuration, if there is one */
static int find_end(int fd, uint64_t *size)
{
	uint8_t tail[8 + CONFIG_MAGIC + 3];

	if (*size < sizeof tail)
		return 0;
	if (bootimage_pread(fd, tail, sizeof tail, *size - sizeof tail))
		return -1;
	for (size_t filling = 0; filling < 4; filling++) {
		const uint8_t *p = tail + 3 - filling;
		uint64_t length = p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
				  (uint64_t)p[3] << 24;
		uint64_t behind = 8 + CONFIG_MAGIC + filling;

		if (memcmp(p + 8, "#BOOTCONFIG\n", CONFIG_MAGIC) == 0 &&
		    length <= *size - behind) {
			*size -= length + behind;
			return 0;
		}
	}
	return 0;
}

int initrd_walk(struct initrd *rd, int fd, uint64_t size, const char *init)
{
	struct walk w = { .rd = rd, .init = plain_path(init) };
	int result;

	*rd = (struct initrd){ .archives = 0 };
	if (find_end(fd, &size))
		return -1;
	w.buf = malloc(STEP);
	if (!w.buf)
		return fail_sys("reading an archive");
	result = walk_all(&w, fd, size);
	free(w.buf);
	return result;
}
