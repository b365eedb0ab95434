/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/elfcorehdr.c kexec-load/running.c kexec-load/kcore.c */
#include "../../kexec-load/elfcorehdr.h"
#include "../../kexec-load/running.h"
#include "armed.h"

static Elf64_Phdr program_header(const uint8_t *bytes, size_t n)
{
	Elf64_Phdr ph;

	memcpy(&ph, bytes + sizeof(Elf64_Ehdr) + n * sizeof ph, sizeof ph);
	return ph;
}

static void is_note(const uint8_t *bytes, size_t n, uint64_t addr, uint64_t size)
{
	Elf64_Phdr ph = program_header(bytes, n);

	assert_int_equal(ph.p_type, PT_NOTE);
	assert_int_equal(ph.p_offset, addr);
	assert_int_equal(ph.p_paddr, addr);
	assert_int_equal(ph.p_filesz, size);
	assert_int_equal(ph.p_memsz, size);
}

static void is_load(const uint8_t *bytes, size_t n, uint64_t virt, uint64_t start, uint64_t end)
{
	Elf64_Phdr ph = program_header(bytes, n);

	assert_int_equal(ph.p_type, PT_LOAD);
	assert_int_equal(ph.p_flags, PF_R | PF_W | PF_X);
	assert_int_equal(ph.p_vaddr, virt);
	/* memory is read from p_offset by the capture kernel */
	assert_int_equal(ph.p_offset, start);
	assert_int_equal(ph.p_paddr, start);
	assert_int_equal(ph.p_filesz, end - start);
	assert_int_equal(ph.p_memsz, end - start);
	assert_int_equal(ph.p_align, 0);
}

static void typical(void **state)
{
	char *root = armed_machine();
	struct running rn;
	uint8_t *bytes;
	size_t len;
	Elf64_Ehdr eh;

	(void)state;
	assert_int_equal(running_look(&rn, root), 0);
	assert_int_equal(elfcorehdr_make(&rn, EM_X86_64, 1 << 20, &bytes, &len), 0);
	memcpy(&eh, bytes, sizeof eh);
	assert_memory_equal(eh.e_ident, "\x7f" "ELF\2\1\1", 7);
	assert_int_equal(eh.e_type, ET_CORE);
	assert_int_equal(eh.e_machine, EM_X86_64);
	assert_int_equal(eh.e_version, 1);
	assert_int_equal(eh.e_phoff, 64);
	assert_int_equal(eh.e_ehsize, 64);
	assert_int_equal(eh.e_phentsize, 56);
	assert_int_equal(eh.e_phnum, 8);
	assert_int_equal(len, 64 + 8 * 56);
	is_note(bytes, 0, 0x13fc12300, 368);
	is_note(bytes, 1, 0x13fd12300, 368);
	is_note(bytes, 2, 0x101234000, 0x1024);
	is_load(bytes, 3, ARMED_TEXT, 0x13000000, 0x15000000);
	is_load(bytes, 4, ARMED_DIRECT + 0x100000, 0x100000, 0x60000000);
	is_load(bytes, 5, ARMED_DIRECT + 0x68000000, 0x68000000, 0x7ffdd000);
	is_load(bytes, 6, ARMED_DIRECT + 0x100000000, 0x100000000, 0x110000000);
	is_load(bytes, 7, ARMED_DIRECT + 0x120000000, 0x120000000, 0x140000000);
	free(bytes);
	running_close(&rn);
	tree_remove(root);
}

/* RAM of two ranges, and what is cut out of it */
static void cut(const uint64_t *crash, size_t ncrash, const uint64_t *cma, size_t ncma,
		uint64_t lowest, const uint64_t *expected, size_t n)
{
	struct running rn = { 0 };
	struct ranges ram;

	ranges_add(&rn.ram, (struct range){ 0x1000, 0x9000, 0x1000 });
	ranges_add(&rn.ram, (struct range){ 0x10000, 0x20000, 0x10000 });
	for (size_t i = 0; i < ncrash; i++)
		ranges_add(&rn.crash, (struct range){ crash[2 * i], crash[2 * i + 1], crash[2 * i] });
	for (size_t i = 0; i < ncma; i++)
		ranges_add(&rn.cma, (struct range){ cma[2 * i], cma[2 * i + 1], cma[2 * i] });
	assert_int_equal(elfcorehdr_ram(&rn, lowest, &ram), 0);
	assert_int_equal(ram.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ram.r[i].start, expected[2 * i]);
		assert_int_equal(ram.r[i].end, expected[2 * i + 1]);
	}
	ranges_free(&ram);
	running_close(&rn);
}

