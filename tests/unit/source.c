/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source-flat.h"
#include "source.h"
#include "unit.h"

enum { FILE_MAX_BYTES = 20000 };

static char dir[] = "/tmp/unit-source.XXXXXX";
static char path[sizeof dir + 16];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/file", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const void *buf, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(buf, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void opens(struct source *s)
{
	if (source_open(s, path))
		fail_msg("%s", err_text());
}

static void refuses(enum err code, const char *words)
{
	struct source s;

	assert_int_equal(source_open(&s, path), -1);
	assert_failed(code, words);
	assert_failed(code, path);
	assert_int_equal(s.fd, -1);
	source_close(&s);
}

static void plain(void **state)
{
	static uint8_t bytes[10000], copy[10000];
	struct source s;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	write_file(bytes, sizeof bytes);
	opens(&s);
	assert_int_equal(s.size, sizeof bytes);
	assert_false(s.flat || s.truncated || s.use_window);
	assert_int_equal(source_read(&s, copy, sizeof copy, 0), 0);
	assert_memory_equal(copy, bytes, sizeof bytes);
	assert_int_equal(source_read(&s, copy, 1, 9999), 0);
	assert_int_equal(copy[0], bytes[9999]);
	assert_int_equal(source_read(&s, copy, 0, 10000), 0);

	assert_int_equal(source_read(&s, copy, 1, 10000), -1);
	assert_failed(ERR_CORRUPT, "past the end");
	assert_int_equal(source_read(&s, copy, 2, 9999), -1);
	assert_int_equal(source_read(&s, copy, SIZE_MAX, 1), -1);
	assert_int_equal(source_read(&s, copy, 1, UINT64_MAX), -1);
	assert_failed(ERR_CORRUPT, "past the end");

	/* the file becomes shorter while we read it */
	assert_int_equal(truncate(path, 5000), 0);
	assert_int_equal(source_read(&s, copy, 100, 4950), -1);
	assert_failed(ERR_CORRUPT, "ends at 0x1388, 50 bytes early");
	source_close(&s);
	source_close(&s);
}

static void what_is_no_dump(void **state)
{
	struct source s;

	(void)state;
	unlink(path);
	refuses(ERR_SYS, "No such file");
	write_file("", 0);
	refuses(ERR_CORRUPT, "is empty");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	refuses(ERR_UNKNOWN, "pipe");	/* and does not wait for a writer */
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	refuses(ERR_UNKNOWN, "directory");
	rmdir(path);
	assert_int_equal(source_open(&s, "/dev/null"), -1);
	assert_failed(ERR_UNKNOWN, "device");
	/* a directory of procfs, and a file without a size */
	assert_int_equal(source_open(&s, "/proc"), -1);
	assert_failed(ERR_UNKNOWN, "directory");
	assert_int_equal(source_open(&s, "/proc/version"), -1);
	assert_failed(ERR_CORRUPT, "empty");
}

/* a file, but not a pipe */
static void standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), pipes[2];
	struct source s;
	char text[9];

	(void)state;
	write_file("something", 9);
	int fd = open(path, O_RDONLY);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(source_open(&s, "-"), 0);
	assert_string_equal(s.path, "standard input");
	assert_int_equal(source_read(&s, text, 4, 5), 0);
	assert_memory_equal(text, "hing", 4);
	source_close(&s);
	assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 0);	/* not closed, not moved */
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(source_open(&s, "-"), -1);
	assert_failed(ERR_USAGE, "standard input: is a pipe");
	close(STDIN_FILENO);
	assert_int_equal(source_open(&s, "-"), -1);
	assert_failed(ERR_SYS, "standard input: open: Bad file descriptor");
	dup2(saved, STDIN_FILENO);
	close(pipes[0]);
	close(pipes[1]);
	close(saved);
	close(fd);
}

