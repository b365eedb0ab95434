/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/verify.c dumpfilter/verify-kdump.c dumpfilter/verify-kdump-head.c dumpfilter/verify-pages.c dumpfilter/verify-elf.c */
#include "verify-file.h"

static void assert_good(const struct verify_result *r, uint64_t nsums)
{
	if (r->first[0])
		fail_msg("it is good, but: %s", r->first);
	assert_int_equal(verify_bad(r), 0);
	assert_int_equal(r->npages, NPAGES);
	assert_int_equal(r->nsums, nsums);
	assert_int_equal(r->nmissing, 0);
	assert_int_equal(r->nunknown, 0);
	assert_false(r->incomplete);
}

/* one page, with this fault, and these words of it */
static void assert_fault(const struct file *f, enum verify_fault what, const char *words)
{
	struct verify_result r = look(f);

	if (!strstr(r.first, words))
		fail_msg("\"%s\" does not say \"%s\"", r.first, words);
	for (int i = 0; i < VERIFY_FAULTS; i++)
		assert_int_equal(r.fault[i], i == (int)what);
	assert_int_equal(verify_bad(&r), what != VERIFY_LAYOUT);
}

static void good_files(void **state)
{
	struct verify_result r;
	struct file f;

	(void)state;
	for (unsigned i = 0; codec_nth(i); i++)
		for (int way = 0; way < 4; way++) {
			make_file(&f, codec_nth(i)->name, way & 1, way & 2);
			r = look(&f);
			assert_good(&r, way & 1 ? NPAGES : 0);
			assert_string_equal(r.format, "kdump-compressed");
			assert_int_equal(r.compressed, codec_nth(i)->flag != 0);
			assert_int_equal(verify_bytes(f.bytes, f.len, 3, &r), 0);
			assert_good(&r, way & 1 ? NPAGES : 0);
		}
}

/* page 4 of the file, damaged in its descriptor */
static void descriptors(void **state)
{
	static const struct {
		unsigned at, len;
		uint64_t value;
		enum verify_fault fault;
		const char *words;
	} cases[] = {
		{ 0, 8, 0, VERIFY_UNWRITTEN, "descriptor at offset 0x4060: was never written" },
		{ 0, 8, 464, VERIFY_PLACE, "data at offset 0x1d0, before the end of the desc" },
		{ 0, 8, DATA - 1, VERIFY_PLACE, "before the end of the descriptors at 0x4120" },
		{ 0, 8, ROOM, VERIFY_PLACE, "past the end of the file at" },
		{ 0, 8, UINT64_MAX, VERIFY_PLACE, "past the end of the file at" },
		{ 8, 4, 0, VERIFY_SIZE, "0 bytes of a page of 4096" },
		{ 8, 4, BLOCK + 1, VERIFY_SIZE, "4097 bytes of a page of 4096" },
		{ 12, 4, 0, VERIFY_SIZE, "not compressed, of a page of 4096" },
		{ 12, 4, 3, VERIFY_CODEC, "no codec has the flags 0x3" },
		{ 12, 4, 0x41, VERIFY_CODEC, "no codec has the flags 0x41" },
		{ 12, 4, 8, VERIFY_CODEC, "no codec has the flags 0x8" },
		{ 16, 8, UINT64_C(1) << 63 | 7, VERIFY_SUM, "the checksum of the page is " },
		{ 16, 8, UINT64_C(3) << 62, VERIFY_SUM, "0xc000000000000000 is no checksum" },
	};
	struct file f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char pfn[32];

		make_file(&f, "zlib", true, i & 1);
		put(&f, desc_of(4) + cases[i].at, cases[i].len, cases[i].value);
		assert_fault(&f, cases[i].fault, cases[i].words);
		snprintf(pfn, sizeof pfn, "pfn %#x", (unsigned)pfn_of(4));
		assert_fault(&f, cases[i].fault, pfn);
	}
	/* what other programs may have put there is not ours to judge */
	make_file(&f, "zlib", true, false);
	put(&f, desc_of(4) + 16, 8, 12345);
	struct verify_result r = look(&f);
	assert_good(&r, NPAGES - 1);
}

