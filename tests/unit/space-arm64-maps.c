/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an arm64 kernel's image and linear map are, by what VMCOREINFO and PT_LOADs say. */
#include <stdio.h>

#include "space-arm64.h"

static void signed_pointers(void **state)
{
	struct vmcore_load loads[] = { { 0, 0x40000000, 0x10000000 } };
	struct vmcore vm = machine("OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\n"
				   "NUMBER(PHYS_OFFSET)=0x40000000\n"
				   "NUMBER(KERNELPACMASK)=0x7f000000000000\n", loads, 1);
	struct space sp;

	(void)state;
	clear();
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(at(&sp, 0xffff000000001234) == 0x40001234);
	assert_true(at(&sp, 0xffa5000000001234) == 0x40001234);
	assert_true(at(&sp, 0x12a5000000001234) == 0x40001234);
	nowhere(&sp, 0x0025000000001234);	/* bit 55: a user's */
	CLOSE();
}

struct linear {
	const char *keys;
	uint64_t virt, phys;	/* a pair that must hold; no tables can be read */
};

/* memory is from 0x40000000 to 0x100000000 */
static const struct linear linears[] = {
	{ "OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(PHYS_OFFSET)=0x40000000\n",
	  0xffff000000000000, 0x40000000 },
	{ "OSRELEASE=5.10.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=39\nNUMBER(PHYS_OFFSET)=0x40000000\n",
	  0xffffff8000000000, 0x40000000 },
	/* KASLR moves the map up, and so PHYS_OFFSET down */
	{ "OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\n"
	  "NUMBER(TCR_EL1_T1SZ)=0x10\nNUMBER(PHYS_OFFSET)=0xffffaad140000000\n",
	  0xffff552f00000000, 0x40000000 },
	/* configured for 52 bits, on a machine with 52, with 48, and with 47 for 16 KiB */
	{ "OSRELEASE=7.2.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=52\nNUMBER(PHYS_OFFSET)=0x40000000\n"
	  "NUMBER(TCR_EL1_T1SZ)=0xc\n", 0xfff0000000000000, 0x40000000 },
	{ "OSRELEASE=7.2.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=52\n"
	  "NUMBER(PHYS_OFFSET)=0xfff1000040000000\nNUMBER(TCR_EL1_T1SZ)=0x10\n",
	  0xffff000000000000, 0x40000000 },
	{ "OSRELEASE=6.12.0\nPAGESIZE=16384\nNUMBER(VA_BITS)=52\n"
	  "NUMBER(PHYS_OFFSET)=0xfff0800040000000\nNUMBER(TCR_EL1_T1SZ)=0x11\n",
	  0xffff800000000000, 0x40000000 },
	/* before 5.11 PHYS_OFFSET was not moved along */
	{ "OSRELEASE=5.9.0\nPAGESIZE=65536\nNUMBER(VA_BITS)=52\n"
	  "NUMBER(PHYS_OFFSET)=0x40000000\nNUMBER(TCR_EL1_T1SZ)=0x10\n",
	  0xffff000000000000, 0x40000000 },
	/* before 5.4 the upper half */
	{ "OSRELEASE=4.19.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(PHYS_OFFSET)=0x40000000\n",
	  0xffff800000000000, 0x40000000 },
	{ "OSRELEASE=4.18.0\nPAGESIZE=65536\nNUMBER(VA_BITS)=48\nNUMBER(PHYS_OFFSET)=0x0\n",
	  0xffff800080000000, 0x80000000 },
};

static void linear_maps(void **state)
{
	(void)state;
	clear();
	for (size_t i = 0; i < LEN(linears); i++) {
		const struct linear *t = &linears[i];
		struct vmcore_load loads[] = { { 0, 0x40000000, 0xc0000000 } };

		/* QEMU's PT_LOADs have no virtual addresses, a kdump file has no PT_LOADs */
		for (size_t nloads = 0; nloads < 2; nloads++) {
			struct vmcore vm = machine(t->keys, loads, nloads);
			struct space sp;

			assert_int_equal(space_open(&sp, &vm), 0);
			if (at(&sp, t->virt) != t->phys)
				fail_msg("linear %zu", i);
			assert_true(at(&sp, t->virt + 0x1234567) == t->phys + 0x1234567);
			/* where memory ends the map ends */
			assert_true(at(&sp, t->virt + (0xffffffff - t->phys)) == 0xffffffff);
			nowhere(&sp, t->virt + (0x100000000 - t->phys));
			assert_true(sp.phys_base != 0 || i == 8);
			CLOSE();
		}
	}
}

