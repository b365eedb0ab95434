/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/share.c dumpfilter/dedupe.c */
#include <string.h>

#include "../../dumpfilter/share.h"
#include "../../dumpfilter/writer.h"
#include "unit.h"
#include "vmcore.h"

enum { PAGE = 4096, NPAGES = 8, WORDS = PAGE / 8, LANES = 8 };

static uint64_t memory[NPAGES][WORDS];
static unsigned reads;
static uint64_t unreadable = UINT64_MAX;

static int read_memory(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	reads++;
	assert_int_equal(len, PAGE);
	if (phys / PAGE == unreadable)
		return fail(ERR_SYS, "a bad sector");
	memcpy(buf, memory[phys / PAGE], len);
	return 0;
}

static const struct vmcore_ops ops = { .read = read_memory };

static struct vmcore open_memory(void)
{
	uint64_t seed = 42;

	for (unsigned i = 0; i < WORDS; i++)
		for (unsigned pfn = 0; pfn < NPAGES; pfn++)
			memory[pfn][i] = pfn % 2 ? memory[pfn - 1][i] : unit_random(&seed);
	reads = 0;
	unreadable = UINT64_MAX;
	return (struct vmcore){ .ops = &ops, .page_size = PAGE, .page_shift = 12 };
}

static struct writer_page page_at(uint64_t pfn)
{
	return (struct writer_page){
		.pfn = pfn, .size = 100 + (uint32_t)pfn, .flags = 1,
		.hash = dedupe_hash(memory[pfn], PAGE),
	};
}

/* pages 0 and 1 are the same, 2 and 3, ... */
static void equal_pages_share(void **state)
{
	struct vmcore vm = open_memory();
	const struct dedupe_page *found;
	struct writer_page page;
	struct share s;

	(void)state;
	assert_int_equal(share_open(&s, &vm), 0);
	for (uint64_t pfn = 0; pfn < NPAGES; pfn++) {
		page = page_at(pfn);
		found = share_find(&s, &page);
		if (pfn % 2 == 0) {
			assert_null(found);
			share_add(&s, &page, 1000 * (pfn + 1));
			continue;
		}
		assert_non_null(found);
		assert_int_equal(found->pfn, pfn - 1);
		assert_int_equal(found->at, 1000 * pfn);
		assert_int_equal(found->size, 100 + pfn - 1);
		assert_int_equal(found->flags, 1);
	}
	assert_int_equal(reads, NPAGES);
	share_close(&s);
	page = page_at(1);
	assert_null(share_find(&s, &page));
	share_add(&s, &page, 1);
	share_close(&s);
}

/* the hash of a page is easily met by another one: only their bytes decide */
static void equal_hashes_do_not_share(void **state)
{
	struct vmcore vm = open_memory();
	uint64_t a = 1, b, mul = UINT64_C(0x9e3779b97f4a7c15), start;
	struct writer_page page;
	struct share s;

	(void)state;
	/* a lane's value after the first word; the second word makes up for the difference */
	start = UINT64_C(0x243f6a8885a308d3);
	memcpy(memory[1], memory[0], PAGE);
	memory[1][0] ^= 0x1234;
	a = (start ^ memory[0][0]) * mul;
	b = (start ^ memory[1][0]) * mul;
	memory[1][LANES] ^= (a ^ a >> 32) ^ (b ^ b >> 32);
	assert_true(dedupe_hash(memory[0], PAGE) == dedupe_hash(memory[1], PAGE));
	assert_int_equal(share_open(&s, &vm), 0);
	page = page_at(0);
	share_add(&s, &page, 4096);
	page = page_at(1);
	assert_null(share_find(&s, &page));
	assert_int_equal(reads, 2);
	share_close(&s);
}

static void what_cannot_be_read_does_not_share(void **state)
{
	struct vmcore vm = open_memory();
	struct writer_page page = page_at(0), again = page_at(1);
	struct share s;

	(void)state;
	assert_int_equal(share_open(&s, &vm), 0);
	share_add(&s, &page, 4096);
	unreadable = 0;
	assert_null(share_find(&s, &again));
	unreadable = 1;
	assert_null(share_find(&s, &again));
	unreadable = UINT64_MAX;
	assert_non_null(share_find(&s, &again));
	share_close(&s);
}

static void a_running_system_shares_nothing(void **state)
{
	struct vmcore vm = open_memory();
	struct writer_page page = page_at(0), again = page_at(1);
	struct share s;

	(void)state;
	vm.live = true;
	assert_int_equal(share_open(&s, &vm), 0);
	share_add(&s, &page, 4096);
	assert_null(share_find(&s, &again));
	assert_int_equal(reads, 0);
	share_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_pages_share),
		cmocka_unit_test(equal_hashes_do_not_share),
		cmocka_unit_test(what_cannot_be_read_does_not_share),
		cmocka_unit_test(a_running_system_shares_nothing),
	};

	return RUN(tests);
}
