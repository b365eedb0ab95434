/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out, as far as it writes to standard output and to devices that are like pipes */
#include <fcntl.h>
#include <pty.h>

#include "out-dir.h"
#include "source-flat.h"

static void stdout_file(void **state)
{
	struct out o;

	(void)state;
	put("redirected", "something longer that was here before");
	int fd = open("redirected", O_RDWR);
	redirect(fd);
	int rc = out_open(&o, "-", false);
	int kind = (int)o.kind;
	rc |= out_pwrite(&o, "back", 4, 8);
	rc |= out_pwrite(&o, "front", 5, 0);
	rc |= out_commit(&o);
	out_close(&o);
	restore();
	assert_int_equal(rc, 0);
	assert_int_equal(kind, OUT_STDOUT);
	holds("redirected", "front\0\0\0back", 12);

	redirect(fd);
	rc = lseek(fd, 0, SEEK_SET) != 0 || out_open(&o, NULL, false);
	rc |= out_pwrite(&o, "worthless", 9, 0);
	out_discard(&o);
	out_close(&o);
	restore();
	assert_int_equal(rc, 0);
	holds("redirected", "", 0);
	close(fd);
}

/* at the end of a file, or not at its start: only a stream fits there */
static void stdout_append(void **state)
{
	static const int flags[] = { O_WRONLY | O_APPEND, O_WRONLY };
	char expected[3 + FLAT_HEADER + 2 * FLAT_RECORD + 4];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct out o;

		put("redirected", "log");
		int fd = open("redirected", flags[i]);
		if (!(flags[i] & O_APPEND))
			lseek(fd, 3, SEEK_SET);
		redirect(fd);
		int rc = out_open(&o, "/dev/stdout", true);
		int kind = (int)o.kind;
		rc |= out_pwrite(&o, "dump", 4, 0);
		rc |= out_commit(&o);
		uint64_t written = o.written;
		out_close(&o);
		restore();
		close(fd);
		assert_int_equal(rc, 0);
		assert_int_equal(kind, OUT_FLAT);
		memcpy(expected, "log", 3);
		flat_make_header(expected + 3);
		flat_make_record(expected + 3 + FLAT_HEADER, 0, 4);
		memcpy(expected + 3 + FLAT_HEADER + FLAT_RECORD, "dump", 4);
		flat_make_record(expected + sizeof expected - FLAT_RECORD, UINT64_MAX, UINT64_MAX);
		holds("redirected", expected, sizeof expected);
		assert_int_equal(written, sizeof expected - 3);
	}
}

static void terminal(void **state)
{
	int keyboard, screen;
	char got[10] = "";
	struct out o;

	(void)state;
	assert_int_equal(openpty(&keyboard, &screen, NULL, NULL, NULL), 0);
	redirect(screen);
	int rc = out_open(&o, "-", false);
	int stream_rc = out_open_stream(&o, "-", false);
	int kind = (int)o.kind;
	int write_rc = out_write(&o, "text", 4) | out_commit(&o);
	out_close(&o);
	restore();
	assert_int_equal(rc, -1);
	assert_failed(ERR_USAGE, "terminal");
	assert_int_equal(stream_rc | write_rc, 0);
	assert_int_equal(kind, OUT_TEXT);
	assert_int_equal(read(keyboard, got, sizeof got - 1), 4);
	assert_string_equal(got, "text");
	close(keyboard);
	close(screen);
}

static void no_stdout(void **state)
{
	struct out o;

	(void)state;
	fflush(stdout);
	saved_stdout = dup(STDOUT_FILENO);
	close(STDOUT_FILENO);
	int rc = out_open(&o, "-", false);
	restore();
	assert_int_equal(rc, -1);
	assert_failed(ERR_SYS, "standard output");
}

static void text_stream(void **state)
{
	struct out o;

	(void)state;
	put("redirected", "");
	int fd = open("redirected", O_WRONLY | O_APPEND);
	redirect(fd);
	int rc = out_open_stream(&o, NULL, false);
	rc |= out_write(&o, "one ", 4) | out_write(&o, "", 0) | out_write(&o, "two", 3);
	int seek_rc = out_pwrite(&o, "x", 1, 0);
	rc |= out_reserve(&o, 0, 100) | out_commit(&o);
	out_close(&o);
	restore();
	close(fd);
	assert_int_equal(rc, 0);
	assert_int_equal(seek_rc, -1);
	holds("redirected", "one two", 7);

	assert_int_equal(out_open_stream(&o, PATH, false), 0);
	assert_int_equal(o.kind, OUT_FILE);
	assert_int_equal(out_write(&o, "a", 1) | out_write(&o, "b", 1), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	holds(PATH, "ab", 2);
}

static void devices(void **state)
{
	struct out o;
	char buf[8192] = "";

	(void)state;
	opens(&o, "/dev/null", false);
	assert_int_equal(o.kind, OUT_FLAT);
	assert_int_equal(out_pwrite(&o, buf, sizeof buf, 0), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	assert_int_equal(out_open_stream(&o, "/dev/null", false), 0);
	assert_int_equal(o.kind, OUT_TEXT);
	assert_int_equal(out_write(&o, "x", 1), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);

	opens(&o, "/dev/full", false);
	assert_int_equal(out_pwrite(&o, buf, sizeof buf, 0), -1);
	assert_failed(ERR_FULL, "/dev/full");
	/* after that, nothing more goes into the stream */
	assert_int_equal(out_pwrite(&o, buf, 1, 0), -1);
	assert_int_equal(out_commit(&o), -1);
	assert_failed(ERR_FULL, "/dev/full");
	out_close(&o);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, clean_before)
	const struct CMUnitTest tests[] = {
		TEST(stdout_file), TEST(stdout_append), TEST(terminal), TEST(no_stdout),
		TEST(text_stream), TEST(devices),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