/* what /proc/vmcore gets, on a file that can be compared: 33 MiB and a bit */
static void through_a_window(void **state)
{
	const uint64_t size = (33u << 20) + 1000, edge = 32u << 20;
	uint8_t a[9000], b[9000];
	struct source s, t;

	(void)state;
	write_file("", 0);
	int fd = open(path, O_WRONLY);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	for (uint64_t at = 0; at < size; at += 997)
		assert_int_equal(pwrite(fd, &at, sizeof at, (off_t)at), sizeof at);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);

	opens(&s);
	opens(&t);
	t.use_window = true;
	const uint64_t places[] = { 0, 5000, edge - 9000, edge - 1, edge, edge - 4500, 12345,
				    size - 9000, size - 1001, size - 1 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		for (size_t len = 1; len <= sizeof a; len = len * 2 + 1) {
			uint64_t at = places[i];
			int rc = source_read(&s, a, len, at);

			assert_int_equal(rc, source_read(&t, b, len, at));
			assert_int_equal(rc, at + len <= size ? 0 : -1);
			if (rc == 0)
				assert_memory_equal(a, b, len);
		}
	/* small reads here and there do not move the window, reads in sequence do */
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(source_read(&t, b, 8, i % 2 * (size - 8)), 0);
	assert_null(t.window);
	for (uint64_t at = 0; at + sizeof a <= size; at += sizeof a) {
		assert_int_equal(source_read(&s, a, sizeof a, at), 0);
		assert_int_equal(source_read(&t, b, sizeof b, at), 0);
		assert_memory_equal(a, b, sizeof a);
		if (at > 1000000 && at < edge)
			assert_true(t.window && t.window_at == 0);
		if (at > edge + 500000)
			assert_true(t.window && t.window_at == edge);
	}
	source_close(&s);
	source_close(&t);
}

/* where mapping is refused, reading must do */
static void without_a_window(void **state)
{
	static uint8_t buf[200000];
	struct source s;

	(void)state;
	memset(buf, 'x', sizeof buf);
	write_file(buf, sizeof buf);
	opens(&s);
	s.use_window = true;
	int fd = open(path, O_WRONLY);	/* cannot be mapped, nor read */
	int readable = s.fd;
	s.fd = fd;
	assert_int_equal(source_read(&s, buf, sizeof buf, 0), -1);
	assert_failed(ERR_SYS, "read at 0");
	assert_null(s.window);
	s.fd = readable;		/* the window is not tried again, but read() is */
	memset(buf, 0, sizeof buf);
	assert_int_equal(source_read(&s, buf, sizeof buf, 0), 0);
	assert_int_equal(buf[sizeof buf - 1], 'x');
	assert_null(s.window);
	close(fd);
	source_close(&s);
}

/* a flattened file being composed */
struct flattened {
	uint8_t bytes[FILE_MAX_BYTES];
	size_t len;
};

static void begin(struct flattened *f)
{
	memset(f, 0xee, sizeof *f);
	flat_make_header(f->bytes);
	f->len = FLAT_HEADER;
}

static void record(struct flattened *f, uint64_t offset, uint64_t size, const char *bytes)
{
	flat_make_record(f->bytes + f->len, offset, size);
	f->len += FLAT_RECORD;
	memcpy(f->bytes + f->len, bytes, strlen(bytes));
	f->len += strlen(bytes);
}

static void end(struct flattened *f)
{
	record(f, UINT64_MAX, UINT64_MAX, "");
	write_file(f->bytes, f->len);
}

static void expect(struct source *s, uint64_t at, const char *bytes, size_t len)
{
	char copy[64];

	memset(copy, '?', sizeof copy);
	if (source_read(s, copy, len, at))
		fail_msg("%s", err_text());
	assert_memory_equal(copy, bytes, len);
	assert_int_equal(copy[len], '?');
}

static void header_bytes(void **state)
{
	static const uint8_t numbers[] = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
	static const uint8_t rec[] = { 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x9a,
				       0, 0, 0, 0, 0, 0, 0x10, 0x01 };
	uint8_t head[FLAT_HEADER], made[FLAT_RECORD];

	(void)state;
	flat_make_header(head);
	assert_memory_equal(head, "makedumpfile\0\0\0\0", 16);
	assert_memory_equal(head + 16, numbers, sizeof numbers);
	for (int i = 32; i < FLAT_HEADER; i++)
		assert_int_equal(head[i], 0);
	assert_true(flat_is_header(head));
	head[15] = 1;
	assert_false(flat_is_header(head));
	flat_make_record(made, UINT64_C(0x123456789a), 0x1001);
	assert_memory_equal(made, rec, sizeof rec);
}

