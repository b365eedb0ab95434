/* with: dumpsend/deliver.c dumpsend/pump.c dumpsend/landing.c dumpsend/small.c dumpsend/verify.c dumpsend/resume.c dumpsend/cargo.c dumpsend/window.c dumpsend/input.c dumpsend/digest.c dumpsend/meter.c dumpsend/net.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
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
	size_t room;		/* bytes that the disk still takes */
	uint64_t flip;		/* the byte that is damaged on its way; 0: none */
} server;

static unsigned one_in(unsigned n)
{
	return n && unit_random(&server.seed) % n == 0;
}

static struct file *find(const char *path)
{
	for (int i = 0; i < FILES; i++)
		if (server.files[i].used && strcmp(server.files[i].name, path) == 0)
			return &server.files[i];
	return NULL;
}

static int lost(void)
{
	return fail(ERR_AGAIN, "connection lost");
}

static void crash(void)
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

static int mem_connect(struct store *s)
{
	if (one_in(server.lose))
		return lost();
	strcpy(s->where, "memory");
	s->write_max = 5000;
	s->flight_max = 30000;
	s->can_sync = true;
	server.nflight = 0;
	server.commit_asked = false;
	return 0;
}

static void mem_close(struct store *s)
{
	(void)s;
	server.open = NULL;
}

static int mem_stat(struct store *s, const char *path, struct store_stat *st)
{
	struct file *f = find(path);

	(void)s;
	if (one_in(server.lose))
		return lost();
	*st = (struct store_stat){ .size = f ? f->size : 0, .is_dir = strcmp(path, "/d") == 0 };
	return f || st->is_dir;
}

static int mem_make_dir(struct store *s, const char *path)
{
	(void)s, (void)path;
	return 0;
}

static int mem_remove(struct store *s, const char *path)
{
	struct file *f = find(path);

	(void)s;
	if (f)
		f->used = false;
	return 0;
}

static int mem_rename(struct store *s, const char *from, const char *to, bool replace)
{
	struct file *f = find(from);

	(void)s, (void)replace;
	if (!f || find(to))
		return fail(ERR_SYS, "%s: cannot be renamed to %s", from, to);
	strcpy(f->name, to);
	return one_in(server.lose) ? lost() : 0;	/* done, but the answer is lost */
}

static int mem_space(struct store *s, const char *path, uint64_t *bytes)
{
	(void)s, (void)path;
	*bytes = server.room;
	return 1;
}

static int mem_create(struct store *s, const char *path)
{
	(void)s;
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
		return 0;
	}
	return fail(ERR_SYS, "too many files");
}

static int mem_open(struct store *s, const char *path)
{
	(void)s;
	server.open = find(path);
	return server.open != NULL;
}

static int mem_write(struct store *s, const struct part *p)
{
	assert_true(p->len <= s->write_max);
	if (server.nflight == FLIGHT)
		return STORE_BUSY;
	server.flight[server.nflight++] = *p;
	s->in_flight += p->len;
	return 0;
}

static int mem_commit(struct store *s)
{
	assert_false(s->committing);
	s->committing = server.commit_asked = true;
	server.mark = window_mark(s->window);
	return 0;
}

static int mem_poll(struct store *s, struct pollfd fds[STORE_FDS])
{
	(void)s, (void)fds;
	/* there is something to do at once: no waiting */
	fds[0] = (struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT };
	return 1;
}

/* any one of what is on its way */
static int take_one(struct store *s)
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

static int mem_service(struct store *s)
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

static ssize_t mem_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	const struct file *f = server.open;

	(void)s;
	if (one_in(server.lose))
		return lost();
	if (at >= f->size)
		return 0;
	if (len > f->size - at)
		len = f->size - at;
	memcpy(buf, f->data + at, len);
	return (ssize_t)len;
}

static int mem_finish(struct store *s, bool complete)
{
	(void)s, (void)complete;
	return one_in(server.lose) ? lost() : 0;
}

static int mem_is_ours(struct store *s, const char *path)
{
	(void)s;
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

/* the file that is to arrive, and the stream that says so, in the file "stream" */
static uint8_t content[SIZE];

static void put_record(FILE *f, uint64_t at, uint64_t len)
{
	uint8_t raw[FLAT_RECORD];

	flat_make_record(raw, at, len);
	assert_int_equal(fwrite(raw, sizeof raw, 1, f), 1);
	if (len <= SIZE)
		assert_int_equal(fwrite(content + at, 1, len, f), len);
}

/* records of many lengths, from both ends in turn; all bytes, each once */
static void make_stream(uint64_t seed)
{
	uint8_t header[FLAT_HEADER];
	uint64_t low = 0, high = SIZE;
	FILE *f = fopen("stream", "w");

	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)unit_random(&seed);
	flat_make_header(header);
	assert_int_equal(fwrite(header, sizeof header, 1, f), 1);
	while (low < high) {
		uint64_t len = 1 + unit_random(&seed) % (unit_random(&seed) % 8 ? 300 : 30000);

		if (len > high - low)
			len = high - low;
		if (unit_random(&seed) % 4) {
			put_record(f, low, len);
			low += len;
		} else {
			high -= len;
			put_record(f, high, len);
		}
	}
	put_record(f, UINT64_MAX, UINT64_MAX);
	fclose(f);
}

static void forget_files(void)
{
	for (int i = 0; i < FILES; i++) {
		free(server.files[i].data);
		free(server.files[i].disk);
	}
	server = (struct server){ .room = SIZE_MAX };
}

