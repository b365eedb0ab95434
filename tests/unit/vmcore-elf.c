/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "vmcore.h"

enum { PAGE = 4096, NOTES = 40, DATA = 64 * PAGE };

static char path[] = "/tmp/vmcore-elf.XXXXXX";

struct load {
	uint64_t virt, phys, at, filesz, memsz;
};

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

/*
 * An ELF core with one note of this type and n loads, whose p_phnum is PN_XNUM if it must.
 * Each page of the file's data, from DATA on or 8 MiB, begins with its own offset.
 */
static void write_elf(uint32_t note, const struct load *loads, size_t n, uint64_t size)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			  .e_phoff = sizeof eh, .e_ehsize = sizeof eh,
			  .e_phentsize = sizeof(Elf64_Phdr), .e_shentsize = sizeof(Elf64_Shdr) };
	uint64_t notes_at = sizeof eh + (n + 1) * sizeof(Elf64_Phdr) + sizeof(Elf64_Shdr);
	Elf64_Phdr ph = { .p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = NOTES };
	Elf64_Shdr sh = { .sh_info = (uint32_t)n + 1, .sh_size = 1 };
	struct { uint32_t n[3]; char name[8], desc[20]; } nt = { { 5, 20, note }, "CORE", "" };
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	eh.e_phnum = n + 1 < PN_XNUM ? (uint16_t)(n + 1) : PN_XNUM;
	if (eh.e_phnum == PN_XNUM) {
		eh.e_shoff = notes_at - sizeof sh;
		eh.e_shnum = 1;
	}
	fwrite(&eh, sizeof eh, 1, f);
	fwrite(&ph, sizeof ph, 1, f);
	for (size_t i = 0; i < n; i++) {
		ph = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = loads[i].at,
				   .p_vaddr = loads[i].virt, .p_paddr = loads[i].phys,
				   .p_filesz = loads[i].filesz, .p_memsz = loads[i].memsz };
		fwrite(&ph, sizeof ph, 1, f);
	}
	fwrite(&sh, sizeof sh, 1, f);
	fwrite(&nt, sizeof nt, 1, f);
	for (uint64_t at = notes_at < DATA ? DATA : 8 << 20; at < size; at += PAGE) {
		fseek(f, (long)at, SEEK_SET);
		fwrite(&at, sizeof at, 1, f);
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(truncate(path, (off_t)size), 0);
}

static uint64_t first_word(struct vmcore *vm, uint64_t phys)
{
	uint64_t v = UINT64_MAX;

	return vmcore_read(vm, &v, sizeof v, phys) ? UINT64_MAX : v;
}

static uint64_t count(struct vmcore *vm, int (*what)(struct vmcore *, struct bitmap *, uint64_t))
{
	struct bitmap bm;
	uint64_t n;

	assert_int_equal(bitmap_open(&bm, vm->npfns), 0);
	assert_int_equal(what(vm, &bm, 0), 0);
	n = bitmap_count(&bm, 0, vm->npfns);
	bitmap_close(&bm);
	return n;
}

/* text, vmalloc space, the direct map, struct pages: as the kernel writes them since 4.11 */
static const struct load kcore[] = {
	{ 0xffffffff81000000, 0x2000, DATA + 2 * PAGE, 3 * PAGE, 3 * PAGE },
	{ 0xffffc90000000000, UINT64_MAX, UINT64_C(1) << 45, UINT64_C(1) << 45, UINT64_C(1) << 45 },
	{ 0xffff888000001000, 0x1000, DATA + PAGE, 9 * PAGE, 9 * PAGE },
	{ 0xffffea0000000000, UINT64_MAX, DATA, PAGE, PAGE },
};

