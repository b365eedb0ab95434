/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/writer-elf.c dumpfilter/elf-map.c dumpfilter/elf-loads.c dumpfilter/writer.c dumpfilter/plan.c dumpfilter/scan.c dumpfilter/scan-look.c dumpfilter/memory.c dumpfilter/vmemmap.c */
#include <elf.h>
#include <fcntl.h>

#include "../../dumpfilter/elf-map.h"
#include "../../dumpfilter/plan.h"
#include "../../dumpfilter/writer.h"
#include "out-dir.h"
#include "vmcore.h"

enum { PG = 4096, FLAGS = 48, NONE = -1, TEXT = 8 };
#define DIRECT UINT64_C(0xffff888000000000)
#define TEXT_VIRT UINT64_C(0xffffffff81000000)

/* pages of memory: [pfn, pfn + there) are in the file, the rest of npages is not */
struct load {
	uint64_t virt, pfn, there, npages;
};

/* every third page is zeros; the others tell which they are */
static bool is_zero(uint64_t pfn)
{
	return pfn % 3 == 2;
}

static void fill(uint64_t *page, uint64_t pfn)
{
	for (int i = 0; i < PG / 8; i++)
		page[i] = is_zero(pfn) ? 0 : pfn + 1;
}

/* a vmcore with these loads; memory that two of them have is in the file twice */
static void make(const struct load *load, size_t n)
{
	uint64_t nph = n + 1, at = 64 + nph * sizeof(Elf64_Phdr) + sizeof(Elf64_Shdr), page[PG / 8];
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			  .e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = 1,
			  .e_phoff = 64, .e_ehsize = 64, .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = nph < PN_XNUM ? (uint16_t)nph : PN_XNUM };
	Elf64_Shdr sh = { .sh_info = (uint32_t)nph };
	Elf64_Phdr ph = { .p_type = PT_NOTE };
	FILE *f = fopen("in", "w");

	if (nph >= PN_XNUM) {
		eh.e_shoff = at - sizeof sh;
		eh.e_shentsize = sizeof sh;
		eh.e_shnum = 1;
	}
	fwrite(&eh, sizeof eh, 1, f);
	fwrite(&ph, sizeof ph, 1, f);
	for (size_t i = 0; i < n; i++) {
		ph = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = at, .p_vaddr = load[i].virt,
				   .p_paddr = load[i].pfn * PG, .p_filesz = load[i].there * PG,
				   .p_memsz = load[i].npages * PG };
		at += ph.p_filesz;
		fwrite(&ph, sizeof ph, 1, f);
	}
	fwrite(&sh, sizeof sh, 1, f);
	for (size_t i = 0; i < n; i++)
		for (uint64_t k = 0; k < load[i].there; k++) {
			fill(page, load[i].pfn + k);
			if (is_zero(load[i].pfn + k))
				fseek(f, PG, SEEK_CUR);
			else
				fwrite(page, sizeof page, 1, f);
		}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(truncate("in", (off_t)at), 0);
}

/* an ELF dump of "in" on its way */
struct dump {
	struct vmcore vm;
	struct plan plan;
	struct out out;
	struct writer w;
};

static void start(struct dump *d, const char *path, uint64_t memory)
{
	const struct plan_rules rules = { .kinds = 1 << PAGE_ZERO, .memory = memory };
	const struct writer_how how = { 0 };

	assert_int_equal(vmcore_open(&d->vm, "in"), 0);
	assert_int_equal(plan_open(&d->plan, &d->vm, &rules), 0);
	assert_int_equal(out_open(&d->out, path, true), 0);
	assert_int_equal(writer_begin(&d->w, &writer_elf, &how, &d->out, &d->vm, &d->plan), 0);
}

static int put_page(struct dump *d, uint64_t pfn)
{
	struct writer_page page = { .pfn = pfn, .size = is_zero(pfn) ? 0 : PG };
	uint64_t bytes[PG / 8];

	fill(bytes, pfn);
	return writer_pages(&d->w, &page, 1, bytes, page.size);
}

