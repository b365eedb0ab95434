/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/estimate.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dumpfilter/estimate.h"
#include "codec.h"
#include "unit.h"
#include "vmcore.h"

enum { PAGE = 4096 };

/*
 * Physical memory by a rule: of eight pages in a row one is zeros, one is random and
 * does not get smaller, the others are text; from BROKEN on none can be read.
 */
#define BROKEN UINT64_C(1000000)

static int rule(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint64_t pfn = phys / PAGE, seed = pfn + 1;
	uint8_t *p = buf;

	(void)vm;
	if (pfn >= BROKEN)
		return fail(ERR_SYS, "no page %llu", (unsigned long long)pfn);
	for (size_t i = 0; i < len; i++)
		p[i] = pfn % 8 == 0 ? 0 : (uint8_t)(pfn % 8 == 1 ? unit_random(&seed) : i / 64);
	return 0;
}

static const struct vmcore_ops ops = { .name = "rule", .read = rule };

static struct vmcore machine(uint64_t npfns)
{
	return (struct vmcore){
		.ops = &ops, .page_size = PAGE, .page_shift = 12, .npfns = npfns,
	};
}

static int by_pfn(const void *a, const void *b)
{
	const struct sample_pick *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

/* the same pages, whatever the order and the pieces in which they come */
static void choice_is_fixed(void **state)
{
	struct sample all, pieces;

	(void)state;
	assert_int_equal(sample_open(&all, 100), 0);
	assert_int_equal(sample_open(&pieces, 100), 0);
	sample_add(&all, 5, 10000);
	for (uint64_t at = 10005; at > 5; at -= 50)
		sample_add(&pieces, at - 50, 50);
	assert_int_equal(all.n, 100);
	assert_int_equal(all.npages, 10000);
	assert_int_equal(pieces.n, 100);
	assert_int_equal(pieces.npages, 10000);
	qsort(all.pick, all.n, sizeof *all.pick, by_pfn);
	qsort(pieces.pick, pieces.n, sizeof *pieces.pick, by_pfn);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(all.pick[i].pfn, pieces.pick[i].pfn);
		assert_in_range(all.pick[i].pfn, 5, 10004);
		if (i > 0)
			assert_true(all.pick[i].pfn > all.pick[i - 1].pfn);
	}
	/* from everywhere: a tenth of the pages has about a tenth of the sample */
	for (uint64_t tenth = 0; tenth < 10; tenth++) {
		unsigned n = 0;

		for (size_t i = 0; i < 100; i++)
			n += (all.pick[i].pfn - 5) / 1000 == tenth;
		assert_in_range(n, 2, 25);
	}
	sample_close(&all);
	sample_close(&pieces);
	sample_close(&pieces);
}

/* what the pages [0, n) take, one by one */
static double truth(struct vmcore *vm, const struct codec *codec, uint64_t n, bool no_zeros)
{
	static uint8_t page[PAGE], packed[2 * PAGE];
	void *c = codec->flag ? codec->open(codec->level_default, PAGE) : NULL;
	double sum = 0;

	for (uint64_t pfn = 0; pfn < n; pfn++) {
		size_t len = 0;

		assert_int_equal(rule(vm, page, PAGE, pfn * PAGE), 0);
		if (codec->flag)
			len = codec->compress(c, packed, sizeof packed, page, PAGE);
		if (len == 0 || len >= PAGE)
			len = PAGE;
		if (!(no_zeros && pfn % 8 == 0))
			sum += (double)len;
	}
	if (c)
		codec->close(c);
	return sum;
}

static void near_the_truth(void **state)
{
	enum { PAGES = 20000 };
	struct vmcore vm = machine(PAGES);

	(void)state;
	for (unsigned n = 0; codec_nth(n); n++) {
		const struct codec *codec = codec_nth(n);

		for (int no_zeros = 0; no_zeros < 2; no_zeros++) {
			struct estimate e = { 0 };
			struct sample s;
			double real = truth(&vm, codec, PAGES, no_zeros);

			assert_int_equal(sample_open(&s, 500), 0);
			sample_add(&s, 0, PAGES);
			assert_int_equal(sample_measure(&s, &vm, codec, codec->level_default), 0);
			estimate_add(&e, &s, PAGES, no_zeros, PAGE);
			if (e.bytes < real - estimate_error(&e) || e.bytes > real + estimate_error(&e))
				fail_msg("%s: %.0f +- %.0f, really %.0f", codec->name, e.bytes,
					 estimate_error(&e), real);
			assert_true(estimate_error(&e) < real / 5);
			assert_true(e.zeros > PAGES / 8 * 0.7 && e.zeros < PAGES / 8 * 1.3);
			sample_close(&s);
		}
	}
}

