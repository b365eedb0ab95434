/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory models, in a machine of a few pages made here: which parts come out. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "image.h"
#include "node.h"

enum {
	NPFNS = 0x40000,			/* 1 GiB: 8 sections */
	FLAGS = 7,				/* of a section: present, has a map, online */
	NODES = 0x1000, NODE = 0x2000, ARRAY = 0x8000, ROOT = 0x9000, VARIABLE = 0x500,
	START = 0x10, SPANNED = 0x18, MAP = 0x20, CHAIN = 0x28,
};
#define DIRECT	IMAGE_DIRECT
#define LOST	IMAGE_LOST

#define PAGE_KEY "SIZE(page)=64\n"
#define NODE_KEYS PAGE_KEY "OFFSET(pglist_data.node_start_pfn)=16\n" \
	"OFFSET(pglist_data.node_spanned_pages)=24\nOFFSET(pglist_data.node_mem_map)=32\n"
#define ARRAY_KEYS NODE_KEYS "SYMBOL(node_data)=ffff888000001000\nLENGTH(node_data)=4\n"
#define SECTIONS PAGE_KEY "SYMBOL(mem_section)=ffff888000008000\nSIZE(mem_section)=16\n" \
	"OFFSET(mem_section.section_mem_map)=0\n"
#define EXTREME SECTIONS "LENGTH(mem_section)=2048\n"
#define PLAIN	SECTIONS "LENGTH(mem_section)=524288\n"
#define VMEMMAP	"SYMBOL(vmemmap)=ffff888000000000\n"

static void node(unsigned nr, uint64_t pfn, uint64_t npages, uint64_t map)
{
	uint64_t at = NODE + 0x100 * nr;

	put64(NODES + 8 * nr, DIRECT + at);
	put64(at + START, pfn);
	put64(at + SPANNED, npages);
	put64(at + MAP, map);
}

static int open_machine(struct machine *m, const char *keys, uint16_t elf_machine)
{
	return image_open(m, keys, elf_machine, NPFNS);
}

/* all parts, "PFN+PAGES@OFFSET" each; an offset is from DIRECT on, "lost" not to be read */
static void check(const char *keys, const char *parts)
{
	struct machine m;
	struct memmap_part part;
	char text[1024] = "";
	size_t n = 0;

	if (open_machine(&m, keys, EM_X86_64))
		fail_msg("%s", err_text());
	while (memmap_next(&m.mm, &part) == 1 && n < sizeof text - 100) {
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%llx+%llx@", n ? " " : "",
				      (unsigned long long)part.pfn,
				      (unsigned long long)part.npages);
		n += part.virt ? (size_t)snprintf(text + n, sizeof text - n, "%llx",
						  (unsigned long long)(part.virt - DIRECT)) :
				 (size_t)snprintf(text + n, sizeof text - n, "lost");
	}
	assert_string_equal(text, parts);
	kinfo_close(&m.vm.info);
}

static void refused(const char *keys, uint16_t elf_machine, enum err code, const char *words)
{
	struct machine m;

	assert_int_equal(open_machine(&m, keys, elf_machine), -1);
	assert_failed(code, words);
	kinfo_close(&m.vm.info);
}

#define FLAT PAGE_KEY "SYMBOL(mem_map)=ffff888000000500\n"
#define ONE_NODE "SYMBOL(contig_page_data)=ffff888000002000\n"
#define SPAN "OFFSET(pglist_data.node_start_pfn)=16\nOFFSET(pglist_data.node_spanned_pages)=24\n"

static void flat(void **state)
{
	(void)state;
	put64(VARIABLE, DIRECT + 0x100000);
	check(FLAT, "0+40000@100000");
	/* the node tells where the array ends */
	node(0, 0x100, 0x2000, DIRECT + 0x104000);
	check(FLAT ONE_NODE SPAN, "100+2000@104000");
	/* it says the same itself */
	check(FLAT ONE_NODE NODE_KEYS, "100+2000@104000");
	/* or contradicts */
	node(0, 0x100, 0x2000, DIRECT + 0x104040);
	check(FLAT ONE_NODE NODE_KEYS, "100+2000@lost");
	/* a node that reaches past the dump, or begins there */
	node(0, 0x100, UINT64_MAX, DIRECT + 0x104000);
	check(FLAT ONE_NODE SPAN, "100+3ff00@104000");
	node(0, NPFNS, 5, DIRECT);
	check(FLAT ONE_NODE SPAN, "0+40000@100000");
}

