/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out-file.h"
#include "out.h"
#include "unit.h"

static char path[] = "/tmp/unit-out-file.XXXXXX";

static FILE *begin(struct out *out)
{
	FILE *f;

	assert_int_equal(out_open_stream(out, path, true), 0);
	f = out_file(out);
	assert_non_null(f);
	return f;
}

static void written(void **state)
{
	static char big[100000], back[sizeof big + 16];
	struct out out;
	FILE *f = begin(&out);

	(void)state;
	memset(big, 'x', sizeof big);
	fputs("begin ", f);
	assert_int_equal(fwrite(big, 1, sizeof big, f), sizeof big);
	fprintf(f, " %s", "end");
	assert_int_equal(fclose(f), 0);
	assert_int_equal(out_commit(&out), 0);
	out_close(&out);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof back, f), sizeof big + 10);
	assert_memory_equal(back, "begin xxx", 9);
	assert_memory_equal(back + sizeof big + 6, " end", 4);
	fclose(f);
}

static void full(void **state)
{
	struct out out;
	FILE *f = begin(&out);

	(void)state;
	out.limit = 10;
	fputs("more than ten bytes", f);
	assert_int_equal(fclose(f), EOF);
	assert_failed(ERR_FULL, "limit of 10 bytes");
	out_discard(&out);
	out_close(&out);
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
		cmocka_unit_test(written),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
