/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump files as QEMU writes them of arm64 machines: a block is several of the kernel's pages. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kdump-format.h"
#include "unit.h"
#include "vmcore-info.h"
#include "vmcore.h"

enum { BLOCK = 65536, BLOCKS = 20, FIRST = 3, MISSING = 7 };
#define INFO "OSRELEASE=6.1.0\nPAGESIZE=%s\nNUMBER(kimage_voffset)=0xffff800008000000\n"

static char path[] = "/tmp/kdump-blocks.XXXXXX";

static void put(uint8_t *p, size_t at, uint64_t v, size_t len)
{
	memcpy(p + at, &v, len);
}

static bool has(uint64_t block)
{
	return block >= FIRST && block < BLOCKS && block != MISSING;
}

/* notes with this text, or none; each word of memory is its address */
static void write_file(const char *info)
{
	uint8_t *b = calloc(6 + BLOCKS, BLOCK), *sub = b + BLOCK, *note = sub + KDUMP_SUB_LEN;
	uint64_t len = strlen(info), at = 5 * BLOCK, n = 0;
	int fd = open(path, O_RDWR | O_TRUNC);

	memcpy(b, KDUMP_SIGNATURE, 8);
	put(b, KDUMP_HEADER_VERSION, 6, 4);
	strcpy((char *)b + KDUMP_UTSNAME_MACHINE, "Unknown");
	put(b, KDUMP_BLOCK_SIZE, BLOCK, 4);
	put(b, KDUMP_SUB_BLOCKS, 1, 4);
	put(b, KDUMP_BITMAP_BLOCKS, 2, 4);
	put(sub, KDUMP_MAX_MAPNR_64, BLOCKS, 8);
	if (len > 0) {
		put(sub, KDUMP_OFFSET_NOTE, BLOCK + KDUMP_SUB_LEN, 8);
		put(sub, KDUMP_SIZE_NOTE, 24 + ((len + 3) & ~UINT64_C(3)), 8);
		put(note, 0, 11, 4);
		put(note, 4, len, 4);
		strcpy((char *)note + 12, "VMCOREINFO");
		memcpy(note + 24, info, len);
	}
	for (uint64_t i = 0; i < BLOCKS; i++) {
		uint8_t *desc = b + 4 * BLOCK + n * KDUMP_DESC_LEN;

		if (!has(i))
			continue;
		b[2 * BLOCK + i / 8] |= (uint8_t)(1 << i % 8);
		b[3 * BLOCK + i / 8] |= (uint8_t)(1 << i % 8);
		put(desc, KDUMP_DESC_OFFSET, at, 8);
		put(desc, KDUMP_DESC_SIZE, BLOCK, 4);
		for (uint64_t w = 0; w < BLOCK; w += 8)
			put(b, at + w, i * BLOCK + w, 8);
		at += BLOCK;
		n++;
	}
	assert_int_equal(write(fd, b, at), (ssize_t)at);
	close(fd);
	free(b);
}

static void check(struct vmcore *vm, uint64_t page)
{
	uint64_t pages = BLOCK / page, words[4];
	struct bitmap bits;

	assert_int_equal(vm->page_size, page);
	assert_int_equal(vm->npfns, BLOCKS * pages);
	for (int ram = 0; ram < 2; ram++) {
		assert_int_equal(bitmap_open(&bits, VMCORE_WINDOW), 0);
		assert_int_equal(ram ? vmcore_ram(vm, &bits, 0) : vmcore_held(vm, &bits, 0), 0);
		for (uint64_t pfn = 0; pfn < vm->npfns + 100; pfn++)
			assert_int_equal(bitmap_test(&bits, pfn), has(pfn / pages));
		bitmap_close(&bits);
		assert_int_equal(bitmap_open(&bits, VMCORE_WINDOW), 0);
		assert_int_equal(vmcore_held(vm, &bits, VMCORE_WINDOW), 0);
		assert_int_equal(bitmap_count(&bits, 0, bits.nbits), 0);
		bitmap_close(&bits);
	}
	for (uint64_t at = FIRST * BLOCK; at < MISSING * BLOCK - 32; at += page - 8) {
		assert_int_equal(vmcore_read(vm, words, sizeof words, at), 0);
		for (uint64_t i = 0; i < 4; i++)
			assert_int_equal(words[i], at + 8 * i);
	}
	assert_int_equal(vmcore_read(vm, words, sizeof words, MISSING * BLOCK - 16), -1);
	assert_failed(ERR_CORRUPT, "is not in the dump");
	assert_int_equal(vmcore_read(vm, words, sizeof words, BLOCKS * BLOCK), -1);
	/* a block's bytes are no page's */
	assert_int_equal(vmcore_has_stored(vm), page == BLOCK);
}

static void blocks_of_several_pages(void **state)
{
	static const struct { const char *size; uint64_t page; } sizes[] = {
		{ "4096", 4096 }, { "16384", 16384 }, { "65536", BLOCK },
		{ "131072", BLOCK }, { "5000", BLOCK }, { "0", BLOCK },
	};
	char info[200];
	struct vmcore vm;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(info, sizeof info, INFO, sizes[i].size);
		write_file(info);
		assert_int_equal(vmcore_open(&vm, path), 0);
		/* the header's word is "Unknown", VMCOREINFO's is not */
		assert_int_equal(vm.machine, EM_AARCH64);
		check(&vm, sizes[i].page);
		vmcore_close(&vm);
	}
}

static void the_text_comes_later(void **state)
{
	char info[200];
	struct vmcore vm;

	(void)state;
	write_file("");
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(vm.machine, EM_NONE);
	check(&vm, BLOCK);
	snprintf(info, sizeof info, INFO, "131072");
	assert_int_equal(vmcore_give_info(&vm, info, strlen(info)), -1);
	assert_failed(ERR_CORRUPT, "pages of 131072 bytes; the dump's have 65536");
	check(&vm, BLOCK);
	snprintf(info, sizeof info, INFO, "16384");
	assert_int_equal(vmcore_give_info(&vm, info, strlen(info)), 0);
	assert_int_equal(vm.machine, EM_AARCH64);
	check(&vm, 16384);
	vmcore_close(&vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_several_pages),
		cmocka_unit_test(the_text_comes_later),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	failed = RUN(tests);
	unlink(path);
	return failed;
}
