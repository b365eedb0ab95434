/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/deliver.c dumpsend/pump.c dumpsend/landing.c dumpsend/beside.c dumpsend/reopen.c dumpsend/small.c dumpsend/verify.c dumpsend/resume.c dumpsend/cargo.c dumpsend/window.c dumpsend/input.c dumpsend/digest.c dumpsend/sha.c dumpsend/meter.c dumpsend/net.c */
#include "memory-delivery.h"

/* a file whose first sending was given up goes on where it was */
static void resumes(void **state)
{
	struct cargo c;
	unsigned resumed = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		make_stream(seed);
		forget_files();
		server.seed = seed;
		server.lose = 150;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		send_stream(&c, VERIFY_FULL, 0);	/* comes as far as it comes */
		cargo_close(&c);
		server.lose = 0;
		if (find("/d/vmcore"))
			continue;
		crash();
		resumed += find("/d/vmcore-incomplete") && find("/d/vmcore-incomplete")->size > 0;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		if (send_stream(&c, VERIFY_DEFAULT, 0))
			fail_msg("seed %d: %s", (int)seed, err_text());
		cargo_close(&c);
		assert_arrived();
		/* an empty one may be somebody's who has just begun */
		assert_true(!find("/d/vmcore-incomplete.1") || find("/d/vmcore-incomplete.1")->size == 0);
	}
	assert_true(resumed > 3);
	forget_files();
}

/* the same name, another dump: it is not mixed up, and not lost */
static void keeps_strangers(void **state)
{
	struct cargo c;
	struct file *f;

	(void)state;
	forget_files();
	server.seed = 9;
	assert_int_equal(mem_create(NULL, "/d/vmcore-incomplete"), 0);
	f = server.open;
	memset(f->data, 0x55, SIZE);
	f->size = SIZE / 2;
	make_stream(8);
	assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
	assert_int_equal(send_stream(&c, VERIFY_FULL, 0), 0);
	cargo_close(&c);
	assert_arrived();
	f = find("/d/vmcore-incomplete.1");
	assert_non_null(f);
	assert_int_equal(f->size, SIZE / 2);
	forget_files();
}

/* an earlier run has sent all of a dump but the word that says so */
static void resumes_at_the_end(void **state)
{
	struct file *f;

	(void)state;
	for (int how = VERIFY_DEFAULT; how <= VERIFY_FULL; how++) {
		make_dump(11);
		forget_files();
		server.seed = 12;
		f = leave_behind(SIZE);
		f->data[KDUMP_STATUS] |= KDUMP_INCOMPLETE;
		if (send_again((enum verify)how))
			fail_msg("%s", err_text());
		assert_arrived();
		assert_null(find("/d/vmcore-incomplete.1"));
	}
	forget_files();
}

/* of a stream that is cut all has come: sent again, it is still as useful as it was */
static void keeps_a_cut_dump(void **state)
{
	(void)state;
	make_dump(13);
	assert_int_equal(truncate("stream", 300000), 0);
	forget_files();
	server.seed = 14;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send_again(VERIFY_DEFAULT), -1);
		assert_failed(ERR_STOPPED, "what came before is in");
		assert_non_null(find("/d/vmcore-incomplete"));
		assert_true(find("/d/vmcore-incomplete")->data[KDUMP_STATUS] & KDUMP_INCOMPLETE);
	}
	assert_null(find("/d/vmcore"));
	assert_null(find("/d/vmcore-incomplete.1"));
	forget_files();
}

/* what seemed to be this dump's was not: it is not tried again and again */
static void sends_anew(void **state)
{
	(void)state;
	make_stream(18);
	forget_files();
	server.seed = 19;
	/* the only bytes that may differ between a dump on its way and a whole one */
	leave_behind(SIZE)->data[KDUMP_STATUS + 1] ^= 1;
	if (send_again(VERIFY_FULL))
		fail_msg("%s", err_text());
	assert_arrived();
	assert_non_null(find("/d/vmcore-incomplete.1"));
	forget_files();
}

/* the checksum beside what is replaced is not left for what replaces it */
static void drops_an_old_sum(void **state)
{
	(void)state;
	make_stream(20);
	forget_files();
	server.seed = 21;
	assert_int_equal(mem_create(NULL, "/d/vmcore"), 0);
	assert_int_equal(mem_create(NULL, "/d/vmcore.sha256"), 0);
	assert_int_equal(send_again(VERIFY_SIZE), 0);
	assert_arrived();
	assert_null(find("/d/vmcore.sha256"));
	forget_files();
}

/* whatever is refused, what an earlier run has left is not removed */
static void keeps_what_it_cannot_read(void **state)
{
	struct file *f;

	(void)state;
	make_stream(15);
	forget_files();
	server.seed = 16;
	f = leave_behind(SIZE / 2);
	server.unreadable = true;
	assert_int_equal(send_again(VERIFY_FULL), -1);
	assert_failed(ERR_SYS, "read error");
	assert_ptr_equal(find("/d/vmcore-incomplete"), f);
	assert_int_equal(f->size, SIZE / 2);
	forget_files();
}

/* answers to what is done to names are lost, or never came to be asked for */
static void names_survive(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		make_stream(17);
		forget_files();
		server.seed = seed * 104729;
		if (seed % 3) {
			struct file *f = leave_behind(SIZE / 2);

			/* another dump's, or one that was not begun */
			f->data[0] ^= 1;
			f->size = seed % 3 == 1 ? f->size : 0;
		}
		server.lose_names = 2 + (unsigned)seed % 8;
		if (send_again(VERIFY_SIZE))
			fail_msg("seed %d: %s", (int)seed, err_text());
		assert_arrived();
		if (seed % 3 == 1)
			assert_non_null(find("/d/vmcore-incomplete.1"));
	}
	forget_files();
}

/* a file is never half ours and half another sender's of the same name */
static void knows_its_own(void **state)
{
	unsigned stolen = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		const struct file *f;
		struct cargo c;
		int rc;

		make_stream(seed);
		forget_files();
		server.seed = seed;
		server.lose = 70;
		server.steal = SIZE / 2;
		assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
		c.digest.grain = 10000;
		rc = send_stream(&c, VERIFY_SIZE, 60000);
		cargo_close(&c);
		if (rc == 0) {
			/* nothing was taken, or nothing was durable then: all went into the new one */
			assert_arrived();
			continue;
		}
		assert_failed(ERR_SYS, "somebody else has made it anew");
		assert_null(find("/d/vmcore"));
		f = find("/d/vmcore-incomplete");
		assert_non_null(f);
		for (size_t i = 0; i < SIZE; i++)
			assert_int_equal(f->data[i], 0);
		stolen++;
	}
	assert_true(stolen > 3);
	forget_files();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resumes),
		cmocka_unit_test(keeps_strangers),
		cmocka_unit_test(resumes_at_the_end),
		cmocka_unit_test(keeps_a_cut_dump),
		cmocka_unit_test(sends_anew),
		cmocka_unit_test(drops_an_old_sum),
		cmocka_unit_test(keeps_what_it_cannot_read),
		cmocka_unit_test(names_survive),
		cmocka_unit_test(knows_its_own),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
