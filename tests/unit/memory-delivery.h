/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams that are sent to the store in memory, and what must become of them. */
#ifndef MEMORY_DELIVERY_H
#define MEMORY_DELIVERY_H

#include "memory-store.h"

/* the file that is to arrive, and the stream that says so, in the file "stream" */
static uint8_t content[SIZE];

static inline void put_record(FILE *f, uint64_t at, uint64_t len)
{
	uint8_t raw[FLAT_RECORD];

	flat_make_record(raw, at, len);
	assert_int_equal(fwrite(raw, sizeof raw, 1, f), 1);
	if (len <= SIZE)
		assert_int_equal(fwrite(content + at, 1, len, f), len);
}

static inline void fill_content(uint64_t *seed)
{
	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)unit_random(seed);
}

static inline void put_word(size_t at, uint32_t v)
{
	memcpy(content + at, &v, sizeof v);
}

/* the header of a dump, as far as it matters here */
static inline void fill_header(void)
{
	memset(content, 0, 4096);
	memcpy(content, KDUMP_SIGNATURE, 8);
	put_word(KDUMP_HEADER_VERSION, KDUMP_VERSION);
	put_word(KDUMP_STATUS, 1);
	put_word(KDUMP_BLOCK_SIZE, 4096);
	put_word(KDUMP_SUB_BLOCKS, 1);
	put_word(KDUMP_BITMAP_BLOCKS, 2);
}

/* records of many lengths, from both ends in turn; all bytes, each once */
static inline void write_stream(uint64_t seed)
{
	uint8_t header[FLAT_HEADER];
	uint64_t low = 0, high = SIZE;
	FILE *f = fopen("stream", "w");

	flat_make_header(header);
	assert_int_equal(fwrite(header, sizeof header, 1, f), 1);
	while (low < high) {
		uint64_t len = 1 + unit_random(&seed) % (unit_random(&seed) % 8 ? 300 : 30000);

		if (len > high - low)
			len = high - low;
		if (unit_random(&seed) % 4) {
			put_record(f, low, len);
			low += len;
		} else {
			high -= len;
			put_record(f, high, len);
		}
	}
	put_record(f, UINT64_MAX, UINT64_MAX);
	fclose(f);
}

static inline void make_stream(uint64_t seed)
{
	fill_content(&seed);
	write_stream(seed);
}

/* the file is a dump, and its header comes first */
static inline void make_dump(uint64_t seed)
{
	uint8_t header[FLAT_HEADER];
	FILE *f = fopen("stream", "w");

	fill_content(&seed);
	fill_header();
	flat_make_header(header);
	assert_int_equal(fwrite(header, sizeof header, 1, f), 1);
	for (uint64_t at = 0; at < SIZE; at += 50000)
		put_record(f, at, SIZE - at < 50000 ? SIZE - at : 50000);
	put_record(f, UINT64_MAX, UINT64_MAX);
	fclose(f);
}

static inline void forget_files(void)
{
	for (int i = 0; i < FILES; i++) {
		free(server.files[i].data);
		free(server.files[i].disk);
	}
	server = (struct server){ .room = SIZE_MAX };
}

static const struct target target = { .kind = TARGET_NFS, .text = "memory" };

static inline int send_stream(struct cargo *c, enum verify how, uint64_t retry_ms)
{
	const struct deliver_options o = {
		.store = { .silence_ms = 1000 }, .verify = how, .retry_ms = retry_ms,
		.deadline_ms = UINT64_MAX, .sha256 = false, .force = find("/d/vmcore"),
	};
	struct delivery d;
	int rc;

	assert_int_equal(deliver_open(&d, &target, "/d/vmcore", c, NULL, &o), 0);
	d.is_last = true;
	rc = deliver(&d);
	deliver_close(&d);
	return rc;
}

static inline void assert_arrived(void)
{
	const struct file *f = find("/d/vmcore");

	assert_non_null(f);
	assert_null(find("/d/vmcore-incomplete"));
	assert_int_equal(f->size, SIZE);
	assert_memory_equal(f->data, content, SIZE);
	assert_memory_equal(f->disk, content, SIZE);
}

/* what an earlier run has left, all of this stream but its end */
static inline struct file *leave_behind(size_t size)
{
	struct file *f;

	assert_int_equal(mem_create(NULL, "/d/vmcore-incomplete"), 0);
	f = server.open;
	memcpy(f->data, content, size);
	memcpy(f->disk, content, size);
	f->size = f->disk_size = size;
	return f;
}

static inline int send_again(enum verify how)
{
	struct cargo c;
	int rc;

	assert_int_equal(cargo_open(&c, "stream", false, WINDOW_MIN, false), 0);
	rc = send_stream(&c, how, 60000);
	cargo_close(&c);
	return rc;
}

static inline int enter(void **state)
{
	static char dir[] = "/tmp/unit-delivery.XXXXXX";

	(void)state;
	say_less();
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static inline int leave(void **state)
{
	char cwd[256];

	(void)state;
	unlink("stream");
	return getcwd(cwd, sizeof cwd) && chdir("/") == 0 ? rmdir(cwd) : -1;
}

#endif