#define R(...) (const uint64_t[]){ __VA_ARGS__ }

static void what_is_cut_out(void **state)
{
	(void)state;
	cut(NULL, 0, NULL, 0, 0, R(0x1000, 0x9000, 0x10000, 0x20000), 2);
	cut(NULL, 0, NULL, 0, 0x2000, R(0x2000, 0x9000, 0x10000, 0x20000), 2);
	cut(NULL, 0, NULL, 0, 0x10000, R(0x10000, 0x20000), 1);
	/* at the beginning, at the end, all of it, across both */
	cut(R(0x10000, 0x12000), 1, NULL, 0, 0, R(0x1000, 0x9000, 0x12000, 0x20000), 2);
	cut(R(0x1e000, 0x20000), 1, NULL, 0, 0, R(0x1000, 0x9000, 0x10000, 0x1e000), 2);
	cut(R(0x10000, 0x20000), 1, NULL, 0, 0, R(0x1000, 0x9000), 1);
	cut(R(0x8000, 0x11000), 1, NULL, 0, 0, R(0x1000, 0x8000, 0x11000, 0x20000), 2);
	/* several in one range, touching and overlapping */
	cut(R(0x2000, 0x3000, 0x12000, 0x13000), 2, R(0x13000, 0x14000, 0x15000, 0x16000), 2, 0,
	    R(0x1000, 0x2000, 0x3000, 0x9000, 0x10000, 0x12000, 0x14000, 0x15000, 0x16000,
	      0x20000), 5);
	cut(R(0x12000, 0x18000), 1, R(0x11000, 0x13000), 1, 0x3000,
	    R(0x3000, 0x9000, 0x10000, 0x11000, 0x18000, 0x20000), 3);
	/* nothing is left */
	cut(R(0, 0x100000), 1, NULL, 0, 0, NULL, 0);
}

/* without kcore: no text, and addresses are 0 */
static void without_addresses(void **state)
{
	struct note_place cpu = { 0x5000, 368 };
	struct running rn = { .cpu = &cpu, .cpus = 1, .vmcoreinfo = { 0x6000, 4096 } };
	uint8_t *bytes;
	size_t len;

	(void)state;
	ranges_add(&rn.ram, (struct range){ 0x1000, 0x9000, 0x1000 });
	assert_int_equal(elfcorehdr_make(&rn, EM_AARCH64, 0, &bytes, &len), 0);
	assert_int_equal(len, 64 + 3 * 56);
	assert_int_equal(bytes[18], EM_AARCH64);
	is_load(bytes, 2, 0, 0x1000, 0x9000);
	free(bytes);
	ranges_free(&rn.ram);
}

static void too_many(void **state)
{
	struct running rn = { .cpus = 65534 };
	uint8_t *bytes;
	size_t len;

	(void)state;
	rn.cpu = calloc(rn.cpus, sizeof *rn.cpu);
	assert_non_null(rn.cpu);
	assert_int_equal(elfcorehdr_make(&rn, EM_X86_64, 0, &bytes, &len), -1);
	assert_failed(ERR_UNKNOWN, "65535");
	rn.cpus = 65533;
	assert_int_equal(elfcorehdr_make(&rn, EM_X86_64, 0, &bytes, &len), 0);
	assert_int_equal(bytes[56] | bytes[57] << 8, 65534);
	free(bytes);
	free(rn.cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typical), cmocka_unit_test(what_is_cut_out),
		cmocka_unit_test(without_addresses), cmocka_unit_test(too_many),
	};

	return RUN(tests);
}
