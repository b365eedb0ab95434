/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO that is given to a dump, found in its memory, made to fit it. */
#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "unit.h"
#include "vmcore-info.h"
#include "vmcore.h"

enum {
	PAGE = 4096, NPAGES = 2048, IMAGE = NPAGES * PAGE,
	TEXT_PHYS = 0x400000,		/* where the kernel's image, linked at 16 MiB, lies */
	UTS = 0x1000, ROOT = 0x3000,	/* offsets in it */
	BASE_VAR = 0x2000,
};
#define TEXT	UINT64_C(0xffffffff80000000)
#define LINKED	UINT64_C(0xffffffff81000000)
#define SLIDE	UINT64_C(0x12000000)

static uint8_t image[IMAGE];
static bool lost[NPAGES];	/* pages that are not in the dump */

static int image_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	if (phys >= IMAGE || len > IMAGE - phys)
		return fail(ERR_CORRUPT, "no memory at physical %#llx", (unsigned long long)phys);
	for (uint64_t pfn = phys / PAGE; pfn <= (phys + len - 1) / PAGE; pfn++)
		if (lost[pfn])
			return fail(ERR_CORRUPT, "pfn %#llx is lost", (unsigned long long)pfn);
	memcpy(buf, image + phys, len);
	return 0;
}

static int image_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	(void)vm;
	bitmap_set_window(bm, first, 0, NPAGES);
	/* one that is known to be left out; other lost ones are found when they are read */
	bitmap_clear_window(bm, first, 5, 6);
	return 0;
}

static const struct vmcore_ops ops = {
	.name = "image", .read = image_read, .ram = image_held, .held = image_held,
};
static struct vmcore_load loads[2];

static struct vmcore machine(void)
{
	memset(image, 0, sizeof image);
	memset(lost, 0, sizeof lost);
	lost[5] = true;
	loads[0] = (struct vmcore_load){ .len = IMAGE };
	return (struct vmcore){
		.ops = &ops, .machine = EM_X86_64, .page_size = PAGE, .page_shift = 12,
		.npfns = NPAGES, .loads = loads, .nloads = 1,
	};
}

static void done(struct vmcore *vm)
{
	free(vm->notes);
	kinfo_close(&vm->info);
}

static void put_uts(uint64_t at, const char *release)
{
	memset(image + at, 0, UTSNAME_LEN);
	strcpy((char *)image + at, "Linux");
	strcpy((char *)image + at + UTSNAME_RELEASE, release);
}

static void put64(uint64_t at, uint64_t v)
{
	memcpy(image + at, &v, sizeof v);
}

/* a page table of four levels that maps the kernel's 2 MiB at this slide */
static void put_tables(uint64_t slide)
{
	uint64_t root = TEXT_PHYS + ROOT, virt = LINKED + slide;

	memset(image + root, 0, 3 * PAGE);
	put64(root + 8 * (virt >> 39 & 511), (root + PAGE) | 3);
	put64(root + PAGE + 8 * (virt >> 30 & 511), (root + 2 * PAGE) | 3);
	put64(root + 2 * PAGE + 8 * (virt >> 21 & 511), TEXT_PHYS | 0x83);
}

/* a kernel of this release, where it lies */
static struct vmcore kernel(void)
{
	struct vmcore vm = machine();

	put_uts(TEXT_PHYS + UTS, "6.1.0-unit");
	put64(TEXT_PHYS + BASE_VAR, TEXT_PHYS - (LINKED + SLIDE - TEXT));
	put_tables(SLIDE);
	return vm;
}

