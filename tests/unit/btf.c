/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "btf-open.h"

#define FLAG 0x80000000u

/* every kind of type, in front of the structures and behind them */
static void other_kinds(void)
{
	type(&t, 7, "forward", 0, 0);
	type(&t, 12, "function", 1, 1);
	type(&t, 13, "", 2, 1);
	for (int i = 0; i < 4; i++)
		word(&t, 1);
	type(&t, 14, "variable", 0, 1);
	word(&t, 0);
	type(&t, 15, ".data", 1, 8);
	for (int i = 0; i < 3; i++)
		word(&t, 1);
	type(&t, 16, "double", 0, 8);
	type(&t, 17, "tag", 0, 1);
	word(&t, 0);
	type(&t, 6, "colour", 2 | FLAG, 4);
	word(&t, string(&t, "RED"));
	word(&t, 5);
	word(&t, string(&t, "GREEN"));
	word(&t, (uint32_t)-3);
	type(&t, 6, "unsigned", 1, 4);
	word(&t, string(&t, "HIGH"));
	word(&t, 0x80000001);
	type(&t, 19, "large", FLAG | 1, 8);
	word(&t, string(&t, "LARGE"));
	word(&t, 0xfffffffe);
	word(&t, 0xffffffff);
}

static void example(void)
{
	uint32_t u32, u8, u64, pointer, list, name, inner, matrix, pair, pairs, typedefd, tag, anon;

	u32 = integer(&t, "unsigned int", 4);
	other_kinds();
	u8 = integer(&t, "char", 1);
	u64 = integer(&t, "unsigned long", 8);
	pointer = type(&t, 2, "", 0, 0);
	/* walking to an id must cross where the index has its entries */
	for (int i = 0; i < 150; i++)
		type(&t, 8, "filler", 0, u8);
	list = type(&t, 4, "list_head", 2, 16);
	member(&t, "next", pointer, 0);
	member(&t, "prev", pointer, 64);
	name = array_of(&t, u8, 16);
	matrix = array_of(&t, array_of(&t, u32, 3), 2);
	pair = type(&t, 4, "pair", 2, 16);
	member(&t, "base", pointer, 0);
	member(&t, "size", u32, 64);
	pairs = array_of(&t, pair, 4);
	typedefd = type(&t, 8, "pair_t", 0, type(&t, 10, "", 0, type(&t, 9, "", 0,
		   type(&t, 11, "", 0, pair))));
	tag = type(&t, 18, "percpu", 0, u64);
	inner = type(&t, 4, "", 2, 8);
	member(&t, "deep", u32, 0);
	member(&t, "deeper", u32, 32);
	anon = type(&t, 5, "", 2, 8);
	member(&t, "", inner, 0);
	member(&t, "whole", u64, 0);
	type(&t, 4, "outer", FLAG | 11, 256);
	member(&t, "list", list, 0);
	member(&t, "name", name, 128);
	member(&t, "", anon, 256);
	member(&t, "flag", u32, 1u << 24 | 320);
	member(&t, "level", u32, 3u << 24 | 321);
	member(&t, "matrix", matrix, 384);
	member(&t, "mem", pairs, 640);
	member(&t, "typedefd", typedefd, 1152);
	member(&t, "tagged", tag, 1280);
	member(&t, "", u32, 5u << 24 | 1344);	/* an unnamed bit field */
	member(&t, "last", pointer, 1408);
	type(&t, 5, "one_of", 1, 4);
	member(&t, "number", u32, 0);
	/* an old bit field: an integer of fewer bits that begins at some bit */
	uint32_t few = type(&t, 1, "bits", 0, 4);
	word(&t, 2 << 16 | 5);
	type(&t, 4, "older", 1, 4);
	member(&t, "bits", few, 8);
	other_kinds();
}

static void made(bool big_endian)
{
	machine_start(&m, big_endian);
	types_start(&t, &m);
	example();
	put_types(&t, NULL, 0);
	align(&m, 4096);	/* what is missing of one is there of the other */
	put_symbols_of(&m, &t, 0x900);
}

static void has(struct btf *b, const char *type, const char *path, uint64_t bit, uint64_t bits,
		uint64_t size, uint64_t count)
{
	struct btf_member f;

	if (btf_member(b, type, path, &f) != 1)
		fail_msg("%s.%s: %s", type, path, err_text());
	if (f.bit != bit || f.bits != bits || f.size != size || f.count != count)
		fail_msg("%s.%s: %d:%d, %d bytes, %d", type, path, (int)f.bit, (int)f.bits,
			 (int)f.size, (int)f.count);
}

