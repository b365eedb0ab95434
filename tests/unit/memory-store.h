/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MEMORY_STORE_H
#define MEMORY_STORE_H

/*
 * Deliveries to a store in memory that answers in any order, loses its connection and
 * what it had not synced, writes less than it was given, and is full: whatever it does,
 * what bears the final name is what was sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../dumpsend/deliver.h"
#include "say.h"
#include "source-flat.h"
#include "unit.h"

enum { SIZE = 600000, FILES = 6, FLIGHT = 16 };

struct file {
	char name[64];
	uint8_t *data;		/* what a reader sees */
	uint8_t *disk;		/* what is left after a crash of the server */
	size_t size, disk_size;
	bool used;
};

/* the server lives on when its connection is lost */
static struct server {
	struct file files[FILES];
	struct file *open;
	struct part flight[FLIGHT];
	unsigned nflight;
	bool commit_asked;
	struct mark mark;
	uint64_t seed;
	unsigned lose, crash;	/* one call in so many loses the connection, or the server's memory */
	unsigned lose_names;	/* the same, before or after what is done to names */
	size_t steal;		/* a file of so many durable bytes is taken for another sender's at the next connection */
	bool unreadable;	/* what is there cannot be read back */
	size_t room;		/* bytes that the disk still takes */
	uint64_t flip;		/* the byte that is damaged on its way; 0: none */
} server;

static inline unsigned one_in(unsigned n)
{
	return n && unit_random(&server.seed) % n == 0;
}

static inline struct file *find(const char *path)
{
	for (int i = 0; i < FILES; i++)
		if (server.files[i].used && strcmp(server.files[i].name, path) == 0)
			return &server.files[i];
	return NULL;
}

static inline int lost(void)
{
	return fail(ERR_AGAIN, "connection lost");
}

/* the connection breaks before a call reached the server, or its answer is lost */
static inline bool breaks(void)
{
	return one_in(server.lose_names) && lost();
}

static inline void crash(void)
{
	for (int i = 0; i < FILES; i++) {
		struct file *f = &server.files[i];

		if (f->used) {
			memset(f->data, 0, SIZE * 2);
			memcpy(f->data, f->disk, f->disk_size);
			f->size = f->disk_size;
		}
	}
}

static inline void steal(void);

static inline int mem_connect(struct store *s)
{
	steal();
	if (one_in(server.lose) || breaks())
		return lost();
	strcpy(s->where, "memory");
	s->write_max = 5000;
	s->flight_max = 30000;
	s->can_sync = true;
	server.nflight = 0;
	server.commit_asked = false;
	return 0;
}

static inline void mem_close(struct store *s)
{
	(void)s;
	server.open = NULL;
}

static inline int mem_stat(struct store *s, const char *path, struct store_stat *st)
{
	struct file *f = find(path);

	(void)s;
	if (one_in(server.lose) || breaks())
		return lost();
	*st = (struct store_stat){ .size = f ? f->size : 0, .is_dir = strcmp(path, "/d") == 0 };
	return f || st->is_dir;
}

static inline int mem_make_dir(struct store *s, const char *path)
{
	(void)s, (void)path;
	return 0;
}

static inline int mem_remove(struct store *s, const char *path)
{
	struct file *f = find(path);

	(void)s;
	if (breaks())
		return -1;
	if (f)
		f->used = false;
	return breaks() ? -1 : 0;
}

static inline int mem_rename(struct store *s, const char *from, const char *to, bool replace)
{
	struct file *f = find(from);

	(void)s;
	if (breaks())
		return -1;
	if (replace && f && find(to))
		find(to)->used = false;
	if (!f || find(to))
		return fail(ERR_SYS, "%s: cannot be renamed to %s", from, to);
	strcpy(f->name, to);
	return one_in(server.lose) || breaks() ? lost() : 0;	/* done, but the answer is lost */
}

static inline int mem_space(struct store *s, const char *path, uint64_t *bytes)
{
	(void)s, (void)path;
	*bytes = server.room;
	return 1;
}

static inline int mem_create(struct store *s, const char *path)
{
	(void)s;
	if (breaks())
		return -1;
	if (find(path))
		return STORE_EXISTS;
	for (int i = 0; i < FILES; i++) {
		struct file *f = &server.files[i];

		if (f->used)
			continue;
		free(f->data);
		free(f->disk);
		*f = (struct file){ .used = true, .data = calloc(2, SIZE), .disk = calloc(2, SIZE) };
		strcpy(f->name, path);
		server.open = f;
		return breaks() ? -1 : 0;
	}
	return fail(ERR_SYS, "too many files");
}