static char *info_text(char *text, size_t size, const char *release, uint64_t slide, bool ran)
{
	int n = snprintf(text, size, "OSRELEASE=%s\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=%llx\n"
			 "OFFSET(uts_namespace.name)=0\nSYMBOL(init_top_pgt)=%llx\n"
			 "SYMBOL(elsewhere)=ffff888000001000\nSIZE(page)=64\n", release,
			 (unsigned long long)(LINKED + slide + UTS),
			 (unsigned long long)(LINKED + slide + ROOT));

	if (ran)
		snprintf(text + n, size - (size_t)n, "NUMBER(phys_base)=%lld\nKERNELOFFSET=%llx\n",
			 (long long)(TEXT_PHYS - (LINKED + slide - TEXT)),
			 (unsigned long long)slide);
	return text;
}

static void assert_note(const struct vmcore *vm, const char *text)
{
	struct note note;

	assert_int_equal(vmcore_note(vm, "VMCOREINFO", 0, &note), 1);
	assert_int_equal(note.desclen, strlen(text));
	assert_memory_equal(note.desc, text, note.desclen);
}

/* "CORE" 1, "VMCOREINFO" (text "old"), "CORE" 2; then, perhaps, what is no note */
static void put_notes(struct vmcore *vm, bool damaged)
{
	static const uint32_t words[] = {
		5, 4, 1, 0x45524f43, 0, 111,
		11, 4, 0, 0x4f434d56, 0x4e494552, 0x4f46, 0x646c6f,
		5, 4, 1, 0x45524f43, 0, 222,
		4, 0x10000, 7, 0x45524f43,
	};

	vm->notes_len = sizeof words - (damaged ? 0 : 16);
	vm->notes = malloc(vm->notes_len);
	assert_non_null(vm->notes);
	memcpy(vm->notes, words, vm->notes_len);
}

static void given(void **state)
{
	struct vmcore vm = machine();
	struct cursor c;
	struct note note;
	char text[512];
	size_t len;

	(void)state;
	info_text(text, sizeof text, "6.1.0-unit", 0, false);
	len = strlen(text);
	assert_int_equal(vmcore_give_info(&vm, text, len), 0);
	assert_note(&vm, text);
	assert_string_equal(vm.info.release, "6.1.0-unit");
	done(&vm);

	for (int damaged = 0; damaged < 2; damaged++) {
		vm = machine();
		put_notes(&vm, damaged);
		assert_int_equal(vmcore_give_info(&vm, text, len), 0);
		assert_note(&vm, text);
		c = cursor_over(vm.notes, vm.notes_len, false);
		for (uint32_t i = 1; i < 3; i++) {
			assert_int_equal(note_next(&c, &note), 1);
			assert_int_equal(note.namelen, 4);
			assert_int_equal(vmcore_u32(&vm, note.desc), i * 111);
		}
		assert_int_equal(note_next(&c, &note), 1);
		assert_int_equal(note_next(&c, &note), 0);
		done(&vm);
	}
}

static void given_another_page_size(void **state)
{
	static const char text[] = "OSRELEASE=6.1.0\nPAGESIZE=65536\n";
	struct vmcore vm = machine();

	(void)state;
	assert_int_equal(vmcore_give_info(&vm, text, sizeof text - 1), 0);
	assert_int_equal(vm.page_size, 65536);
	assert_int_equal(vm.page_shift, 16);
	assert_int_equal(vm.npfns, IMAGE / 65536);
	done(&vm);
	/* a kdump file's pages are what they are */
	vm = machine();
	vm.header.known = true;
	assert_int_equal(vmcore_give_info(&vm, text, sizeof text - 1), -1);
	assert_failed(ERR_CORRUPT, "65536");
	assert_null(vm.info.text);
	assert_int_equal(vm.npfns, NPAGES);
	assert_int_equal(vmcore_give_info(&vm, "PAGESIZE=4096\n", 14), -1);
	assert_failed(ERR_CORRUPT, "OSRELEASE");
	done(&vm);
}

struct hits {
	uint64_t at[8];
	size_t n, enough;
};

static int note_hit(void *arg, uint64_t phys)
{
	struct hits *h = arg;

	h->at[h->n++] = phys;
	return h->n == h->enough;
}

