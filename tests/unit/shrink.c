/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/shrink.c crashreserve/map.c */
#include <string.h>

#include "../../crashreserve/shrink.h"
#include "unit.h"

#define MIB(n) ((uint64_t)(n) << 20)

static void plan(const struct shrink_in *in, uint64_t wanted, uint64_t main, uint64_t low)
{
	struct shrink_plan p;

	assert_int_equal(shrink_plan(&p, in, wanted), 0);
	assert_false(p.nothing);
	assert_int_equal(p.main, main);
	assert_int_equal(p.low, low);
}

static void one_region(void **state)
{
	struct shrink_in in = { .crash_size = MIB(256), .main = MIB(256), .page_size = 65536 };
	struct shrink_plan p;

	(void)state;
	plan(&in, MIB(128), MIB(128), 0);
	plan(&in, 0, 0, 0);
	plan(&in, 1, 65536, 0);
	plan(&in, MIB(128) + 1, MIB(128) + 65536, 0);
	assert_int_equal(shrink_plan(&p, &in, MIB(256)), 0);
	assert_true(p.nothing);
	/* rounded it is what is there */
	assert_int_equal(shrink_plan(&p, &in, MIB(256) - 1), 0);
	assert_true(p.nothing);
	in.page_size = 0;
	plan(&in, 1, 4096, 0);
	/* addresses that are hidden */
	in.main = 0;
	plan(&in, MIB(100), MIB(100), 0);
}

static void refused(void **state)
{
	struct shrink_in in = { .crash_size = MIB(256), .main = MIB(256) };
	struct shrink_plan p;

	(void)state;
	assert_int_equal(shrink_plan(&p, &in, MIB(256) + 1), -1);
	assert_failed(ERR_SYS, "cannot grow");
	assert_int_equal(shrink_plan(&p, &in, UINT64_MAX), -1);
	assert_failed(ERR_USAGE, "is no size");
	in.loaded = true;
	assert_int_equal(shrink_plan(&p, &in, MIB(128)), -1);
	assert_failed(ERR_SYS, "a capture kernel is loaded");
	/* what is so already is no harm */
	assert_int_equal(shrink_plan(&p, &in, MIB(256)), 0);
	in = (struct shrink_in){ 0 };
	assert_int_equal(shrink_plan(&p, &in, 0), -1);
	assert_failed(ERR_SYS, "no memory is reserved");
	assert_int_equal(shrink_plan(&p, &in, MIB(1)), -1);
	assert_failed(ERR_SYS, "no memory is reserved");
}

/* since 6.5 both are counted */
static void both_counted(void **state)
{
	struct shrink_in in = { .crash_size = MIB(768), .main = MIB(512), .low = MIB(256) };

	(void)state;
	plan(&in, MIB(300), MIB(44), MIB(256));
	plan(&in, MIB(256) + 4096, 4096, MIB(256));
	plan(&in, MIB(256), MIB(256), 0);
	plan(&in, MIB(128), MIB(128), 0);
	plan(&in, 0, 0, 0);
}

static void main_counted(void **state)
{
	struct shrink_in in = { .crash_size = MIB(512), .main = MIB(512), .low = MIB(256) };
	struct shrink_plan p;

	(void)state;
	plan(&in, MIB(300), MIB(300), MIB(256));
	plan(&in, MIB(128), MIB(128), MIB(256));
	plan(&in, 0, 0, MIB(256));
	assert_int_equal(shrink_plan(&p, &in, MIB(513)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_region),
		cmocka_unit_test(refused),
		cmocka_unit_test(both_counted),
		cmocka_unit_test(main_counted),
	};

	return RUN(tests);
}
