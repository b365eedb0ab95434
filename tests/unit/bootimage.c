/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof that a kernel is what its builder has written. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "bootimage-kinds.h"
#include "kernel-try.h"
#include "stop.h"
#include "unpack.h"

static void assert_doubt(const char *words)
{
	assert_int_equal(doubts, 1);
	if (!strstr(last_doubt, words))
		fail_msg("\"%s\" does not say \"%s\"", last_doubt, words);
}

static void proof(void **state)
{
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;

	(void)state;
	make_vmlinux(vmlinux);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = make_bzimage(file, "6.1.0-test", &packs[i], vmlinux, VMLINUX);

		if (try(file, n, NULL, &im))
			fail_msg("%s: %s", packs[i].name, err_text());
		assert_int_equal(im.kind, BOOTIMAGE_BZIMAGE);
		assert_int_equal(im.unpacked_size, VMLINUX);
		assert_int_equal(im.kernel_size, VMLINUX_SPAN);
		assert_int_equal(im.file_size, n);
		assert_int_equal(doubts, 0);
		bootimage_close(&im);
	}
}

/* one bit of every byte: a kernel before 6.15 is refused, whatever packs it */
static void flips(void **state)
{
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;

	(void)state;
	make_vmlinux(vmlinux);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = make_bzimage(file, "6.1.0-test", &packs[i], vmlinux, VMLINUX);

		for (size_t at = 0; at < n; at++) {
			file[at] ^= (uint8_t)(1 << at % 8);
			/* what a signature fills in, and where the version is told */
			bool may = (at >= BZ_PE + 24 + 64 && at < BZ_PE + 24 + 68) ||
				   (at >= BZ_PE + 24 + 144 && at < BZ_PE + 24 + 152) ||
				   at == 0x20e || at == 0x20f || (at >= 0x600 && at < 0x604);

			if (try(file, n, NULL, &im) == 0) {
				bootimage_close(&im);
				if (!may)
					fail_msg("%s: bit %zu of byte %#zx is flipped unseen",
						 packs[i].name, at % 8, at);
			}
			file[at] ^= (uint8_t)(1 << at % 8);
		}
	}
}

struct bytes {
	uint8_t bytes[2 * VMLINUX];
	size_t len;
};

static int collect(void *arg, const uint8_t *bytes, size_t len)
{
	struct bytes *b = arg;

	assert_true(len <= sizeof b->bytes - b->len);
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	return 0;
}

static bool unpacks_to(const uint8_t *packed, size_t len, const uint8_t vmlinux[VMLINUX])
{
	struct bytes b = { .len = 0 };
	int fd = kernel_file(packed, len);
	uint64_t used;
	int result = unpack_stream(fd, 0, len, &used, collect, &b);

	close(fd);
	return result == 0 && b.len == VMLINUX && memcmp(b.bytes, vmlinux, VMLINUX) == 0;
}

/* later kernels have no checksum: that of the payload's packer tells */
static void flips_in_payload(void **state)
{
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;

	(void)state;
	make_vmlinux(vmlinux);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = make_bzimage(file, "6.15.0-test", &packs[i], vmlinux, VMLINUX);
		size_t at = SETUP + BZ_PAYLOAD, end = at + file[0x24c] + 256u * file[0x24d];

		put(file, n - 4, 0, 4);
		assert_int_equal(try(file, n, NULL, &im), 0);
		bootimage_close(&im);
		if (!packs[i].checks) {
			assert_doubt("has no checksum: damage inside may go unseen");
			continue;
		}
		assert_int_equal(doubts, 0);
		for (size_t from = at; at < end; at++) {
			file[at] ^= (uint8_t)(1 << at % 8);
			/* some bits of gzip mean nothing, or lead to the same bytes */
			if (try(file, n, NULL, &im) == 0) {
				if (!unpacks_to(file + from, end - from, vmlinux))
					fail_msg("%s: byte %#zx is flipped unseen", packs[i].name,
						 at);
				bootimage_close(&im);
			}
			file[at] ^= (uint8_t)(1 << at % 8);
		}
	}
}

