/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out, as far as it writes to pipes: the flattened format, readers, signals */
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#include "out-dir.h"
#include "source-flat.h"
#include "source.h"
#include "stop.h"

/* a pipe that is read by another process into a file */
static pid_t reader_of(int fds[2], const char *name)
{
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		char buf[3001];
		ssize_t n;

		close(fds[1]);
		while ((n = read(fds[0], buf, sizeof buf)) > 0)
			if (write(file, buf, (size_t)n) != n)
				_exit(1);
		_exit(n != 0);
	}
	close(fds[0]);
	return pid;
}

static void wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* a dump of sorts: pieces here and there, overlapping, with gaps */
static int write_pieces(struct out *o)
{
	static uint8_t big[200000];
	uint64_t seed = 9;

	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)unit_random(&seed);
	for (int i = 0; i < 200; i++) {
		size_t len = unit_random(&seed) % 9000;
		uint64_t at = unit_random(&seed) % 500000;

		if (out_pwrite(o, big + len, len, at))
			return -1;
	}
	return out_pwrite(o, big, sizeof big, 600000) | out_pwrite(o, big + 5, 3, 700001) |
	       out_reserve(o, 0, 1000) | out_write(o, big, 17) | out_write(o, big + 100, 20);
}

/* as a file, and through a pipe and laid down again: the same bytes */
static void flat_equals_file(void **state)
{
	static uint8_t a[800000], b[800000];
	struct source direct, flat;
	struct out o;
	int fds[2];

	(void)state;
	opens(&o, PATH, false);
	assert_int_equal(write_pieces(&o), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);

	/* blocking and not; a full pipe that does not block says EAGAIN */
	for (int nonblock = 0; nonblock < 2; nonblock++) {
		pid_t pid = reader_of(fds, "stream");

		if (nonblock)
			fcntl(fds[1], F_SETFL, O_NONBLOCK);
		redirect(fds[1]);
		int rc = out_open(&o, NULL, false);
		int kind = (int)o.kind;
		rc |= write_pieces(&o);
		rc |= out_sync(&o);
		rc |= out_sync(&o);	/* one end marker, however often */
		int late = out_pwrite(&o, "x", 1, 0);
		rc |= out_commit(&o);
		uint64_t written = o.written;
		out_close(&o);
		restore();
		close(fds[1]);
		wait_for(pid);
		assert_int_equal(rc, 0);
		assert_int_equal(kind, OUT_FLAT);
		assert_int_equal(late, -1);
		assert_failed(ERR_SYS, "after its end");

		struct stat st;
		assert_int_equal(stat("stream", &st), 0);
		assert_int_equal(st.st_size, written);
		assert_int_equal(source_open(&direct, PATH) | source_open(&flat, "stream"), 0);
		assert_true(flat.flat && !flat.truncated && !direct.flat);
		assert_int_equal(direct.size, 800000);
		assert_int_equal(flat.size, direct.size);
		assert_int_equal(source_read(&direct, a, sizeof a, 0), 0);
		assert_int_equal(source_read(&flat, b, sizeof b, 0), 0);
		assert_memory_equal(a, b, sizeof a);
		source_close(&direct);
		source_close(&flat);
	}
}

/* a failed start leaves no bytes; a stream without a record is still whole */
static void flat_start_and_end(void **state)
{
	char expected[FLAT_HEADER + FLAT_RECORD];
	struct out o;
	int fds[2];

	(void)state;
	for (int commit = 0; commit < 2; commit++) {
		pid_t pid = reader_of(fds, "stream");

		redirect(fds[1]);
		int rc = out_open(&o, NULL, false);
		rc |= out_pwrite(&o, "", 0, 5);
		rc |= commit ? out_commit(&o) : 0;
		out_close(&o);
		restore();
		close(fds[1]);
		wait_for(pid);
		assert_int_equal(rc, 0);
		flat_make_header(expected);
		flat_make_record(expected + FLAT_HEADER, UINT64_MAX, UINT64_MAX);
		holds("stream", expected, commit ? sizeof expected : 0);
	}
}

static void fifo(void **state)
{
	struct out o;

	(void)state;
	assert_int_equal(mkfifo(PATH, 0600), 0);
	int fd = open(PATH, O_RDONLY | O_NONBLOCK);
	opens(&o, PATH, false);
	assert_int_equal(o.kind, OUT_FLAT);
	assert_int_equal(out_pwrite(&o, "x", 1, 0), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	assert_true(exists(PATH) && !exists(TEMP));
	char buf[FLAT_HEADER + 1];
	assert_int_equal(read(fd, buf, sizeof buf), sizeof buf);
	assert_true(flat_is_header(buf));
	close(fd);
}

static void nobody_reads(void **state)
{
	struct out o;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	redirect(fds[1]);
	int rc = out_open(&o, NULL, false);
	int write_rc = out_pwrite(&o, "x", 1, 0);
	int commit_rc = out_commit(&o);
	out_close(&o);
	restore();
	close(fds[1]);
	assert_int_equal(rc, 0);
	assert_int_equal(write_rc, -1);
	assert_int_equal(commit_rc, -1);
	assert_failed(ERR_PIPE, "standard output");
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * In a process of its own, because a stop is for good. A reader that has fallen
 * asleep must not keep us; one that reads again gets the rest of the record.
 */
static int stopped_child(int fds[2], bool reader_wakes)
{
	static char buf[500000];
	double begin = seconds();
	struct out o;

	stop_catch();
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	if (!reader_wakes)
		fcntl(fds[0], F_SETPIPE_SZ, 65536);
	alarm(20);
	if (out_open(&o, NULL, false))
		return 10;
	int rc = out_pwrite(&o, buf, sizeof buf, 0);
	if (stop_check() == 0)
		return 11;		/* we were not stopped at all */
	if (seconds() - begin > 8)
		return 12;
	if (reader_wakes)
		return rc || out_pwrite(&o, buf, 100, 500000) || out_commit(&o) ? 13 : 0;
	if (rc != -1 || err_code() != ERR_STOPPED)
		return 14;
	if (out_pwrite(&o, buf, 1, 0) != -1 || out_commit(&o) != -1)
		return 15;
	return 0;
}

static void stopped_by_signal(void **state)
{
	static char buf[600000];

	(void)state;
	for (int wakes = 0; wakes < 2; wakes++) {
		size_t n = 0;
		ssize_t more;
		int fds[2], status;

		assert_int_equal(pipe(fds), 0);
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0)
			_exit(stopped_child(fds, wakes));
		close(fds[1]);
		usleep(300000);
		kill(pid, SIGTERM);
		usleep(300000);
		while (wakes && (more = read(fds[0], buf + n, sizeof buf - n)) > 0)
			n += (size_t)more;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		close(fds[0]);
		if (wakes)
			assert_int_equal(n, FLAT_HEADER + 3 * FLAT_RECORD + 500000 + 100);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, clean_before)
	const struct CMUnitTest tests[] = {
		TEST(flat_equals_file), TEST(flat_start_and_end), TEST(fifo),
		TEST(nobody_reads), TEST(stopped_by_signal),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