static void found_bytes(void **state)
{
	/* across pages and across what is read at a time; not across a lost page */
	static const uint64_t at[] = { 0, PAGE - 3, (256 << 10) - 2, (256 << 10) + 100, IMAGE - 6 };
	struct vmcore vm = machine();
	struct hits h = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		memcpy(image + at[i], "needle", 6);
	memcpy(image + 6 * PAGE - 3, "needle", 6);
	memcpy(image + 900 * PAGE - 3, "needle", 6);
	lost[900] = true;
	assert_int_equal(vmcore_find(&vm, "needle", 6, note_hit, &h), 0);
	assert_int_equal(h.n, sizeof at / sizeof *at);
	assert_memory_equal(h.at, at, sizeof at);
	h = (struct hits){ .enough = 2 };
	assert_int_equal(vmcore_find(&vm, "needle", 6, note_hit, &h), 1);
	assert_int_equal(h.n, 2);
	done(&vm);
}

static void found_in_memory(void **state)
{
	struct vmcore vm = kernel();
	char text[512];

	(void)state;
	assert_int_equal(vmcore_search_info(&vm), 0);
	/* a format string, an earlier boot's, an earlier kernel's, half a text */
	strcpy((char *)image + 0x10000, "OSRELEASE=%s\n");
	info_text((char *)image + 0x20000, 512, "6.1.0-unit", 0x14000000, true);
	info_text((char *)image + 0x30000, 512, "5.10.0-unit", SLIDE, true);
	strcpy((char *)image + 0x40000, "OSRELEASE=6.1.0-unit\nPAGESIZE=4096\nSYMBOL(init_uts_ns)");
	assert_int_equal(vmcore_search_info(&vm), 0);
	assert_null(vm.info.text);
	assert_null(vm.notes);
	/* and this one's own, over two pages, with something behind it */
	info_text(text, sizeof text, "6.1.0-unit", SLIDE, true);
	strcpy((char *)image + 0x5f000 - 100, text);
	strcpy((char *)image + 0x5f000 - 100 + strlen(text), "CRASHTIM\x80");
	assert_int_equal(vmcore_search_info(&vm), 1);
	assert_string_equal(vm.info.text, text);
	assert_note(&vm, text);
	done(&vm);
}

/* what place makes of the linked text, and that the rest of it is as it was */
static void assert_placed(struct vmcore *vm, const char *linked)
{
	struct kinfo ki;
	char *placed;
	size_t len;
	uint64_t v;
	int64_t base;

	if (vmcore_place_info(vm, linked, strlen(linked), &placed, &len))
		fail_msg("%s", err_text());
	assert_int_equal(kinfo_open(&ki, placed, len), 0);
	assert_true(kinfo_symbol(&ki, "init_uts_ns", &v));
	assert_int_equal(v, LINKED + UTS + SLIDE);
	assert_true(kinfo_symbol(&ki, "elsewhere", &v));
	assert_int_equal(v, 0xffff888000001000);
	assert_true(kinfo_hex(&ki, "KERNELOFFSET", &v));
	assert_int_equal(v, SLIDE);
	assert_true(kinfo_number(&ki, "phys_base", &base));
	assert_int_equal(base, (int64_t)(TEXT_PHYS - (LINKED + SLIDE - TEXT)));
	assert_true(kinfo_size(&ki, "page", &v));
	kinfo_close(&ki);
	free(placed);
}

static void placed(void **state)
{
	struct vmcore vm = kernel();
	char text[512], *none;
	size_t len;

	(void)state;
	info_text(text, sizeof text, "6.1.0-unit", 0, false);
	/* a container's copy, and one where a kernel might have been */
	put_uts(0x12340, "6.1.0-unit");
	put_uts(0x200000 + UTS, "6.1.0-unit");
	assert_placed(&vm, text);
	strcat(text, "SYMBOL(phys_base)=ffffffff81002000\n");
	assert_placed(&vm, text);
	/* the variable alone, when the tables are lost */
	lost[(TEXT_PHYS + ROOT) / PAGE] = true;
	assert_placed(&vm, text);
	/* neither */
	info_text(text, sizeof text, "6.1.0-unit", 0, false);
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_CORRUPT, "not in this dump's memory");
	done(&vm);
}

