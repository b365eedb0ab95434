/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/dedupe.c */
#include <stdlib.h>
#include <string.h>

#include "../../dumpfilter/dedupe.h"
#include "unit.h"

enum { PAGE = 4096, WAYS = 8 };

/* the n-th page of a set: all its hashes lie in the same one, however large the table */
static struct dedupe_page page_of_set(uint64_t n)
{
	return (struct dedupe_page){
		.hash = n << 32 | 5, .pfn = n, .at = 4096 * n, .size = 100, .flags = 2,
	};
}

static void finds_what_was_added(void **state)
{
	struct dedupe_page page = { .hash = 0x1234, .pfn = 7, .at = 8192, .size = 4096 };
	const struct dedupe_page *found;
	struct dedupe d;

	(void)state;
	assert_int_equal(dedupe_open(&d, DEDUPE_BYTES), 0);
	assert_null(dedupe_find(&d, page.hash));
	assert_null(dedupe_find(&d, 0));
	dedupe_add(&d, &page);
	found = dedupe_find(&d, page.hash);
	assert_non_null(found);
	assert_memory_equal(found, &page, sizeof page);
	assert_null(dedupe_find(&d, page.hash + 1));

	page.pfn = 8;
	dedupe_add(&d, &page);
	assert_int_equal(dedupe_find(&d, page.hash)->pfn, 8);
	dedupe_close(&d);
	assert_null(dedupe_find(&d, page.hash));
	dedupe_add(&d, &page);
	dedupe_hit(&d, page.hash);
	dedupe_close(&d);
}

/* pages that come once pass by; those that came again stay */
static void what_was_met_again_stays(void **state)
{
	struct dedupe_page page;
	struct dedupe d;

	(void)state;
	assert_int_equal(dedupe_open(&d, DEDUPE_BYTES), 0);
	page = page_of_set(1);
	dedupe_add(&d, &page);
	dedupe_hit(&d, page.hash);
	for (uint64_t n = 2; n < 1000; n++) {
		page = page_of_set(n);
		dedupe_add(&d, &page);
		assert_non_null(dedupe_find(&d, page.hash));
	}
	assert_non_null(dedupe_find(&d, page_of_set(1).hash));
	assert_null(dedupe_find(&d, page_of_set(2).hash));
	assert_non_null(dedupe_find(&d, page_of_set(998).hash));

	/* when many others came again since, it is the oldest and must go */
	for (uint64_t n = 2000; n < 2000 + WAYS; n++) {
		page = page_of_set(n);
		dedupe_add(&d, &page);
		dedupe_hit(&d, page.hash);
	}
	assert_null(dedupe_find(&d, page_of_set(1).hash));
	for (uint64_t n = 2000; n < 2000 + WAYS; n++)
		assert_non_null(dedupe_find(&d, page_of_set(n).hash));
	dedupe_close(&d);
}

/* a table is never larger than was said, and never empty */
static void size_is_bounded(void **state)
{
	static const size_t bytes[] = { 0, 1, 255, 256, 511, 512, 4 << 10, DEDUPE_BYTES };
	struct dedupe d;

	(void)state;
	for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
		size_t set = WAYS * sizeof *d.page, most = bytes[i] < set ? set : bytes[i];

		assert_int_equal(dedupe_open(&d, bytes[i]), 0);
		assert_true(d.nsets >= 1 && d.nsets * set <= most && 2 * d.nsets * set > most);
		for (uint64_t n = 1; n < 100; n++) {
			struct dedupe_page page = page_of_set(n);

			page.hash *= n;
			dedupe_add(&d, &page);
			assert_non_null(dedupe_find(&d, page.hash));
		}
		dedupe_close(&d);
	}
}

static void any_bit_changes_the_hash(void **state)
{
	uint8_t *page = calloc(1, PAGE);
	uint64_t zero = dedupe_hash(page, PAGE), seen = 0;

	(void)state;
	assert_true(zero == dedupe_hash(page, PAGE));
	assert_true(zero != dedupe_hash(page, PAGE / 2));
	for (unsigned bit = 0; bit < 8 * PAGE; bit++) {
		uint64_t h;

		page[bit / 8] ^= (uint8_t)(1 << bit % 8);
		h = dedupe_hash(page, PAGE);
		assert_true(h != zero);
		seen |= UINT64_C(1) << (h & 63);
		page[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* the low bits choose the set: they must differ, too */
	assert_true(seen == UINT64_MAX);
	free(page);
}

/* dumps made on different machines are the same: the value is part of what is promised */
static void hash_is_the_same_everywhere(void **state)
{
	uint8_t page[PAGE];

	(void)state;
	for (unsigned i = 0; i < PAGE; i++)
		page[i] = (uint8_t)(i * 7 + i / 256);
	assert_true(dedupe_hash(page, PAGE) == UINT64_C(0x81a66e532594fe90));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added),
		cmocka_unit_test(what_was_met_again_stays),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(any_bit_changes_the_hash),
		cmocka_unit_test(hash_is_the_same_everywhere),
	};

	return RUN(tests);
}
