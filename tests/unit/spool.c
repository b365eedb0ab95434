/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source-flat.h"
#include "source.h"
#include "spool.h"
#include "unit.h"

enum { LEN = 700000, PIECE = 90000 };

static char dir[] = "/tmp/spool.XXXXXX";
static uint8_t bytes[LEN];	/* the file that comes */
static uint8_t flat[LEN + 8192];	/* in flattened clothes, the last piece first */
static size_t flat_len;

static void make_flat(void)
{
	uint8_t *p = flat;

	flat_make_header(p);
	p += FLAT_HEADER;
	for (size_t at = LEN / PIECE * PIECE + PIECE; at > 0; ) {
		size_t n = (at -= PIECE) + PIECE < LEN ? PIECE : LEN - at;

		flat_make_record(p, at, n);
		memcpy(p + FLAT_RECORD, bytes + at, n);
		p += FLAT_RECORD + n;
	}
	flat_make_record(p, UINT64_MAX, UINT64_MAX);
	flat_len = (size_t)(p + FLAT_RECORD - flat);
}

static int setup(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (size_t i = 0; i < LEN; i++)
		bytes[i] = (uint8_t)unit_random(&seed);
	make_flat();
	return mkdtemp(dir) ? 0 : -1;
}

static int cleanup(void **state)
{
	(void)state;
	return rmdir(dir);	/* nothing was left in there */
}

/* a process whose output becomes our standard input */
static pid_t feed(const void *buf, size_t len)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		const uint8_t *p = buf;

		close(ends[0]);
		for (size_t n; len > 0; p += n, len -= n) {
			n = len < 7777 ? len : 7777;
			if (write(ends[1], p, n) != (ssize_t)n)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return pid;
}

static int spool(struct spool *s, const void *buf, size_t len)
{
	pid_t pid = feed(buf, len);
	int rc = spool_open(s, dir, ""), null = open("/dev/null", O_RDONLY);

	/* who still writes shall not wait for a reader */
	if (rc)
		dup2(null, STDIN_FILENO);
	close(null);
	waitpid(pid, NULL, 0);
	return rc;
}

/* standard input holds these bytes, after whatever came before */
static void check_input(const struct spool *s, size_t from, size_t to)
{
	static uint8_t got[LEN];
	struct source src;

	assert_int_equal(source_open(&src, s->path), 0);
	assert_int_equal(src.size, LEN);
	assert_int_equal(source_read(&src, got, to - from, from), 0);
	assert_memory_equal(got, bytes + from, to - from);
	source_close(&src);
}

static void whole(void **state)
{
	struct spool s;

	(void)state;
	assert_int_equal(spool(&s, flat, flat_len), 0);
	assert_false(s.truncated);
	assert_string_equal(s.why, "");
	check_input(&s, 0, LEN);
	assert_int_equal(spool(&s, bytes, LEN), 0);
	assert_false(s.truncated);
	check_input(&s, 0, LEN);
	/* now it is a file, and that is used as it is */
	assert_int_equal(spool_open(&s, NULL, ", or go -R"), 0);
	check_input(&s, 0, LEN);
}

static void cut(void **state)
{
	static const size_t less[] = { 1, 16, 17, 60000, 300000 };
	struct spool s;

	(void)state;
	for (size_t i = 0; i < sizeof less / sizeof less[0]; i++) {
		size_t rest = less[i] > 16 ? less[i] - 16 : 0;

		assert_int_equal(spool(&s, flat, flat_len - less[i]), 0);
		assert_true(s.truncated);
		assert_non_null(strstr(s.why, "without its end marker"));
		assert_int_equal(s.code, ERR_CORRUPT);
		/* the first piece comes last */
		if (rest < PIECE)
			check_input(&s, PIECE, LEN);
		else
			check_input(&s, rest + PIECE, LEN);
	}
	flat[FLAT_HEADER] = 0x80;
	assert_int_equal(spool(&s, flat, flat_len), -1);
	flat[FLAT_HEADER] = 0;
	assert_failed(ERR_CORRUPT, "record at byte 4096 is damaged; what came before is of no use");
}

static void refused(void **state)
{
	struct spool s;
	pid_t pid = feed(bytes, 10);

	(void)state;
	assert_int_equal(spool_open(&s, NULL, ", or go -R"), -1);
	assert_failed(ERR_USAGE, "--tmp DIR");
	assert_failed(ERR_USAGE, "-R");
	assert_int_equal(spool_open(&s, "/nowhere", ""), -1);
	assert_failed(ERR_SYS, "/nowhere: No such file");
	waitpid(pid, NULL, 0);
	assert_int_equal(spool(&s, bytes, 0), -1);
	assert_failed(ERR_CORRUPT, "standard input: is empty");
	assert_int_equal(spool(&s, flat, FLAT_HEADER), -1);
	assert_failed(ERR_CORRUPT, "ends at byte 4096");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(cut),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
