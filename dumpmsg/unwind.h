/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a processor's registers back through its stack: by the ORC tables on x86_64
 * (arch/x86/kernel/unwind_orc.c), by frame records on arm64 (arch/arm64/kernel/stacktrace.c).
 *
 *	struct unwinder *u = unwind_open(&space, &symbols);
 *
 *	for (unsigned i = 0; (rc = regs_read(vm, i, &r)) == 1; i++)
 *		if (unwind(u, &r, &trace) == 0)
 *			...
 *	unwind_close(u);
 */
#ifndef UNWIND_H
#define UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct regs;
struct space;
struct symbols;

/* more than a stack of 16 KiB holds when it overflows */
enum { TRACE_MAX = 2048, TRACE_WHY = 160 };

struct frame {
	uint64_t pc;
	bool back;		/* a return address: the call is the instruction before */
	bool interrupted;	/* the frame of an exception or interrupt: pc was to run next */
	bool guessed;		/* it, or one below it, was found without the kernel's tables */
};

enum trace_end {
	TRACE_WHOLE,		/* it reached user mode, or the thread's first function */
	TRACE_FULL,		/* TRACE_MAX frames */
	TRACE_BROKEN,		/* memory is missing, or nothing says how to go on */
};

struct trace {
	size_t n;		/* at least 1 */
	struct frame frame[TRACE_MAX];	/* [0] is the registers' own pc, a user's maybe */
	enum trace_end end;
	char why[TRACE_WHY];	/* TRACE_BROKEN: why */
};

struct unwinder;

/*
 * What is needed for all processors of a dump, looked for once. s is NULL if there are
 * no symbols; all is borrowed until unwind_close(). What cannot be found ends traces, and
 * is no error here. NULL: ERR_MEMORY or ERR_STOPPED.
 */
struct unwinder *unwind_open(struct space *sp, struct symbols *s);
/* always gives what it found; -1 only after ERR_STOPPED */
int unwind(struct unwinder *u, const struct regs *r, struct trace *t);
/* accepts NULL */
void unwind_close(struct unwinder *u);

#endif
