/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/deliver.c dumpsend/pump.c dumpsend/landing.c dumpsend/beside.c dumpsend/reopen.c dumpsend/small.c dumpsend/verify.c dumpsend/resume.c dumpsend/cargo.c dumpsend/window.c dumpsend/input.c dumpsend/digest.c dumpsend/sha.c dumpsend/meter.c dumpsend/net.c */
#include "memory-delivery.h"

/* connections lost and servers restarted at random, hundreds of times */
static void survives(void **state)
{
	struct cargo c;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		make_stream(seed);
		forget_files();
		server.seed = seed * 7919;
		server.lose = seed % 3 ? 60 + (unsigned)seed * 10 : 0;
		server.crash = seed % 4 ? 80 + (unsigned)seed * 5 : 0;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		if (send_stream(&c, seed % 2 ? VERIFY_FULL : VERIFY_SIZE, 60000))
			fail_msg("seed %d: %s", (int)seed, err_text());
		cargo_close(&c);
		assert_arrived();
	}
	forget_files();
}

/* one bit on the way: seen by full, and then nothing has the final name */
static void sees_a_flip(void **state)
{
	struct cargo c;

	(void)state;
	make_stream(3);
	for (uint64_t at = 1; at < SIZE; at += 49999) {
		forget_files();
		server.seed = at;
		server.flip = at;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		assert_int_equal(send_stream(&c, VERIFY_FULL, 0), -1);
		assert_failed(ERR_SYS, "differs from what was sent");
		cargo_close(&c);
		assert_null(find("/d/vmcore"));
		assert_non_null(find("/d/vmcore-incomplete"));
	}
	forget_files();
}

static void full_server(void **state)
{
	struct cargo c;

	(void)state;
	make_stream(4);
	forget_files();
	server.seed = 5;
	server.room = SIZE / 2;
	assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
	assert_int_equal(send_stream(&c, VERIFY_FULL, 1000), -1);
	assert_failed(ERR_FULL, "/d/vmcore-incomplete");
	cargo_close(&c);
	assert_null(find("/d/vmcore"));
	forget_files();
}

/* cut at any byte: what came is kept under the name that says so */
static void cut_stream(void **state)
{
	struct cargo c;

	(void)state;
	for (long len = 4096; len < SIZE; len = len * 5 / 4 + 1) {
		make_stream(6);
		assert_int_equal(truncate("stream", len), 0);
		forget_files();
		server.seed = (uint64_t)len;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		assert_int_equal(send_stream(&c, VERIFY_FULL, 1000), -1);
		if (find("/d/vmcore-incomplete"))
			assert_failed(ERR_STOPPED, "without its end marker; what came before is in");
		else
			assert_failed(ERR_CORRUPT, "of no use");
		cargo_close(&c);
		assert_null(find("/d/vmcore"));
	}
	forget_files();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives),
		cmocka_unit_test(sees_a_flip),
		cmocka_unit_test(full_server),
		cmocka_unit_test(cut_stream),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
