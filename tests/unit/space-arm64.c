/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64's page tables of every geometry, made here as the Arm manual has them. */
#include <stdio.h>

#include "space-arm64.h"

enum { ATTRIBUTES = 0x70c };
#define PXN		BIT(53)			/* above every address */

/* what the Arm manual and the kernel's configuration give */
struct geometry {
	unsigned page_shift, va_bits, t1sz;
	int levels;
	unsigned top_bits;	/* index bits of the first table */
	bool wide;		/* LPA2, or 64 KiB pages, which may have addresses of 52 bits */
};

static const struct geometry geometries[] = {
	{ 12, 39, 25, 3, 9, false },
	{ 12, 48, 16, 4, 9, false },
	{ 12, 52, 12, 5, 4, true },
	{ 12, 52, 16, 4, 9, false },
	{ 14, 36, 28, 2, 11, false },
	{ 14, 47, 17, 3, 11, false },
	{ 14, 48, 16, 4, 1, false },
	{ 14, 52, 12, 4, 5, true },
	{ 14, 52, 17, 3, 11, false },
	{ 16, 42, 22, 2, 13, true },
	{ 16, 48, 16, 3, 6, true },
	{ 16, 52, 12, 3, 10, true },
	{ 16, 52, 16, 3, 10, true },	/* indexed as if the machine had 52 */
};

/* the first table's second page; a table to itself for each level below */
static uint64_t table_of(const struct geometry *g, int level)
{
	return (uint64_t)(g->levels - level) << g->page_shift;
}

static uint64_t high(const struct geometry *g)
{
	if (!g->wide)
		return 0;
	return g->page_shift == 16 ? HIGH_64K : HIGH_LPA2;
}

/* a physical address as an entry has it */
static uint64_t coded(const struct geometry *g, uint64_t phys)
{
	if (g->page_shift == 16)
		return (phys & (BIT(48) - 1)) | (phys >> 48 & 15) << 12;
	if (g->wide)
		return (phys & (BIT(50) - 1)) | (phys >> 50 & 3) << 8;
	return phys;
}

/* bits 9 and 8 are an address's with LPA2, and its shareability without */
static uint64_t attributes(const struct geometry *g)
{
	return PXN | (g->wide && g->page_shift != 16 ? ATTRIBUTES & ~0x300 : ATTRIBUTES);
}

static unsigned shift_of(const struct geometry *g, int level)
{
	return g->page_shift + (unsigned)level * (g->page_shift - 3);
}

static void entry(const struct geometry *g, int level, uint64_t virt, uint64_t phys, int type)
{
	unsigned bits = level == g->levels - 1 ? g->top_bits : g->page_shift - 3;
	uint64_t index = virt >> shift_of(g, level) & (BIT(bits) - 1);

	put64(table_of(g, level) + 8 * index, coded(g, phys) | attributes(g) | (unsigned)type);
}

static struct vmcore machine_of(const struct geometry *g)
{
	static char keys[400];

	/* the image is where its symbols say: voffset 0xffff...; the tables are first in it */
	snprintf(keys, sizeof keys, "OSRELEASE=6.12.1\nPAGESIZE=%llu\nNUMBER(VA_BITS)=%u\n"
		 "NUMBER(TCR_EL1_T1SZ)=0x%x\nNUMBER(kimage_voffset)=0xffffffffd0000000\n"
		 "SYMBOL(swapper_pg_dir)=%llx\n", (unsigned long long)BIT(g->page_shift),
		 g->va_bits, g->t1sz,
		 (unsigned long long)(0xffffffffd0000000 + table_of(g, g->levels - 1)));
	return machine(keys, NULL, 0);
}

/* an address of which every level's index is another, in the half where vmalloc is */
static uint64_t some_virt(const struct geometry *g)
{
	unsigned actual = 64 - g->t1sz;
	uint64_t low = UINT64_C(0x5a3c96f1e2d87) & (BIT(actual - 1) - 1);

	return -BIT(actual - 1) + (low & ~(BIT(g->page_shift) - 1));
}

