/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "codec.h"
#include "laid.h"
#include "unit.h"

enum { BLOCK = 4096, SUB = 1, BITMAPS = 2, DESCS = (1 + SUB + BITMAPS) * BLOCK };

static void put32(uint8_t *p, uint32_t v, bool swap)
{
	v = swap ? __builtin_bswap32(v) : v;
	memcpy(p, &v, sizeof v);
}

static uint32_t get32(const uint8_t *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return swap ? __builtin_bswap32(v) : v;
}

static void make_head(uint8_t head[BLOCK], uint32_t status, bool swap)
{
	memset(head, 0, BLOCK);
	memcpy(head, KDUMP_SIGNATURE, 8);
	put32(head + KDUMP_STATUS, status, swap);
	put32(head + KDUMP_BLOCK_SIZE, BLOCK, swap);
	put32(head + KDUMP_SUB_BLOCKS, SUB, swap);
	put32(head + KDUMP_BITMAP_BLOCKS, BITMAPS, swap);
}

/* as a tool does it: bytes go to a file in memory, and so does the mark */
struct file {
	struct laid laid;
	uint8_t bytes[DESCS + BLOCK];
	unsigned marks;
};

static void put(struct file *f, const void *bytes, size_t len, uint64_t at)
{
	uint8_t buf[BLOCK], status[4];

	memcpy(buf, bytes, len);
	laid_see(&f->laid, buf, len, at);
	memcpy(f->bytes + at, buf, len);
	if (laid_wants_mark(&f->laid, status)) {
		memcpy(f->bytes + laid_status_at(&f->laid), status, 4);
		f->marks++;
	}
}

static void put_descs(struct file *f, uint32_t codec, unsigned n, bool swap)
{
	uint8_t descs[10 * KDUMP_DESC_LEN] = "";

	for (unsigned i = 0; i < n; i++)
		put32(descs + i * KDUMP_DESC_LEN + KDUMP_DESC_FLAGS, codec, swap);
	put(f, descs, n * KDUMP_DESC_LEN, DESCS);
}

static void whole(bool swap)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], status[4];

	make_head(head, CODEC_ZLIB, swap);
	put(&f, head, sizeof head, 0);
	assert_int_equal(get32(f.bytes + KDUMP_STATUS, swap), CODEC_ZLIB | KDUMP_INCOMPLETE);
	assert_int_equal(f.marks, 1);
	assert_false(laid_is_useful(&f.laid));
	assert_int_equal(laid_least(&f.laid), DESCS);
	put_descs(&f, CODEC_LZO, 3, swap);
	assert_int_equal(f.marks, 2);
	assert_int_equal(get32(f.bytes + KDUMP_STATUS, swap),
			 CODEC_ZLIB | CODEC_LZO | KDUMP_INCOMPLETE);
	assert_true(laid_is_useful(&f.laid));
	put(&f, "page", 4, DESCS + 1000);
	assert_int_equal(f.marks, 2);
	assert_false(laid_says_incomplete(&f.laid));

	/* cut here, it says what its pages are compressed with, and that it is cut */
	assert_true(laid_mark(&f.laid, status));
	assert_int_equal(get32(status, swap), CODEC_ZLIB | CODEC_LZO | KDUMP_INCOMPLETE);
	/* whole, it says what its maker said */
	assert_true(laid_final_status(&f.laid, status));
	assert_int_equal(get32(status, swap), CODEC_ZLIB);
}

static void either_order(void **state)
{
	(void)state;
	whole(false);
	whole(true);
}

/* a header that comes byte by byte, and is written twice, is marked as soon as it is whole */
static void in_pieces(void **state)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], status[4];

	(void)state;
	make_head(head, 0, false);
	for (unsigned i = 0; i < KDUMP_HEADER_LEN; i++) {
		assert_int_equal(f.marks, 0);
		assert_false(laid_final_status(&f.laid, status));
		assert_false(laid_mark(&f.laid, status));
		assert_int_equal(laid_least(&f.laid), 0);
		put(&f, head + i, 1, i);
	}
	assert_int_equal(f.marks, 1);
	assert_int_equal(get32(f.bytes + KDUMP_STATUS, false), KDUMP_INCOMPLETE);

	put32(head + KDUMP_STATUS, CODEC_ZSTD, false);
	put(&f, head + KDUMP_STATUS, 4, KDUMP_STATUS);
	assert_int_equal(get32(f.bytes + KDUMP_STATUS, false), CODEC_ZSTD | KDUMP_INCOMPLETE);
	assert_true(laid_final_status(&f.laid, status));
	assert_int_equal(get32(status, false), CODEC_ZSTD);
}

static void sender_was_stopped(void **state)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], status[4];

	(void)state;
	make_head(head, CODEC_LZO | KDUMP_INCOMPLETE, true);
	put(&f, head, sizeof head, 0);
	assert_true(laid_says_incomplete(&f.laid));
	assert_true(laid_final_status(&f.laid, status));
	assert_int_equal(get32(status, true), CODEC_LZO | KDUMP_INCOMPLETE);
}

static void other_files(void **state)
{
	struct file f = { 0 };
	uint8_t elf[BLOCK] = "\177ELF", status[4];

	(void)state;
	assert_false(laid_is_useful(&f.laid));
	put(&f, "", 0, 0);
	assert_false(laid_is_useful(&f.laid));
	put(&f, elf, sizeof elf, 0);
	assert_memory_equal(f.bytes, elf, sizeof elf);
	assert_int_equal(f.marks, 0);
	assert_true(laid_is_useful(&f.laid));
	assert_false(laid_says_incomplete(&f.laid));
	assert_false(laid_mark(&f.laid, status));
	assert_false(laid_final_status(&f.laid, status));
	assert_int_equal(laid_least(&f.laid), 0);
}