static void flat_of_other_machines(void **state)
{
	struct memmap_part part;
	struct machine m;

	(void)state;
	put64(VARIABLE, DIRECT + 0x100000);
	assert_int_equal(open_machine(&m, FLAT "NUMBER(PHYS_OFFSET)=0x8000000\n", EM_AARCH64), 0);
	assert_int_equal(memmap_next(&m.mm, &part), 1);
	assert_true(part.pfn == 0x8000 && part.npages == NPFNS - 0x8000 &&
		    part.virt == DIRECT + 0x100000);
	kinfo_close(&m.vm.info);
	refused(FLAT, EM_AARCH64, ERR_UNKNOWN, "which page is first");
	refused(FLAT "NUMBER(PHYS_OFFSET)=0x40000000\n", EM_AARCH64, ERR_CORRUPT, "first page");
	refused(FLAT, EM_RISCV, ERR_UNKNOWN, "which page is first");
}

static void flat_that_is_not_there(void **state)
{
	(void)state;
	refused(PAGE_KEY, EM_X86_64, ERR_UNKNOWN, "neither");
	refused("SIZE(page)=8\n" FLAT, EM_X86_64, ERR_UNKNOWN, "SIZE(page)");
	refused(FLAT, EM_X86_64, ERR_CORRUPT, "mem_map is 0");
	put64(VARIABLE, LOST);
	refused(FLAT, EM_X86_64, ERR_CORRUPT, "no struct page at 0xffffc900");
	refused(PAGE_KEY "SYMBOL(mem_map)=ffffc90000000500\n", EM_X86_64, ERR_CORRUPT, "mem_map");
}

static void nodes_with_a_hole(void **state)
{
	(void)state;
	put64(NODES + 8 * 3, DIRECT + 0x500);	/* not online */
	put64(0x500 + SPANNED, 0x100);
	put64(0x600, 7);
	node(0, 0x8000, 0x8000, DIRECT + 0x4000);
	node(1, 0, 0x1000, DIRECT + 0x100000);
	node(2, 0x1000, 0, 0);			/* no memory */
	check(ARRAY_KEYS "SYMBOL(node_online_map)=ffff888000000600\nSIZE(nodemask_t)=8\n",
	      "0+1000@100000 8000+8000@4000");
	/* an array that cannot be found */
	node(1, 0, 0x1000, 0);
	node(3, 0x20000, UINT64_MAX, DIRECT + 0x2000);
	check(ARRAY_KEYS, "0+1000@lost 8000+8000@4000 20000+20000@2000");
}

static void nodes_that_overlap(void **state)
{
	(void)state;
	node(0, 0, 0x3000, DIRECT);
	node(1, 0x1000, 0x1000, DIRECT + 0x200000);
	/* the same page in both is no contradiction */
	node(2, 0x2800, 0x1000, DIRECT + 0x2800 * 64);
	check(ARRAY_KEYS, "0+1000@0 1000+1000@lost 2000+800@80000 2800+800@a0000 "
	      "3000+800@c0000");
}

static void nodes_in_a_chain(void **state)
{
	const char *keys = NODE_KEYS "SYMBOL(pgdat_list)=ffff888000000500\n"
			   "OFFSET(pglist_data.pgdat_next)=40\n";

	(void)state;
	put64(VARIABLE, DIRECT + NODE);
	node(0, 0x1000, 0x1000, DIRECT + 0x40000);
	node(1, 0, 0x1000, DIRECT);
	put64(NODE + CHAIN, DIRECT + NODE + 0x100);
	check(keys, "0+1000@0 1000+1000@40000");
	/* it ends in a circle, or where there is no memory */
	put64(NODE + 0x100 + CHAIN, DIRECT + NODE);
	check(keys, "0+1000@0 1000+1000@40000");
	put64(NODE + 0x100 + CHAIN, LOST);
	check(keys, "0+1000@0 1000+1000@40000");
	put64(VARIABLE, 0);
	refused(keys, EM_X86_64, ERR_CORRUPT, "pgdat_list is empty");
}

