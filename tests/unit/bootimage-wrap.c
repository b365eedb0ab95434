/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64 Images, and what kernels are wrapped in. */
#include <stdlib.h>

#include "bootimage-kinds.h"
#include "kernel-try.h"

static void packed(void **state)
{
	uint8_t arm64[ARM64_IMAGE], file[FILE_MAX], twice[FILE_MAX];
	struct bootimage im;

	(void)state;
	make_arm64(arm64);
	for (size_t i = 0; i < PACKS; i++) {
		uint8_t *bytes;
		uint64_t len;
		size_t n = packs[i].run(arm64, sizeof arm64, file, sizeof file);

		assert_int_equal(try(file, n, i % 2 ? "Image" : NULL, &im), 0);
		assert_int_equal(im.kind, BOOTIMAGE_ARM64);
		assert_string_equal(im.wrapper, packs[i].name);
		assert_int_equal(im.file_size, n);
		assert_int_equal(im.size, ARM64_IMAGE);
		assert_int_equal(bootimage_read(&im, &bytes, &len), 0);
		assert_int_equal(len, ARM64_IMAGE);
		assert_memory_equal(bytes, arm64, ARM64_IMAGE);
		free(bytes);
		bootimage_close(&im);
		if (packs[i].checks)
			for (size_t cut = 0; cut < n; cut++)
				assert_int_equal(try(file, cut, NULL, &im), -1);
		/* once is enough */
		assert_int_equal(try(twice, packs[0].run(file, n, twice, sizeof twice), NULL, &im),
				 -1);
		assert_failed(ERR_UNKNOWN, "unpacked: packed data: it must not be inside");
	}
	size_t n = packs[0].run((const uint8_t *)"070701", 6, file, sizeof file);

	assert_int_equal(try(file, n, NULL, &im), -1);
	assert_failed(ERR_UNKNOWN, "a cpio archive: is it the initrd?");
}