/* the kernel's own vmcore has the linear map's addresses, for want of PHYS_OFFSET */
static void loads_tell_the_linear_map(void **state)
{
	struct vmcore_load loads[] = {
		{ 0xffff800008000000, 0x41000000, 0x2000000 },	/* the image */
		{ 0xffff300000000000, 0x40000000, 0x80000000 },
	};
	struct vmcore vm = machine("OSRELEASE=5.10.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\n"
				   "SYMBOL(_stext)=ffff800008010000\n", loads, 2);
	struct space sp;

	(void)state;
	clear();
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(at(&sp, 0xffff300001000000) == 0x41000000);
	assert_true(at(&sp, 0xffff800009ffffff) == 0x42ffffff);
	CLOSE();
}

#define IMAGE_KEYS "OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\n" \
	"NUMBER(kimage_voffset)=0xffff800008000000\nSYMBOL(_stext)=ffff800008010000\n" \
	"SYMBOL(swapper_pg_dir)=ffff800008003000\nSYMBOL(prb)=ffff800008081234\n"

/* how far the image reaches is known as its PT_LOAD or its symbols have it */
static void image_ends(void **state)
{
	struct vmcore_load loads[] = { { 0xffff800008000000, 0, 0x60000 } };
	struct vmcore vm = machine(IMAGE_KEYS, loads, 0);
	uint64_t stext = 0xffff800008010000;
	struct space sp;

	(void)state;
	clear();
	/* without a table that works it may be long */
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(at(&sp, stext + 0x123) == 0x10123);
	assert_true(at(&sp, stext + 0x1000000) == 0x1010000);
	nowhere(&sp, stext - 1);
	/* with one, what is behind its last symbol is for the tables to say */
	put64(0x3000 + 8 * (stext >> 39 & 511), 0x4000 | TABLE);
	put64(0x4000 + 8 * (stext >> 30 & 511), 0x5000 | TABLE);
	put64(0x5000 + 8 * (stext >> 21 & 511), VALID);
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(at(&sp, 0xffff80000808ffff) == 0x8ffff);
	assert_true(at(&sp, 0xffff8000081fffff) == 0x1fffff);
	nowhere(&sp, 0xffff800008200000);
	assert_true(sp.linear[0].len == 0x80000);
	vm.nloads = 1;
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_true(sp.linear[0].len == 0x50000);
	CLOSE();
}

/* 5.4 to 5.8 did not say how many bits the machine has: its tables do, or the linear map */
static void fewer_bits_than_configured(void **state)
{
	static const char *const keys[] = {
		"OSRELEASE=5.8.0\nPAGESIZE=4096\nNUMBER(VA_BITS)=52\n",
		"OSRELEASE=5.8.0\nPAGESIZE=65536\nNUMBER(VA_BITS)=52\n",
	};
	const uint64_t stext = 0xffff800008010000;

	(void)state;
	for (size_t i = 0; i < LEN(keys); i++) {
		char text[400];
		struct vmcore vm;
		struct space sp;

		snprintf(text, sizeof text, "%sNUMBER(PHYS_OFFSET)=0x0\n"
			 "NUMBER(kimage_voffset)=0xffff800008000000\n"
			 "SYMBOL(swapper_pg_dir)=ffff800008020000\n"
			 "SYMBOL(_stext)=ffff800008010000\n", keys[i]);
		vm = machine(text, NULL, 0);
		clear();
		if (i == 0) {
			put64(0x20000 + 8 * (stext >> 39 & 511), 0x4000 | TABLE);
			put64(0x4000 + 8 * (stext >> 30 & 511), 0x5000 | TABLE);
			put64(0x5000 + 8 * (stext >> 21 & 511), VALID);
		} else {
			put64(0x20000 + 8 * (stext >> 42 & 1023), 0x30000 | TABLE);
			put64(0x30000 + 8 * (stext >> 29 & 8191), VALID);
		}
		/* the block is at 0: where the image's first 2 MiB, and 512 MiB, begin */
		assert_int_equal(space_open(&sp, &vm), 0);
		assert_int_equal(sp.top, i == 0 ? 3 : 2);
		assert_true(sp.level[sp.top].bits == (i == 0 ? 9 : 10));
		assert_true(at(&sp, 0xffff000000001234) == 0x1234);
		assert_true(at(&sp, stext + 0x1234) == 0x11234);
		CLOSE();
	}
}

