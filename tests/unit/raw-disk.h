/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of the raw device and the way back from it; a file is as good as a device. */
#ifndef RAW_DISK_H
#define RAW_DISK_H

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

static inline void make_disk(off_t size)
{
	unlink(DISK);
	put(DISK, "");
	assert_int_equal(truncate(DISK, size), 0);
}

static inline void connects(void)
{
	if (ops->connect(&store))
		fail_msg("%s", err_text());
	assert_true(store.sequential);
}

static inline int begin(void **state)
{
	clean_before(state);
	store = (struct store){ .ops = ops, .target = &target, .options = &options,
				.window = &window };
	make_disk(SIZE);
	return target_parse(&target, "raw:" DISK) || window_open(&window, WINDOW_MIN);
}

static inline int end(void **state)
{
	(void)state;
	ops->close(&store);
	ops->close(&store);
	window_close(&window);
	target_close(&target);
	return 0;
}

static inline int write_bytes(const void *bytes, size_t len, uint64_t at)
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

static inline int write_text(const char *text, uint64_t at)
{
	return write_bytes(text, strlen(text), at);
}

static inline void creates(bool flat, bool force)
{
	store.flat = flat;
	store.force = force;
	connects();
	if (ops->create(&store, DISK))
		fail_msg("%s", err_text());
}

static inline void ends(bool complete)
{
	assert_int_equal(ops->finish(&store, complete), 0);
	ops->close(&store);
	assert_true(window_is_empty(&window));
}

static inline void recovers(bool force)
{
	if (recover(DISK, PATH, force))
		fail_msg("%s", err_text());
	assert_false(exists(TEMP));
}

static inline void fails(bool force, enum err code, const char *words)
{
	assert_int_equal(recover(DISK, PATH, force), -1);
	assert_failed(code, words);
	assert_false(exists(PATH));
}

/* the header of the disk; put back with what was changed in it */
static inline struct raw_head head_of_disk(void)
{
	struct raw_head h;
	uint64_t size;
	int fd = raw_open(DISK, false, &size);

	assert_true(fd >= 0);
	assert_int_equal(raw_look(fd, DISK, &h), RAW_DUMP);
	close(fd);
	return h;
}

static inline void change_disk(const void *bytes, size_t len, off_t at)
{
	int fd = open(DISK, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, at), len);
	close(fd);
}

static inline void put_head(const struct raw_head *h)
{
	int fd = open(DISK, O_WRONLY);

	assert_int_equal(raw_put_head(fd, DISK, h), 0);
	close(fd);
}

/* a small dump in the order in which dumpfilter writes it */
static inline void write_dump(uint32_t status, bool whole)
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

static inline uint32_t status_in(const char *name)
{
	uint32_t status = 0;
	int fd = open(name, O_RDONLY);

	assert_int_equal(pread(fd, &status, 4, KDUMP_STATUS), 4);
	close(fd);
	return status;
}

static inline void refuses_to_create(enum err code, const char *words)
{
	connects();
	assert_int_equal(ops->create(&store, DISK), -1);
	assert_failed(code, words);
	ops->close(&store);
}

#endif
