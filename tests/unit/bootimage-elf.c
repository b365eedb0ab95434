/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "bootimage-kinds.h"
#include "kernel-file.h"

static int open_bytes(struct bootimage *im, const uint8_t *file, size_t size)
{
	int fd = kernel_file(file, size), result = bootimage_elf(im, fd, size);

	close(fd);
	return result;
}

static void good(void **state)
{
	uint8_t file[VMLINUX], *bytes;
	struct bootimage im;
	uint64_t len;
	int fd;

	(void)state;
	make_vmlinux(file);
	fd = kernel_file(file, sizeof file);
	assert_int_equal(bootimage_open(&im, fd, sizeof file, NULL), 0);
	assert_int_equal(im.kind, BOOTIMAGE_ELF);
	assert_string_equal(im.arch, "x86_64");
	assert_string_equal(im.version, "6.1.0-elf");
	assert_int_equal(im.code_size, VMLINUX_FLAT);
	assert_int_equal(im.init_size, VMLINUX_SPAN);
	assert_int_equal(im.kernel_size, VMLINUX_SPAN);
	assert_int_equal(im.entry, VMLINUX_ENTRY);
	assert_int_equal(im.align, 2 << 20);
	assert_int_equal(im.offset, 0);
	assert_int_equal(im.lowest, 1 << 20);
	assert_int_equal(im.cmdline_max, 2047);
	assert_null(im.wrapper);

	assert_int_equal(bootimage_read(&im, &bytes, &len), 0);
	assert_int_equal(len, VMLINUX_FLAT);
	assert_memory_equal(bytes, file + 1024, 1000);
	assert_memory_equal(bytes + 0x2000, file + 2048, 100);
	assert_memory_equal(bytes + 0x3000, "0123456789abcdef", 16);
	for (size_t i = 1000; i < 0x2000; i++)
		assert_int_equal(bytes[i], 0);
	free(bytes);
	/* the file becomes shorter, then another */
	assert_int_equal(ftruncate(fd, 2400), 0);
	assert_int_equal(bootimage_read(&im, &bytes, &len), -1);
	assert_failed(ERR_CORRUPT, "ends at");
	put_load(file, 1, 2048, 200, 200, VMLINUX_START + 0x4fff, 0);
	put_load(file, 2, 2500, 16, 16, VMLINUX_START + 0x6000, 0xffffffff81003000);
	assert_int_equal(pwrite(fd, file, sizeof file, 0), sizeof file);
	assert_int_equal(bootimage_read(&im, &bytes, &len), -1);
	assert_failed(ERR_AGAIN, "was changed");
	assert_null(bytes);
	bootimage_close(&im);
	close(fd);
}

/* a shared object is one, too, and may lie beside a multiple of 2 MiB */
static void moved(void **state)
{
	uint8_t file[VMLINUX];
	struct bootimage im;

	(void)state;
	make_vmlinux(file);
	put(file, 16, 3, 2);
	for (size_t i = 0; i < 3; i++)
		file[PHDR + i * PHDR_SIZE + 24 + 2]++;	/* 64 KiB up */
	put(file, 24, VMLINUX_START + 0x10000, 8);
	assert_int_equal(open_bytes(&im, file, sizeof file), 0);
	assert_int_equal(im.offset, 0x10000);
	assert_int_equal(im.entry, 0);
}

enum { P0 = PHDR, P1 = PHDR + PHDR_SIZE, P2 = PHDR + 2 * PHDR_SIZE };

