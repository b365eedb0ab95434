/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out, as far as it writes files and devices; pipes are in out-stream.c */
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "out-dir.h"

static void refuses(const char *path, bool force, enum err code, const char *words)
{
	struct out o;

	assert_int_equal(out_open(&o, path, force), -1);
	assert_failed(code, words);
	assert_int_equal(o.fd, -1);
	out_close(&o);
}

static void whole_file(void **state)
{
	struct out o;
	struct stat st;

	(void)state;
	opens(&o, PATH, false);
	assert_int_equal(o.kind, OUT_FILE);
	assert_string_equal(o.temp, TEMP);
	assert_null(o.moved);
	assert_int_equal(out_pwrite(&o, "world", 5, 6), 0);
	assert_int_equal(out_pwrite(&o, "hello", 5, 0), 0);
	assert_int_equal(out_pwrite(&o, "far", 0, 1000), 0);
	assert_int_equal(o.written, 10);
	assert_false(exists(PATH));
	assert_int_equal(stat(TEMP, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(out_sync(&o), 0);
	assert_false(exists(PATH));
	assert_int_equal(out_commit(&o), 0);
	assert_false(exists(TEMP));
	holds(PATH, "hello\0world", 11);
	assert_int_equal(stat(PATH, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	out_discard(&o);	/* too late */
	assert_true(exists(PATH));
	out_close(&o);
	out_close(&o);
}

static void unfinished_file(void **state)
{
	struct out o;

	(void)state;
	opens(&o, PATH, false);
	assert_int_equal(out_write(&o, "half", 4), 0);
	out_close(&o);
	assert_false(exists(PATH));
	holds(TEMP, "half", 4);

	opens(&o, PATH, false);
	assert_string_equal(o.moved, TEMP ".1");
	assert_int_equal(out_write(&o, "other", 5), 0);
	out_discard(&o);
	out_close(&o);
	assert_false(exists(PATH) || exists(TEMP));
	holds(TEMP ".1", "half", 4);
}

static void stale_files(void **state)
{
	struct out o;

	(void)state;
	put(TEMP, "third");
	put(TEMP ".1", "first");
	assert_int_equal(symlink("/nowhere", TEMP ".2"), 0);
	opens(&o, PATH, true);
	assert_string_equal(o.moved, TEMP ".3");
	out_close(&o);
	holds(TEMP ".1", "first", 5);
	holds(TEMP ".3", "third", 5);
	holds(TEMP, "", 0);

	/* a link is moved, not followed */
	unlink(TEMP);
	assert_int_equal(symlink("victim", TEMP), 0);
	opens(&o, PATH, false);
	assert_string_equal(o.moved, TEMP ".4");
	assert_int_equal(out_write(&o, "x", 1), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	assert_false(exists("victim"));
}

static void existing_file(void **state)
{
	struct out o;

	(void)state;
	put(PATH, "old");
	refuses(PATH, false, ERR_SYS, "exists; -f replaces it");
	assert_false(exists(TEMP));
	opens(&o, PATH, true);
	assert_int_equal(out_write(&o, "new", 3), 0);
	holds(PATH, "old", 3);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	holds(PATH, "new", 3);

	/* it appears while we write */
	unlink(PATH);
	opens(&o, PATH, false);
	assert_int_equal(out_write(&o, "mine", 4), 0);
	put(PATH, "theirs");
	assert_int_equal(out_commit(&o), -1);
	assert_failed(ERR_SYS, "File exists");
	out_close(&o);
	holds(PATH, "theirs", 6);
	holds(TEMP, "mine", 4);
}

static void links(void **state)
{
	struct out o;

	(void)state;
	assert_int_equal(symlink("nowhere", PATH), 0);
	refuses(PATH, false, ERR_SYS, "exists");
	put("target", "old");
	unlink(PATH);
	assert_int_equal(symlink("target", PATH), 0);
	refuses(PATH, false, ERR_SYS, "exists");
	opens(&o, PATH, true);
	assert_int_equal(out_write(&o, "new", 3), 0);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	holds(PATH, "new", 3);
	holds("target", "old", 3);
}

static void bad_names(void **state)
{
	char name[300];

	(void)state;
	refuses(".", true, ERR_SYS, "is a directory");
	refuses("", true, ERR_USAGE, "without a name");
	refuses("no/such/dir", false, ERR_SYS, "No such file");
	put("file", "");
	refuses("file/x", false, ERR_SYS, "Not a directory");
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	refuses(name, false, ERR_SYS, "too long");
	name[250] = '\0';	/* fits, but not with -incomplete */
	refuses(name, false, ERR_SYS, "too long");
}

/* two writers of one file: the second is sent away, the first not disturbed */
static void two_writers(void **state)
{
	struct out o;

	(void)state;
	opens(&o, PATH, false);
	assert_int_equal(out_write(&o, "first", 5), 0);
	refuses(PATH, true, ERR_AGAIN, "another process is writing it");
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);
	holds(PATH, "first", 5);

	/* where there are no locks: never give the name to somebody else's file */
	unlink(PATH);
	opens(&o, PATH, false);
	assert_int_equal(rename(TEMP, "moved"), 0);
	put(TEMP, "not whole");
	assert_int_equal(out_commit(&o), -1);
	assert_failed(ERR_SYS, "renamed or removed");
	out_discard(&o);
	out_close(&o);
	assert_false(exists(PATH));
	holds(TEMP, "not whole", 9);
}

static void full(void **state)
{
	struct rlimit old, limit;
	struct out o;
	char buf[1000] = "";

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 2500;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	opens(&o, PATH, false);
	assert_int_equal(out_write(&o, buf, sizeof buf), 0);
	assert_int_equal(out_write(&o, buf, sizeof buf), 0);
	assert_int_equal(out_write(&o, buf, sizeof buf), -1);
	assert_failed(ERR_FULL, "dump: write at ");
	assert_int_equal(out_reserve(&o, 2000, 1000), -1);
	assert_failed(ERR_FULL, "dump: ");
	assert_int_equal(out_pwrite(&o, "end", 3, 0), 0);	/* a file can still be marked */
	out_close(&o);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(exists(TEMP));
}

static void reserve_in(const char *path)
{
	static const char zeros[300000];
	struct stat st;
	struct out o;

	opens(&o, path, true);
	assert_int_equal(out_pwrite(&o, "before", 6, 1000), 0);
	assert_int_equal(out_reserve(&o, 500, 299500), 0);
	assert_int_equal(out_reserve(&o, 500, 0), 0);
	assert_int_equal(fstat(o.fd, &st), 0);
	assert_int_equal(st.st_size, 300000);
	assert_true(st.st_blocks * 512 >= 290000);
	assert_int_equal(out_reserve(&o, UINT64_MAX, 1), -1);
	assert_failed(ERR_FULL, "that long");
	assert_int_equal(out_reserve(&o, 1, INT64_MAX), -1);
	assert_int_equal(out_commit(&o), 0);
	out_close(&o);

	char *all = malloc(sizeof zeros);
	memcpy(all, zeros, sizeof zeros);
	memcpy(all + 1000, "before", 6);
	holds(path, all, sizeof zeros);
	free(all);
}

static void reserved(void **state)
{
	(void)state;
	reserve_in(PATH);
}

/* ramfs has no fallocate(): zeros have to do, and not over what is there */
static void reserved_the_hard_way(void **state)
{
	int status;

	(void)state;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mkdir("ram", 0700) || mount("ram", "ram", "ramfs", 0, NULL))
			_exit(77);
		reserve_in("ram/" PATH);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();		/* takes root */
	assert_int_equal(status, 0);
}

/* a loop device over the file "disk"; -1 where that is not allowed */
static int make_loop(char *name, size_t size)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int n = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	int disk = open("disk", O_RDWR | O_CREAT, 0600);

	close(control);
	snprintf(name, size, "/dev/loop%d", n);
	int fd = n < 0 ? -1 : open(name, O_RDWR | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < 256; i++)
		assert_int_equal(pwrite(disk, "old disk", 8, i * 4096), 8);
	if (fd >= 0 && ioctl(fd, LOOP_SET_FD, disk)) {
		close(fd);
		fd = -1;
	}
	close(disk);
	return fd;
}

static void block_device(void **state)
{
	char name[32], got[8];
	struct out o;
	int fd = make_loop(name, sizeof name);

	(void)state;
	if (fd < 0)
		skip();		/* takes root and loop devices */
	int refused = out_open(&o, name, false);
	bool asked = refused && strstr(err_text(), "-f overwrites it");
	int rc = out_open(&o, name, true);
	int kind = (int)o.kind;
	rc |= out_pwrite(&o, "new dump", 8, 4096);
	rc |= out_reserve(&o, 8192, 4096);
	int beyond = out_pwrite(&o, "x", 1, 1 << 30);
	enum err code = err_code();
	rc |= out_commit(&o);
	out_close(&o);
	ioctl(fd, LOOP_CLR_FD);
	close(fd);

	assert_int_equal(refused, -1);
	assert_true(asked);
	assert_int_equal(rc, 0);
	assert_int_equal(kind, OUT_STDOUT);
	assert_int_equal(beyond, -1);
	assert_int_equal(code, ERR_FULL);
	fd = open("disk", O_RDONLY);
	assert_int_equal(pread(fd, got, 8, 0), 8);
	assert_memory_equal(got, "old disk", 8);
	assert_int_equal(pread(fd, got, 8, 4096), 8);
	assert_memory_equal(got, "new dump", 8);
	assert_int_equal(pread(fd, got, 8, 8192), 8);
	assert_memory_equal(got, "\0\0\0\0\0\0\0\0", 8);
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, clean_before)
	const struct CMUnitTest tests[] = {
		TEST(whole_file), TEST(unfinished_file), TEST(stale_files),
		TEST(existing_file), TEST(links), TEST(bad_names), TEST(two_writers),
		TEST(full), TEST(reserved), TEST(reserved_the_hard_way), TEST(block_device),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
