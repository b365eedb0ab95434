/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/png.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "../../dumpfilter/png.h"
#include "out.h"
#include "unit.h"

enum { FILE_MAX = 4 << 20 };

static uint8_t file[FILE_MAX], packed[FILE_MAX], rows[FILE_MAX];
static size_t file_len, packed_len;
static unsigned idats;

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void slurp(const char *path)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	file_len = fread(file, 1, sizeof file, f);
	assert_true(file_len < sizeof file);
	fclose(f);
}

/* every chunk's CRC; IHDR first, IEND last, and what the IDATs hold between them */
static void parse(uint32_t width, uint32_t height)
{
	size_t at = 8;

	assert_memory_equal(file, "\x89PNG\r\n\x1a\n", 8);
	packed_len = 0;
	idats = 0;
	for (unsigned n = 0; at < file_len; n++) {
		const uint8_t *chunk = file + at;
		uint32_t len = be32(chunk);

		assert_true(at + 12 + len <= file_len);
		assert_int_equal(be32(chunk + 8 + len), crc32(0, chunk + 4, len + 4));
		at += 12 + len;
		if (n == 0) {
			assert_memory_equal(chunk + 4, "IHDR", 4);
			assert_int_equal(len, 13);
			assert_int_equal(be32(chunk + 8), width);
			assert_int_equal(be32(chunk + 12), height);
			assert_memory_equal(chunk + 16, "\x08\x02\0\0\0", 5);
		} else if (at == file_len) {
			assert_memory_equal(chunk + 4, "IEND", 4);
			assert_int_equal(len, 0);
		} else {
			assert_memory_equal(chunk + 4, "IDAT", 4);
			assert_true(len > 0);
			memcpy(packed + packed_len, chunk + 8, len);
			packed_len += len;
			idats++;
		}
	}
}

/* undo the filters: none and up are those that we know */
static void unpack(uint32_t width, uint32_t height)
{
	size_t row = 3 * (size_t)width;
	uLongf len = sizeof rows;

	assert_int_equal(uncompress(rows, &len, packed, packed_len), Z_OK);
	assert_int_equal(len, (row + 1) * height);
	for (uint32_t y = 0; y < height; y++) {
		const uint8_t *from = rows + y * (row + 1);
		uint8_t *to = rows + y * row, filter = *from;

		assert_true(filter == 0 || filter == 2);
		memmove(to, from + 1, row);
		for (size_t i = 0; filter == 2 && y > 0 && i < row; i++)
			to[i] = (uint8_t)(to[i] + to[i - row]);
	}
}

static void picture(uint32_t width, uint32_t height, bool random)
{
	char dir[] = "/tmp/png.XXXXXX", path[64];
	size_t row = 3 * (size_t)width;
	uint8_t *rgb = malloc(row * height);
	uint64_t seed = 7;
	struct out out;
	struct png png;

	assert_non_null(rgb);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.png", dir);
	for (size_t i = 0; i < row * height; i++)
		rgb[i] = (uint8_t)(random ? unit_random(&seed) : i / 1000);
	assert_int_equal(out_open_stream(&out, path, false), 0);
	assert_int_equal(png_open(&png, &out, width, height), 0);
	for (uint32_t y = 0; y < height; y++)
		assert_int_equal(png_row(&png, rgb + y * row), 0);
	assert_int_equal(png_end(&png), 0);
	png_close(&png);
	png_close(&png);
	assert_int_equal(out_commit(&out), 0);
	out_close(&out);
	slurp(path);
	parse(width, height);
	unpack(width, height);
	assert_memory_equal(rows, rgb, row * height);
	unlink(path);
	rmdir(dir);
	free(rgb);
}

static void sizes(void **state)
{
	(void)state;
	picture(1, 1, true);
	picture(3, 2, true);
	picture(1, 500, false);
	picture(1000, 3, true);
}

static void large(void **state)
{
	(void)state;
	picture(700, 600, true);
	assert_true(idats > 10);
	picture(700, 600, false);
	assert_int_equal(idats, 1);
}

static void full_disk(void **state)
{
	uint8_t rgb[3 * 64];
	uint64_t seed = 1;
	struct out out;
	struct png png;
	int rc = 0;

	(void)state;
	assert_int_equal(out_open_stream(&out, "/dev/full", true), 0);
	assert_int_equal(png_open(&png, &out, 64, 10), -1);
	assert_failed(ERR_FULL, "/dev/full");
	png_close(&png);
	out_discard(&out);

	/* a reader that goes away in the middle of the rows */
	assert_int_equal(out_open_stream(&out, "/dev/null", true), 0);
	assert_int_equal(png_open(&png, &out, 64, 4000), 0);
	assert_int_equal(close(out.fd), 0);
	for (int y = 0; y < 4000 && rc == 0; y++) {
		for (size_t i = 0; i < sizeof rgb; i++)
			rgb[i] = (uint8_t)unit_random(&seed);
		rc = png_row(&png, rgb);
	}
	assert_int_equal(rc, -1);
	png_close(&png);
	out.fd = -1;
	out_close(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(large),
		cmocka_unit_test(full_disk),
	};

	return RUN(tests);
}
