/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"
#include "tree.h"

static void text(void **state)
{
	char *root = tree_make(), buf[8];

	(void)state;
	tree_put(root, "/a", "seven77\n");
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), -1);
	assert_failed(ERR_CORRUPT, "/a: longer than 7 bytes");
	assert_string_equal(buf, "seven77");

	tree_put(root, "/a", "six666\n\n");
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), -1);
	tree_put(root, "/a", "six666\n");
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), 1);
	assert_string_equal(buf, "six666");
	tree_put(root, "/a", "\n\n\n");
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), 1);
	assert_string_equal(buf, "");
	tree_put(root, "/a", "");
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), 1);
	assert_string_equal(buf, "");
	tree_put_bytes(root, "/a", "a\0b", 3);
	assert_int_equal(sysfs_text(root, "/a", buf, sizeof buf), -1);
	assert_failed(ERR_CORRUPT, "not a text");
	tree_remove(root);
}

static void not_there(void **state)
{
	char *root = tree_make(), buf[8] = "old", path[5000];
	uint64_t value = 77;

	(void)state;
	assert_int_equal(sysfs_text(root, "/none", buf, sizeof buf), 0);
	assert_string_equal(buf, "");
	tree_put(root, "/file", "x");
	assert_int_equal(sysfs_text(root, "/file/below", buf, sizeof buf), 0);
	assert_int_equal(sysfs_u64(root, "/none", &value), 0);
	assert_int_equal(value, 77);
	/* a directory is there, and cannot be read */
	tree_put(root, "/dir/file", "x");
	assert_int_equal(sysfs_text(root, "/dir", buf, sizeof buf), -1);
	assert_failed(ERR_SYS, "/dir: Is a directory");
	memset(path, '/', sizeof path);
	path[sizeof path - 1] = '\0';
	assert_int_equal(sysfs_text(root, path, buf, sizeof buf), -1);
	assert_null(sysfs_open(root, path));
	assert_int_equal(errno, ENAMETOOLONG);
	tree_remove(root);
}

static void numbers(void **state)
{
	char *root = tree_make();
	uint64_t value = 77;

	(void)state;
	tree_put(root, "/n", "268435456\n");
	assert_int_equal(sysfs_u64(root, "/n", &value), 1);
	assert_int_equal(value, 268435456);
	tree_put(root, "/n", "0x10");
	assert_int_equal(sysfs_u64(root, "/n", &value), 1);
	assert_int_equal(value, 16);

	static const char *const bad[] = { "", "\n", "-1\n", "1 2\n", "ten\n", "1\n2\n",
					   "18446744073709551616\n", "0x\n" };
	value = 77;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		tree_put(root, "/n", bad[i]);
		assert_int_equal(sysfs_u64(root, "/n", &value), -1);
		assert_failed(ERR_CORRUPT, "is not a number");
	}
	tree_put(root, "/n", "111111111111111111111111111111111111111111\n");
	assert_int_equal(sysfs_u64(root, "/n", &value), -1);
	assert_failed(ERR_CORRUPT, "longer than");
	assert_int_equal(value, 77);
	tree_remove(root);
}

static void both_places(void **state)
{
	char *root = tree_make();
	uint64_t value = 77;

	(void)state;
	assert_int_equal(sysfs_kexec(root, "crash_size", &value), 0);
	tree_put(root, "/sys/kernel/kexec_crash_size", "1\n");
	tree_put(root, "/sys/kernel/crash_elfcorehdr_size", "3\n");
	assert_int_equal(sysfs_kexec(root, "crash_size", &value), 1);
	assert_int_equal(value, 1);
	assert_int_equal(sysfs_kexec(root, "crash_elfcorehdr_size", &value), 1);
	assert_int_equal(value, 3);
	assert_int_equal(sysfs_kexec(root, "crash_loaded", &value), 0);

	/* the new place counts when both are there */
	tree_put(root, "/sys/kernel/kexec/crash_size", "2\n");
	tree_put(root, "/sys/kernel/kexec/crash_elfcorehdr_size", "4\n");
	assert_int_equal(sysfs_kexec(root, "crash_size", &value), 1);
	assert_int_equal(value, 2);
	assert_int_equal(sysfs_kexec(root, "crash_elfcorehdr_size", &value), 1);
	assert_int_equal(value, 4);
	tree_put(root, "/sys/kernel/kexec/crash_size", "?\n");
	assert_int_equal(sysfs_kexec(root, "crash_size", &value), -1);
	assert_failed(ERR_CORRUPT, "/sys/kernel/kexec/crash_size: \"?\" is not a number");
	tree_remove(root);
}

/* a saved tree may hold anything: nothing is waited for, and nothing is endless */
static void no_files(void **state)
{
	char *root = tree_make(), path[PATH_MAX], text[64];
	uint64_t value;

	(void)state;
	tree_put(root, "/proc/there", "1\n");
	snprintf(path, sizeof path, "%s/proc/pipe", root);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(sysfs_text(root, "/proc/pipe", text, sizeof text), -1);
	snprintf(path, sizeof path, "%s/proc/zero", root);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(sysfs_u64(root, "/proc/zero", &value), -1);
	assert_null(sysfs_open(root, "/proc/zero"));
	tree_remove(root);
}

/* no root: this very machine */
static void this_machine(void **state)
{
	char here[64], also[64];

	(void)state;
	assert_int_equal(sysfs_text(NULL, "/proc/sys/kernel/ostype", here, sizeof here), 1);
	assert_int_equal(sysfs_text("", "/proc/sys/kernel/ostype", also, sizeof also), 1);
	assert_string_equal(here, "Linux");
	assert_string_equal(also, "Linux");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(not_there),
		cmocka_unit_test(numbers),
		cmocka_unit_test(both_places),
		cmocka_unit_test(no_files),
		cmocka_unit_test(this_machine),
	};

	return RUN(tests);
}