static void has_no(struct btf *b, const char *type, const char *path)
{
	struct btf_member f;

	assert_int_equal(btf_member(b, type, path, &f), 0);
}

static void check(struct btf *b)
{
	uint64_t size = 0;
	int64_t value = 0;

	assert_int_equal(btf_size(b, "outer", &size), 1);
	assert_int_equal(size, 256);
	assert_int_equal(btf_size(b, "one_of", &size), 1);
	assert_int_equal(size, 4);
	assert_int_equal(btf_size(b, "pair_t", &size), 0);	/* a typedef */
	assert_int_equal(btf_size(b, "oute", &size), 0);
	assert_int_equal(btf_size(b, "outer_", &size), 0);
	assert_int_equal(btf_size(b, "", &size), 0);
	has(b, "outer", "list", 0, 0, 16, 1);
	has(b, "outer", "list.prev", 64, 0, 8, 1);
	has(b, "outer", "name", 128, 0, 16, 16);
	has(b, "outer", "name[3]", 152, 0, 1, 1);
	has(b, "outer", "deep", 256, 0, 4, 1);
	has(b, "outer", "deeper", 288, 0, 4, 1);
	has(b, "outer", "whole", 256, 0, 8, 1);
	has(b, "outer", "flag", 320, 1, 4, 1);
	has(b, "outer", "level", 321, 3, 4, 1);
	has(b, "outer", "matrix", 384, 0, 24, 2);
	has(b, "outer", "matrix[1]", 480, 0, 12, 3);
	has(b, "outer", "matrix[1][2]", 544, 0, 4, 1);
	has(b, "outer", "mem", 640, 0, 64, 4);
	has(b, "outer", "mem[3].size", 640 + 3 * 128 + 64, 0, 4, 1);
	has(b, "outer", "typedefd.size", 1152 + 64, 0, 4, 1);
	has(b, "outer", "tagged", 1280, 0, 8, 1);
	has(b, "outer", "last", 1408, 0, 8, 1);
	has(b, "one_of", "number", 0, 0, 4, 1);
	has(b, "older", "bits", 10, 5, 4, 1);
	has_no(b, "outer", "nothing");
	has_no(b, "outer", "lis");
	has_no(b, "outer", "list.");
	has_no(b, "outer", ".list");
	has_no(b, "outer", "");
	has_no(b, "outer", "list.next.next");
	has_no(b, "outer", "mem[4].size");
	has_no(b, "outer", "mem[x].size");
	has_no(b, "outer", "mem[1.size");
	has_no(b, "outer", "mem[1]size");
	has_no(b, "outer", "list[0]");
	has_no(b, "no_such", "list");
	assert_int_equal(btf_enumerator(b, "GREEN", &value), 1);
	assert_int_equal(value, -3);
	assert_int_equal(btf_enumerator(b, "HIGH", &value), 1);
	assert_true(value == 0x80000001);
	assert_int_equal(btf_enumerator(b, "LARGE", &value), 1);
	assert_true(value == -2);
	assert_int_equal(btf_enumerator(b, "outer", &value), 0);
	assert_int_equal(btf_enumerator(b, "BLUE", &value), 0);
}

static void members(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		made(big);
		struct btf *b = try_open();

		if (!b)
			fail_msg("%s", err_text());
		check(b);
		check(b);	/* by what it remembers */
		closed(b);
		machine_end(&m);
	}
}

/* names that end where a page does, and go over its end */
static void page_ends(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 40; shift++) {
		machine_start(&m, false);
		types_start(&t, &m);
		example();
		m.used = 0x4000 - 24 - t.len - t.strings_len + shift;
		m.used &= ~UINT64_C(7);
		put_types(&t, NULL, 0);
		m.used += 4096;
		put_symbols_of(&m, &t, 0x900);
		struct btf *b = try_open();

		if (!b)
			fail_msg("%s", err_text());
		check(b);
		closed(b);
		machine_end(&m);
	}
}

