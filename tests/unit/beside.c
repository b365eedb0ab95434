/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/beside.c dumpsend/small.c dumpsend/net.c dumpsend/store-local.c dumpsend/window.c dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../dumpsend/beside.h"
#include "../../dumpsend/store.h"
#include "../../dumpsend/target.h"
#include "unit.h"

static char *before, folder[] = "/tmp/beside.XXXXXX";

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void assert_has(const char *name, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(name, "r");
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fread(got, 1, sizeof got - 1, f), strlen(text));
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fclose(f);
	assert_string_equal(got, text);
}

static int into_folder(void **state)
{
	(void)state;
	before = getcwd(NULL, 0);
	return !before || !mkdtemp(folder) || chdir(folder) || mkdir("a", 0700) ||
	       mkdir("a/b", 0700);
}

static int out_again(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return chdir(before) || system(command);
}

static int open_as(const char *text, const char *name)
{
	struct beside b;
	int rc = beside_open(&b, text);

	if (rc == 0)
		assert_string_equal(b.name, name);
	beside_close(&b);
	beside_close(&b);
	return rc;
}

static void names(void **state)
{
	(void)state;
	put("x", "text");
	assert_int_equal(open_as("x", "x"), 0);
	assert_int_equal(open_as("./x", "x"), 0);
	assert_int_equal(open_as("x:y", "y"), 0);
	assert_int_equal(open_as("x:../y", "../y"), 0);
	assert_int_equal(open_as("x:", ""), -1);
	assert_int_equal(open_as("x:.", ""), -1);
	assert_int_equal(open_as("x:..", ""), -1);
	assert_int_equal(open_as("x:../..", ""), -1);
	assert_int_equal(open_as("x:../../y", ""), -1);
	assert_int_equal(open_as("x:a/y", ""), -1);
	assert_int_equal(open_as("x:/y", ""), -1);
	assert_int_equal(open_as("nowhere", ""), -1);
	assert_int_equal(open_as(".:y", ""), -1);
}

/* of what is too long, the end */
static void long_file(void **state)
{
	struct beside b;
	int fd = open("long", O_CREAT | O_RDWR, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BESIDE_BYTES + 5), 0);
	assert_int_equal(pwrite(fd, "end", 3, BESIDE_BYTES + 2), 3);
	close(fd);
	assert_int_equal(beside_open(&b, "long"), 0);
	assert_int_equal(b.len, BESIDE_BYTES);
	assert_memory_equal((char *)b.bytes + BESIDE_BYTES - 3, "end", 3);
	beside_close(&b);
}

static void written(void **state)
{
	struct target target;
	struct store_options options = { .silence_ms = 1000 };
	struct window window;
	struct store s = { .ops = &store_local, .target = &target, .options = &options,
			   .window = &window };
	struct beside b;

	(void)state;
	put("x", "one");
	assert_int_equal(target_parse(&target, "file:/x"), 0);
	assert_int_equal(window_open(&window, WINDOW_MIN), 0);
	assert_int_equal(s.ops->connect(&s), 0);
	assert_int_equal(beside_open(&b, "x:y"), 0);
	assert_int_equal(beside_write(&b, &s, "a/b/vmcore"), 0);
	assert_has("a/b/y", "one");
	assert_int_equal(beside_write(&b, &s, "vmcore"), 0);
	assert_has("y", "one");
	beside_close(&b);
	/* it replaces what is there */
	put("x", "two");
	assert_int_equal(beside_open(&b, "x:../y"), 0);
	put("a/y", "older");
	assert_int_equal(beside_write(&b, &s, "a/b/vmcore"), 0);
	assert_has("a/y", "two");
	assert_int_equal(beside_write(&b, &s, "nowhere/b/vmcore"), -1);
	beside_close(&b);
	assert_int_not_equal(access("a/y-incomplete", F_OK), 0);
	s.ops->close(&s);
	window_close(&window);
	target_close(&target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_file),
		cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, into_folder, out_again);
}
