/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/store-raw.c dumpsend/raw.c dumpsend/recover.c dumpsend/window.c dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
/* the raw device and the way back from it; a file is as good as a device */
#include <fcntl.h>
#include <sys/file.h>
#include <zlib.h>

#include "../../dumpsend/raw.h"
#include "../../dumpsend/recover.h"
#include "../../dumpsend/store.h"
#include "../../dumpsend/target.h"
#include "codec.h"
#include "kdump-format.h"
#include "out-dir.h"
#include "source-flat.h"

#define DISK "disk"

enum { SIZE = 1 << 20, BLOCK = 4096, DESCS = 4 * BLOCK };

static struct target target;
static struct store_options options;
static struct window window;
static struct store store;

static const struct store_ops *const ops = &store_raw;

static void make_disk(off_t size)
{
	unlink(DISK);
	put(DISK, "");
	assert_int_equal(truncate(DISK, size), 0);
}

static void connects(void)
{
	if (ops->connect(&store))
		fail_msg("%s", err_text());
	assert_true(store.sequential);
}

static int begin(void **state)
{
	clean_before(state);
	store = (struct store){ .ops = ops, .target = &target, .options = &options,
				.window = &window };
	make_disk(SIZE);
	return target_parse(&target, "raw:" DISK) || window_open(&window, WINDOW_MIN);
}

static int end(void **state)
{
	(void)state;
	ops->close(&store);
	ops->close(&store);
	window_close(&window);
	target_close(&target);
	return 0;
}

static int write_bytes(const void *bytes, size_t len, uint64_t at)
{
	struct part p;
	size_t room;

	memcpy(window_room(&window, at, &room), bytes, len);
	assert_true(room >= len);
	window_filled(&window, at, len);
	window_push(&window);
	assert_int_equal(window_next(&window, store.write_max, &p), 1);
	return ops->write(&store, &p);
}

static int write_text(const char *text, uint64_t at)
{
	return write_bytes(text, strlen(text), at);
}

static void creates(bool flat, bool force)
{
	store.flat = flat;
	store.force = force;
	connects();
	if (ops->create(&store, DISK))
		fail_msg("%s", err_text());
}

static void ends(bool complete)
{
	assert_int_equal(ops->finish(&store, complete), 0);
	ops->close(&store);
	assert_true(window_is_empty(&window));
}

static void recovers(bool force)
{
	if (recover(DISK, PATH, force))
		fail_msg("%s", err_text());
	assert_false(exists(TEMP));
}

static void fails(bool force, enum err code, const char *words)
{
	assert_int_equal(recover(DISK, PATH, force), -1);
	assert_failed(code, words);
	assert_false(exists(PATH));
}

/* the header of the disk; put back with what was changed in it */
static struct raw_head head_of_disk(void)
{
	struct raw_head h;
	uint64_t size;
	int fd = raw_open(DISK, false, &size);

	assert_true(fd >= 0);
	assert_int_equal(raw_look(fd, DISK, &h), RAW_DUMP);
	close(fd);
	return h;
}

static void change_disk(const void *bytes, size_t len, off_t at)
{
	int fd = open(DISK, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, at), len);
	close(fd);
}

static void put_head(const struct raw_head *h)
{
	int fd = open(DISK, O_WRONLY);

	assert_int_equal(raw_put_head(fd, DISK, h), 0);
	close(fd);
}

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

/* a small dump in the order in which dumpfilter writes it */
static void write_dump(uint32_t status, bool whole)
{
	uint8_t head[BLOCK] = KDUMP_SIGNATURE, desc[KDUMP_DESC_LEN] = "";
	uint32_t block = BLOCK, sub = 1, bitmaps = 2, codec = CODEC_ZLIB;

	memcpy(head + KDUMP_STATUS, &status, 4);
	memcpy(head + KDUMP_BLOCK_SIZE, &block, 4);
	memcpy(head + KDUMP_SUB_BLOCKS, &sub, 4);
	memcpy(head + KDUMP_BITMAP_BLOCKS, &bitmaps, 4);
	memcpy(desc + KDUMP_DESC_FLAGS, &codec, 4);
	assert_int_equal(write_bytes(head, sizeof head, 0), 0);
	assert_int_equal(write_text("sub", BLOCK), 0);
	assert_int_equal(write_text("bitmaps", 2 * BLOCK), 0);
	assert_int_equal(write_bytes(desc, sizeof desc, DESCS), 0);
	assert_int_equal(write_text("page", DESCS + BLOCK), 0);
	if (whole)
		assert_int_equal(write_bytes(head, sizeof head, 0), 0);
}

static uint32_t status_in(const char *name)
{
	uint32_t status = 0;
	int fd = open(name, O_RDONLY);

	assert_int_equal(pread(fd, &status, 4, KDUMP_STATUS), 4);
	close(fd);
	return status;
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

static void refuses_to_create(enum err code, const char *words)
{
	connects();
	assert_int_equal(ops->create(&store, DISK), -1);
	assert_failed(code, words);
	ops->close(&store);
}

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
		cmocka_unit_test_setup_teardown(plain, begin, end),
		cmocka_unit_test_setup_teardown(flat, begin, end),
		cmocka_unit_test_setup_teardown(flat_cut, begin, end),
		cmocka_unit_test_setup_teardown(plain_cut, begin, end),
		cmocka_unit_test_setup_teardown(power_loss, begin, end),
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
