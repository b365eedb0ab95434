/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/store-local.c dumpsend/window.c dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../../dumpsend/store.h"
#include "../../dumpsend/target.h"
#include "out-dir.h"

static struct target target;
static struct store_options options;
static struct window window;
static struct store store;

static const struct store_ops *const ops = &store_local;

static int begin(void **state)
{
	clean_before(state);
	store = (struct store){ .ops = ops, .target = &target, .options = &options,
				.window = &window };
	return target_parse(&target, "file:/x") || window_open(&window, WINDOW_MIN) ||
	       ops->connect(&store);
}

static int end(void **state)
{
	(void)state;
	ops->close(&store);
	ops->close(&store);
	window_close(&window);
	target_close(&target);
	return 0;
}

static int write_at(const char *text, uint64_t at)
{
	struct part p;
	size_t len;

	memcpy(window_room(&window, at, &len), text, strlen(text));
	window_filled(&window, at, strlen(text));
	window_push(&window);
	assert_int_equal(window_next(&window, store.write_max, &p), 1);
	return ops->write(&store, &p);
}

static void whole(void **state)
{
	char buf[20] = "";
	struct store_stat st;
	struct stat mode;

	(void)state;
	assert_int_equal(ops->stat(&store, PATH, &st), 0);
	assert_int_equal(ops->create(&store, TEMP), 0);
	assert_int_equal(write_at("world", 6), 0);
	assert_int_equal(write_at("hello", 0), 0);
	assert_true(window_is_empty(&window));	/* nobody could send it again */
	assert_int_equal(window.unsynced, 0);
	assert_int_equal(ops->read(&store, buf, sizeof buf, 0), 11);
	assert_memory_equal(buf, "hello\0world", 11);
	assert_int_equal(ops->read(&store, buf, sizeof buf, 11), 0);
	assert_int_equal(ops->read(&store, buf, sizeof buf, UINT64_MAX - 5), 0);
	assert_int_equal(ops->finish(&store, true), 0);
	assert_int_equal(ops->is_ours(&store, TEMP), 1);
	assert_int_equal(ops->is_ours(&store, PATH), 0);
	assert_int_equal(ops->rename(&store, TEMP, PATH, false), 0);
	assert_int_equal(ops->is_ours(&store, PATH), 1);
	holds(PATH, "hello\0world", 11);
	assert_int_equal(ops->stat(&store, PATH, &st), 1);
	assert_int_equal(st.size, 11);
	assert_false(st.is_dir);
	assert_int_equal(stat(PATH, &mode), 0);
	assert_int_equal(mode.st_mode & 07777, 0600);
	put(TEMP, "other");
	assert_int_equal(ops->is_ours(&store, TEMP), 0);
	assert_int_equal(ops->remove(&store, TEMP), 0);
	assert_int_equal(ops->remove(&store, TEMP), 0);
}

static void folders(void **state)
{
	struct store_stat st;
	struct stat mode;
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(ops->make_dir(&store, "dir"), 0);
	assert_int_equal(ops->make_dir(&store, "dir"), 0);
	assert_int_equal(ops->stat(&store, "dir", &st), 1);
	assert_true(st.is_dir);
	assert_int_equal(stat("dir", &mode), 0);
	assert_int_equal(mode.st_mode & 07777, 0700);
	put("file", "");
	assert_int_equal(ops->make_dir(&store, "file"), -1);
	assert_failed(ERR_SYS, "file: is not a folder");
	assert_int_equal(ops->make_dir(&store, "no/dir"), -1);
	assert_failed(ERR_SYS, "No such file");
	assert_int_equal(ops->stat(&store, "file/x", &st), -1);
	assert_int_equal(ops->space(&store, "dir", &bytes), 1);
	assert_true(bytes > 0);
	assert_int_equal(ops->space(&store, "none", &bytes), -1);
	assert_int_equal(ops->remove(&store, "dir"), -1);
}

static void names(void **state)
{
	(void)state;
	put("a", "1");
	put("b", "2");
	assert_int_equal(ops->rename(&store, "a", "b", false), -1);
	assert_failed(ERR_SYS, "File exists");
	holds("b", "2", 1);
	assert_int_equal(ops->rename(&store, "a", "b", true), 0);
	holds("b", "1", 1);
	assert_int_equal(ops->rename(&store, "a", "c", false), -1);
	assert_failed(ERR_SYS, "a: cannot be renamed to c");
	assert_int_equal(ops->rename(&store, "b", "no/c", true), -1);
	assert_failed(ERR_SYS, "No such file");
}