/* a sample of all is no estimate */
static void exact(void **state)
{
	const struct codec *codec = codec_by_name("zlib");
	struct vmcore vm = machine(64);
	struct estimate e = { 0 };
	struct sample s;

	(void)state;
	if (!codec)
		codec = codec_by_name("none");
	assert_int_equal(sample_open(&s, 64), 0);
	sample_add(&s, 0, 64);
	assert_int_equal(sample_measure(&s, &vm, codec, codec->level_default), 0);
	assert_int_equal(s.zeros, 8);
	estimate_add(&e, &s, 64, true, PAGE);
	assert_true(e.bytes > truth(&vm, codec, 64, true) - 0.5);
	assert_true(e.bytes < truth(&vm, codec, 64, true) + 0.5);
	assert_true(estimate_error(&e) == 0);
	sample_close(&s);
}

/* all alike, and still a page that differs may have been missed */
static void never_sure(void **state)
{
	const struct codec *none = codec_by_name("none");
	struct vmcore vm = machine(BROKEN);
	struct estimate e = { 0 };
	struct sample s;

	(void)state;
	assert_int_equal(sample_open(&s, 100), 0);
	for (uint64_t pfn = 0; pfn < 8000; pfn += 8)
		sample_add(&s, pfn, 1);
	assert_int_equal(sample_measure(&s, &vm, none, 0), 0);
	assert_int_equal(s.zeros, 100);
	estimate_add(&e, &s, 1000, true, PAGE);
	assert_true(e.bytes == 0);
	assert_true(e.zeros == 1000);
	assert_true(estimate_error(&e) > 1000 * PAGE / 100);
	assert_true(estimate_error(&e) < 1000 * PAGE / 25);
	sample_close(&s);
}

/* a dump leaves them out */
static void unreadable(void **state)
{
	const struct codec *none = codec_by_name("none");
	struct vmcore vm = machine(2 * BROKEN);
	struct estimate e = { 0 };
	struct sample s;

	(void)state;
	assert_int_equal(sample_open(&s, 200), 0);
	sample_add(&s, BROKEN - 100, 200);
	assert_int_equal(sample_measure(&s, &vm, none, 0), 0);
	assert_int_equal(s.unreadable, 100);
	estimate_add(&e, &s, 200, false, PAGE);
	assert_true(e.bytes == 100 * PAGE);
	sample_close(&s);
}

static void nothing(void **state)
{
	struct vmcore vm = machine(8);
	struct estimate e = { 0 };
	struct sample s;

	(void)state;
	assert_int_equal(sample_open(&s, 10), 0);
	assert_int_equal(sample_measure(&s, &vm, codec_by_name("none"), 0), 0);
	estimate_add(&e, &s, 0, true, PAGE);
	estimate_add(&e, &s, 17, true, PAGE);
	assert_true(e.bytes == 0 && e.zeros == 0 && estimate_error(&e) == 0);
	sample_close(&s);
}

/* headers up to 64 KiB, two bitmaps of whole pages, 24 bytes a page, one page of zeros */
static void overhead(void **state)
{
	struct vmcore vm = machine(4096 * 8);

	(void)state;
	assert_int_equal(estimate_overhead(&vm, 0, false), 65536 + 2 * 4096);
	assert_int_equal(estimate_overhead(&vm, 10, true), 65536 + 2 * 4096 + 240 + 4096);
	vm.npfns++;
	assert_int_equal(estimate_overhead(&vm, 0, false), 65536 + 4 * 4096);
	vm.notes_len = 61337;
	assert_int_equal(estimate_overhead(&vm, 0, false), 2 * 65536 + 4 * 4096);
	vm.notes_len--;
	assert_int_equal(estimate_overhead(&vm, 0, false), 65536 + 4 * 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choice_is_fixed),
		cmocka_unit_test(near_the_truth),
		cmocka_unit_test(exact),
		cmocka_unit_test(never_sure),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(nothing),
		cmocka_unit_test(overhead),
	};

	return RUN(tests);
}