static void live(void **state)
{
	struct vmcore vm;

	(void)state;
	write_elf(NT_TASKSTRUCT, kcore, 4, DATA + 10 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_true(vm.live);
	assert_false(vm.cut_short);
	assert_int_equal(vm.nloads, 2);
	assert_int_equal(vm.npfns, 10);
	assert_int_equal(count(&vm, vmcore_ram), 9);
	assert_int_equal(count(&vm, vmcore_held), 9);
	assert_int_equal(first_word(&vm, 0x4000), DATA + 4 * PAGE);
	/* it goes away while it is read */
	assert_int_equal(truncate(path, DATA + 6 * PAGE), 0);
	assert_int_equal(first_word(&vm, 0x5000), DATA + 5 * PAGE);
	assert_int_equal(first_word(&vm, 0x7000), UINT64_MAX);
	assert_failed(ERR_CORRUPT, "memory at physical 0x7000 is gone");
	vmcore_close(&vm);
	write_elf(NT_PRSTATUS, kcore + 2, 1, DATA + 10 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_false(vm.live);
	vmcore_close(&vm);
}

/* before 4.11 there are no physical addresses */
static void old_live(void **state)
{
	struct load old[4];
	struct vmcore vm;

	(void)state;
	memcpy(old, kcore, sizeof old);
	for (int i = 0; i < 4; i++)
		old[i].phys = 0;
	write_elf(NT_TASKSTRUCT, old, 4, DATA + 10 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), -1);
	assert_failed(ERR_UNKNOWN, "does not say where memory is");
}

/* QEMU's mappings of devices are not memory, wherever they are */
static void mapped_devices(void **state)
{
	static const struct load qemu[] = {
		{ 0xffff888000000000, 0, DATA, 4 * PAGE, 4 * PAGE },
		{ 0xffffc90000000000, 0xfee00000, UINT64_MAX, 0, PAGE },
		{ 0xffffc90000001000, UINT64_C(1) << 51, UINT64_MAX, 0, PAGE },
		{ 0xffffc90000002000, PAGE, DATA + PAGE, PAGE, PAGE },
	};
	struct vmcore vm;

	(void)state;
	write_elf(NT_PRSTATUS, qemu, 4, DATA + 4 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(vm.npfns, 4);
	assert_int_equal(count(&vm, vmcore_ram), 4);
	assert_int_equal(first_word(&vm, PAGE), DATA + PAGE);
	vmcore_close(&vm);
}

/* a window says the same as the whole, at every border: ranges with holes of every kind */
static void windows(void **state)
{
	const uint64_t w = VMCORE_WINDOW, end = (4 * w + 100) * PAGE;
	const struct load loads[] = {
		{ 0, PAGE * (w - 3), DATA, 2 * PAGE, 6 * PAGE },
		{ 0, PAGE * (w + 10) + 100, DATA, 5 * PAGE, 5 * PAGE },
		{ 0, PAGE * (2 * w - 1), DATA, PAGE, PAGE * (w + 2) },
		{ 0, PAGE * (3 * w + 50), DATA, 3 * PAGE, 3 * PAGE },
		{ 0, end - 10 * PAGE, DATA, 0, 10 * PAGE },
	};
	struct bitmap whole[2], part;
	struct vmcore vm;

	(void)state;
	write_elf(NT_PRSTATUS, loads, 5, DATA + 10 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(vm.npfns, end / PAGE);
	for (int held = 0; held < 2; held++) {
		assert_int_equal(bitmap_open(&whole[held], vm.npfns), 0);
		assert_int_equal((held ? vmcore_held : vmcore_ram)(&vm, &whole[held], 0), 0);
		for (uint64_t first = 0; first < vm.npfns; first += w) {
			assert_int_equal(bitmap_open(&part, w), 0);
			assert_int_equal((held ? vmcore_held : vmcore_ram)(&vm, &part, first), 0);
			for (uint64_t i = 0; i < w; i++)
				if (bitmap_test(&part, i) != bitmap_test(&whole[held], first + i))
					fail_msg("held %d: pfn %#llx", held, (long long)(first + i));
			bitmap_close(&part);
		}
	}
	assert_int_equal(bitmap_count(&whole[0], 0, vm.npfns), 6 + 6 + w + 2 + 3 + 10);
	assert_int_equal(bitmap_count(&whole[1], 0, vm.npfns), 2 + 6 + 1 + 3);
	bitmap_close(&whole[0]);
	bitmap_close(&whole[1]);
	vmcore_close(&vm);
}

/* more program headers than e_phnum can say, in no order */
static void many_headers(void **state)
{
	enum { N = 100003 };
	struct load *loads = calloc(N, sizeof *loads);
	struct vmcore vm;

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		uint64_t k = i * 7919 % N;

		loads[i] = (struct load){ 0, k * 2 * PAGE, (UINT64_C(8) << 20) + k % 10 * PAGE,
					  PAGE, PAGE };
	}
	write_elf(NT_PRSTATUS, loads, N, (8 << 20) + 10 * PAGE);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(vm.nloads, N);
	assert_int_equal(count(&vm, vmcore_ram), N);
	assert_int_equal(count(&vm, vmcore_held), N);
	assert_int_equal(first_word(&vm, 50007 * 2 * PAGE), (8 << 20) + 7 * PAGE);
	assert_int_equal(first_word(&vm, (50007 * 2 + 1) * PAGE), UINT64_MAX);
	vmcore_close(&vm);
	free(loads);
}

/* more than is kept at once, with a note in it that is damaged: the dump is none the worse */
static void damaged_large_notes(void **state)
{
	const struct load load = { 0, 0x1000, DATA, PAGE, PAGE };
	const uint32_t bad[3] = { 5, 0xfffffff0, 1 };
	const uint64_t len = 9 << 20, notes_at = 64 + 2 * sizeof(Elf64_Phdr) + 64;
	struct vmcore vm;
	struct note note;
	FILE *f;

	(void)state;
	write_elf(NT_PRSTATUS, &load, 1, 10 << 20);
	f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, (long)(64 + offsetof(Elf64_Phdr, p_filesz)), SEEK_SET);
	fwrite(&len, sizeof len, 1, f);
	fseek(f, (long)notes_at + NOTES, SEEK_SET);
	fwrite(bad, sizeof bad, 1, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(vmcore_open(&vm, path), 0);
	assert_int_equal(vmcore_note(&vm, "CORE", NT_PRSTATUS, &note), 1);
	assert_int_equal(vm.notes_len, NOTES);
	assert_int_equal(vm.notes_damaged, len - NOTES);
	assert_int_equal(first_word(&vm, 0x1000), DATA);
	vmcore_close(&vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live),
		cmocka_unit_test(old_live),
		cmocka_unit_test(mapped_devices),
		cmocka_unit_test(damaged_large_notes),
		cmocka_unit_test(windows),
		cmocka_unit_test(many_headers),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
