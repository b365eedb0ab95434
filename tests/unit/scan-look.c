/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/scan-look.c */
/* a look at many struct pages at once says what class_of() says of each */
#include <byteswap.h>
#include <stdlib.h>
#include <string.h>

#include "class.h"
#include "../../dumpfilter/scan-look.h"
#include "unit.h"
#include "vmcore.h"

enum { LEN = 64, FIRST = 3 * SCAN_WINDOW, ROUNDS = 300 };

static char keys[] = "OSRELEASE=6.12.1\nSIZE(page)=64\nOFFSET(page.flags)=0\n"
	"OFFSET(page.mapping)=24\nOFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\n"
	"OFFSET(page.private)=40\nOFFSET(page.compound_head)=8\nLENGTH(zone.free_area)=11\n"
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=13\nNUMBER(PG_hwpoison)=21\n"
	"NUMBER(PG_swapcache)=10\nNUMBER(PG_swapbacked)=17\nNUMBER(PG_head_mask)=64\n"
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n"
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n"
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"
	"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n";

static uint64_t seed = 21;

static void put64(const struct vmcore *vm, uint8_t *at, uint64_t v)
{
	v = vm->swap ? bswap_64(v) : v;
	memcpy(at, &v, sizeof v);
}

/* a struct page of one of few sorts, as in a real machine, and seldom of any */
static void make_page(const struct vmcore *vm, uint8_t *page)
{
	static const uint64_t flags[] = { 0, 1 << 5, 1 << 13 | 1 << 5, 1 << 10 | 1 << 17, 64 };
	static const uint32_t types[] = { UINT32_MAX, 0, 0xf0000000, 0xf1000000, 0xf4000000,
					  0xf5000000, 0xf7000000, 0xf0000001 };
	uint64_t r = unit_random(&seed);
	uint32_t type = types[r % 8];

	memset(page, 0, LEN);
	put64(vm, page, flags[r >> 8 & 3] | (r >> 16 & 63 ? 0 : 1 << 21) |
			(r >> 24 & 15 ? 0 : flags[4]) | UINT64_C(2) << 60);
	put64(vm, page + 8, r >> 32 & 15 ? 0xffff888000001000 : 0xffffea0000040001);
	put64(vm, page + 24, r >> 36 & 1);
	put64(vm, page + 40, r >> 40 & 31 ? r >> 45 & 3 : r >> 45);
	type = vm->swap ? bswap_32(type) : type;
	memcpy(page + 48, &type, sizeof type);
}

/* what of page n the look says: bit 1 << kind */
static void told(const struct scan_look *l, uint32_t *kinds)
{
	memset(kinds, 0, SCAN_WINDOW * sizeof *kinds);
	for (size_t i = 0; i < l->nfound; i++)
		for (uint64_t k = 0; k < l->found[i].npages; k++)
			if (l->found[i].pfn + k < FIRST + SCAN_WINDOW)
				kinds[l->found[i].pfn + k - FIRST] |= 1U << l->found[i].kind;
}

/* the same, a page at a time */
static void expected(const struct class *cl, const struct scan_look *l, uint32_t *kinds)
{
	uint64_t at = 0, block_end = 0;

	memset(kinds, 0, SCAN_WINDOW * sizeof *kinds);
	while (at < SCAN_WINDOW) {
		const uint8_t *page = l->data + at * LEN;
		struct class_page c = class_of(cl, page, page + LEN, FIRST + at);
		bool inside = at < block_end;
		uint64_t broken = !c.poisoned ? 0 : c.one_piece && !inside ? c.npages : 1;

		for (uint64_t k = at; k < at + broken && k < SCAN_WINDOW; k++)
			kinds[k] |= 1U << PAGE_HWPOISON;
		if (inside) {
			at++;
			continue;
		}
		for (uint64_t k = at; k < at + c.npages && k < SCAN_WINDOW; k++)
			kinds[k] |= 1U << c.kind;
		block_end = at + c.npages;
		at = c.one_piece || l->whole_kinds >> c.kind & 1 ? block_end : at + 1;
	}
}

static void look_at(bool swap)
{
	static uint32_t got[SCAN_WINDOW], want[SCAN_WINDOW];
	struct vmcore vm = { .page_size = 4096, .page_shift = 12, .swap = swap };
	struct scan_look *l = calloc(1, sizeof *l);
	struct class cl;

	assert_int_equal(kinfo_open(&vm.info, keys, sizeof keys - 1), 0);
	assert_int_equal(class_open(&cl, &vm), 0);
	l->class = &cl;
	l->data = malloc((SCAN_WINDOW + 1) * LEN);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i <= SCAN_WINDOW; i++)
			make_page(&vm, l->data + i * LEN);
		l->pfn = l->skip_to = l->told_to = FIRST;
		l->n = SCAN_WINDOW;
		l->more = true;
		l->whole_kinds = round % 2 ? class_kinds(DUMP_ALL) : 0;
		scan_look(l);
		told(l, got);
		expected(&cl, l, want);
		assert_memory_equal(got, want, sizeof got);
		assert_true(l->skip_to >= FIRST + SCAN_WINDOW);
	}
	kinfo_close(&vm.info);
	free(l->data);
	free(l);
}

static void says_what_class_says(void **state)
{
	(void)state;
	look_at(false);
	look_at(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_what_class_says) };

	return RUN(tests);
}