/* up to n pages, without that of pfn bad */
static void copy(struct dump *d, uint64_t n, uint64_t bad)
{
	const struct bitmap *keep = &d->plan.keep;

	for (uint64_t first = 0; plan_window(&d->plan, first) == 1; first += d->plan.window) {
		for (uint64_t i = bitmap_next_set(keep, 0); i < keep->nbits && n > 0;
		     i = bitmap_next_set(keep, i + 1)) {
			if (first + i == bad) {
				plan_leave_out(&d->plan, bad);
				continue;
			}
			assert_int_equal(put_page(d, first + i), 0);
			n--;
		}
		assert_int_equal(writer_settle(&d->w, first + keep->nbits), 0);
	}
}

static void finish(struct dump *d, bool complete)
{
	assert_int_equal(writer_end(&d->w, complete), 0);
	assert_int_equal(complete ? out_commit(&d->out) : out_sync(&d->out), 0);
	writer_close(&d->w);
	out_close(&d->out);
	plan_close(&d->plan);
	vmcore_close(&d->vm);
}

/* does the reader find these pages and no others, and their bytes? */
static void check(const char *path, const struct load *load, size_t n, uint64_t upto, uint64_t bad)
{
	uint64_t page[PG / 8], want[PG / 8];
	struct bitmap expected, held;
	struct vmcore vm;

	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(bitmap_open(&expected, vm.npfns), 0);
	assert_int_equal(bitmap_open(&held, vm.npfns), 0);
	for (size_t i = 0; i < n; i++)
		bitmap_set(&expected, load[i].pfn, load[i].pfn + load[i].there);
	bitmap_clear(&expected, bad, bad + 1);
	bitmap_clear(&expected, upto, vm.npfns);
	assert_int_equal(vmcore_held(&vm, &held, 0), 0);
	assert_memory_equal(held.bytes, expected.bytes, vm.npfns / 8);
	for (uint64_t i = bitmap_next_set(&held, 0); i < vm.npfns;
	     i = bitmap_next_set(&held, i + 1)) {
		assert_int_equal(vmcore_read(&vm, page, PG, i * PG), 0);
		fill(want, i);
		assert_memory_equal(page, want, PG);
	}
	bitmap_close(&held);
	bitmap_close(&expected);
	vmcore_close(&vm);
}

static uint64_t field(const char *path, long at, size_t len)
{
	uint64_t v = 0;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	fseek(f, at, SEEK_SET);
	assert_int_equal(fread(&v, len, 1, f), 1);
	fclose(f);
	return v;
}

/* holes short and long, memory twice at other addresses, the last page all zeros */
static const struct load small[] = {
	{ DIRECT, 0, 3, 4 }, { DIRECT + 4 * PG, 4, 1, 301 }, { DIRECT + 512 * PG, 512, 40, 300 },
	{ TEXT_VIRT, 520, 0, 20 }, { DIRECT + 900 * PG, 900, 0, 8 },
	{ DIRECT + 1000 * PG, 1001, 8, 8 },
};
enum { NSMALL = sizeof small / sizeof small[0], LAST = 1008 };

static void pages_and_holes(void **state)
{
	struct vmcore vm;
	struct dump d;
	bool text = false;

	(void)state;
	make(small, NSMALL);
	start(&d, PATH, 0);
	copy(&d, UINT64_MAX, NONE);
	finish(&d, true);
	assert_int_equal(field(PATH, FLAGS, 4), 0);
	check(PATH, small, NSMALL, LAST + 1, NONE);

	/* all addresses lead to where they did; two to the same bytes of the file */
	assert_int_equal(vmcore_open(&vm, PATH), 0);
	for (size_t i = 0; i < vm.nloads; i++) {
		const struct vmcore_load *l = &vm.loads[i];

		text |= l->virt == TEXT_VIRT && l->phys == 520 * PG && l->len == 20 * PG;
		assert_true(l->virt - l->phys == DIRECT || l->virt - l->phys == DIRECT - PG ||
			    l->virt - l->phys == TEXT_VIRT - 520 * PG);
	}
	assert_true(text);
	assert_true(vm.src.size < (3 + 1 + 40 + 8 + 8) * PG);
	assert_false(vm.cut_short);
	vmcore_close(&vm);
}

