/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NT_PRSTATUS of a 64-bit kernel: struct elf_prstatus (include/linux/elfcore.h), which
 * kernel/vmcore_info.c (kernel/crash_core.c and kexec_core.c before) writes, and QEMU's
 * dump-guest-memory as well. Before the registers are 112 bytes of signals, ids and times,
 * all 0 but the pid; after them an int and its padding. The registers are struct
 * user_regs_struct (arch/x86/include/asm/user_64.h), which begins as struct pt_regs does,
 * or struct user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h).
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "cursor.h"
#include "err.h"
#include "note.h"
#include "regs.h"
#include "vmcore.h"

enum {
	PRSTATUS_PID = 32, PRSTATUS_REGS = 112, PRSTATUS_TAIL = 8,
	/* words of struct user_regs_struct */
	X86_BP = 4, X86_IP = 16, X86_CS = 17, X86_SP = 19, X86_WORDS = 27,
	X86_CS_USER = 3,
	/* words of struct user_pt_regs */
	ARM64_FP = 29, ARM64_LR = 30, ARM64_SP = 31, ARM64_PC = 32, ARM64_PSTATE = 33,
	ARM64_WORDS = 34,
	ARM64_MODE = 0xf,	/* 0 in EL0, with AArch32's bit 4 or without it */
};

static void take_x86(struct regs *r)
{
	r->pc = r->value[X86_IP];
	r->sp = r->value[X86_SP];
	r->fp = r->value[X86_BP];
	r->user = r->value[X86_CS] & X86_CS_USER;
}

static void take_arm64(struct regs *r)
{
	r->pc = r->value[ARM64_PC];
	r->sp = r->value[ARM64_SP];
	r->fp = r->value[ARM64_FP];
	r->lr = r->value[ARM64_LR];
	r->user = (r->value[ARM64_PSTATE] & ARM64_MODE) == 0;
}

static const struct kind {
	uint16_t machine;
	unsigned words;
	void (*take)(struct regs *r);
} kinds[] = {
	{ EM_X86_64, X86_WORDS, take_x86 },
	{ EM_AARCH64, ARM64_WORDS, take_arm64 },
};

static const struct kind *kind_of(uint16_t machine)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].machine == machine)
			return &kinds[i];
	return NULL;
}

bool regs_is_note(const struct note *note)
{
	return note->type == NT_PRSTATUS && note->namelen == 4 &&
	       memcmp(note->name, "CORE", 4) == 0;
}

uint32_t regs_pid(const struct vmcore *vm, const struct note *note)
{
	return note->desclen < PRSTATUS_PID + 4 ? 0 : vmcore_u32(vm, note->desc + PRSTATUS_PID);
}

int regs_read(const struct vmcore *vm, unsigned number, struct regs *r)
{
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	const struct kind *kind = kind_of(vm->machine);
	struct note note;
	unsigned seen = 0;
	size_t size;
	int rc;

	if (!kind)
		return fail(ERR_UNKNOWN, "registers of machine type %u cannot be read by this "
			    "version", vm->machine);
	do {
		rc = note_next(&c, &note);
		if (rc < 1)
			return rc;
	} while (!regs_is_note(&note) || seen++ < number);
	size = PRSTATUS_REGS + kind->words * sizeof *r->value + PRSTATUS_TAIL;
	if (note.desclen != size)
		return fail(ERR_CORRUPT, "registers' note %u has %zu bytes, not %zu", number,
			    note.desclen, size);
	*r = (struct regs){ .machine = vm->machine, .note = number, .n = kind->words };
	r->pid = regs_pid(vm, &note);
	for (unsigned i = 0; i < kind->words; i++)
		r->value[i] = vmcore_u64(vm, note.desc + PRSTATUS_REGS + i * sizeof *r->value);
	kind->take(r);
	return 1;
}