static void zboot(void **state)
{
	uint8_t arm64[ARM64_IMAGE], file[FILE_MAX] = { 0 };
	struct bootimage im;
	size_t n;

	(void)state;
	make_arm64(arm64);
	memcpy(file, "MZ\0\0zimg", 8);
	n = packs[0].run(arm64, sizeof arm64, file + 512, sizeof file - 512);
	put(file, 8, 512, 4);
	put(file, 12, n, 4);
	memcpy(file + 24, "gzip", 5);
	assert_int_equal(try(file, 512 + n + 100, NULL, &im), 0);
	assert_string_equal(im.wrapper, "zboot");
	assert_string_equal(im.version, "6.1.0-arm");
	bootimage_close(&im);
	assert_int_equal(try(file, 512 + n - 1, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "cut short: the packed kernel");
	put(file, 8, UINT32_MAX, 4);
	assert_int_equal(try(file, 512 + n, NULL, &im), -1);
	put(file, 8, 8, 4);
	assert_int_equal(try(file, 512 + n, NULL, &im), -1);
	put(file, 8, 512, 4);
	put(file, 12, 0, 4);
	assert_int_equal(try(file, 512 + n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "is 0x200-0x200 of");
	put(file, 12, 20, 4);
	assert_int_equal(try(file, 512 + n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "cut short");
	put(file, 8, 513, 4);
	assert_int_equal(try(file, 512 + n, NULL, &im), -1);
	assert_failed(ERR_UNKNOWN, "no known compression");
}

static void uki(void **state)
{
	uint8_t vmlinux[VMLINUX], bz[BZIMAGE_MAX], arm64[ARM64_IMAGE], gz[ARM64_IMAGE];
	uint8_t *file = calloc(1, FILE_MAX);
	struct bootimage im;
	char initrd[15] = "";
	size_t n, len;

	(void)state;
	make_vmlinux(vmlinux);
	n = make_bzimage(bz, "6.1.0", &packs[0], vmlinux, VMLINUX);
	len = make_uki(file, bz, n);
	assert_int_equal(try(file, len, NULL, &im), 0);
	assert_int_equal(im.kind, BOOTIMAGE_BZIMAGE);
	assert_string_equal(im.wrapper, "UKI");
	assert_string_equal(im.cmdline, "root=/dev/x  quiet");
	assert_int_equal(im.size, n);
	assert_int_equal(im.initrd_size, 14);
	assert_int_equal(pread(im.initrd_fd, initrd, 15, 0), 14);
	assert_memory_equal(initrd, "ucode\0\0\0initrd", 14);
	bootimage_close(&im);
	bootimage_close(&im);

	/* what another profile has is not ours */
	make_uki(file, bz, n);
	memcpy(file + PE + 24 + PE_OPTIONAL + 40, ".profile", 8);
	assert_int_equal(try(file, len, "uki", &im), -1);
	assert_failed(ERR_UNKNOWN, "no section .linux");
	/* a kernel alone */
	make_pe(file);
	memcpy(file + 0xa00, bz, n);
	add_section(file, ".linux", 0xa00, n);
	assert_int_equal(try(file, len, "uki", &im), 0);
	assert_int_equal(im.initrd_fd, -1);
	assert_null(im.cmdline);
	bootimage_close(&im);
	/* packed inside, and one inside another */
	make_arm64(arm64);
	n = packs[0].run(arm64, sizeof arm64, gz, sizeof gz);
	len = make_uki(file, gz, n);
	assert_int_equal(try(file, len, NULL, &im), 0);
	assert_string_equal(im.wrapper, "UKI");
	assert_int_equal(im.kind, BOOTIMAGE_ARM64);
	bootimage_close(&im);
	uint8_t *outer = calloc(1, 2 * FILE_MAX);

	len = make_uki(outer, file, len);
	assert_int_equal(try(outer, len, NULL, &im), -1);
	assert_failed(ERR_UNKNOWN, "section .linux: not a bzImage, but an EFI program");
	free(outer);
	free(file);
}

static void bad_uki(void **state)
{
	enum { S = PE + 24 + PE_OPTIONAL, LINUX = S + 4 * 40, CMDLINE = S + 40 };
	static const struct {
		size_t at;
		uint64_t value;
		int bytes;
		const char *words;
	} faults[] = {
		{ 0x3c, UINT32_MAX, 4, "PE header (offset at 0x3c)" },
		{ PE, 0, 1, "no \"PE\" at 0x80" },
		{ PE + 6, 97, 2, "97 PE sections" },
		{ PE + 6, 4, 2, "no section .linux" },
		{ PE + 20, UINT16_MAX, 2, "5 PE sections at 0x10097" },
		{ LINUX + 16, UINT32_MAX, 4, "cut short: PE section .linux" },
		{ LINUX + 20, UINT32_MAX, 4, "cut short: PE section .linux" },
		{ LINUX + 16, 0, 4, "no section .linux" },
		{ LINUX + 8, 3, 4, "section .linux: not a bzImage" },
		{ CMDLINE + 20, UINT32_MAX, 4, "cut short: PE section .cmdline" },
	};
	uint8_t vmlinux[VMLINUX], bz[BZIMAGE_MAX], *file = calloc(1, FILE_MAX);
	struct bootimage im;
	size_t n, len;

	(void)state;
	make_vmlinux(vmlinux);
	n = make_bzimage(bz, "6.1.0", &packs[0], vmlinux, VMLINUX);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		len = make_uki(file, bz, n);
		put(file, faults[i].at, faults[i].value, faults[i].bytes);
		assert_int_equal(try(file, len, NULL, &im), -1);
		if (!strstr(err_text(), faults[i].words))
			fail_msg("fault %zu: %s", i, err_text());
	}
	len = make_uki(file, bz, n);
	for (size_t cut = 0; cut < len; cut += 7)
		assert_int_equal(try(file, cut, NULL, &im), -1);
	free(file);
}

static void arm64(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		int bytes;
		enum err code;
		const char *words;
	} faults[] = {
		{ 8, 2 << 20, 8, ERR_CORRUPT, "text_offset at 0x8" },
		{ 16, 0, 8, ERR_UNKNOWN, "image_size at 0x10 is 0" },
		{ 16, ARM64_IMAGE - 1, 8, ERR_CORRUPT, "asks for 0xfff only" },
		{ 16, UINT64_MAX, 8, ERR_CORRUPT, "no kernel is that large" },
		{ 24, 0xb, 8, ERR_UNKNOWN, "a big-endian kernel" },
		{ 56, 0, 1, ERR_UNKNOWN, "not a bzImage" },
	};
	static const uint32_t pages[] = { 0, 4096, 16384, 65536 };
	uint8_t file[ARM64_IMAGE];
	struct bootimage im;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		make_arm64(file);
		put(file, 24, i << 1, 8);
		put(file, 8, 0x80000, 8);
		assert_int_equal(try(file, sizeof file, NULL, &im), 0);
		assert_string_equal(im.arch, "aarch64");
		assert_string_equal(im.version, "6.1.0-arm");
		assert_int_equal(im.page_size, pages[i]);
		assert_int_equal(im.init_size, ARM64_SPAN);
		assert_int_equal(im.offset, 0x80000);
		assert_int_equal(im.entry, 0);
		assert_false(im.is_signed);
		bootimage_close(&im);
	}
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		make_arm64(file);
		put(file, faults[i].at, faults[i].value, faults[i].bytes);
		assert_int_equal(try(file, sizeof file, NULL, &im), -1);
		assert_failed(faults[i].code, faults[i].words);
	}
	/* with an EFI stub its sections say where it ends */
	make_arm64(file);
	memcpy(file, "MZ", 2);
	put(file, 0x3c, PE, 4);
	memset(file + PE, 0, 0x200);
	memcpy(file + PE, "PE", 2);
	put(file, PE + 20, PE_OPTIONAL, 2);
	put(file, PE + 24, 0x20b, 2);
	add_section(file, ".text", 512, ARM64_IMAGE - 512);
	assert_int_equal(try(file, sizeof file, NULL, &im), 0);
	bootimage_close(&im);
	for (size_t len = 0; len < sizeof file; len++)
		assert_int_equal(try(file, len, NULL, &im), -1);
}

/* wherever the banner lies, its version is not cut */
static void banners(void **state)
{
	enum { SIZE = 200 << 10 };
	uint8_t *file = calloc(1, SIZE);
	struct bootimage im;

	(void)state;
	for (size_t at = 65000; at < 66000; at++) {
		make_arm64(file);
		memset(file + 1000, 0, 28);
		put(file, 16, SIZE, 8);
		memset(file + 64900, 0, 1500);
		memcpy(file + at, "Linux version 6.1.0-somewhere (me)", 34);
		assert_int_equal(try(file, SIZE, NULL, &im), 0);
		if (strcmp(im.version, "6.1.0-somewhere") != 0)
			fail_msg("at %zu: version '%s'", at, im.version);
		bootimage_close(&im);
	}
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed),
		cmocka_unit_test(zboot),
		cmocka_unit_test(uki),
		cmocka_unit_test(bad_uki),
		cmocka_unit_test(arm64),
		cmocka_unit_test(banners),
	};

	return RUN(tests);
}
