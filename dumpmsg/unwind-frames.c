/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame records: two words on the stack to which the frame pointer points, the caller's
 * frame pointer and the address to return to. How interrupted code is found differs.
 *
 * arm64 (arch/arm64/kernel/stacktrace.c, entry.S): struct pt_regs has a record at its end,
 * "stackframe", to which x29 points in the entry code. Its words are the interrupted
 * code's x29 and pc; zeros when it came from user mode, as they are in a thread's first
 * frame. Since 6.13 they are always zeros, and a third word says: 1, it is the last one; 2,
 * pc and x29 are those of the struct pt_regs that the record is in. Where a function
 * that was interrupted has no record yet, its caller is in x30 alone: the kernel prints
 * it not, and nor do we, unless there is nothing at pc (a call through a NULL pointer). Return
 * addresses may be signed: the bits that are no address, KERNELPACMASK, are to be set.
 *
 * x86_64 with CONFIG_UNWINDER_FRAME_POINTER (arch/x86/kernel/unwind_frame.c): in the entry
 * code rbp is the address of struct pt_regs plus 1.
 */
#include <inttypes.h>

#include "btf.h"
#include "err.h"
#include "regs.h"
#include "space.h"
#include "stop.h"
#include "symbols.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	WORD = 8,
	META_PT_REGS = 2,		/* FRAME_META_TYPE_PT_REGS */
	/* words of struct pt_regs */
	ARM64_FP = 29, ARM64_PC = 32,
	X86_BP = 4, X86_IP = 16, X86_CS = 17, X86_SP = 19, X86_CS_USER = 3,
	PT_REGS = 33,			/* as many of them as any of us needs */
	X86_PT_REGS = 21,
};

static bool read_words(struct unwinder *u, struct trace *t, uint64_t at, uint64_t *words,
		       unsigned n)
{
	uint8_t bytes[PT_REGS * WORD];

	if (space_read(u->sp, bytes, n * WORD, at)) {
		trace_broken(t, "stack: %s", err_text());
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		words[i] = vmcore_u64(u->sp->vm, bytes + i * WORD);
	return true;
}

static uint64_t strip(const struct unwinder *u, uint64_t address)
{
	return address >> 55 & 1 ? address | u->code_mask : address;
}

/*
 * Is the record at fp that of a struct pt_regs? Then it says the same as these do, and its
 * second word is where the code was interrupted, and not where a call returns to.
 */
static bool in_regs(struct unwinder *u, uint64_t fp, const uint64_t record[2])
{
	uint64_t at = fp - u->record, x29, pc;

	return !u->meta && space_read_u64(u->sp, at + ARM64_FP * WORD, &x29) == 0 &&
	       space_read_u64(u->sp, at + ARM64_PC * WORD, &pc) == 0 && x29 == record[0] &&
	       pc == record[1];
}

/* the record of zeros at fp: true if it leads on, to *f and another fp */
static bool take_zeros(struct unwinder *u, struct trace *t, uint64_t *fp, struct frame *f)
{
	uint64_t type, regs[PT_REGS];

	if (!u->meta || space_read_u64(u->sp, *fp + 2 * WORD, &type) || type != META_PT_REGS)
		return false;
	if (!read_words(u, t, *fp - u->record, regs, PT_REGS))
		return false;
	*fp = regs[ARM64_FP];
	*f = (struct frame){ .pc = regs[ARM64_PC], .interrupted = true };
	return true;
}

void unwind_arm64(struct unwinder *u, const struct regs *r, struct trace *t)
{
	uint64_t fp = r->fp, from, record[2], phys;
	unsigned ways = 0;

	if (space_translate(u->sp, r->pc, &phys, NULL) && is_text(u, strip(u, r->lr)) &&
	    !trace_add(t, (struct frame){ .pc = strip(u, r->lr), .back = true,
					  .guessed = true }))
		return;
	while (stop_check() == 0) {
		struct frame f = { .back = true };

		if (fp % WORD) {
			trace_broken(t, "%#" PRIx64 " is no frame pointer", fp);
			return;
		}
		if (!read_words(u, t, fp, record, 2))
			return;
		from = fp;
		if (record[0] == 0 && record[1] == 0) {
			if (!take_zeros(u, t, &fp, &f))
				return;
		} else {
			f.interrupted = in_regs(u, fp, record);
			f.back = !f.interrupted;
			f.pc = strip(u, record[1]);
			fp = record[0];
		}
		if (!trace_add(t, f))
			return;
		if (!stack_moved(from, fp, !f.interrupted, &ways)) {
			trace_broken(t, "%#" PRIx64 ": the stack goes the wrong way", from);
			return;
		}
	}
}

/* struct pt_regs at that address: false if the trace ends with them */
static bool take_regs(struct unwinder *u, struct trace *t, uint64_t at, uint64_t *fp,
		      struct frame *f)
{
	uint64_t regs[X86_PT_REGS];

	if (!read_words(u, t, at, regs, X86_PT_REGS) || regs[X86_CS] & X86_CS_USER)
		return false;
	/* the first frame of a kernel's thread: registers of zeros */
	if (regs[X86_IP] == 0 && regs[X86_CS] == 0)
		return false;
	*fp = regs[X86_BP];
	*f = (struct frame){ .pc = regs[X86_IP], .interrupted = true, .guessed = true };
	return true;
}

void unwind_x86_frames(struct unwinder *u, const struct regs *r, struct trace *t)
{
	uint64_t fp = r->fp, from, record[2];
	unsigned ways = 0;

	while (stop_check() == 0 && fp != 0) {
		struct frame f = { .back = true, .guessed = true };

		from = fp & ~(uint64_t)1;
		if (fp & 1) {
			if (!take_regs(u, t, from, &fp, &f))
				return;
		} else {
			if (!read_words(u, t, from, record, 2))
				return;
			fp = record[0];
			f.pc = record[1];
		}
		if (!is_text(u, f.pc)) {
			trace_broken(t, "%#" PRIx64 " is no address of code", f.pc);
			return;
		}
		if (!trace_add(t, f))
			return;
		if (fp != 0 && !stack_moved(from, fp, !f.interrupted, &ways)) {
			trace_broken(t, "%#" PRIx64 ": the stack goes the wrong way", from);
			return;
		}
	}
}
