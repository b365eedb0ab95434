/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address space of an x86_64 kernel, in a dump of a few pages made here. */
#include <elf.h>
#include <string.h>

#include "space.h"
#include "unit.h"
#include "vmcore.h"

enum { IMAGE = 64 * 4096, PRESENT = 1, LARGE = 0x80, GIB = 1 << 30 };
#define TEXT	UINT64_C(0xffffffff80000000)
#define DIRECT	UINT64_C(0xffff888000000000)
#define VMEMMAP	UINT64_C(0xffffea0000000000)
#define VMALLOC	UINT64_C(0xffffc90000000000)

static uint8_t image[IMAGE];	/* physical memory from 0 on */
static enum err read_error;	/* reads past it fail with this */
static unsigned reads;

static int image_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	reads++;
	if (phys >= IMAGE || len > IMAGE - phys)
		return fail(read_error, "no memory at physical %#llx", (unsigned long long)phys);
	memcpy(buf, image + phys, len);
	return 0;
}

static const struct vmcore_ops ops = { .name = "image", .read = image_read };

static struct vmcore machine(const char *keys, struct vmcore_load *loads, size_t nloads)
{
	struct vmcore vm = {
		.ops = &ops, .machine = EM_X86_64, .page_size = 4096, .page_shift = 12,
		.loads = loads, .nloads = nloads,
	};

	read_error = ERR_CORRUPT;
	for (size_t i = 0; i < nloads; i++) {
		uint64_t end = (loads[i].phys + loads[i].len) >> 12;

		vm.npfns = end > vm.npfns ? end : vm.npfns;
	}
	assert_int_equal(kinfo_open(&vm.info, keys, strlen(keys)), 0);
	return vm;
}

static void put64(uint64_t at, uint64_t v)
{
	memcpy(image + at, &v, sizeof v);
}

/* entries of page tables, top table at 0x1000; each table is at a page of its own */
static void clear(void)
{
	memset(image, 0, sizeof image);
	for (size_t i = 0; i < IMAGE; i += 8)
		put64(i, 0xda7a000000000000 | i << 8);	/* not present: bit 0 is clear */
	memset(image + 0x1000, 0, 0x8000);
}

static void entry(uint64_t table, uint64_t virt, int level, uint64_t value)
{
	put64(table + 8 * (virt >> (12 + 9 * level) & 511), value);
}

/* virt is phys, by a page of 1 GiB */
static void map_gib(uint64_t table, uint64_t virt, uint64_t phys)
{
	entry(0x1000, virt, 3, table | PRESENT);
	entry(table, virt, 2, phys | PRESENT | LARGE);
}

static void at(struct space *sp, uint64_t virt, uint64_t phys)
{
	uint64_t got = ~UINT64_C(0), len = 0;

	if (space_translate(sp, virt, &got, &len))
		fail_msg("%#llx: %s", (unsigned long long)virt, err_text());
	if (got != phys)
		fail_msg("%#llx is at %#llx, not %#llx", (unsigned long long)virt,
			 (unsigned long long)got, (unsigned long long)phys);
	assert_true(len > 0);
}

static void nowhere(struct space *sp, uint64_t virt)
{
	uint64_t got;

	if (space_translate(sp, virt, &got, NULL) == 0)
		fail_msg("%#llx is at %#llx", (unsigned long long)virt, (unsigned long long)got);
	assert_int_equal(err_code(), ERR_CORRUPT);
}

#define ROOT	"SYMBOL(init_top_pgt)=ffffffff80001000\n"
#define BASE	"NUMBER(phys_base)=0\n"
#define CLOSE() kinfo_close(&vm.info)
#define OPEN(keys, loads) struct space sp; \
	struct vmcore vm = machine(keys, loads, sizeof loads / sizeof *loads); \
	assert_int_equal(space_open(&sp, &vm), 0)