/* what could not be written does not count */
static void not_written(void **state)
{
	struct laid l = { 0 };
	uint8_t elf[BLOCK] = "\177ELF";

	(void)state;
	laid_see(&l, elf, sizeof elf, 0);
	assert_false(laid_is_useful(&l));
	assert_int_equal(l.end, 0);
}

/* the largest numbers a header can hold, and offsets near the end of what a file can be */
static void hostile(void **state)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], byte[1] = { 0 };

	(void)state;
	make_head(head, UINT32_MAX, false);
	put32(head + KDUMP_BLOCK_SIZE, 262144, false);
	put32(head + KDUMP_SUB_BLOCKS, UINT32_MAX, false);
	put32(head + KDUMP_BITMAP_BLOCKS, UINT32_MAX, false);
	put(&f, head, sizeof head, 0);
	assert_true(laid_least(&f.laid) == (2 * (uint64_t)UINT32_MAX + 1) * 262144);
	laid_see(&f.laid, byte, 1, INT64_MAX - 1);
	assert_int_equal(byte[0], 0);
	assert_true(f.laid.seen == INT64_MAX);

	uint64_t seed = 1;
	for (int i = 0; i < 1000; i++) {
		for (size_t k = 8; k < KDUMP_HEADER_LEN; k++)
			head[k] = (uint8_t)(unit_random(&seed) >> 30);
		put(&f, head, sizeof head, 0);
		assert_true(f.bytes[KDUMP_STATUS] & KDUMP_INCOMPLETE ||
			    f.bytes[KDUMP_STATUS + 3] & KDUMP_INCOMPLETE);
	}
}

enum { EHDR = 64, FLAGS = 48 };

static void make_elf(uint8_t head[BLOCK], uint16_t machine, bool swap)
{
	const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', 2, swap ? 2 : 1, 1 };
	uint16_t words[] = { 4, machine };	/* ET_CORE */

	memset(head, 0, BLOCK);
	memcpy(head, ident, sizeof ident);
	for (int i = 0; i < 2; i++)
		words[i] = swap ? __builtin_bswap16(words[i]) : words[i];
	memcpy(head + 16, words, sizeof words);
	head[32 + (swap ? 7 : 0)] = EHDR;	/* e_phoff */
	head[56 + swap] = 3;			/* e_phnum */
}

/* an ELF dump whose e_flags come last, as ours do, or with all else, as others' */
static void elf_dump(bool swap, bool late)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], status[4];

	make_elf(head, 62, swap);
	if (late) {
		put(&f, head, FLAGS, 0);
		assert_int_equal(f.marks, 0);
		put(&f, head + FLAGS + 4, EHDR - FLAGS - 4, FLAGS + 4);
	} else {
		put(&f, head, EHDR, 0);
	}
	assert_int_equal(f.marks, 1);
	assert_int_equal(laid_status_at(&f.laid), FLAGS);
	assert_int_equal(get32(f.bytes + FLAGS, swap), 1);
	assert_false(laid_says_incomplete(&f.laid));
	assert_int_equal(laid_least(&f.laid), EHDR + 3 * 56);
	if (late)
		put(&f, head + FLAGS, 4, FLAGS);
	assert_int_equal(get32(f.bytes + FLAGS, swap), 1);
	assert_true(laid_mark(&f.laid, status));
	assert_int_equal(get32(status, swap), 1);
	assert_true(laid_final_status(&f.laid, status));
	assert_int_equal(get32(status, swap), 0);

	put32(head + FLAGS, 1, swap);
	put(&f, head + FLAGS, 4, FLAGS);
	assert_true(laid_says_incomplete(&f.laid));
	assert_true(laid_final_status(&f.laid, status));
	assert_int_equal(get32(status, swap), 1);
}

static void elf_dumps(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		elf_dump(i & 1, i & 2);
}

/* elsewhere the bit has another meaning: RISC-V's says that code is compressed */
static void elf_of_other_machines(void **state)
{
	struct file f = { 0 };
	uint8_t head[BLOCK], status[4];

	(void)state;
	make_elf(head, 243, false);
	head[FLAGS] = 1;
	put(&f, head, EHDR, 0);
	assert_int_equal(f.marks, 0);
	assert_int_equal(laid_status_at(&f.laid), 0);
	assert_false(laid_says_incomplete(&f.laid));
	assert_false(laid_final_status(&f.laid, status));
}

/* headers that would have to be far away do not make the file long */
static void hostile_elf(void **state)
{
	struct file f = { 0 };
	uint8_t head[BLOCK];

	(void)state;
	make_elf(head, 62, false);
	head[39] = 0x7f;
	put(&f, head, EHDR, 0);
	assert_int_equal(laid_least(&f.laid), 0);
	head[39] = 0;
	head[47] = 0xff;
	put(&f, head, EHDR, 0);
	assert_int_equal(laid_least(&f.laid), 0);
	memset(head + 40, 0, 8);
	head[41] = 0x20;	/* e_shoff 8192: section header 0 is there */
	put(&f, head, EHDR, 0);
	assert_int_equal(laid_least(&f.laid), 8192 + 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_dumps),
		cmocka_unit_test(elf_of_other_machines),
		cmocka_unit_test(hostile_elf),
		cmocka_unit_test(either_order),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(sender_was_stopped),
		cmocka_unit_test(other_files),
		cmocka_unit_test(not_written),
		cmocka_unit_test(hostile),
	};

	return RUN(tests);
}
