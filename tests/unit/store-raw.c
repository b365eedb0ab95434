/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/store-raw.c dumpsend/raw.c dumpsend/recover.c dumpsend/window.c dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
#include "raw-disk.h"

static void plain(void **state)
{
	struct stat st;

	(void)state;
	creates(false, false);
	assert_int_equal(write_text("hello ", 0), 0);
	assert_int_equal(write_text("world", 6), 0);
	assert_int_equal(write_text("!", 20), -1);
	assert_failed(ERR_SYS, "out of order");
	window_close(&window);
	assert_int_equal(window_open(&window, WINDOW_MIN), 0);
	ends(true);
	assert_true(head_of_disk().complete);
	assert_int_equal(head_of_disk().length, 11);
	recovers(false);
	holds(PATH, "hello world", 11);
	assert_int_equal(stat(PATH, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	/* once is enough */
	unlink(PATH);
	fails(false, ERR_SYS, "was recovered before; -f does it again");
	recovers(true);
	recovers(true);
	holds(PATH, "hello world", 11);
}

static void flat(void **state)
{
	char bytes[8];
	struct stat st;

	(void)state;
	creates(true, false);
	write_dump(CODEC_ZLIB, true);
	ends(true);
	recovers(false);
	assert_int_equal(status_in(PATH), CODEC_ZLIB);
	assert_int_equal(stat(PATH, &st), 0);
	assert_int_equal(st.st_size, DESCS + BLOCK + 4);
	int fd = open(PATH, O_RDONLY);
	assert_int_equal(pread(fd, bytes, 7, 2 * BLOCK), 7);
	assert_memory_equal(bytes, "bitmaps", 7);
	close(fd);
	assert_true(head_of_disk().recovered);
}

static void flat_cut(void **state)
{
	(void)state;
	creates(true, false);
	write_dump(0, false);
	ends(false);
	assert_false(head_of_disk().complete);
	fails(false, ERR_STOPPED, "without its end marker; what there is of it is in " TEMP);
	assert_int_equal(status_in(TEMP), CODEC_ZLIB | KDUMP_INCOMPLETE);
	assert_true(head_of_disk().recovered);
	/* not once more by itself; and its place may be taken */
	fails(false, ERR_SYS, "recovered before");
	unlink(TEMP);

	/* marked by its sender */
	creates(true, false);
	write_dump(KDUMP_INCOMPLETE, true);
	ends(true);
	fails(false, ERR_STOPPED, "the sender has marked");
	assert_int_equal(status_in(TEMP), CODEC_ZLIB | KDUMP_INCOMPLETE);
	unlink(TEMP);

	/* too little to be of use */
	creates(true, false);
	assert_int_equal(write_bytes("KDUMP   ", 8, 0), 0);
	ends(false);
	fails(false, ERR_CORRUPT, "of no use and was not kept");
	assert_false(exists(TEMP));
}

/* given up without finish(): what came can be recovered */
static void plain_cut(void **state)
{
	(void)state;
	creates(false, false);
	assert_int_equal(write_text("half", 0), 0);
	ops->close(&store);
	fails(false, ERR_STOPPED, "not written to its end; what there is of it is in " TEMP);
	holds(TEMP, "half", 4);
	assert_true(head_of_disk().recovered);
	unlink(TEMP);

	creates(false, false);
	ops->close(&store);
	fails(false, ERR_UNKNOWN, "holds no dump");
}

/* the machine dies: what is on the device then is what was written some time before */
static void power_loss(void **state)
{
	static char mib[1 << 20];
	struct stat st;

	(void)state;
	make_disk(64 << 20);
	creates(false, false);
	memset(mib, 'x', sizeof mib);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(write_bytes(mib, sizeof mib, (uint64_t)i * sizeof mib), 0);
	assert_int_equal(head_of_disk().length, 16 << 20);
	assert_int_equal(system("cp " DISK " kept"), 0);
	ends(true);
	assert_int_equal(rename("kept", DISK), 0);
	fails(false, ERR_STOPPED, "not written to its end");
	assert_int_equal(stat(TEMP, &st), 0);
	assert_int_equal(st.st_size, 16 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain, begin, end),
		cmocka_unit_test_setup_teardown(flat, begin, end),
		cmocka_unit_test_setup_teardown(flat_cut, begin, end),
		cmocka_unit_test_setup_teardown(plain_cut, begin, end),
		cmocka_unit_test_setup_teardown(power_loss, begin, end),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