/* QEMU's dumps have PT_LOADs for everything that is mapped, in the order of addresses */
static void most_memory_tells_the_direct_map(void **state)
{
	struct vmcore_load loads[] = {
		{ DIRECT, 0, 0x9f000 },
		{ DIRECT + 0x100000, 0x100000, 3 * (uint64_t)GIB },
		{ VMALLOC, 0, 0x2000 },
		{ TEXT + 0x1000000, 0x1000000, 0x2000000 },
		{ VMEMMAP, 0, 0x4000000 },
	};

	(void)state;
	clear();
	/* wherever the wrong ones stand */
	for (int turn = 0; turn < 5; turn++) {
		struct vmcore_load first = loads[0];
		OPEN(BASE, loads);

		at(&sp, DIRECT + 0x1234, 0x1234);
		at(&sp, DIRECT + GIB, GIB);
		at(&sp, TEXT + 0x1234567, 0x1234567);
		nowhere(&sp, VMEMMAP);
		nowhere(&sp, VMALLOC + 0x1000);
		nowhere(&sp, DIRECT + 0x100000 + 3 * (uint64_t)GIB);
		nowhere(&sp, DIRECT - 1);
		CLOSE();
		memmove(loads, loads + 1, 4 * sizeof *loads);
		loads[4] = first;
	}
}

/* KASLR moves the direct map by whole GiB: any other distance is another mapping's */
static void direct_map_is_aligned(void **state)
{
	struct vmcore_load odd[] = { { VMEMMAP + 0x200000, 0, GIB }, { DIRECT, 0, 0x1000 } };
	struct vmcore_load low[] = { { 0, 0, GIB }, { 0x1000, 0x1000, GIB } };
	struct vmcore_load wide[] = { { TEXT - GIB, 0, 4 * (uint64_t)GIB } };

	(void)state;
	clear();
	{
		OPEN(BASE, odd);
		at(&sp, DIRECT, 0);
		nowhere(&sp, VMEMMAP + 0x200000);
		CLOSE();
	}
	{
		OPEN(BASE, low);
		nowhere(&sp, 0);
		CLOSE();
	}
	{
		OPEN(BASE, wide);	/* it would reach into the text */
		assert_int_equal(sp.nlinear, 1);
		CLOSE();
	}
}

static void page_tables_overrule_the_headers(void **state)
{
	struct vmcore_load loads[] = {
		{ DIRECT, 0, 0x10000 }, { DIRECT + 0x10000, 0x10000, GIB - 0x10000 },
	};

	(void)state;
	clear();
	map_gib(0x2000, DIRECT, 0);
	{
		OPEN(BASE ROOT, loads);
		assert_int_equal(sp.root, 0x1000);
		assert_int_equal(sp.nlinear, 2);
		at(&sp, DIRECT + 0x5000, 0x5000);
		CLOSE();
	}
	map_gib(0x2000, DIRECT, 7 * (uint64_t)GIB);
	{
		OPEN(BASE ROOT, loads);
		assert_int_equal(sp.nlinear, 1);
		at(&sp, DIRECT + 0x5000, 7 * (uint64_t)GIB + 0x5000);
		CLOSE();
	}
	/* tables that are not there have nothing to say */
	entry(0x1000, DIRECT, 3, IMAGE | PRESENT);
	{
		OPEN(BASE ROOT, loads);
		assert_int_equal(sp.nlinear, 2);
		at(&sp, DIRECT + 0x5000, 0x5000);
		CLOSE();
	}
}

/* 4.10 and later say phys_base, before it a PT_LOAD of the text, or a kdump header does */
static void phys_base(void **state)
{
	struct vmcore_load text[] = { { TEXT + 0x3000000, 0x5000000, 0x2000000 } };
	struct vmcore_load direct[] = { { DIRECT, 0, GIB } };

	(void)state;
	clear();
	{
		OPEN("NUMBER(phys_base)=-16777216\nNUMBER(KERNEL_IMAGE_SIZE)=1073741824\n", text);
		assert_true(sp.phys_base == -0x1000000);
		at(&sp, TEXT + 0x1000000, 0);
		at(&sp, TEXT + 0x3fffffff, 0x3effffff);
		CLOSE();
	}
	{
		OPEN("KERNELOFFSET=0\n", text);
		assert_true(sp.phys_base == 0x2000000);
		at(&sp, TEXT + 0x1234, 0x2001234);
		at(&sp, TEXT + 0x1fffffff, 0x21ffffff);
		nowhere(&sp, TEXT + 0x20000000);
		CLOSE();
	}
	{
		struct vmcore vm = machine("KERNELOFFSET=0\n", direct, 1);
		struct space sp;

		vm.header.known = true;
		vm.header.phys_base = 0x7000000;
		assert_int_equal(space_open(&sp, &vm), 0);
		at(&sp, TEXT, 0x7000000);
		vm.header.known = false;
		vm.header.phys_base = 0;
		assert_int_equal(space_open(&sp, &vm), 0);
		nowhere(&sp, TEXT);
		vm.nloads = 0;
		assert_int_equal(space_open(&sp, &vm), -1);
		assert_failed(ERR_UNKNOWN, "neither phys_base nor a PT_LOAD");
		CLOSE();
	}
}