/* arm64: linked as for 48 bits, and run with as many (4 levels) or with 52 (5 levels) */
static void placed_arm64(void **state)
{
	static const uint64_t linked = 0xffff800080000000, slide = 0x1d32150000;
	uint64_t root = TEXT_PHYS + ROOT, virt = linked + slide, v;
	char text[512], *placed_text;
	int64_t n;
	size_t len;

	(void)state;
	snprintf(text, sizeof text, "OSRELEASE=6.12.0-unit\nPAGESIZE=4096\nNUMBER(VA_BITS)=48\n"
		 "SYMBOL(init_uts_ns)=ffff800080001000\nOFFSET(uts_namespace.name)=0\n"
		 "SYMBOL(swapper_pg_dir)=ffff800080003000\nSYMBOL(_stext)=ffff800080000000\n"
		 "SYMBOL(kimage_voffset)=ffff800080002000\nSYMBOL(memstart_addr)=ffff800080002008\n"
		 "LENGTH(mem_section)=8192\nNUMBER(MAX_PHYSMEM_BITS)=48\n");
	for (int wide = 0; wide < 2; wide++) {
		uint64_t memstart = wide ? 0xfff1000040000000 : 0x40000000;
		struct vmcore vm = machine();
		struct kinfo ki;

		vm.machine = EM_AARCH64;
		put_uts(TEXT_PHYS + UTS, "6.12.0-unit");
		put64(TEXT_PHYS + BASE_VAR, virt - TEXT_PHYS);
		put64(TEXT_PHYS + BASE_VAR + 8, memstart);
		for (int level = wide ? 4 : 3, i = 0; level >= 0; level--, i++)
			put64(root + (uint64_t)i * PAGE + 8 * ((virt + UTS) >> (12 + 9 * level) &
			      (level == 4 ? 15 : 511)), level == 0 ? (TEXT_PHYS + UTS) | 3 :
			      (root + (uint64_t)(i + 1) * PAGE) | 3);
		if (vmcore_place_info(&vm, text, strlen(text), &placed_text, &len))
			fail_msg("%s", err_text());
		assert_int_equal(kinfo_open(&ki, placed_text, len), 0);
		free(placed_text);
		assert_true(kinfo_hex(&ki, "KERNELOFFSET", &v));
		assert_int_equal(v, slide);
		assert_true(kinfo_symbol(&ki, "init_uts_ns", &v));
		assert_int_equal(v, virt + UTS);
		assert_true(kinfo_number(&ki, "kimage_voffset", &n));
		assert_int_equal(n, virt - TEXT_PHYS);
		assert_true(kinfo_number(&ki, "PHYS_OFFSET", &n));
		assert_int_equal(n, memstart);
		assert_true(kinfo_number(&ki, "VA_BITS", &n));
		assert_int_equal(n, wide ? 52 : 48);
		assert_true(kinfo_number(&ki, "TCR_EL1_T1SZ", &n));
		assert_int_equal(n, wide ? 12 : 16);
		assert_true(kinfo_number(&ki, "MAX_PHYSMEM_BITS", &n));
		assert_int_equal(n, wide ? 52 : 48);
		assert_true(kinfo_length(&ki, "mem_section", &v));
		assert_int_equal(v, wide ? 131072 : 8192);
		kinfo_close(&ki);
		done(&vm);
	}
}

