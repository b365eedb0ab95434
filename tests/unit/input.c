/* with: dumpsend/input.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../dumpsend/input.h"
#include "unit.h"

enum { MOST = 20000 };

/* three records, two of them with a gap; a stream of len bytes */
static uint8_t stream[MOST];
static size_t stream_len;
static uint8_t file[MOST];

static void add(uint64_t at, size_t len, int byte)
{
	flat_make_record(stream + stream_len, at, len);
	stream_len += FLAT_RECORD;
	memset(stream + stream_len, byte, len);
	memset(file + at, byte, len);
	stream_len += len;
}

static int setup(void **state)
{
	(void)state;
	flat_make_header(stream);
	stream_len = FLAT_HEADER;
	add(0, 500, 1);
	add(3000, 700, 2);
	add(500, 300, 3);
	flat_make_record(stream + stream_len, UINT64_MAX, UINT64_MAX);
	stream_len += FLAT_RECORD;
	return 0;
}

/* standard input becomes a pipe; the other end */
static int make_pipe(void)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	close(fds[0]);
	return fds[1];
}

static void feed(int fd, const void *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
}

/* all that comes, laid into got; 0 at the end, or -1 */
static int drain(struct input *in, uint8_t *got)
{
	while (!in->ended) {
		uint64_t at;
		size_t len;
		ssize_t n;
		int rc = input_next(in, &at, &len);

		if (rc <= 0)
			return rc;
		assert_true(at < MOST && len > 0);
		n = input_read(in, got + at, len < 97 ? len : 97);
		if (n <= 0 && !in->ended)
			return (int)n;
		if (n < 0)
			return -1;
	}
	return 0;
}

/* a stream that comes a byte at a time is never waited for, and laid down right */
static void byte_by_byte(void **state)
{
	uint8_t got[MOST] = { 0 };
	struct input in;
	size_t sent = INPUT_HEAD;
	int fd = make_pipe();

	(void)state;
	feed(fd, stream, sent);
	assert_int_equal(input_open(&in, NULL, false), 0);
	assert_true(in.flat);
	assert_false(in.as_is);
	assert_false(in.seekable);
	while (sent < stream_len) {
		assert_int_equal(drain(&in, got), 0);
		assert_false(in.ended);
		feed(fd, stream + sent++, 1);
	}
	assert_int_equal(drain(&in, got), 0);
	assert_true(in.ended);
	assert_memory_equal(got, file, 4000);
	close(fd);
	input_close(&in);
}

/* cut at every byte: ERR_STOPPED, or too short to be one at all */
static void cut_anywhere(void **state)
{
	uint8_t got[MOST];
	struct input in;

	(void)state;
	for (size_t len = 1; len < stream_len; len += 13) {
		int fd = make_pipe();

		feed(fd, stream, len);
		close(fd);
		assert_int_equal(input_open(&in, NULL, false), 0);
		if (len < FLAT_HEADER) {
			assert_false(in.flat);
		} else {
			assert_int_equal(drain(&in, got), -1);
			assert_failed(ERR_STOPPED, "without its end marker");
		}
		input_close(&in);
	}
}

static void damaged(void **state)
{
	uint8_t got[MOST];
	struct input in;
	int fd = make_pipe();

	(void)state;
	stream[FLAT_HEADER + FLAT_RECORD + 500] = 0x80;		/* a negative offset */
	feed(fd, stream, stream_len);
	close(fd);
	assert_int_equal(input_open(&in, NULL, false), 0);
	assert_int_equal(drain(&in, got), -1);
	assert_failed(ERR_STOPPED, "the record at byte 4612 is damaged");
	input_close(&in);
}

/* as it is: every byte in its place, and still it is known whether it is whole */
static void as_it_is(void **state)
{
	uint8_t got[MOST];
	struct input in;

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		int fd = make_pipe();

		feed(fd, stream, stream_len - (whole ? 0 : 1));
		close(fd);
		assert_int_equal(input_open(&in, NULL, true), 0);
		assert_int_equal(drain(&in, got), whole - 1);
		assert_memory_equal(got, stream, stream_len - 1);
		assert_int_equal(in.marker, whole);
		input_close(&in);
	}
}

static void plain(void **state)
{
	uint8_t got[MOST] = { 0 };
	struct input in;
	size_t len;
	int fd = make_pipe();

	(void)state;
	feed(fd, "a log\n", 6);
	close(fd);
	assert_int_equal(input_open(&in, NULL, false), 0);
	assert_true(in.as_is);
	assert_memory_equal(input_file_head(&in, &len), "a log\n", 6);
	assert_int_equal(len, 6);
	assert_int_equal(drain(&in, got), 0);
	assert_true(in.ended);
	assert_int_equal(in.pos, 6);
	assert_memory_equal(got, "a log\n", 6);
	input_close(&in);
}

static void nothing(void **state)
{
	struct input in;

	(void)state;
	close(make_pipe());
	assert_int_equal(input_open(&in, NULL, false), -1);
	assert_failed(ERR_CORRUPT, "standard input: is empty");
	assert_int_equal(input_open(&in, "/nonexistent/file", false), -1);
	assert_failed(ERR_SYS, "/nonexistent/file");
	assert_int_equal(input_open(&in, "/", false), -1);
	assert_failed(ERR_SYS, "directory");
}

/* a file can be read again, and tells its size and what its dump begins with */
static void a_file(void **state)
{
	char path[] = "/tmp/unit-input.XXXXXX";
	uint8_t got[MOST] = { 0 }, again[MOST] = { 0 };
	struct input in;
	size_t len;
	int fd = mkstemp(path);

	(void)state;
	feed(fd, stream, stream_len);
	close(fd);
	assert_int_equal(input_open(&in, path, false), 0);
	assert_true(in.seekable);
	assert_int_equal(in.size, stream_len);
	assert_memory_equal(input_file_head(&in, &len), file, 464);
	assert_int_equal(len, 464);
	assert_int_equal(drain(&in, got), 0);
	assert_int_equal(input_rewind(&in), 0);
	assert_false(in.ended);
	assert_int_equal(drain(&in, again), 0);
	assert_memory_equal(got, file, 4000);
	assert_memory_equal(again, file, 4000);
	input_close(&in);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(byte_by_byte, setup),
		cmocka_unit_test_setup(cut_anywhere, setup),
		cmocka_unit_test_setup(damaged, setup),
		cmocka_unit_test_setup(as_it_is, setup),
		cmocka_unit_test_setup(plain, setup),
		cmocka_unit_test_setup(nothing, setup),
		cmocka_unit_test_setup(a_file, setup),
	};

	return RUN(tests);
}