static void image_size_that_cannot_be(void **state)
{
	static const char *const keys[] = {
		BASE "NUMBER(KERNEL_IMAGE_SIZE)=0\n", BASE "NUMBER(KERNEL_IMAGE_SIZE)=-1\n",
		BASE "NUMBER(KERNEL_IMAGE_SIZE)=1073741825\n", BASE "NUMBER(KERNEL_IMAGE_SIZE)=x\n",
	};

	(void)state;
	clear();
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct vmcore vm = machine(keys[i], NULL, 0);
		struct space sp;

		assert_int_equal(space_open(&sp, &vm), 0);
		at(&sp, TEXT + 0x1fffffff, 0x1fffffff);
		nowhere(&sp, TEXT + 0x20000000);
		CLOSE();
	}
}

/* from the top: 512 GiB, 1 GiB, 2 MiB, 4 KiB an entry */
static void walks(void **state)
{
	const uint64_t flags = 0x8000000000000063, virt = VMALLOC;
	struct vmcore vm = machine(BASE ROOT, NULL, 0);
	struct space sp;
	uint64_t phys, len;

	(void)state;
	clear();
	assert_int_equal(space_open(&sp, &vm), 0);
	entry(0x1000, virt, 3, 0x2000 | flags);
	nowhere(&sp, virt);
	entry(0x2000, virt, 2, 0x3000 | flags);
	nowhere(&sp, virt);
	entry(0x3000, virt, 1, 0x4000 | flags);
	nowhere(&sp, virt);
	entry(0x4000, virt, 0, 0x5000 | flags | LARGE);	/* PAT, in the last level */
	assert_int_equal(space_walk(&sp, virt + 0x678, &phys, &len), 0);
	assert_true(phys == 0x5678 && len == 0x1000 - 0x678);
	nowhere(&sp, virt + 0x1000);
	/* large pages: the lowest bit of the address means something else */
	entry(0x3000, virt, 1, 0x40200000 | 0x1000 | flags | LARGE);
	assert_int_equal(space_walk(&sp, virt + 0x12345, &phys, &len), 0);
	assert_true(phys == 0x40212345 && len == 0x200000 - 0x12345);
	entry(0x2000, virt, 2, 0x80000000 | 0x1000 | flags | LARGE);
	assert_int_equal(space_walk(&sp, virt + 0x1234567, &phys, &len), 0);
	assert_true(phys == 0x81234567 && len == GIB - 0x1234567);
	/* no such thing as a page of 512 GiB */
	entry(0x1000, virt, 3, flags | LARGE);
	nowhere(&sp, virt);
	entry(0x1000, virt, 3, 0x7ffffff000 | flags);	/* outside memory */
	nowhere(&sp, virt);
	CLOSE();
}

static void five_levels_and_encryption(void **state)
{
	const uint64_t c_bit = UINT64_C(1) << 47, virt = UINT64_C(0xff11000000000000);
	struct vmcore vm = machine(BASE ROOT "NUMBER(pgtable_l5_enabled)=1\n"
				   "NUMBER(sme_mask)=140737488355328\n", NULL, 0);
	struct space sp;

	(void)state;
	clear();
	assert_int_equal(space_open(&sp, &vm), 0);
	assert_int_equal(sp.top, 4);
	entry(0x1000, virt, 4, 0x2000 | c_bit | PRESENT);
	entry(0x2000, virt, 3, 0x3000 | c_bit | PRESENT);
	entry(0x3000, virt, 2, c_bit | PRESENT | LARGE);
	at(&sp, virt + 0x5678, 0x5678);
	CLOSE();
}