static void link_tables(const struct geometry *g, uint64_t virt)
{
	for (int l = g->levels - 1; l > 0; l--)
		entry(g, l, virt, table_of(g, l - 1) + high(g), TABLE);
}

static void every_geometry_is_walked(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(geometries); i++) {
		const struct geometry *g = &geometries[i];
		uint64_t virt = some_virt(g), page = BIT(g->page_shift), phys, len;
		uint64_t there = high(g) + 7 * page;
		struct vmcore vm = machine_of(g);
		struct space sp;

		print_message("pages of 2^%u bytes, VA_BITS %u, T1SZ %u\n", g->page_shift,
			      g->va_bits, g->t1sz);
		clear();
		assert_int_equal(space_open(&sp, &vm), 0);
		assert_int_equal(sp.top, g->levels - 1);
		nowhere(&sp, virt);
		link_tables(g, virt);
		nowhere(&sp, virt);
		entry(g, 0, virt, there, VALID);	/* no such thing at the last level */
		nowhere(&sp, virt);
		entry(g, 0, virt, there, TABLE);
		assert_int_equal(space_walk(&sp, virt + 0x678, &phys, &len), 0);
		assert_true(phys == there + 0x678 && len == page - 0x678);
		assert_true(at(&sp, virt + page - 1) == there + page - 1);
		nowhere(&sp, virt + page);
		nowhere(&sp, virt - page);
		entry(g, 0, virt, there, TABLE & ~VALID);	/* swapped out, or a guard */
		nowhere(&sp, virt);
		CLOSE();
	}
}

/* from this level on up there are no blocks; with 52 bits there is one more */
static int first_without_blocks(const struct geometry *g)
{
	return (g->page_shift == 12 ? 3 : 2) + g->wide;
}

static void blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(geometries); i++) {
		const struct geometry *g = &geometries[i];
		uint64_t virt = some_virt(g), phys, len;
		struct vmcore vm = machine_of(g);
		struct space sp;

		for (int l = 1; l < g->levels; l++) {
			uint64_t size = BIT(shift_of(g, l)), there = high(g);
			uint64_t in = virt & (size - 1);

			if (size < BIT(46))
				there += 3 * size;
			clear();
			link_tables(g, virt);
			assert_int_equal(space_open(&sp, &vm), 0);
			/* the bit that says contiguous, and one of no meaning to us */
			entry(g, l, virt, there | BIT(52) | BIT(g->page_shift), VALID);
			if (l >= first_without_blocks(g)) {
				nowhere(&sp, virt);
				continue;
			}
			if (space_walk(&sp, virt + 5, &phys, &len))
				fail_msg("geometry %zu level %d: %s", i, l, err_text());
			if (phys != there + in + 5 || len != size - in - 5)
				fail_msg("geometry %zu level %d: %#llx", i, l,
					 (unsigned long long)phys);
		}
		CLOSE();
	}
}

/* an address that the first table cannot have is not folded into one that it has */
static void only_kernel_addresses(void **state)
{
	const struct geometry *g = &geometries[1];
	uint64_t virt = some_virt(g), page = 7 << 12;
	struct vmcore vm = machine_of(g);
	struct space sp;

	(void)state;
	clear();
	link_tables(g, virt);
	entry(g, 0, virt, page, TABLE);
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(at(&sp, virt) == page);
	nowhere(&sp, virt & (BIT(48) - 1));
	nowhere(&sp, virt & ~BIT(50));
	/* a tag of KASAN in the top byte is none of the address */
	assert_true(at(&sp, (virt & ~(UINT64_C(0xff) << 56)) | UINT64_C(0xa5) << 56) == page);
	CLOSE();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_geometry_is_walked),
		cmocka_unit_test(blocks),
		cmocka_unit_test(only_kernel_addresses),
	};

	return RUN(tests);
}