static void checksums(void **state)
{
	static const struct {
		const char *version;
		uint32_t stored;
		int result;
		const char *doubt;
	} sums[] = {
		{ "6.14.9", 1, -1, NULL }, { "5.10.0-43-amd64", 1, -1, NULL },
		{ "6.15.0-rc1", 1, 0, NULL }, { "7.2.13", 1, 0, NULL },
		{ "7.2.13", 0, 0, NULL }, { "junk", 1, 0, NULL }, { "", 0, 0, NULL },
		{ "6.14.9", 0, 0, "although kernels before 6.15 do" },
	};
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;

	(void)state;
	make_vmlinux(vmlinux);
	for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
		size_t n = make_bzimage(file, sums[i].version, &packs[0], vmlinux, VMLINUX);

		put(file, n - 4, sums[i].stored, 4);
		assert_int_equal(try(file, n, "bzImage64", &im), sums[i].result);
		if (sums[i].result)
			assert_failed(ERR_CORRUPT, "checksum is wrong: damaged, or altered");
		else
			bootimage_close(&im);
		if (sums[i].doubt)
			assert_doubt(sums[i].doubt);
		else
			assert_int_equal(doubts, 0);
	}
}

/* as sbsign does it: two fields of the PE header, and a table behind the kernel */
static void signed_afterwards(void **state)
{
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;
	size_t n;

	(void)state;
	make_vmlinux(vmlinux);
	n = make_bzimage(file, "6.1.0", &packs[0], vmlinux, VMLINUX);
	put(file, BZ_PE + 24 + 64, 0x12345678, 4);
	put(file, BZ_PE + 24 + 144, n, 4);
	put(file, BZ_PE + 24 + 148, 40, 4);
	memset(file + n, 0x77, 40);
	assert_int_equal(try(file, n + 40, NULL, &im), 0);
	assert_true(im.is_signed);
	assert_int_equal(doubts, 0);
	bootimage_close(&im);
	file[n - 20] ^= 1;
	assert_int_equal(try(file, n + 40, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "checksum is wrong");
}

/* what unpacks well and is no kernel, and what this build cannot unpack */
static void inside(void **state)
{
	static const struct pack none = { "bzip2", pack_gzip, true };
	uint8_t vmlinux[VMLINUX], file[BZIMAGE_MAX];
	struct bootimage im;
	size_t n;

	(void)state;
	make_vmlinux(vmlinux);
	put(vmlinux, 18, 3, 2);
	n = make_bzimage(file, "6.1.0", &packs[0], vmlinux, VMLINUX);
	assert_int_equal(try(file, n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "the kernel inside: an ELF file of machine 3");
	make_vmlinux(vmlinux);
	n = make_bzimage(file, "6.1.0", &packs[0], vmlinux, 2515);
	assert_int_equal(try(file, n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "the kernel inside: cut short");
	n = make_bzimage(file, "6.1.0", &packs[0], vmlinux, 10);
	assert_int_equal(try(file, n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "the kernel inside: cut short");
	/* another length than the build has noted */
	n = make_bzimage(file, "6.15.0", &packs[0], vmlinux, VMLINUX);
	put(file, 0x24c, file[0x24c] + 256u * file[0x24d] + 1, 4);
	assert_int_equal(try(file, n, NULL, &im), -1);
	assert_failed(ERR_CORRUPT, "the kernel inside has 3000 bytes unpacked, not the");

	n = make_bzimage(file, "6.1.0", &none, vmlinux, VMLINUX);
	memcpy(file + SETUP + BZ_PAYLOAD, "BZh", 3);
	put(file, n - 4, ~crc32_of(file, n - 4), 4);
	assert_int_equal(try(file, n, NULL, &im), 0);
	assert_doubt("packed by bzip2, which this build cannot unpack");
	assert_int_equal(im.unpacked_size, 0);
	bootimage_close(&im);
}

static void types(void **state)
{
	static const struct { const char *type, *kind; int result; } types[] = {
		{ "bzImage64", "bz", 0 }, { "bzImage", "bz", 0 }, { "vmlinuz", "bz", 0 },
		{ "elf", "bz", -1 }, { "elf-x86_64", "bz", -1 }, { "Image", "bz", -1 },
		{ "uki", "bz", -1 },
		{ "elf", "elf", 0 }, { "elf-x86_64", "elf", 0 }, { "vmlinux", "elf", 0 },
		{ "vmlinuz", "elf", 0 }, { "bzImage", "elf", -1 }, { "Image", "elf", -1 },
		{ "uki", "elf", -1 },
		{ "Image", "arm64", 0 }, { "vmlinuz", "arm64", 0 }, { "bzImage", "arm64", -1 },
	};
	uint8_t bz[BZIMAGE_MAX], vmlinux[VMLINUX], arm64[ARM64_IMAGE];
	struct bootimage im;
	size_t n;

	(void)state;
	make_vmlinux(vmlinux);
	make_arm64(arm64);
	n = make_bzimage(bz, "6.1.0", &packs[0], vmlinux, VMLINUX);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const char *kind = types[i].kind;
		int result = strcmp(kind, "bz") == 0 ? try(bz, n, types[i].type, &im) :
			     strcmp(kind, "elf") == 0 ? try(vmlinux, VMLINUX, types[i].type, &im) :
			     try(arm64, ARM64_IMAGE, types[i].type, &im);

		if (result != types[i].result)
			fail_msg("%s as %s: %d", kind, types[i].type, result);
		if (result)
			assert_failed(ERR_UNKNOWN, "not of the type that was given");
		else
			bootimage_close(&im);
	}
	assert_int_equal(try(bz, n, "zImage", &im), -1);
	assert_failed(ERR_USAGE, "type 'zImage' is none of");
	assert_int_equal(try((const uint8_t *)"hello", 5, NULL, &im), -1);
	assert_failed(ERR_UNKNOWN, "no \"HdrS\" at 0x202");
	assert_int_equal(try((const uint8_t *)"hello", 5, "elf", &im), -1);
	assert_failed(ERR_CORRUPT, "cut short: an ELF header");
	assert_int_equal(try((const uint8_t *)"hello", 5, "uki", &im), -1);
	assert_failed(ERR_CORRUPT, "are no PE program");
	assert_int_equal(try(vmlinux + 1000, 2000, "Image", &im), -1);
	assert_int_equal(try((const uint8_t *)"", 0, NULL, &im), -1);
}

static void stopped(void **state)
{
	uint8_t vmlinux[VMLINUX], bz[BZIMAGE_MAX];
	struct bootimage im;
	size_t n;

	(void)state;
	make_vmlinux(vmlinux);
	n = make_bzimage(bz, "6.1.0", &packs[0], vmlinux, VMLINUX);
	stop_catch();
	raise(SIGINT);
	assert_int_equal(try(bz, n, NULL, &im), -1);
	assert_failed(ERR_STOPPED, "SIGINT");
}

static void save(const char *dir, const char *name, const uint8_t *bytes, size_t len)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	/* the fuzzer's first byte: no type */
	if (!f || fputc(0, f) == EOF || fwrite(bytes, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* one of each kind, for fuzzers to begin with */
static int save_samples(const char *dir)
{
	uint8_t vmlinux[VMLINUX], arm64[ARM64_IMAGE], bz[BZIMAGE_MAX], *file = calloc(1, FILE_MAX);
	size_t n;

	make_vmlinux(vmlinux);
	save(dir, "vmlinux", vmlinux, VMLINUX);
	make_arm64(arm64);
	save(dir, "arm64", arm64, ARM64_IMAGE);
	for (size_t i = 0; i < PACKS; i++) {
		n = make_bzimage(bz, "6.1.0", &packs[i], vmlinux, VMLINUX);
		save(dir, packs[i].name, bz, n);
	}
	n = packs[0].run(arm64, sizeof arm64, file, FILE_MAX);
	save(dir, "packed", file, n);
	n = make_bzimage(bz, "6.15.0", &packs[0], vmlinux, VMLINUX);
	save(dir, "uki", file, make_uki(file, bz, n));
	free(file);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof),
		cmocka_unit_test(flips),
		cmocka_unit_test(flips_in_payload),
		cmocka_unit_test(checksums),
		cmocka_unit_test(signed_afterwards),
		cmocka_unit_test(inside),
		cmocka_unit_test(types),
		/* the signal stays remembered */
		cmocka_unit_test(stopped),
	};

	return argc == 2 ? save_samples(argv[1]) : RUN(tests);
}