/* bytes that the linear map does not give may be there by the tables */
static void reads_across_mappings(void **state)
{
	struct vmcore_load loads[] = { { DIRECT, 0, 2 * IMAGE } };
	uint8_t buf[0x2000];
	uint64_t v;
	uint32_t small;

	(void)state;
	clear();
	OPEN(BASE ROOT, loads);
	entry(0x1000, VMALLOC, 3, 0x2000 | PRESENT);
	entry(0x2000, VMALLOC, 2, 0x3000 | PRESENT);
	entry(0x3000, VMALLOC, 1, 0x4000 | PRESENT);
	entry(0x4000, VMALLOC, 0, 0x20000 | PRESENT);
	entry(0x4000, VMALLOC + 0x1000, 0, 0x10000 | PRESENT);
	assert_int_equal(space_read(&sp, buf, sizeof buf, VMALLOC), 0);
	assert_memory_equal(buf, image + 0x20000, 0x1000);
	assert_memory_equal(buf + 0x1000, image + 0x10000, 0x1000);
	/* a number that lies on both pages */
	assert_int_equal(space_read_u64(&sp, VMALLOC + 0xffc, &v), 0);
	assert_memory_equal(&v, image + 0x20ffc, 4);
	assert_memory_equal((char *)&v + 4, image + 0x10000, 4);
	assert_int_equal(space_read_u32(&sp, VMALLOC + 0x1ffc, &small), 0);
	assert_int_equal(space_read(&sp, buf, 5, VMALLOC + 0x1ffc), -1);

	/* beyond what is there, the tables are asked */
	map_gib(0x5000, DIRECT, 0);
	assert_int_equal(space_read_u64(&sp, DIRECT + IMAGE, &v), -1);
	entry(0x5000, DIRECT, 2, 0x6000 | PRESENT);
	entry(0x6000, DIRECT, 1, 0x7000 | PRESENT);
	entry(0x7000, DIRECT + IMAGE, 0, 0x10000 | PRESENT);
	assert_int_equal(space_read_u64(&sp, DIRECT + IMAGE, &v), 0);
	assert_memory_equal(&v, image + 0x10000, 8);
	CLOSE();
}

/* a file that cannot be read is not read again in another way: it may take seconds each */
static void a_dying_disk_is_asked_once(void **state)
{
	struct vmcore_load loads[] = { { DIRECT, 0, 2 * IMAGE } };
	uint64_t v;

	(void)state;
	clear();
	OPEN(BASE ROOT, loads);
	map_gib(0x2000, DIRECT, 0);
	read_error = ERR_SYS;
	reads = 0;
	assert_int_equal(space_read_u64(&sp, DIRECT + IMAGE, &v), -1);
	assert_int_equal(err_code(), ERR_SYS);
	assert_int_equal(reads, 1);
	read_error = ERR_CORRUPT;
	reads = 0;
	assert_int_equal(space_read_u64(&sp, DIRECT + IMAGE, &v), -1);
	assert_true(reads > 1);
	CLOSE();
}

static void unknown(void **state)
{
	struct vmcore vm = machine(BASE, NULL, 0);
	struct space sp;

	(void)state;
	vm.machine = EM_S390;
	assert_int_equal(space_open(&sp, &vm), -1);
	assert_failed(ERR_UNKNOWN, "machine type 22");
	CLOSE();
	vm.machine = EM_X86_64;
	assert_int_equal(space_open(&sp, &vm), -1);
	assert_failed(ERR_UNKNOWN, "no VMCOREINFO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_memory_tells_the_direct_map),
		cmocka_unit_test(direct_map_is_aligned),
		cmocka_unit_test(page_tables_overrule_the_headers),
		cmocka_unit_test(phys_base),
		cmocka_unit_test(image_size_that_cannot_be),
		cmocka_unit_test(walks),
		cmocka_unit_test(five_levels_and_encryption),
		cmocka_unit_test(reads_across_mappings),
		cmocka_unit_test(a_dying_disk_is_asked_once),
		cmocka_unit_test(unknown),
	};

	return RUN(tests);
}