/* it says so from the first byte on, and has the pages that came */
static void cut_short(void **state)
{
	struct vmcore vm;
	struct dump d;

	(void)state;
	make(small, NSMALL);
	for (unsigned n = 0; n < 52; n += 7) {
		start(&d, PATH, 0);
		assert_int_equal(field(TEMP, FLAGS, 4), 1);
		copy(&d, n, NONE);
		assert_int_equal(field(TEMP, FLAGS, 4), 1);
		finish(&d, false);
		assert_int_equal(field(TEMP, FLAGS, 4), 1);
		check(TEMP, small, NSMALL, n < 3 ? n : n < 4 ? 4 : n < 44 ? 508 + n : 957 + n, NONE);
		assert_int_equal(vmcore_open(&vm, TEMP), 0);
		assert_true(vm.cut_short);
		assert_int_equal(vm.npfns, LAST + 1);
		vmcore_close(&vm);
		assert_int_equal(unlink(TEMP), 0);
	}
}

/* a page that cannot be read is a hole */
static void unreadable(void **state)
{
	struct dump d;

	(void)state;
	make(small, NSMALL);
	start(&d, PATH, 0);
	copy(&d, UINT64_MAX, 530);
	finish(&d, true);
	check(PATH, small, NSMALL, LAST + 1, 530);
}

/* a plan that is worked out window by window gives the same file */
static void windows(void **state)
{
	static const struct load wide[] = {
		{ DIRECT, 0, 4, 5 }, { DIRECT + (UINT64_C(5) << 32), 5 << 20, 70, 100 },
		{ DIRECT + (UINT64_C(12) << 32), 12 << 20, 3, 3 },
	};
	struct dump d;

	(void)state;
	make(wide, 3);
	start(&d, "whole", 0);
	assert_true(d.plan.whole);
	copy(&d, UINT64_MAX, NONE);
	finish(&d, true);
	start(&d, "windows", 1);
	assert_false(d.plan.whole);
	copy(&d, UINT64_MAX, NONE);
	finish(&d, true);
	check("windows", wide, 3, UINT64_MAX, NONE);
	assert_int_equal(system("cmp whole windows"), 0);
}

/* n pages of zeros, each followed by a hole of so many; of all of it there is one more load */
static void scatter(size_t n, uint64_t hole)
{
	struct load *load = calloc(n + 1, sizeof *load);
	struct dump d;

	assert_non_null(load);
	for (size_t i = 0; i < n; i++) {
		uint64_t pfn = 2 + i * (hole + 1);

		load[i] = (struct load){ DIRECT + pfn * PG, pfn, 1, hole + 1 };
		assert_true(is_zero(pfn));
	}
	load[n] = (struct load){ TEXT_VIRT, 2, 0, n * (hole + 1) };
	make(load, n + 1);
	start(&d, PATH, 0);
	copy(&d, UINT64_MAX, NONE);
	finish(&d, true);
	if (hole > 256)
		check(PATH, load, n + 1, UINT64_MAX, NONE);
	free(load);
}

static void many_headers(void **state)
{
	(void)state;
	/* few enough holes: a header each */
	scatter(1000, 2);
	assert_true(field(PATH, 56, 2) > 2000 && field(PATH, 56, 2) < 2500);
	/* two pages between two are zeros instead, when there are too many */
	scatter(40000, 2);
	assert_true(field(PATH, 56, 2) > 40000 && field(PATH, 56, 2) < 57344);
	/* but 257 are not, and a section header counts what a field cannot */
	scatter(33000, 257);
	assert_int_equal(field(PATH, 56, 2), PN_XNUM);
	assert_true(field(PATH, (long)field(PATH, 40, 8) + 44, 4) > 66000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pages_and_holes, clean_before),
		cmocka_unit_test_setup(cut_short, clean_before),
		cmocka_unit_test_setup(unreadable, clean_before),
		cmocka_unit_test_setup(windows, clean_before),
		cmocka_unit_test_setup(many_headers, clean_before),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
