/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processors' registers in the moment of the crash, from the NT_PRSTATUS notes. */
#ifndef REGS_H
#define REGS_H

#include <stdbool.h>
#include <stdint.h>

struct note;
struct vmcore;

enum { REGS_MAX = 34 };

struct regs {
	uint16_t machine;	/* EM_X86_64, EM_AARCH64: decides what value[] is */
	unsigned note;		/* the how-manieth NT_PRSTATUS this is, from 0 */
	uint32_t pid;		/* of the task that the processor ran; 0 is idle */
	bool user;		/* it ran in user mode */
	uint64_t pc, sp, fp, lr;	/* lr: arm64 */
	unsigned n;
	uint64_t value[REGS_MAX];	/* as the note has them: struct user_regs_struct */
};

/* is it an NT_PRSTATUS? */
bool regs_is_note(const struct note *note);
/* the pid in such a note, 0 if it is too short for one */
uint32_t regs_pid(const struct vmcore *vm, const struct note *note);
/* the note of that number: 1; 0: there are not so many; -1: damaged, or a machine we do not know */
int regs_read(const struct vmcore *vm, unsigned note, struct regs *r);

#endif