/* a bit of the data turns: checksums see it always, zlib by its own sum */
static void data(void **state)
{
	struct verify_result r;
	struct file f;

	(void)state;
	for (unsigned i = 0; codec_nth(i); i++) {
		make_file(&f, codec_nth(i)->name, true, false);
		f.bytes[data_of(&f, 5) + 40] ^= 4;
		r = look(&f);
		assert_int_equal(r.fault[VERIFY_DATA] + r.fault[VERIFY_SUM], 1);
		assert_int_equal(verify_bad(&r), 1);
		assert_int_equal(r.nsums, NPAGES - 1);
		assert_int_equal(r.first_pfn, pfn_of(5));
	}
	make_file(&f, "zlib", false, false);
	f.bytes[data_of(&f, 5) + 40] ^= 4;
	assert_fault(&f, VERIFY_DATA, "pfn 0x12 at offset 0x");
	assert_fault(&f, VERIFY_DATA, "the zlib data is damaged");

	/* all that share the data are bad */
	make_file(&f, "zlib", true, false);
	f.bytes[DATA] ^= 1;
	r = look(&f);
	assert_int_equal(r.fault[VERIFY_SUM], 3);
	assert_int_equal(r.first_pfn, FIRST);
	assert_int_equal(r.nsums, NPAGES - 3);
}

/* the first in words is the lowest, whichever was found first */
static void many_faults(void **state)
{
	struct verify_result r;
	struct file f;

	(void)state;
	make_file(&f, "zlib", true, false);
	f.bytes[data_of(&f, 2) + 40] ^= 4;
	put(&f, desc_of(7), 8, 0);
	put(&f, desc_of(8) + 12, 4, 7);
	f.bytes[BITMAP1 + pfn_of(9) / 8] ^= (uint8_t)(1 << pfn_of(9) % 8);
	for (unsigned threads = 1; threads < 4; threads++) {
		assert_int_equal(verify_bytes(f.bytes, f.len, threads, &r), 0);
		assert_int_equal(verify_bad(&r), 4);
		assert_int_equal(r.fault[VERIFY_DATA], 1);
		assert_int_equal(r.fault[VERIFY_UNWRITTEN], 1);
		assert_int_equal(r.fault[VERIFY_CODEC], 1);
		assert_int_equal(r.fault[VERIFY_BITMAP], 1);
		assert_int_equal(r.first_pfn, pfn_of(2));
		assert_int_equal(r.nsums, NPAGES - 4);
	}
}

static void headers(void **state)
{
	static const struct {
		unsigned at, len;
		uint64_t value;
		const char *words;
	} cases[] = {
		{ STATUS, 4, 0x41, "the status is 0x41, and 0x40 means nothing" },
		{ 440, 4, NPFNS + 1, "max_mapnr is 0x2b, max_mapnr_64 0x2a" },
		{ BLOCK + 8, 4, 32, "dump level 32" },
		{ BLOCK + 48, 8, 100, "notes of 32 bytes at offset 0x64" },
		{ BLOCK + 56, 8, BLOCK, "notes of 4096 bytes" },
		{ NOTES + 4, 4, 9999, "note of 11+9999 bytes runs past" },
		{ BLOCK + 32, 8, BITMAP1, "VMCOREINFO of 4 bytes at offset 0x2000" },
		{ BLOCK + 72, 8, ROOM, "erase info of " },
		{ BITMAP1 + NPFNS / 8, 1, 7, "bitmap 1: bits beyond the last page, 0x29" },
		{ BITMAP2 + BLOCK - 1, 1, 0x80, "bitmap 2: bits beyond the last page, 0x29" },
	};
	struct file f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		make_file(&f, "zlib", false, i & 1);
		put(&f, cases[i].at, cases[i].len, cases[i].value);
		assert_fault(&f, VERIFY_LAYOUT, cases[i].words);
	}
	make_file(&f, "zlib", false, false);
	memset(f.bytes + 12 + 65, 'x', 65);
	assert_fault(&f, VERIFY_LAYOUT, "string 2 of utsname has no end");
	make_file(&f, "zlib", false, false);
	f.bytes[BITMAP1 + pfn_of(6) / 8] ^= (uint8_t)(1 << pfn_of(6) % 8);
	assert_fault(&f, VERIFY_BITMAP, "pfn 0x15: is in bitmap 2, but not in bitmap 1");
}

