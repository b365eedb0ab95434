/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/store-raw.c dumpsend/raw.c dumpsend/recover.c dumpsend/window.c dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
#include "raw-disk.h"

static void old_contents(void **state)
{
	(void)state;
	creates(false, false);
	assert_int_equal(write_text("precious", 0), 0);
	ends(true);
	refuses_to_create(ERR_SYS, "not recovered yet (--recover); -f overwrites it");
	recovers(false);
	holds(PATH, "precious", 8);

	/* once it was recovered, and with force, and what was never finished */
	creates(false, false);
	ends(true);
	creates(false, true);
	assert_int_equal(write_text("half", 0), 0);
	ends(false);
	store.force = false;
	connects();
	assert_int_equal(ops->create(&store, DISK), 0);
	assert_int_equal(ops->remove(&store, DISK), 0);
	ops->close(&store);
	assert_int_equal(head_of_disk().length, 0);

	/* what somebody else has written, wherever in the first 256 KiB */
	make_disk(SIZE);
	change_disk("x", 1, 200000);
	refuses_to_create(ERR_SYS, "something else than a dump");
	creates(false, true);
	ends(true);
}

static void wrong_places(void **state)
{
	uint64_t bytes;
	int fd;

	(void)state;
	connects();
	assert_int_equal(ops->create(&store, DISK "-probe"), -1);
	assert_failed(ERR_SYS, "one dump and nothing else");
	assert_int_equal(ops->space(&store, "/", &bytes), 1);
	assert_int_equal(bytes, SIZE - RAW_HEADER);
	fd = open(DISK, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);	/* nobody else meanwhile */
	ops->close(&store);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(ops->connect(&store), -1);
	assert_failed(ERR_AGAIN, "another process");
	close(fd);
	unlink(DISK);
	assert_int_equal(ops->connect(&store), -1);
	assert_failed(ERR_SYS, "No such file");
	assert_int_equal(mkdir(DISK, 0700), 0);
	assert_int_equal(ops->connect(&store), -1);
	assert_failed(ERR_SYS, "not a block device");
	rmdir(DISK);
	make_disk(8192);
	refuses_to_create(ERR_FULL, "has only 8192 bytes");
}

static void full(void **state)
{
	char big[64 << 10];
	unsigned n = 0;

	(void)state;
	memset(big, 'x', sizeof big);
	creates(false, false);
	while (write_bytes(big, sizeof big, n * sizeof big) == 0)
		n++;
	assert_failed(ERR_FULL, "disk: is full; 1044480 bytes are on it, for --recover");
	assert_int_equal(n, (SIZE - RAW_HEADER) / sizeof big);
	ops->close(&store);
	fails(false, ERR_STOPPED, "not written to its end");
	window_close(&window);
	assert_int_equal(window_open(&window, WINDOW_MIN), 0);

	/* a flattened stream is cut in a record, and later writes do not fit either */
	creates(true, false);
	write_dump(0, false);
	while (write_bytes(big, sizeof big, DESCS + 2 * BLOCK) == 0)
		;
	assert_failed(ERR_FULL, "is full");
	assert_int_equal(ops->finish(&store, true), -1);
	assert_failed(ERR_FULL, "is full");
	ops->close(&store);
	unlink(TEMP);
	fails(false, ERR_STOPPED, "in a record");
	assert_int_equal(status_in(TEMP), CODEC_ZLIB | KDUMP_INCOMPLETE);
}

static void bit_flips(void **state)
{
	(void)state;
	creates(false, false);
	assert_int_equal(write_text("hello world", 0), 0);
	ends(true);
	change_disk("J", 1, RAW_HEADER);
	fails(false, ERR_SYS, "checksum does not match; what there is of it is in " TEMP);
	holds(TEMP, "Jello world", 11);
	assert_false(head_of_disk().recovered);
	unlink(TEMP);

	make_disk(SIZE);
	creates(true, false);
	write_dump(CODEC_ZLIB, true);
	ends(true);
	change_disk("b", 1, RAW_HEADER + FLAT_HEADER + FLAT_RECORD + 1000);
	fails(false, ERR_SYS, "checksum does not match");
	assert_int_equal(status_in(TEMP), CODEC_ZLIB | KDUMP_INCOMPLETE);
	unlink(TEMP);

	change_disk("x", 1, 100);
	fails(false, ERR_CORRUPT, "header of its dump is damaged");
	make_disk(SIZE);
	fails(false, ERR_UNKNOWN, "holds no dump");
	make_disk(100);
	fails(false, ERR_CORRUPT, "ends at byte 100");
}

static void hostile_head(void **state)
{
	struct raw_head h = { .complete = true, .length = SIZE - RAW_HEADER + 1 };

	(void)state;
	put_head(&h);
	fails(false, ERR_CORRUPT, "cannot be on it");
	h.length = UINT64_MAX;
	put_head(&h);
	fails(false, ERR_CORRUPT, "cannot be on it");
	h.length = 0;
	h.time = INT64_MAX;
	put_head(&h);
	fails(false, ERR_UNKNOWN, "holds no dump");
	h.length = 10;
	h.recovered = true;
	put_head(&h);
	fails(false, ERR_SYS, "no known date");
	h = (struct raw_head){ .complete = true, .flat = true, .length = 5000 };
	put_head(&h);
	fails(false, ERR_CORRUPT, "not a flattened stream");
}

/* damage that the checksum knows nothing of: a stream that was made by somebody bad */
static void hostile_stream(void **state)
{
	static uint8_t whole[SIZE], bad[SIZE];
	uint64_t seed = 7;
	struct raw_head h;

	(void)state;
	creates(true, false);
	write_dump(CODEC_ZLIB, true);
	ends(true);
	h = head_of_disk();
	int fd = open(DISK, O_RDONLY);
	assert_int_equal(pread(fd, whole, h.length, RAW_HEADER), h.length);
	close(fd);
	for (unsigned i = 0; i < 300; i++) {
		memcpy(bad, whole, h.length);
		for (unsigned k = 0; k < 4; k++)
			bad[FLAT_HEADER + unit_random(&seed) % (h.length - FLAT_HEADER)] =
				(uint8_t)(unit_random(&seed) >> 20);
		/* in the middle of the records' offsets and sizes, too */
		bad[FLAT_HEADER + unit_random(&seed) % 16] ^= (uint8_t)(unit_random(&seed) >> 13);
		h.crc = (uint32_t)crc32(0, bad, (uInt)h.length);
		put_head(&h);
		change_disk(bad, h.length, RAW_HEADER);
		if (recover(DISK, PATH, true) == 0)
			continue;
		assert_true(err_code() == ERR_STOPPED || err_code() == ERR_CORRUPT ||
			    err_code() == ERR_FULL || err_code() == ERR_SYS);
		unlink(TEMP);
	}
}

static void target_is_there(void **state)
{
	(void)state;
	creates(false, false);
	assert_int_equal(write_text("hello", 0), 0);
	ends(true);
	put(PATH, "precious");
	assert_int_equal(recover(DISK, PATH, false), -1);
	assert_failed(ERR_SYS, "exists; -f replaces it");
	holds(PATH, "precious", 8);
	assert_false(head_of_disk().recovered);
	recovers(true);
	holds(PATH, "hello", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(old_contents, begin, end),
		cmocka_unit_test_setup_teardown(wrong_places, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
		cmocka_unit_test_setup_teardown(bit_flips, begin, end),
		cmocka_unit_test_setup_teardown(hostile_head, begin, end),
		cmocka_unit_test_setup_teardown(hostile_stream, begin, end),
		cmocka_unit_test_setup_teardown(target_is_there, begin, end),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