static const struct target target = { .kind = TARGET_NFS, .text = "memory" };

static int send_stream(struct cargo *c, enum verify how, uint64_t retry_ms)
{
	const struct deliver_options o = {
		.store = { .silence_ms = 1000 }, .verify = how, .retry_ms = retry_ms,
		.deadline_ms = UINT64_MAX, .sha256 = false,
	};
	struct delivery d;
	int rc;

	assert_int_equal(deliver_open(&d, &target, "/d/vmcore", c, NULL, &o), 0);
	d.is_last = true;
	rc = deliver(&d);
	deliver_close(&d);
	return rc;
}

static void assert_arrived(void)
{
	const struct file *f = find("/d/vmcore");

	assert_non_null(f);
	assert_null(find("/d/vmcore-incomplete"));
	assert_int_equal(f->size, SIZE);
	assert_memory_equal(f->data, content, SIZE);
	assert_memory_equal(f->disk, content, SIZE);
}

/* connections lost and servers restarted at random, hundreds of times */
static void survives(void **state)
{
	struct cargo c;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		make_stream(seed);
		forget_files();
		server.seed = seed * 7919;
		server.lose = seed % 3 ? 60 + (unsigned)seed * 10 : 0;
		server.crash = seed % 4 ? 80 + (unsigned)seed * 5 : 0;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		if (send_stream(&c, seed % 2 ? VERIFY_FULL : VERIFY_SIZE, 60000))
			fail_msg("seed %d: %s", (int)seed, err_text());
		cargo_close(&c);
		assert_arrived();
	}
	forget_files();
}

/* one bit on the way: seen by full, and then nothing has the final name */
static void sees_a_flip(void **state)
{
	struct cargo c;

	(void)state;
	make_stream(3);
	for (uint64_t at = 1; at < SIZE; at += 49999) {
		forget_files();
		server.seed = at;
		server.flip = at;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		assert_int_equal(send_stream(&c, VERIFY_FULL, 0), -1);
		assert_failed(ERR_SYS, "differs from what was sent");
		cargo_close(&c);
		assert_null(find("/d/vmcore"));
		assert_non_null(find("/d/vmcore-incomplete"));
	}
	forget_files();
}

static void full_server(void **state)
{
	struct cargo c;

	(void)state;
	make_stream(4);
	forget_files();
	server.seed = 5;
	server.room = SIZE / 2;
	assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
	assert_int_equal(send_stream(&c, VERIFY_FULL, 1000), -1);
	assert_failed(ERR_FULL, "/d/vmcore-incomplete");
	cargo_close(&c);
	assert_null(find("/d/vmcore"));
	forget_files();
}

/* cut at any byte: what came is kept under the name that says so */
static void cut_stream(void **state)
{
	struct cargo c;

	(void)state;
	for (long len = 4096; len < SIZE; len = len * 5 / 4 + 1) {
		make_stream(6);
		assert_int_equal(truncate("stream", len), 0);
		forget_files();
		server.seed = (uint64_t)len;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		assert_int_equal(send_stream(&c, VERIFY_FULL, 1000), -1);
		if (find("/d/vmcore-incomplete"))
			assert_failed(ERR_STOPPED, "without its end marker; what came before is in");
		else
			assert_failed(ERR_CORRUPT, "of no use");
		cargo_close(&c);
		assert_null(find("/d/vmcore"));
	}
	forget_files();
}

/* a file whose first sending was given up goes on where it was */
static void resumes(void **state)
{
	struct cargo c;
	unsigned resumed = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		make_stream(seed);
		forget_files();
		server.seed = seed;
		server.lose = 150;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		send_stream(&c, VERIFY_FULL, 0);	/* comes as far as it comes */
		cargo_close(&c);
		server.lose = 0;
		if (find("/d/vmcore"))
			continue;
		crash();
		resumed += find("/d/vmcore-incomplete") && find("/d/vmcore-incomplete")->size > 0;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		if (send_stream(&c, VERIFY_DEFAULT, 0))
			fail_msg("seed %d: %s", (int)seed, err_text());
		cargo_close(&c);
		assert_arrived();
		assert_null(find("/d/vmcore-incomplete.1"));
	}
	assert_true(resumed > 3);
	forget_files();
}

/* the same name, another dump: it is not mixed up, and not lost */
static void keeps_strangers(void **state)
{
	struct cargo c;
	struct file *f;

	(void)state;
	forget_files();
	server.seed = 9;
	assert_int_equal(mem_create(NULL, "/d/vmcore-incomplete"), 0);
	f = server.open;
	memset(f->data, 0x55, SIZE);
	f->size = SIZE / 2;
	make_stream(8);
	assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
	assert_int_equal(send_stream(&c, VERIFY_FULL, 0), 0);
	cargo_close(&c);
	assert_arrived();
	f = find("/d/vmcore-incomplete.1");
	assert_non_null(f);
	assert_int_equal(f->size, SIZE / 2);
	forget_files();
}

static int enter(void **state)
{
	static char dir[] = "/tmp/unit-delivery.XXXXXX";

	(void)state;
	say_less();
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int leave(void **state)
{
	char cwd[256];

	(void)state;
	unlink("stream");
	return getcwd(cwd, sizeof cwd) && chdir("/") == 0 ? rmdir(cwd) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives),
		cmocka_unit_test(sees_a_flip),
		cmocka_unit_test(full_server),
		cmocka_unit_test(cut_stream),
		cmocka_unit_test(resumes),
		cmocka_unit_test(keeps_strangers),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