/* another sender has found our file, moved it aside, and begun its own */
static inline void steal(void)
{
	struct file *f = find("/d/vmcore-incomplete");

	if (!server.steal || !f || f->disk_size < server.steal)
		return;
	server.steal = 0;
	strcpy(f->name, "/d/vmcore-incomplete.1");
	assert_int_equal(mem_create(NULL, "/d/vmcore-incomplete"), 0);
	server.open->size = SIZE;
}

static inline int mem_open(struct store *s, const char *path)
{
	(void)s;
	if (breaks())
		return -1;
	server.open = find(path);
	return server.open != NULL;
}

static inline int mem_write(struct store *s, const struct part *p)
{
	assert_true(p->len <= s->write_max);
	if (server.nflight == FLIGHT)
		return STORE_BUSY;
	server.flight[server.nflight++] = *p;
	s->in_flight += p->len;
	return 0;
}

static inline int mem_commit(struct store *s)
{
	assert_false(s->committing);
	s->committing = server.commit_asked = true;
	server.mark = window_mark(s->window);
	return 0;
}

static inline int mem_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	(void)s, (void)fds;
	/* there is something to do at once: no waiting */
	fds[0] = (struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT };
	return 1;
}

/* any one of what is on its way */
static inline int take_one(struct store *s)
{
	unsigned i = (unsigned)(unit_random(&server.seed) % server.nflight);
	struct part p = server.flight[i];
	struct file *f = server.open;

	server.flight[i] = server.flight[--server.nflight];
	s->in_flight -= p.len;
	assert_non_null(f);
	assert_true(p.at + p.len <= 2 * SIZE);
	if (p.len > server.room)
		return fail(ERR_FULL, "no space left");
	server.room -= p.len;
	memcpy(f->data + p.at, p.data, p.len);
	if (server.flip >= p.at && server.flip - p.at < p.len && server.flip) {
		f->data[server.flip] ^= 4;
		server.flip = 0;
	}
	f->size = p.at + p.len > f->size ? p.at + p.len : f->size;
	window_acked(s->window, &p, false);
	return 0;
}

static inline int mem_service(struct store *s)
{
	if (one_in(server.lose))
		return lost();
	if (one_in(server.crash)) {
		crash();
		server.nflight = 0;
		s->in_flight = 0;
		s->committing = server.commit_asked = false;
		if (one_in(2))
			return lost();
		window_again(s->window);
		return 0;
	}
	if (server.nflight && one_in(4) == 0)
		return take_one(s);
	if (server.commit_asked && one_in(3)) {
		struct file *f = server.open;

		memcpy(f->disk, f->data, SIZE * 2);
		f->disk_size = f->size;
		s->committing = server.commit_asked = false;
		window_durable(s->window, server.mark);
	}
	return 0;
}

static inline ssize_t mem_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	const struct file *f = server.open;

	(void)s;
	if (one_in(server.lose))
		return lost();
	if (server.unreadable)
		return fail(ERR_SYS, "%s: read error", f->name);
	if (at >= f->size)
		return 0;
	if (len > f->size - at)
		len = f->size - at;
	memcpy(buf, f->data + at, len);
	return (ssize_t)len;
}

static inline int mem_finish(struct store *s, bool complete)
{
	(void)s, (void)complete;
	return one_in(server.lose) || breaks() ? lost() : 0;
}

static inline int mem_is_ours(struct store *s, const char *path)
{
	(void)s;
	if (breaks())
		return -1;
	return find(path) && find(path) == server.open;
}

#define MEMORY { \
	.name = "memory", .connect = mem_connect, .close = mem_close, .stat = mem_stat, \
	.make_dir = mem_make_dir, .remove = mem_remove, .rename = mem_rename, \
	.space = mem_space, .create = mem_create, .open = mem_open, .write = mem_write, \
	.commit = mem_commit, .poll = mem_poll, .service = mem_service, .read = mem_read, \
	.finish = mem_finish, .is_ours = mem_is_ours, \
}

const struct store_ops store_nfs = MEMORY, store_ssh = MEMORY, store_local = MEMORY,
		       store_raw = MEMORY;

#endif
