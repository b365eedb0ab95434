/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/fetch.c dumpsend/deliver.c dumpsend/pump.c dumpsend/landing.c dumpsend/beside.c dumpsend/reopen.c dumpsend/small.c dumpsend/verify.c dumpsend/resume.c dumpsend/cargo.c dumpsend/window.c dumpsend/input.c dumpsend/digest.c dumpsend/sha.c dumpsend/meter.c dumpsend/net.c */
#include <sys/stat.h>

#include "../../dumpsend/fetch.h"
#include "clock.h"
#include "memory-store.h"
#include "stop.h"

#define FROM "/d/last"
#define TO "fetched"

static struct target target = { .kind = TARGET_NFS, .text = "nfs://memory" FROM };
static struct deliver_options options;

static int begin(void **state)
{
	char folder[] = "/tmp/fetch.XXXXXX";

	(void)state;
	server = (struct server){ .seed = 1 };
	options = (struct deliver_options){ .store = { .silence_ms = 1000 },
					    .deadline_ms = UINT64_MAX };
	return !mkdtemp(folder) || chdir(folder);
}

static int end(void **state)
{
	char folder[100];

	(void)state;
	for (int i = 0; i < FILES; i++) {
		free(server.files[i].data);
		free(server.files[i].disk);
	}
	unlink(TO);
	return !getcwd(folder, sizeof folder) || chdir("/") || rmdir(folder);
}

/* a file on the server */
static void there(size_t size)
{
	assert_int_equal(mem_create(NULL, FROM), 0);
	for (size_t i = 0; i < size; i++)
		server.open->data[i] = (uint8_t)unit_random(&server.seed);
	server.open->size = size;
	server.open = NULL;
}

static int fetches(uint64_t limit)
{
	return fetch(&target, FROM, &options, limit, TO);
}

static void nothing_came(void)
{
	assert_int_equal(access(TO, F_OK), -1);
	assert_int_equal(access(TO "-incomplete", F_OK), -1);
}

static void comes_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, SIZE, 2 * SIZE };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *got = malloc(sizes[i] + 1);
		FILE *f;

		there(sizes[i]);
		assert_int_equal(fetches(2 * SIZE), 0);
		assert_int_equal(stat(TO, &st), 0);
		assert_int_equal(st.st_size, sizes[i]);
		assert_int_equal(st.st_mode & 0777, 0600);
		f = fopen(TO, "r");
		assert_int_equal(fread(got, 1, sizes[i] + 1, f), sizes[i]);
		assert_memory_equal(got, find(FROM)->data, sizes[i]);
		fclose(f);
		free(got);
		unlink(TO);
		find(FROM)->used = false;
	}
}

static void is_not_there(void **state)
{
	(void)state;
	assert_int_equal(fetches(100), -1);
	assert_failed(ERR_UNKNOWN, FROM ": is not there");
	nothing_came();
}

static void too_long(void **state)
{
	(void)state;
	there(101);
	assert_int_equal(fetches(100), -1);
	assert_failed(ERR_SYS, "has 101 bytes, 100 may be fetched");
	nothing_came();
	assert_int_equal(fetches(101), 0);
}

static void a_folder(void **state)
{
	(void)state;
	assert_int_equal(fetch(&target, "/d", &options, 100, TO), -1);
	assert_failed(ERR_SYS, "is a folder");
}

/* whatever fails, and wherever: all of it came, or nothing */
static void connection_lost(void **state)
{
	unsigned whole = 0;

	(void)state;
	there(SIZE);
	for (unsigned seed = 1; seed <= 50; seed++) {
		server.seed = seed;
		server.lose = 4;
		if (fetches(SIZE) == 0) {
			whole++;
			assert_int_equal(unlink(TO), 0);
			continue;
		}
		assert_failed(ERR_AGAIN, "connection lost");
		nothing_came();
	}
	assert_in_range(whole, 1, 49);
}

static void cannot_be_read(void **state)
{
	(void)state;
	there(10);
	server.unreadable = true;
	assert_int_equal(fetches(10), -1);
	assert_failed(ERR_SYS, "read error");
	nothing_came();
}

static void keeps_what_is_there(void **state)
{
	(void)state;
	there(10);
	assert_int_equal(fetches(10), 0);
	assert_int_equal(fetches(10), -1);
	assert_failed(ERR_SYS, "exists");
	options.force = true;
	assert_int_equal(fetches(10), 0);
}

static void raw_device(void **state)
{
	struct target raw = { .kind = TARGET_RAW, .text = "raw:/dev/x" };

	(void)state;
	assert_int_equal(fetch(&raw, "/dev/x", &options, 10, TO), -1);
	assert_failed(ERR_USAGE, "--recover");
}

/* the last one, because the time stays over */
static void out_of_time(void **state)
{
	(void)state;
	there(10);
	options.deadline_ms = clock_ms();
	assert_int_equal(fetches(10), -1);
	assert_failed(ERR_AGAIN, "the time limit is over");
	nothing_came();
	assert_int_equal(stop_check(), -1);
	assert_failed(ERR_STOPPED, "the time limit is over");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_whole, begin, end),
		cmocka_unit_test_setup_teardown(is_not_there, begin, end),
		cmocka_unit_test_setup_teardown(too_long, begin, end),
		cmocka_unit_test_setup_teardown(a_folder, begin, end),
		cmocka_unit_test_setup_teardown(connection_lost, begin, end),
		cmocka_unit_test_setup_teardown(cannot_be_read, begin, end),
		cmocka_unit_test_setup_teardown(keeps_what_is_there, begin, end),
		cmocka_unit_test_setup_teardown(raw_device, begin, end),
		cmocka_unit_test_setup_teardown(out_of_time, begin, end),
	};

	return RUN(tests);
}