/* a kind that was not known when this was written: passed if BTF says how long it is */
static void unknown_kinds(void **state)
{
	uint8_t layout[4 * 24] = { 0 };
	struct btf *b;
	uint64_t size;

	(void)state;
	layout[4 * 22] = 8;
	layout[4 * 22 + 1] = 12;
	for (int known = 0; known < 2; known++) {
		machine_start(&m, false);
		types_start(&t, &m);
		integer(&t, "int", 4);
		type(&t, 4, "before", 0, 12);
		type(&t, 22, "new", 2, 0);
		for (int i = 0; i < 2 + 6; i++)
			word(&t, 0xffffffff);
		type(&t, 4, "behind", 0, 34);
		put_types(&t, layout, known ? sizeof layout : 0);
		put_symbols_of(&m, &t, 0x900);
		b = try_open();
		assert_non_null(b);
		assert_int_equal(btf_size(b, "before", &size), 1);
		assert_int_equal(size, 12);
		if (known) {
			assert_int_equal(btf_size(b, "behind", &size), 1);
			assert_int_equal(size, 34);
		} else {
			assert_int_equal(btf_size(b, "behind", &size), -1);
			assert_failed(ERR_CORRUPT, "a type of kind 22");
		}
		closed(b);
		machine_end(&m);
	}
}

static void headers(void **state)
{
	(void)state;
	made(false);
	put(&m, t.start, 2, 0xeb9e);
	refused(ERR_CORRUPT, "no header");
	put(&m, t.start, 2, 0xeb9f);
	put(&m, t.start + 2, 1, 2);
	refused(ERR_CORRUPT, "no header");
	put(&m, t.start + 2, 1, 1);
	put(&m, t.start + 4, 4, 23);
	refused(ERR_CORRUPT, "no header");
	put(&m, t.start + 4, 4, 0xffffffff);
	refused(ERR_CORRUPT, "no header");
	put(&m, t.start + 4, 4, 24);
	for (int i = 8; i < 24; i += 4) {
		uint32_t was;

		memcpy(&was, m.memory + t.start + i, 4);
		put(&m, t.start + i, 4, 0xfffffff0);
		refused(ERR_CORRUPT, "longer than it is");
		put(&m, t.start + i, 4, was);
	}
	put(&m, t.start + 12, 4, 0);
	refused(ERR_UNKNOWN, "no types");
	machine_end(&m);
}

static void no_btf(void **state)
{
	(void)state;
	machine_start(&m, false);
	types_start(&t, &m);
	t.start = t.stop = 0x1000;
	put_symbols_of(&m, &t, 0x900);
	refused(ERR_UNKNOWN, "no BTF");
	machine_end(&m);
}

/* symbols do not say where it is; there are things that look like its header */
static void searched(void **state)
{
	struct btf *b;

	(void)state;
	for (int big = 0; big < 2; big++) {
		machine_start(&m, big);
		types_start(&t, &m);
		example();
		put(&m, 0xff8, 2, 0xeb9f);
		put(&m, 0xffa, 2, big ? 0x0100 : 1);
		m.used = 0x2ffc;
		put_types(&t, NULL, 0);
		memcpy(m.memory + 0x1800, m.memory + t.start, 0x100);	/* cut off */
		align(&m, 4096);
		put_functions_of(&m, &t);
		b = try_open();
		if (!b)
			fail_msg("%s", err_text());
		check(b);
		closed(b);
		m.memory[t.start] ^= 1;
		refused(ERR_UNKNOWN, "no BTF is in the kernel's image");
		machine_end(&m);
	}
}

static void ask(void)
{
	static const char *const paths[] = { "list.prev", "deeper", "mem[3].size", "matrix[1][2]" };
	struct btf *b = try_open();
	struct btf_member f;
	int64_t value;
	uint64_t size;

	if (b) {
		for (size_t i = 0; i < 4; i++)
			btf_member(b, "outer", paths[i], &f);
		btf_size(b, "older", &size);
		btf_enumerator(b, "LARGE", &value);
	}
	closed(b);
}

/* every bit, and every place where memory may end */
static void damage(void **state)
{
	(void)state;
	made(false);
	for (uint64_t i = t.start; i < t.stop; i++) {
		for (int bit = 0; bit < 8; bit++) {
			m.memory[i] ^= (uint8_t)(1 << bit);
			ask();
			m.memory[i] ^= (uint8_t)(1 << bit);
		}
		m.hole[0].at = i;
		m.hole[0].len = t.stop - i;
		if (i % 16 == 0)
			ask();
		m.hole[0].len = 0;
	}
	struct btf *b = try_open();

	assert_non_null(b);
	check(b);
	closed(b);
	machine_end(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(members), cmocka_unit_test(page_ends),
		cmocka_unit_test(unknown_kinds), cmocka_unit_test(headers),
		cmocka_unit_test(no_btf), cmocka_unit_test(searched), cmocka_unit_test(damage),
	};

	return RUN(tests);
}