static void refused(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		int bytes;
		enum err code;
		const char *words;
	} faults[] = {
		{ 0, 0, 1, ERR_UNKNOWN, "not an ELF file" },
		{ 4, 1, 1, ERR_UNKNOWN, "32 bits" },
		{ 5, 2, 1, ERR_UNKNOWN, "big-endian" },
		{ 16, 1, 2, ERR_UNKNOWN, "an object file (a kernel module?)" },
		{ 16, 4, 2, ERR_UNKNOWN, "core file (a dump?)" },
		{ 16, 0, 2, ERR_UNKNOWN, "of type 0" },
		{ 18, 183, 2, ERR_UNKNOWN, "give the Image" },
		{ 18, 243, 2, ERR_UNKNOWN, "of machine 243" },
		{ 24, VMLINUX_START - 1, 8, ERR_CORRUPT, "entry 0xffffff lies in none" },
		{ 24, VMLINUX_START + 1000, 8, ERR_CORRUPT, "lies in none of its segments" },
		{ 24, VMLINUX_START + 0x2001, 8, ERR_UNKNOWN, "no Linux kernel" },
		{ 32, 0, 8, ERR_CORRUPT, "program headers at 0" },
		{ 32, 4097, 8, ERR_CORRUPT, "program headers at 0x1001" },
		{ 32, UINT64_MAX, 8, ERR_CORRUPT, "program headers at" },
		{ 32, 2900, 8, ERR_CORRUPT, "program headers end at" },
		{ 40, VMLINUX + 1, 8, ERR_CORRUPT, "cut short: the ELF header names sections" },
		{ 54, 55, 2, ERR_CORRUPT, "4 program headers of 55 bytes" },
		{ 56, 0, 2, ERR_CORRUPT, "0 program headers" },
		{ 56, 65535, 2, ERR_CORRUPT, "65535 program headers" },
		{ P0 + 8, VMLINUX, 8, ERR_CORRUPT, "cut short: program header 0" },
		{ P0 + 8, UINT64_MAX, 8, ERR_CORRUPT, "cut short: program header 0" },
		{ P0 + 16, 0x400000, 8, ERR_UNKNOWN, "its code is linked at 0x400000" },
		{ P0 + 24, UINT64_MAX - 10, 8, ERR_CORRUPT, "program header 0" },
		{ P0 + 24, 0, 8, ERR_CORRUPT, "lies in none of its segments" },
		{ P0 + 32, 1001, 8, ERR_CORRUPT, "program header 0: 0x3e9 bytes of 0x3e8" },
		{ P0 + 40, 0x2001, 8, ERR_CORRUPT, "two segments want physical 0x1002000" },
		{ P1 + 24, VMLINUX_START + 999, 8, ERR_CORRUPT, "two segments want" },
		{ P1 + 24, 0, 8, ERR_UNKNOWN, "linked at 0" },
		{ P2 + 24, 0x40000000, 8, ERR_CORRUPT, "no kernel is that large" },
		{ P2 + 40, UINT64_MAX - 0x2000000, 8, ERR_CORRUPT, "no kernel is that large" },
		{ P2 + 40, UINT64_MAX, 8, ERR_CORRUPT, "program header 2" },
	};
	uint8_t file[VMLINUX];
	struct bootimage im;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		make_vmlinux(file);
		put(file, faults[i].at, faults[i].value, faults[i].bytes);
		assert_int_equal(open_bytes(&im, file, sizeof file), -1);
		assert_failed(faults[i].code, faults[i].words);
	}
	/* no memory at all */
	make_vmlinux(file);
	for (size_t i = 0; i < 3; i++)
		put(file, PHDR + i * PHDR_SIZE, 0, 4);
	assert_int_equal(open_bytes(&im, file, sizeof file), -1);
	assert_failed(ERR_CORRUPT, "none of its program headers is a PT_LOAD");
}

/* up to the last byte of its last segment, or of its section headers */
static void truncations(void **state)
{
	uint8_t file[VMLINUX];
	struct bootimage im;

	(void)state;
	make_vmlinux(file);
	for (size_t len = 0; len < 2500 + 16; len++)
		assert_int_equal(open_bytes(&im, file, len), -1);
	put(file, 40, VMLINUX - 64, 8);
	put(file, 58, 64, 2);
	put(file, 60, 1, 2);
	assert_int_equal(open_bytes(&im, file, sizeof file), 0);
	for (size_t len = 0; len < sizeof file; len++)
		assert_int_equal(open_bytes(&im, file, len), -1);
}

/* every bit of the headers: never absurd numbers, and what is taken can be read */
static void flips(void **state)
{
	uint8_t file[VMLINUX], *bytes;

	(void)state;
	make_vmlinux(file);
	for (size_t bit = 0; bit < 8 * (PHDR + 4 * PHDR_SIZE); bit++) {
		struct bootimage im;
		uint64_t len;
		int fd;

		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
		fd = kernel_file(file, sizeof file);
		if (bootimage_elf(&im, fd, sizeof file) == 0) {
			assert_true(im.code_size <= im.init_size && im.init_size <= 512 << 20);
			assert_true(im.entry < im.code_size);
			assert_int_equal(bootimage_read(&im, &bytes, &len), 0);
			free(bytes);
		}
		close(fd);
		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(moved),
		cmocka_unit_test(refused),
		cmocka_unit_test(truncations),
		cmocka_unit_test(flips),
	};

	return RUN(tests);
}
