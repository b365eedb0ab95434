/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/load.c */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../kexec-load/load.h"
#include "bootimage-kinds.h"
#include "bootimage.h"
#include "unit.h"

/* a small bzImage: 3 sectors of setup, 2 KiB of kernel, a PE header for signatures */
enum { KERNEL_AT = 4 * 512, KERNEL = 2048, SIZE = KERNEL_AT + KERNEL, PE = 0x40 };

static void put(uint8_t *file, size_t at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		file[at + (size_t)i] = (uint8_t)(value >> 8 * i);
}

static void build(uint8_t *file)
{
	memset(file, 0, SIZE);
	memcpy(file, "MZ", 2);
	put(file, 0x3c, PE, 4);
	memcpy(file + PE, "PE", 2);
	put(file, PE + 24, 0x20b, 2);
	put(file, PE + 24 + 108, 6, 4);
	put(file, 0x1f1, 3, 1);
	put(file, 0x1f4, KERNEL / 16, 4);
	put(file, 0x1fe, 0xaa55, 2);
	memcpy(file + 0x202, "HdrS", 4);
	put(file, 0x206, 0x20f, 2);
	put(file, 0x20e, 0x400, 2);
	memcpy(file + 0x600, "6.1.0-test (me) #1", 18);
	put(file, 0x211, 1, 1);
	put(file, 0x230, 0x200000, 4);
	put(file, 0x234, 1, 1);
	put(file, 0x236, 0x3f, 2);
	put(file, 0x238, 2047, 4);
	put(file, 0x248, 256, 4);
	put(file, 0x24c, KERNEL - 256, 4);
	put(file, 0x258, 0x1000000, 8);
	put(file, 0x260, 0x345000, 4);
	memcpy(file + KERNEL_AT + 256, "\x1f\x8b\x08", 3);
}

/* without a pathname, and with what the kernel would read */
static int open_bytes(struct bootimage *im, const uint8_t *file, size_t size)
{
	int fd = memfd_create("bzImage", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file, size), size);
	int result = bootimage_bzimage(im, fd, size);

	close(fd);
	return result;
}

static void good(void **state)
{
	uint8_t file[SIZE];
	struct bootimage im;

	(void)state;
	build(file);
	assert_int_equal(open_bytes(&im, file, SIZE), 0);
	assert_string_equal(im.format, "bzImage");
	assert_string_equal(im.version, "6.1.0-test");
	assert_int_equal(im.size, SIZE);
	assert_int_equal(im.init_size, 0x345000);
	assert_int_equal(im.align, 0x200000);
	assert_int_equal(im.lowest, 0x1000000);
	assert_int_equal(im.cmdline_max, 2047);
	assert_true(im.five_level);
	assert_false(im.is_signed);

	put(file, 0x236, 0x1f, 2);
	put(file, 0x258, 0, 8);
	put(file, 0x20e, 0, 2);
	assert_int_equal(open_bytes(&im, file, SIZE), 0);
	assert_false(im.five_level);
	assert_int_equal(im.lowest, 0x100000);
	assert_string_equal(im.version, "");
}