/* an earlier kernel of the same release has left all of itself; a PT_LOAD tells the two */
static void an_earlier_boot(void **state)
{
	enum { OLD = 0x200000 };
	struct vmcore vm = kernel();
	char text[512];

	(void)state;
	memcpy(image + OLD, image + TEXT_PHYS, 8 * PAGE);
	put64(OLD + ROOT + 8 * (LINKED >> 39 & 511), (OLD + ROOT + PAGE) | 3);
	put64(OLD + ROOT + PAGE + 8 * (LINKED >> 30 & 511), (OLD + ROOT + 2 * PAGE) | 3);
	put64(OLD + ROOT + 2 * PAGE + 8 * ((LINKED + SLIDE) >> 21 & 511), 0);
	put64(OLD + ROOT + 2 * PAGE + 8 * (LINKED >> 21 & 511), OLD | 0x83);
	put64(OLD + BASE_VAR, OLD - (LINKED - TEXT));
	snprintf((char *)image + 0x20000, 512, "OSRELEASE=6.1.0-unit\nPAGESIZE=4096\n"
		 "SYMBOL(init_uts_ns)=ffffffff81001000\nOFFSET(uts_namespace.name)=0\n"
		 "SYMBOL(init_top_pgt)=ffffffff81003000\nSIZE(page)=64\nKERNELOFFSET=0\n"
		 "NUMBER(phys_base)=%lld\n", (long long)(OLD - (LINKED - TEXT)));
	info_text((char *)image + 0x30000, 512, "6.1.0-unit", SLIDE, true);
	loads[1] = (struct vmcore_load){ LINKED + SLIDE, TEXT_PHYS, 64 * PAGE };
	vm.nloads = 2;
	info_text(text, sizeof text, "6.1.0-unit", 0, false);
	assert_placed(&vm, text);
	assert_int_equal(vmcore_search_info(&vm), 1);
	assert_string_equal(vm.info.text, (char *)image + 0x30000);
	/* nothing tells them: the first one is taken */
	vm.nloads = 1;
	assert_int_equal(vmcore_search_info(&vm), 1);
	assert_string_equal(vm.info.text, (char *)image + 0x20000);
	done(&vm);
}

static void another_kernel(void **state)
{
	struct vmcore vm = kernel();
	char text[512], *none;
	size_t len;

	(void)state;
	/* nothing in the dump says whose it is but memory */
	info_text(text, sizeof text, "6.1.9-unit", 0, false);
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_CORRUPT, "kernel 6.1.9-unit is not in");
	/* a kdump file's header, a note of the dump */
	vm.header.known = true;
	strcpy(vm.header.utsname + UTSNAME_RELEASE, "6.1.0-unit");
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_USAGE, "of kernel 6.1.9-unit, the dump of 6.1.0-unit");
	strcpy(vm.info.release, "6.1.7-unit");
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_USAGE, "the dump of 6.1.7-unit");
	vm.info.release[0] = '\0';
	/* as it ran, but not here */
	info_text(text, sizeof text, "6.1.0-unit", 0x14000000, true);
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_USAGE, "another boot");
	info_text(text, sizeof text, "6.1.0-unit", SLIDE, true);
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), 0);
	assert_string_equal(none, text);
	free(none);
	assert_int_equal(vmcore_place_info(&vm, "nothing", 7, &none, &len), -1);
	assert_failed(ERR_CORRUPT, "OSRELEASE");
	vm.machine = EM_S390;
	info_text(text, sizeof text, "6.1.0-unit", 0, false);
	assert_int_equal(vmcore_place_info(&vm, text, strlen(text), &none, &len), -1);
	assert_failed(ERR_UNKNOWN, "machine type 22");
	done(&vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given),
		cmocka_unit_test(given_another_page_size),
		cmocka_unit_test(found_bytes),
		cmocka_unit_test(found_in_memory),
		cmocka_unit_test(placed),
		cmocka_unit_test(placed_arm64),
		cmocka_unit_test(an_earlier_boot),
		cmocka_unit_test(another_kernel),
	};

	return RUN(tests);
}