static void existing(void **state)
{
	char buf[10];

	(void)state;
	assert_int_equal(ops->open(&store, TEMP), 0);
	put(TEMP, "half");
	assert_int_equal(ops->create(&store, TEMP), STORE_EXISTS);
	assert_int_equal(ops->open(&store, TEMP), 1);
	assert_int_equal(ops->read(&store, buf, 4, 0), 4);
	assert_int_equal(write_at("more", 4), 0);
	assert_int_equal(ops->finish(&store, true), 0);
	holds(TEMP, "halfmore", 8);
	/* links are not followed: neither to a victim nor to nowhere */
	assert_int_equal(symlink("victim", "link"), 0);
	assert_int_equal(ops->create(&store, "link"), STORE_EXISTS);
	put("victim", "precious");
	assert_int_equal(ops->open(&store, "link"), -1);
	assert_int_equal(ops->open(&store, "."), -1);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(ops->open(&store, "fifo"), -1);
	assert_failed(ERR_SYS, "is not a file");
	holds("victim", "precious", 8);
}

static void two_writers(void **state)
{
	(void)state;
	int fd = open(TEMP, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(ops->create(&store, TEMP), -1);
	assert_failed(ERR_AGAIN, "another process is writing it");
	assert_int_equal(ops->open(&store, TEMP), -1);
	assert_failed(ERR_AGAIN, "another process is writing it");
	close(fd);
	/* and ours is locked, until it is closed */
	assert_int_equal(ops->open(&store, TEMP), 1);
	assert_int_equal(ops->finish(&store, true), 0);
	fd = open(TEMP, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	ops->close(&store);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	assert_int_equal(ops->connect(&store), 0);
}

static void no_files(void **state)
{
	struct store_stat st;

	(void)state;
	assert_int_equal(ops->stat(&store, "/dev/null", &st), -1);
	assert_failed(ERR_SYS, "neither a file nor a folder");
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_int_equal(ops->stat(&store, "link", &st), 1);
	if (mknod("block", S_IFBLK | 0600, 0) == 0) {
		assert_int_equal(ops->stat(&store, "block", &st), -1);
		assert_failed(ERR_SYS, "raw:block writes to it");
	}
}

static void too_long(void **state)
{
	struct rlimit old, limit;

	(void)state;
	assert_int_equal(ops->create(&store, TEMP), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 6;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(write_at("0123456789", 0), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_failed(ERR_FULL, TEMP ": write at 0x6");
	holds(TEMP, "012345", 6);
	assert_int_equal(write_at("x", INT64_MAX), -1);
	assert_failed(ERR_FULL, "that long");
}

/* a full disk, and one that cannot be written to */
static void full(void **state)
{
	char big[64 << 10];
	int status;

	(void)state;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		uint64_t bytes, at = 0;

		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mkdir("ram", 0700) || mount("ram", "ram", "tmpfs", 0, "size=1m"))
			_exit(77);
		memset(big, 'x', sizeof big - 1);
		big[sizeof big - 1] = '\0';
		assert_int_equal(ops->create(&store, "ram/x"), 0);
		while (write_at(big, at) == 0)
			at += sizeof big - 1;
		assert_failed(ERR_FULL, "No space left");
		assert_int_equal(ops->space(&store, "ram", &bytes), 1);
		assert_int_equal(bytes, 0);
		assert_int_equal(ops->finish(&store, false), 0);
		ops->close(&store);
		assert_int_equal(mount("ram", "ram", "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0);
		assert_int_equal(ops->connect(&store), 0);
		assert_int_equal(ops->create(&store, "ram/y"), -1);
		assert_failed(ERR_SYS, "Read-only file system");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();		/* takes root */
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, begin, end),
		cmocka_unit_test_setup_teardown(folders, begin, end),
		cmocka_unit_test_setup_teardown(names, begin, end),
		cmocka_unit_test_setup_teardown(existing, begin, end),
		cmocka_unit_test_setup_teardown(two_writers, begin, end),
		cmocka_unit_test_setup_teardown(no_files, begin, end),
		cmocka_unit_test_setup_teardown(too_long, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
