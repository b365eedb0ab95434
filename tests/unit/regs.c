/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/regs.c */
/* Registers from notes that are made here. */
#include <elf.h>
#include <string.h>

#include "../../dumpmsg/regs.h"
#include "unit.h"
#include "vmcore.h"

enum { X86_SIZE = 336, ARM64_SIZE = 392, PID = 32, REGS = 112, NOTES = 4096 };

static uint8_t notes[NOTES];
static struct vmcore vm;
static struct regs r;

static void begin(uint16_t machine)
{
	memset(notes, 0, sizeof notes);
	vm = (struct vmcore){ .machine = machine, .notes = notes };
}

static void add32(uint32_t v)
{
	if (vm.swap)
		v = __builtin_bswap32(v);
	memcpy(notes + vm.notes_len, &v, sizeof v);
	vm.notes_len += sizeof v;
}

/* a note of size bytes, its registers counting up from first */
static void add(const char *name, uint32_t type, uint32_t size, uint32_t pid, uint64_t first)
{
	size_t namesz = strlen(name) + 1, desc;

	add32((uint32_t)namesz);
	add32(size);
	add32(type);
	memcpy(notes + vm.notes_len, name, namesz);
	vm.notes_len += (namesz + 3) & ~(size_t)3;
	desc = vm.notes_len;
	vm.notes_len = desc + PID;
	add32(pid);
	for (size_t at = REGS; at + 8 <= size; at += 8) {
		uint64_t v = vm.swap ? __builtin_bswap64(first) : first;

		memcpy(notes + desc + at, &v, sizeof v);
		first++;
	}
	vm.notes_len = desc + ((size + 3) & ~3U);
	assert_true(vm.notes_len <= NOTES);
}

static void x86(void **state)
{
	(void)state;
	begin(EM_X86_64);
	add("CORE", NT_PRSTATUS, X86_SIZE, 0, 0x1000);
	add("VMCOREINFO", 0, 160, 0, 0);
	add("CORE", NT_PRPSINFO, X86_SIZE, 9, 0x5000);
	add("CORE", NT_PRSTATUS, X86_SIZE, 4711, 0x2000);
	assert_int_equal(regs_read(&vm, 1, &r), 1);
	assert_int_equal(r.note, 1);
	assert_int_equal(r.machine, EM_X86_64);
	assert_int_equal(r.pid, 4711);
	assert_int_equal(r.n, 27);
	assert_int_equal(r.pc, 0x2010);
	assert_int_equal(r.sp, 0x2013);
	assert_int_equal(r.fp, 0x2004);
	assert_int_equal(r.value[26], 0x201a);
	assert_true(r.user);		/* cs is 0x2011: its lowest bits say so */
	assert_int_equal(regs_read(&vm, 0, &r), 1);
	assert_int_equal(r.pid, 0);
	assert_int_equal(r.pc, 0x1010);
	assert_int_equal(regs_read(&vm, 2, &r), 0);
	assert_int_equal(regs_read(&vm, UINT32_MAX, &r), 0);

	begin(EM_X86_64);
	add("CORE", NT_PRSTATUS, X86_SIZE, 1, 0xfff);
	assert_int_equal(regs_read(&vm, 0, &r), 1);
	assert_false(r.user);		/* cs is 0x1010 */
}

static void arm64(void **state)
{
	(void)state;
	begin(EM_AARCH64);
	add("CORE", NT_PRSTATUS, ARM64_SIZE, 3, 0x3000);
	assert_int_equal(regs_read(&vm, 0, &r), 1);
	assert_int_equal(r.n, 34);
	assert_int_equal(r.fp, 0x301d);
	assert_int_equal(r.lr, 0x301e);
	assert_int_equal(r.sp, 0x301f);
	assert_int_equal(r.pc, 0x3020);
	assert_int_equal(r.value[33], 0x3021);
	assert_false(r.user);		/* pstate ends in 1 */
	begin(EM_AARCH64);
	vm.swap = true;
	add("CORE", NT_PRSTATUS, ARM64_SIZE, 3, 0x5fff - 0x20);
	assert_int_equal(regs_read(&vm, 0, &r), 1);
	assert_int_equal(r.pid, 3);
	assert_int_equal(r.pc, 0x5fff);
	assert_true(r.user);		/* pstate is 0x6000 */
}

static void damaged(void **state)
{
	static const uint32_t sizes[] = { 112, 328, 332, 340, ARM64_SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		begin(EM_X86_64);
		add("CORE", NT_PRSTATUS, sizes[i], 0, 0);
		add("CORE", NT_PRSTATUS, X86_SIZE, 5, 0);
		assert_int_equal(regs_read(&vm, 0, &r), -1);
		assert_failed(ERR_CORRUPT, "registers' note 0");
		assert_int_equal(regs_read(&vm, 1, &r), 1);	/* it costs no other */
		assert_int_equal(r.pid, 5);
	}
	vm.notes_len -= 20;
	assert_int_equal(regs_read(&vm, 1, &r), -1);
	assert_failed(ERR_CORRUPT, "runs past");
	begin(EM_X86_64);
	vm.notes = NULL;
	assert_int_equal(regs_read(&vm, 0, &r), 0);
	add("CORE?", NT_PRSTATUS, X86_SIZE, 0, 0);
	vm.notes = notes;
	assert_int_equal(regs_read(&vm, 0, &r), 0);
	begin(EM_S390);
	add("CORE", NT_PRSTATUS, X86_SIZE, 0, 0);
	assert_int_equal(regs_read(&vm, 0, &r), -1);
	assert_failed(ERR_UNKNOWN, "machine type 22");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86), cmocka_unit_test(arm64), cmocka_unit_test(damaged),
	};

	return RUN(tests);
}
