/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report of something that went wrong, as the kernel writes it into its log: a line that
 * says what it is, the processor and task, registers, the trace, the modules.
 */
#ifndef SUMMARY_REPORT_H
#define SUMMARY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SUMMARY_LINE = 240,	/* bytes kept of a line, its end included */
	CALL_NAME = 128, CALL_MODULE = 64,
	REPORT_CALLS = 64,
	REPORT_MODULES = 512,
};

/* what happened; the order is that of the table in summary-kind.c */
enum kind {
	KIND_NONE,
	KIND_SYSRQ, KIND_PANIC, KIND_STACK, KIND_DOUBLE_FAULT, KIND_LIST, KIND_BUG, KIND_NULL,
	KIND_PAGE_FAULT, KIND_PROTECTION, KIND_DIVIDE, KIND_OPCODE, KIND_OOPS, KIND_SANITIZER,
	KIND_SOFT_LOCKUP, KIND_HARD_LOCKUP, KIND_RCU_STALL, KIND_HUNG_TASK, KIND_OOM,
	KIND_MACHINE_CHECK, KIND_WARNING, KIND_COMPLAINT,
	KINDS
};

/* reports of one group take each other's place: the latest is kept */
enum group {
	GROUP_NONE, GROUP_PANIC, GROUP_OOPS, GROUP_SOFT_LOCKUP, GROUP_HARD_LOCKUP, GROUP_STALL,
	GROUP_HUNG_TASK, GROUP_OOM, GROUP_MACHINE_CHECK, GROUP_WARNING,
	GROUPS
};

/* a line of a trace */
struct call {
	char name[CALL_NAME];		/* the function; "" if it has none, then at is all we know */
	char module[CALL_MODULE];	/* "" is the kernel's image */
	uint64_t offset, size;		/* as in name+0xOFFSET/0xSIZE */
	uint64_t at;			/* 0: not known */
	uint32_t times;			/* it is there so often, one below the other; at least 1 */
	bool maybe;			/* "?": found on the stack, but need not be a caller */
	bool interrupted;		/* an exception or interrupt came here */
	uint8_t really;			/* the registers' trace names it better: its place there, from 1 */
};

struct report {
	enum kind kind;
	bool timed;
	uint64_t ts_nsec;
	char title[SUMMARY_LINE];	/* the line that says what it is */
	char detail[SUMMARY_LINE];	/* a second one, "Oops: 0002 [#1] SMP", or "" */
	char place[96];			/* FILE:LINE of a BUG or warning, or "" */

	bool has_cpu, has_pid, has_taint;
	uint32_t cpu, pid;
	char comm[32];
	char taint[40];			/* letters without spaces; "" with has_taint: not tainted */
	char hardware[SUMMARY_LINE];

	struct call pc;			/* .times is 0 if it is not known */
	size_t n;
	struct call call[REPORT_CALLS];
	bool cut;			/* there were more */
	char tainted[REPORT_MODULES];	/* modules with letters, "a(OE) b(O)" */
};

/* what the kernel calls it, in a word: "null-dereference" */
const char *kind_name(enum kind kind);
enum group kind_group(enum kind kind);
/* what a line begins a report of, KIND_NONE if nothing */
enum kind kind_of_line(const char *line);
/* panic()'s own words: the group of the reports that it speaks of, or GROUP_PANIC */
enum group group_of_panic(const char *words);

#endif