static void too_many_nodes(void **state)
{
	(void)state;
	refused(NODE_KEYS, EM_X86_64, ERR_UNKNOWN, "names no nodes");
	refused(ARRAY_KEYS, EM_X86_64, ERR_CORRUPT, "none is online");
	node(0, 0, 0, DIRECT);
	refused(ARRAY_KEYS, EM_X86_64, ERR_CORRUPT, "no node has pages");
	refused(NODE_KEYS "SYMBOL(node_data)=ffff888000001000\nLENGTH(node_data)=1025\n", EM_X86_64,
		ERR_UNKNOWN, "1025");
	refused(NODE_KEYS "SYMBOL(node_data)=ffffc90000001000\nLENGTH(node_data)=4\n", EM_X86_64,
		ERR_CORRUPT, "nodes");
	for (unsigned i = 0; i <= MEMMAP_NODES_MAX; i++)
		node(i, i, 1, DIRECT);
	refused(NODE_KEYS "SYMBOL(node_data)=ffff888000001000\nLENGTH(node_data)=256\n", EM_X86_64,
		ERR_UNKNOWN, "more than 128");
}

static void sections(void **state)
{
	(void)state;
	put64(ARRAY, DIRECT + ROOT);
	put64(ROOT + 16, DIRECT | FLAGS);
	put64(ROOT + 48, DIRECT | 2);		/* not present */
	put64(ROOT + 64, LOST | FLAGS);
	check(EXTREME, "8000+8000@200000 20000+8000@408000800000");
	put64(ARRAY + 16 * 2, DIRECT | FLAGS);
	put64(ARRAY, 0);
	check(PLAIN, "10000+8000@400000");
}

/* the pointer's own address instead of its value */
static void sections_behind_a_pointer(void **state)
{
	(void)state;
	put64(ARRAY, DIRECT + 0xa000);
	put64(0xa000, DIRECT + ROOT);
	put64(ROOT, DIRECT | FLAGS);
	check(EXTREME, "0+8000@0");
	put64(ROOT, 0);
	refused(EXTREME, EM_X86_64, ERR_CORRUPT, "no present section");
	put64(ROOT, LOST | FLAGS);
	refused(EXTREME, EM_X86_64, ERR_CORRUPT, "no present section");
}

/* vmemmap is believed more than a section, and enough where there are none */
static void sections_that_lie(void **state)
{
	(void)state;
	put64(ARRAY, DIRECT + ROOT);
	put64(ROOT + 16, (DIRECT + 0x12340000) | FLAGS);
	check(EXTREME, "8000+8000@12540000");
	check(EXTREME VMEMMAP, "8000+8000@200000");
	put64(ARRAY, LOST);
	refused(EXTREME, EM_X86_64, ERR_CORRUPT, "no present section");
	check(SECTIONS "LENGTH(mem_section)=5\nNUMBER(SECTION_SIZE_BITS)=29\n" VMEMMAP,
	      "0+20000@0 20000+20000@800000");
	check(PAGE_KEY "NUMBER(vmemmap)=0xffff888000000000\nNUMBER(SECTION_SIZE_BITS)=29\n",
	      "0+8000@0 8000+8000@200000 10000+8000@400000 18000+8000@600000 20000+8000@800000 "
	      "28000+8000@a00000 30000+8000@c00000 38000+8000@e00000");
}