static void rearranged(void **state)
{
	static struct flattened f;
	struct source s;

	(void)state;
	begin(&f);
	record(&f, 100, 5, "later");
	record(&f, 0, 6, "firstX");
	record(&f, 50, 0, "");
	record(&f, 5, 4, "then");	/* over the X */
	record(&f, 102, 1, "T");	/* inside another */
	end(&f);
	opens(&s);
	assert_true(s.flat);
	assert_false(s.truncated);
	assert_int_equal(s.size, 105);
	expect(&s, 0, "firstthen\0\0", 11);
	expect(&s, 98, "\0\0laTer", 7);
	expect(&s, 104, "r", 1);
	assert_int_equal(source_read(&s, &f, 2, 104), -1);
	assert_failed(ERR_CORRUPT, "past the end");
	source_close(&s);
}

/* cut at every byte: what is there can be read, and it is known to be cut */
static void cut_short(void **state)
{
	static struct flattened f;
	struct source s;

	(void)state;
	begin(&f);
	record(&f, 8, 8, "bbbbbbbb");
	record(&f, 0, 8, "aaaaaaaa");
	end(&f);
	for (size_t len = 1; len <= f.len; len++) {
		size_t first = FLAT_HEADER + FLAT_RECORD, second = first + 8 + FLAT_RECORD;
		size_t b = len > first ? len - first : 0, a = len > second ? len - second : 0;

		write_file(f.bytes, len);
		if (len < FLAT_HEADER) {	/* a small file of something else */
			opens(&s);
			assert_false(s.flat);
			source_close(&s);
			continue;
		}
		if (b == 0) {
			refuses(ERR_CORRUPT, "without a record");
			continue;
		}
		opens(&s);
		assert_int_equal(s.truncated, len < f.len);
		assert_int_equal(s.size, 8 + (b < 8 ? b : 8));
		expect(&s, 8, "bbbbbbbb", b < 8 ? b : 8);
		expect(&s, 0, "aaaaaaaa", a < 8 ? a : 8);
		expect(&s, 0, "aaaaaaaa\0\0\0\0\0\0\0", a < 8 ? a : 8);
		source_close(&s);
	}
}

static void damaged(void **state)
{
	static const uint64_t bad[][2] = {
		{ UINT64_MAX, 0 }, { 0, UINT64_MAX }, { INT64_MAX, 1 }, { 1, INT64_MAX },
		{ UINT64_C(1) << 63, 1 }, { UINT64_MAX, 1 }, { UINT64_MAX - 1, UINT64_MAX },
	};
	static struct flattened f;
	struct source s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		begin(&f);
		record(&f, bad[i][0], bad[i][1], "x");
		end(&f);
		refuses(ERR_CORRUPT, "flattened record");

		/* what came before the damage counts */
		begin(&f);
		record(&f, 3, 2, "ok");
		record(&f, bad[i][0], bad[i][1], "x");
		end(&f);
		opens(&s);
		assert_true(s.truncated);
		assert_int_equal(s.size, 5);
		expect(&s, 0, "\0\0\0ok", 5);
		source_close(&s);
	}
	begin(&f);
	end(&f);
	refuses(ERR_CORRUPT, "without a record");
	begin(&f);
	f.bytes[23] = 2;
	record(&f, 0, 1, "x");
	end(&f);
	refuses(ERR_UNKNOWN, "type 2");
}

/* a size that is not there costs no memory, at the far end of the world neither */
static void far_away(void **state)
{
	static struct flattened f;
	struct source s;

	(void)state;
	begin(&f);
	record(&f, INT64_MAX - 4, 4, "last");
	record(&f, 0, INT64_MAX, "first");
	write_file(f.bytes, f.len);
	opens(&s);
	assert_true(s.truncated);
	assert_int_equal(s.size, INT64_MAX);
	expect(&s, 0, "first\0", 6);
	expect(&s, INT64_MAX - 5, "\0last", 5);
	source_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(what_is_no_dump),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(through_a_window),
		cmocka_unit_test(without_a_window),
		cmocka_unit_test(header_bytes),
		cmocka_unit_test(rearranged),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(damaged),
		cmocka_unit_test(far_away),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