/* what does not say where the rest is cannot be looked at */
static void hopeless(void **state)
{
	static const struct {
		unsigned at, len;
		uint64_t value;
		enum err code;
		const char *words;
	} cases[] = {
		{ 0, 1, 'X', ERR_UNKNOWN, "neither an ELF core nor" },
		{ 8, 4, 7, ERR_UNKNOWN, "version 7" },
		{ 428, 4, 4095, ERR_UNKNOWN, "no 64-bit layout" },
		{ 432, 4, 0, ERR_CORRUPT, "sub header of 0 blocks" },
		{ 436, 4, UINT32_MAX, ERR_CORRUPT, "past the end of the file" },
		{ 436, 4, 0, ERR_CORRUPT, "bitmaps of 0 bytes for 42 pages" },
		{ BLOCK + 96, 8, 0, ERR_CORRUPT, "0 pages" },
		{ BLOCK + 96, 8, UINT64_MAX, ERR_CORRUPT, "pages" },
		{ BLOCK + 12, 4, 1, ERR_NONE, "" },
	};
	struct verify_result r;
	struct file f;

	(void)state;
	for (size_t i = 0; cases[i].code != ERR_NONE; i++) {
		make_file(&f, "zlib", false, false);
		put(&f, cases[i].at, cases[i].len, cases[i].value);
		assert_int_equal(verify_bytes(f.bytes, f.len, 1, &r), -1);
		assert_failed(cases[i].code, cases[i].words);
		assert_failed(cases[i].code, "/proc/self/fd/");
	}
}

static void incomplete(void **state)
{
	struct verify_result r;
	struct file f;

	(void)state;
	make_file(&f, "zlib", false, false);
	f.len = data_of(&f, 8) + 3;
	r = look(&f);
	assert_int_equal(r.fault[VERIFY_PLACE], 2);	/* pages 8 and 9; the last share page 0 */
	put(&f, STATUS, 4, 9);
	put(&f, desc_of(4), 8, 0);
	r = look(&f);
	assert_true(r.incomplete);
	assert_int_equal(verify_bad(&r), 0);
	assert_int_equal(r.nmissing, 3);
	assert_int_equal(r.npages, NPAGES);
	f.len = desc_of(5) + 5;
	r = look(&f);
	assert_int_equal(r.nmissing, NPAGES);
	put(&f, STATUS, 4, 1);
	r = look(&f);
	assert_int_equal(verify_bad(&r), NPAGES);
	assert_int_equal(r.fault[VERIFY_PLACE], NPAGES - 1);
	assert_int_equal(r.fault[VERIFY_UNWRITTEN], 1);
}

/* a part of a split dump has descriptors for pages 6 to 29: pfns 6, 9, ... 27 */
static void part_of_a_split_dump(void **state)
{
	struct verify_result r;
	struct file f;

	(void)state;
	make_file(&f, "zlib", true, false);
	put(&f, BLOCK + 12, 4, 1);
	put(&f, BLOCK + 80, 8, 6);
	put(&f, BLOCK + 88, 8, 30);
	r = look(&f);
	assert_int_equal(r.npages, 8);
	assert_int_equal(r.nsums, 8);
	assert_int_equal(verify_bad(&r), 0);
	put(&f, BLOCK + 88, 8, NPFNS + 1);
	assert_int_equal(verify_bytes(f.bytes, f.len, 1, &r), -1);
	assert_failed(ERR_CORRUPT, "a part of pages 0x6 to 0x2b of 0x2a");
}

/* any bit of headers, bitmaps and descriptors: a fault, a failure, or of no consequence */
static void every_bit(void **state)
{
	struct verify_result r;
	struct file f;
	size_t len;

	(void)state;
	make_file(&f, "lzo", true, false);
	len = f.len;
	for (size_t bit = 0; bit < 8 * (size_t)DATA; bit += bit / 8 >= DESCS ? 1 : 11) {
		f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (verify_bytes(f.bytes, len, 1, &r) < 0)
			assert_true(err_code() == ERR_CORRUPT || err_code() == ERR_UNKNOWN);
		else if (bit / 8 >= DESCS && (bit - 8 * DESCS) % 192 != 191)
			assert_true(verify_bad(&r) > 0);
		f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(data),
		cmocka_unit_test(many_faults),
		cmocka_unit_test(headers),
		cmocka_unit_test(hopeless),
		cmocka_unit_test(incomplete),
		cmocka_unit_test(part_of_a_split_dump),
		cmocka_unit_test(every_bit),
	};

	return RUN(tests);
}
