/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "info-text.h"
#include "kinfo.h"
#include "unit.h"

static char path[] = "/tmp/unit-info-text.XXXXXX";
static const char head[] = "OSRELEASE=6.1.0-invented\nPAGESIZE=4096\n";

/* a file of the text and so many bytes more */
static void make(const char *text, size_t more)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	for (; more > 0; more--)
		putc('\n', f);
	assert_int_equal(fclose(f), 0);
}

static void given(void **state)
{
	static const size_t more[] = { 0, 1, 16384 - sizeof head + 1, 16384, 100000,
				       KINFO_MAX - sizeof head + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		char *text;
		size_t len;

		make(head, more[i]);
		assert_int_equal(info_text_read(path, &text, &len), 0);
		assert_int_equal(len, strlen(head) + more[i]);
		assert_memory_equal(text, head, strlen(head));
		free(text);
	}
}

static void refused(void **state)
{
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(info_text_read("/nowhere/info", &text, &len), -1);
	assert_failed(ERR_SYS, "/nowhere/info: No such file");
	make("", 0);
	assert_int_equal(info_text_read(path, &text, &len), -1);
	assert_failed(ERR_CORRUPT, path);
	make("OSRELEASE=6.1.0\n", 0);
	assert_int_equal(info_text_read(path, &text, &len), -1);
	assert_failed(ERR_CORRUPT, "it lacks OSRELEASE or PAGESIZE");
	make(head, KINFO_MAX);
	assert_int_equal(info_text_read(path, &text, &len), -1);
	assert_failed(ERR_CORRUPT, "VMCOREINFO of ");
	assert_int_equal(info_text_read("/", &text, &len), -1);
	assert_failed(ERR_SYS, "Is a directory");
}

static int setup(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int cleanup(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