/* sections whose root cannot be read are one part that cannot be read */
static void sections_without_a_root(void **state)
{
	const char *keys = SECTIONS "LENGTH(mem_section)=16384\nNUMBER(MAX_PHYSMEM_BITS)=46\n"
			   "NUMBER(SECTION_SIZE_BITS)=24\n";

	(void)state;
	put64(ARRAY, DIRECT + ROOT);
	put64(ROOT + 16 * 63, DIRECT | FLAGS);
	check(keys, "3f000+1000@fc0000");
	struct machine m;
	struct memmap_part part;

	assert_int_equal(open_machine(&m, keys, EM_X86_64), 0);
	put64(ARRAY, LOST);
	memmap_seek(&m.mm, 0x2345);
	assert_int_equal(memmap_next(&m.mm, &part), 1);
	assert_true(part.pfn == 0x2000 && part.npages == 0xfe000 && part.virt == 0);
	assert_int_equal(memmap_next(&m.mm, &part), 0);
	kinfo_close(&m.vm.info);
}

static void unknown_sections(void **state)
{
	(void)state;
	refused(SECTIONS, EM_X86_64, ERR_UNKNOWN, "LENGTH(mem_section)");
	refused(SECTIONS "LENGTH(mem_section)=7\n", EM_X86_64, ERR_UNKNOWN, "7 is no length");
	refused(EXTREME "NUMBER(MAX_PHYSMEM_BITS)=64\n", EM_X86_64, ERR_UNKNOWN, "no length");
	refused(EXTREME "NUMBER(SECTION_SIZE_BITS)=12\n", EM_X86_64, ERR_UNKNOWN, "2^12");
	refused(PAGE_KEY "SYMBOL(mem_section)=ffff888000008000\nSIZE(mem_section)=16\n"
		"OFFSET(mem_section.section_mem_map)=9\n", EM_X86_64, ERR_UNKNOWN,
		"struct mem_section");
	refused(PAGE_KEY "SYMBOL(mem_section)=ffff888000008000\nSIZE(mem_section)=257\n"
		"OFFSET(mem_section.section_mem_map)=0\n", EM_X86_64, ERR_UNKNOWN,
		"struct mem_section");
	refused(PAGE_KEY "SYMBOL(mem_section)=ffff888000008000\nSIZE(mem_section)=16\n", EM_X86_64,
		ERR_UNKNOWN, "struct mem_section");
	/* fewer than the dump's memory needs: those past them are not looked for */
	put64(ARRAY, DIRECT | FLAGS);
	put64(ARRAY + 16 * 2, DIRECT | FLAGS);
	check(SECTIONS "LENGTH(mem_section)=2\nNUMBER(MAX_PHYSMEM_BITS)=28\n", "0+8000@0");
}

static void seek(void **state)
{
	struct machine m;
	struct memmap_part part;

	(void)state;
	node(0, 0x1000, 0x1000, DIRECT);
	node(1, 0x4000, 0x1000, DIRECT + 0x100000);
	assert_int_equal(open_machine(&m, ARRAY_KEYS, EM_X86_64), 0);
	memmap_seek(&m.mm, 0x1800);
	assert_int_equal(memmap_next(&m.mm, &part), 1);
	assert_true(part.pfn == 0x1800 && part.npages == 0x800 &&
		    part.virt == DIRECT + 0x800 * 64);
	memmap_seek(&m.mm, 0x3000);
	assert_int_equal(memmap_next(&m.mm, &part), 1);
	assert_true(part.pfn == 0x4000);
	memmap_seek(&m.mm, 0x5000);
	assert_int_equal(memmap_next(&m.mm, &part), 0);
	memmap_seek(&m.mm, UINT64_MAX);
	assert_int_equal(memmap_next(&m.mm, &part), 0);
	kinfo_close(&m.vm.info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(flat),
		IMAGE_TEST(flat_of_other_machines),
		IMAGE_TEST(flat_that_is_not_there),
		IMAGE_TEST(nodes_with_a_hole),
		IMAGE_TEST(nodes_that_overlap),
		IMAGE_TEST(nodes_in_a_chain),
		IMAGE_TEST(too_many_nodes),
		IMAGE_TEST(sections),
		IMAGE_TEST(sections_behind_a_pointer),
		IMAGE_TEST(sections_that_lie),
		IMAGE_TEST(sections_without_a_root),
		IMAGE_TEST(unknown_sections),
		IMAGE_TEST(seek),
	};

	return RUN(tests);
}