/* the tables know better than PHYS_OFFSET, and than the version which half it is */
static void tables_decide(void **state)
{
	static const char *const keys[] = {
		"NUMBER(PHYS_OFFSET)=0x0\n",
		"NUMBER(PHYS_OFFSET)=0x1000000\n",
		"OSRELEASE=4.19.1\nNUMBER(PHYS_OFFSET)=0x0\n",
	};
	const uint64_t linear = 0xffff000000000000;

	(void)state;
	for (size_t i = 0; i < LEN(keys); i++) {
		char text[400];
		struct vmcore vm;
		struct space sp;

		snprintf(text, sizeof text, "%s%s", keys[i], IMAGE_KEYS);
		vm = machine(text, NULL, 0);
		clear();
		put64(0x3000 + 8 * (linear >> 39 & 511), 0x4000 | TABLE);
		put64(0x4000 + 8 * (linear >> 30 & 511), 0 | VALID);
		assert_int_equal(space_open(&sp, &vm), 0);
		assert_true(at(&sp, linear + 0x5678) == 0x5678);
		assert_int_equal(sp.nlinear, i == 1 ? 1 : 2);
		CLOSE();
	}
}

static void keys_that_cannot_be(void **state)
{
	static const struct { const char *keys, *words; } bad[] = {
		{ "PAGESIZE=8192\nNUMBER(VA_BITS)=48\n", "pages of 8192 bytes" },
		{ "PAGESIZE=262144\nNUMBER(VA_BITS)=48\n", "pages of 262144 bytes" },
		{ "PAGESIZE=4096\n", "VA_BITS" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=0\n", "VA_BITS" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=35\n", "VA_BITS" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=53\n", "VA_BITS" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=-48\n", "VA_BITS" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=48\n", "neither kimage_voffset" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(PHYS_OFFSET)=0x7fffffff00000000\n",
		  "neither kimage_voffset" },
		{ "PAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0x0\n"
		  "SYMBOL(swapper_pg_dir)=ffff800008003000\n", "neither kimage_voffset" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct vmcore vm = machine(bad[i].keys, NULL, 0);
		struct space sp;

		assert_int_equal(space_open(&sp, &vm), -1);
		assert_failed(ERR_UNKNOWN, bad[i].words);
		CLOSE();
	}
	/* a size of addresses that cannot be is none */
	for (int t1sz = 0; t1sz < 64; t1sz++) {
		char keys[200];
		struct space sp;
		struct vmcore vm;

		snprintf(keys, sizeof keys, "PAGESIZE=4096\nNUMBER(VA_BITS)=48\n"
			 "NUMBER(PHYS_OFFSET)=0x0\nNUMBER(TCR_EL1_T1SZ)=0x%x\n", t1sz);
		vm = machine(keys, NULL, 0);
		assert_int_equal(space_open(&sp, &vm), 0);
		assert_true(sp.upper == ~UINT64_C(0) << (t1sz >= 16 && t1sz <= 28 ? 64 - t1sz : 48));
		CLOSE();
	}
}

static void names_and_sections(void **state)
{
	static const struct { const char *keys; unsigned bits; } sections[] = {
		{ "OSRELEASE=5.11.22\nPAGESIZE=4096\n", 30 },
		{ "OSRELEASE=5.12.0\nPAGESIZE=4096\n", 27 },
		{ "OSRELEASE=5.12.0\nPAGESIZE=16384\n", 27 },
		{ "OSRELEASE=5.12.0\nPAGESIZE=65536\n", 29 },
		{ "OSRELEASE=5.11.0\nPAGESIZE=65536\n", 30 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(sections); i++) {
		struct vmcore vm = machine(sections[i].keys, NULL, 0);
		struct space sp = { .vm = &vm };

		assert_int_equal(arch_arm64.section_size_bits(&sp), sections[i].bits);
		CLOSE();
	}
	assert_ptr_equal(arch_find(EM_AARCH64), &arch_arm64);
	assert_int_equal(arch_machine("aarch64"), EM_AARCH64);
	assert_string_equal(arch_utsname(EM_AARCH64), "aarch64");
	assert_int_equal(arch_machine("arm"), EM_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_pointers),
		cmocka_unit_test(linear_maps),
		cmocka_unit_test(loads_tell_the_linear_map),
		cmocka_unit_test(image_ends),
		cmocka_unit_test(fewer_bits_than_configured),
		cmocka_unit_test(tables_decide),
		cmocka_unit_test(keys_that_cannot_be),
		cmocka_unit_test(names_and_sections),
	};

	return RUN(tests);
}