/* each test by name, in the order of the fields */
static void headers(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		int bytes;
		enum err code;
		const char *words;
	} faults[] = {
		{ 0x1f1, 7, 1, ERR_CORRUPT, "the kernel begins at 0x1000, the file ends at 0x1000" },
		{ 0x1f4, KERNEL / 16 + 1, 4, ERR_CORRUPT, "cut short: the kernel ends at 0x1010" },
		{ 0x1f4, UINT32_MAX, 4, ERR_CORRUPT, "cut short" },
		{ 0x1fe, 0x55aa, 2, ERR_CORRUPT, "boot flag at 0x1fe is 0x55aa" },
		{ 0x202, 0, 4, ERR_UNKNOWN, "not a bzImage, but an EFI program" },
		{ 0x206, 0x20b, 2, ERR_UNKNOWN, "protocol at 0x206 is 2.11" },
		{ 0x211, 0xfe, 1, ERR_UNKNOWN, "LOADED_HIGH" },
		{ 0x230, 0x300000, 4, ERR_CORRUPT, "alignment at 0x230" },
		{ 0x230, 0, 4, ERR_CORRUPT, "alignment at 0x230" },
		{ 0x234, 0, 1, ERR_UNKNOWN, "not relocatable (0x234)" },
		{ 0x236, 0x3e, 2, ERR_UNKNOWN, "lack KERNEL_64" },
		{ 0x236, 0x3d, 2, ERR_UNKNOWN, "CAN_BE_LOADED_ABOVE_4G" },
		{ 0x248, 257, 4, ERR_CORRUPT, "the compressed kernel" },
		{ 0x248, UINT32_MAX, 4, ERR_CORRUPT, "the compressed kernel" },
		{ 0x24c, UINT32_MAX, 4, ERR_CORRUPT, "the compressed kernel" },
		{ 0x24c, 0, 4, ERR_CORRUPT, "the compressed kernel" },
		{ 0x260, 0, 4, ERR_CORRUPT, "0x800 bytes follow the setup code, but only 0 of" },
		{ KERNEL_AT + 256, 0, 2, ERR_CORRUPT, "at 0x900 begins with 00 00 08 00" },
	};
	uint8_t file[SIZE];
	struct bootimage im;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		build(file);
		put(file, faults[i].at, faults[i].value, faults[i].bytes);
		assert_int_equal(open_bytes(&im, file, SIZE), -1);
		assert_failed(faults[i].code, faults[i].words);
	}
}

static void signatures(void **state)
{
	static const struct { size_t at; uint64_t value; int bytes; } faults[] = {
		{ 0, 0, 2 }, { 0x3c, UINT32_MAX, 4 }, { 0x3c, PE + 1, 4 }, { PE, 0, 4 },
		{ PE + 24, 0x10b, 2 }, { PE + 24 + 108, 4, 4 }, { PE + 24 + 144, 0, 4 },
		{ PE + 24 + 148, 0, 4 }, { PE + 24 + 144, SIZE - 7, 4 },
		{ PE + 24 + 148, UINT32_MAX, 4 },
	};
	uint8_t file[SIZE];
	struct bootimage im;

	(void)state;
	for (size_t i = 0; i <= sizeof faults / sizeof faults[0]; i++) {
		build(file);
		put(file, PE + 24 + 144, SIZE - 8, 4);
		put(file, PE + 24 + 148, 8, 4);
		if (i > 0)
			put(file, faults[i - 1].at, faults[i - 1].value, faults[i - 1].bytes);
		assert_int_equal(open_bytes(&im, file, SIZE), 0);
		assert_int_equal(im.is_signed, i == 0);
	}
}

static void other_files(void **state)
{
	static const struct { const char *bytes; size_t len; const char *words; } files[] = {
		{ "\x7f" "ELF", 4, "an ELF file" },
		{ "\x1f\x8b", 2, "gzip data" },
		{ "070701", 6, "a cpio archive" },
		{ "MZ", 2, "an EFI program" },
		{ "hello", 5, "no \"HdrS\" at 0x202" },
		{ "", 0, "no \"HdrS\" at 0x202" },
	};
	struct bootimage im;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		uint8_t file[SIZE] = { 0 };

		memcpy(file, files[i].bytes, files[i].len);
		assert_int_equal(open_bytes(&im, file, SIZE), -1);
		assert_failed(ERR_UNKNOWN, files[i].words);
		assert_int_equal(open_bytes(&im, file, files[i].len), -1);
		assert_failed(ERR_UNKNOWN, files[i].words);
	}
	assert_int_equal(bootimage_bzimage(&im, -1, SIZE), -1);
	assert_failed(ERR_SYS, "reading its header");
}

