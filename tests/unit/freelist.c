/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free lists, whole and damaged, of a machine of a few pages made here. */
#include <elf.h>
#include <stdio.h>

#include "freelist.h"
#include "image.h"

enum {
	NPFNS = 512, NODE = 0x1000, AREA = 0x100, AREA_LEN = 40, MAP = 0x8000, PAGE = 64, LRU = 8,
	ZONES = 0x800, VARIABLE = 0x500, NEXT = 8,
};
#define DIRECT	IMAGE_DIRECT
/* one node, one zone, two orders of two lists */
#define KEYS	"SIZE(page)=64\nOFFSET(page.lru)=8\nSYMBOL(mem_map)=ffff888000000500\n" \
	"SYMBOL(contig_page_data)=ffff888000001000\nOFFSET(pglist_data.node_zones)=0\n" \
	"OFFSET(pglist_data.nr_zones)=2048\nSIZE(zone)=1024\nOFFSET(zone.free_area)=256\n" \
	"LENGTH(zone.free_area)=2\nSIZE(free_area)=40\nOFFSET(free_area.free_list)=0\n" \
	"SIZE(list_head)=16\nOFFSET(list_head.next)=8\n"

static char found[256];

static void block(void *arg, uint64_t pfn, unsigned order)
{
	size_t n = strlen(found);

	(void)arg;
	snprintf(found + n, sizeof found - n, "%s%llx/%u", n ? " " : "",
		 (unsigned long long)pfn, order);
}

static uint64_t list(unsigned order, unsigned type)
{
	return NODE + AREA + order * AREA_LEN + type * 16;
}

/* where the list head, or the page's lru, is */
static uint64_t page(uint64_t pfn)
{
	return MAP + pfn * PAGE + LRU;
}

static void link_to(uint64_t from, uint64_t to)
{
	put64(from + NEXT, DIRECT + to);
}

/* empty lists, but for 5 and 7 on one, 8 on another */
static void make(void)
{
	memset(image, 0, sizeof image);
	found[0] = '\0';
	put64(VARIABLE, DIRECT + MAP);
	put64(NODE + ZONES, 1);
	for (unsigned order = 0; order < 2; order++)
		for (unsigned type = 0; type < 2; type++)
			link_to(list(order, type), list(order, type));
	link_to(list(0, 1), page(5));
	link_to(page(5), page(7));
	link_to(page(7), list(0, 1));
	link_to(list(1, 0), page(8));
	link_to(page(8), list(1, 0));
}

static void walk(const char *keys, const char *blocks, const char *error)
{
	struct machine m;

	if (image_open(&m, keys, EM_X86_64, NPFNS))
		fail_msg("%s", err_text());
	if (error) {
		assert_int_equal(freelist_walk(&m.sp, &m.mm, block, NULL), -1);
		if (!strstr(err_text(), error))
			fail_msg("\"%s\" does not say \"%s\"", err_text(), error);
	} else if (freelist_walk(&m.sp, &m.mm, block, NULL)) {
		fail_msg("%s", err_text());
	}
	if (blocks)
		assert_string_equal(found, blocks);
	kinfo_close(&m.vm.info);
}

static void whole(void **state)
{
	(void)state;
	make();
	walk(KEYS "LENGTH(free_area.free_list)=2\n", "5/0 7/0 8/1", NULL);
	/* as many lists as there is room for, if nothing says how many */
	make();
	walk(KEYS, "5/0 7/0 8/1", NULL);
	make();
	put64(NODE + ZONES, 0);
	walk(KEYS, "", NULL);
}

static void a_circle(void **state)
{
	(void)state;
	make();
	link_to(page(7), page(5));
	walk(KEYS, "", "has no end");
}

static void bad_links(void **state)
{
	(void)state;
	make();
	link_to(list(1, 0), page(7));	/* no block of two pages */
	walk(KEYS, "5/0 7/0", "0xffff8880000081c8 is no page of order 1");
	/* of a list that goes astray nothing is believed: it may have been in another one */
	make();
	put64(page(7) + NEXT, IMAGE_LOST);
	walk(KEYS, "", "is no page of order 0");
	make();
	put64(page(7) + NEXT, DIRECT + page(8) + 8);	/* inside of one */
	walk(KEYS, "", "is no page of order 0");
	make();
	put64(page(7) + NEXT, DIRECT + MAP - PAGE + LRU);	/* before the first */
	walk(KEYS, "", "is no page of order 0");
	make();
	put64(NODE + ZONES, 9);
	walk(KEYS, "", "9 zones");
}

/* arrays of struct pages that do not lie in the order of their nodes */
static void nodes(void **state)
{
	const char *keys = KEYS "OFFSET(pglist_data.node_start_pfn)=2064\n"
			   "OFFSET(pglist_data.node_spanned_pages)=2072\n"
			   "OFFSET(pglist_data.node_mem_map)=2080\n"
			   "SYMBOL(node_data)=ffff888000000600\nLENGTH(node_data)=4\n";
	char without[2048];

	(void)state;
	make();
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t node = 0x10000 + 0x1000 * i;

		put64(0x600 + 8 * i, DIRECT + node);
		put64(node + 2064, 128 * i);
		put64(node + 2072, 128);
		put64(node + 2080, DIRECT + MAP + (3 - i) * 128 * PAGE);
	}
	/* page(n) is in the array of node 3 - n / 128 */
	link_to(0x10000 + AREA, page(5));
	link_to(page(5), page(200));
	link_to(page(200), page(300));
	link_to(page(300), page(511));
	link_to(page(511), page(6));
	link_to(page(6), 0x10000 + AREA);
	put64(0x10000 + ZONES, 1);
	link_to(0x10010 + AREA, 0x10010 + AREA);
	for (unsigned type = 0; type < 2; type++)
		link_to(0x10000 + AREA + AREA_LEN + type * 16,
			0x10000 + AREA + AREA_LEN + type * 16);
	snprintf(without, sizeof without, "SYMBOL(mem_map)=\nSYMBOL(contig_page_data)=\n%s", keys);
	walk(without, "185/0 148/0 ac/0 7f/0 186/0", NULL);
}

static void missing_keys(void **state)
{
	static const char *const without[] = {
		"SIZE(free_area)=\n", "SIZE(free_area)=7\n", "SIZE(list_head)=0\n",
		"LENGTH(zone.free_area)=21\n", "LENGTH(free_area.free_list)=17\n",
		"OFFSET(free_area.free_list)=33\n", "OFFSET(page.lru)=\n",
	};
	char keys[2048];

	(void)state;
	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		make();
		snprintf(keys, sizeof keys, "%s%s", without[i], KEYS);
		walk(keys, "", "lacks their keys");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(whole),
		IMAGE_TEST(a_circle),
		IMAGE_TEST(bad_links),
		IMAGE_TEST(nodes),
		IMAGE_TEST(missing_keys),
	};

	return RUN(tests);
}