/* what follows the kernel is loaded with it, so it must have room too */
static void trailer(void **state)
{
	uint8_t file[SIZE + 3000] = { 0 };
	struct bootimage im;

	(void)state;
	build(file);
	put(file, 0x260, 4000, 4);
	assert_int_equal(open_bytes(&im, file, SIZE + 2048), 0);
	assert_int_equal(open_bytes(&im, file, SIZE + 2049), -1);
	assert_failed(ERR_CORRUPT, "0x1001 bytes follow");
}

/* every length a file can be cut to */
static void truncations(void **state)
{
	uint8_t file[SIZE];
	struct bootimage im;

	(void)state;
	build(file);
	for (size_t len = 0; len < SIZE; len++)
		assert_int_equal(open_bytes(&im, file, len), -1);
}

/* every bit: taken or refused, but never out of bounds, and never with absurd numbers */
static void flips(void **state)
{
	uint8_t file[SIZE];
	struct bootimage im;

	(void)state;
	build(file);
	for (size_t bit = 0; bit < (size_t)KERNEL_AT * 8; bit++) {
		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (open_bytes(&im, file, SIZE) == 0) {
			assert_true(im.align && !(im.align & (im.align - 1)));
			assert_true(im.lowest >= 0x100000);
			assert_true(strlen(im.version) < sizeof im.version);
		}
		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* a writer who comes between load_open() and the call */
static void writers(void **state)
{
	char path[] = "/tmp/crashpipe-bzimage-XXXXXX", name[32];
	uint8_t file[SIZE];
	struct load ld;
	int out = mkstemp(path);

	(void)state;
	build(file);
	snprintf(name, sizeof name, "%s", path + 5);
	assert_true(out >= 0);
	assert_int_equal(write(out, file, SIZE), SIZE);
	assert_int_equal(load_open(&ld, path, NULL, NULL), -1);
	assert_failed(ERR_AGAIN, "open for writing");
	load_close(&ld);
	close(out);

	assert_int_equal(load_open(&ld, path, path, NULL), 0);
	assert_int_equal(load_read(&ld), 0);
	assert_int_equal(load_unchanged(&ld), 0);
	out = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(load_unchanged(&ld), -1);
	assert_failed(ERR_AGAIN, "open for writing");
	close(out);
	assert_int_equal(load_unchanged(&ld), 0);
	/* only the time tells */
	assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){ { 1, 0 }, { 1, 5 } }, 0), 0);
	assert_int_equal(load_unchanged(&ld), -1);
	assert_failed(ERR_AGAIN, name);
	assert_failed(ERR_AGAIN, "was changed");
	load_close(&ld);
	unlink(path);
}

/* as on a file system of this type; in place of the C library's */
static long fs_type;

int fstatfs(int fd, struct statfs *fs)
{
	(void)fd;
	*fs = (struct statfs){ .f_type = fs_type };
	return 0;
}

/* NFS and CIFS refuse a lease where nobody writes, too: that must not stop a load */
static void over_the_network(void **state)
{
	static const struct { long type; int result; } types[] = {
		{ 0xef53, -1 }, { 0x6969, 0 }, { 0xff534d42, 0 }, { 0xfe534d42, 0 },
	};
	char path[] = "/tmp/crashpipe-bzimage-XXXXXX";
	uint8_t file[SIZE];
	struct load ld;
	int out = mkstemp(path);

	(void)state;
	build(file);
	assert_int_equal(write(out, file, SIZE), SIZE);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		fs_type = types[i].type;
		assert_int_equal(load_open(&ld, path, NULL, NULL), types[i].result);
		load_close(&ld);
	}
	fs_type = 0;
	close(out);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(headers),
		cmocka_unit_test(signatures),
		cmocka_unit_test(other_files),
		cmocka_unit_test(trailer),
		cmocka_unit_test(truncations),
		cmocka_unit_test(flips),
		cmocka_unit_test(writers),
		cmocka_unit_test(over_the_network),
	};

	return RUN(tests);
}
