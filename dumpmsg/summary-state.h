/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a crash; filled by summary-log.c and summary-dump.c, shared by those who print. */
#ifndef SUMMARY_STATE_H
#define SUMMARY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regs.h"
#include "summary.h"
#include "summary-report.h"
#include "summary-taint.h"
#include "symbols.h"
#include "unwind.h"

enum {
	SUMMARY_STREAMS = 4,		/* reports that processors write at the same time */
	SUMMARY_TEXT = 8192,		/* bytes of a record's line that are looked at */
	SUMMARY_NOTABLE = 4,
	SUMMARY_WHY = 200,
	SUMMARY_TIME = 40,
	SIGNATURE_TEXT = 24,		/* "1-" and 16 digits */
};

/* a report that is being read, by who writes it */
struct stream {
	bool used;
	uint32_t caller;
	uint64_t order;		/* of its first record, see struct kept */
	bool body;		/* more than its titles was there */
	bool trace;		/* in its trace */
	bool traced;		/* behind its trace: another is not its own */
	bool waits;		/* other tasks' traces come first: not before "NMI backtrace" */
	struct report r;
};

struct kept {
	uint64_t order;		/* 0: there is none; reports that began later have a higher one */
	struct report r;
};

/* lines that are worth showing whatever the crash was: the last few, and how many */
struct notable {
	uint64_t count;
	struct { bool timed; uint64_t ts_nsec; char text[SUMMARY_LINE]; } line[SUMMARY_NOTABLE];
};
enum notables { NOTABLE_OOM, NOTABLE_HUNG, NOTABLE_MACHINE, NOTABLE_LOCKUP, NOTABLES };

/* calls from memory: one processor's */
struct memory_trace {
	bool known;			/* its registers could be read */
	struct regs regs;
	size_t n;
	struct call call[REPORT_CALLS];
	bool cut;
	bool named;			/* at least one of them has a name */
	char why[SUMMARY_WHY];		/* what is missing, or "" */
};

struct summary {
	/* the log */
	uint64_t records, lost;
	bool gaps;
	bool timed;
	uint64_t last_nsec;
	uint64_t orders;
	uint64_t oopses, warnings;
	struct stream stream[SUMMARY_STREAMS];
	struct kept first;		/* the first oops */
	struct kept latest[GROUPS];
	struct notable notable[NOTABLES];
	char log_release[65], log_hardware[SUMMARY_LINE], last_line[SUMMARY_LINE];
	uint64_t log_memory;		/* bytes; 0: the log does not say */
	uint32_t log_cpus;
	char log_why[SUMMARY_WHY];
	char text[SUMMARY_TEXT];	/* the line that is being read */

	/* the dump */
	struct vmcore *vm;		/* borrowed; NULL before summary_dump() */
	bool brief;			/* only summary_notes() was called */
	struct space *sp;		/* borrowed; may be NULL */
	char release[65], version[65], node[65], machine[65], build_id[65];
	int64_t crash_time;		/* seconds since 1970; 0: not known */
	uint64_t memory;		/* bytes of RAM */
	uint32_t notes;			/* processors whose registers were saved */
	bool no_pids;			/* and they do not say which processes these ran */
	bool complete;
	char flaw[SUMMARY_WHY];
	bool has_symbols, symbols_damaged;
	struct symbols symbols;
	struct unwinder *unwinder;	/* NULL: not opened, or no memory for it */
	char symbols_why[SUMMARY_WHY];
	bool has_taint;
	uint64_t taint;
	bool has_panic_cpu;
	uint32_t panic_cpu;
	struct memory_trace own;	/* of the processor that crashed */
	struct memory_trace other;	/* of each one in its turn */
	struct trace trace;

	/* what follows from both */
	bool chosen;
	struct report *cause, *end;	/* NULL: none; end is what the kernel died of */
	bool earlier;			/* the cause is an oops before the last report */
};

/* a line that begins a report, if it is of a kind that is shown in any case */
void summary_note_title(struct summary *s, const struct record *r, enum kind kind,
			const char *title);
/* what the log says of the machine when it boots */
void summary_note_machine(struct summary *s, const char *line);

/* those that are being read are all there is of them */
void summary_end_reports(struct summary *s);
/* end all reports and choose; before anybody prints */
void summary_choose(struct summary *s);
/*
 * By the registers of that number: 1; 0: there are no such; -1: ERR_STOPPED. What is wrong
 * otherwise is in t->why.
 */
int summary_memory_trace(struct summary *s, unsigned note, struct memory_trace *t);

/* the trace that is shown: of the report or, if it has none, of the panic that followed it */
const struct report *summary_traced(const struct summary *s);
enum agreement { AGREE_UNKNOWN, AGREE_YES, AGREE_END, AGREE_NO, AGREE_BETTER };
/* the registers' trace and the log's: AGREE_END: with that of the panic, not with its
 * cause's; AGREE_BETTER: the log is sure of no caller, the registers are */
enum agreement summary_agreement(const struct summary *s);
/* letters: of the crash as the log has it, else of the kernel's memory; false: not known */
bool summary_taint(const struct summary *s, char letters[TAINT_LETTERS]);
/* the processor that ended the kernel; false: not known */
bool summary_cpu(const struct summary *s, uint32_t *cpu);
/* "x86_64" */
const char *summary_arch(const struct summary *s);
/* the letters of a module, "" if it has none or nothing is known of it */
void summary_module_taint(const struct summary *s, const char *module, char letters[TAINT_LETTERS]);
/* modules of the trace: the i-th; NULL: there are no more */
const char *summary_module(const struct summary *s, size_t i);
/* the machine, in the words of its firmware, or "" */
const char *summary_hardware(const struct summary *s);
/* seconds since 1970 as ISO 8601 in UTC or, with an offset, as local time */
void summary_time(int64_t sec, bool local, char text[SUMMARY_TIME]);

/* kind, after summary_choose(): of the log's cause, else what the registers' trace tells */
enum kind summary_kind(const struct summary *s);
/* "1-0123456789abcdef", or "" if nothing is known of the crash */
void summary_signature(const struct summary *s, char text[SIGNATURE_TEXT]);

/* "panic", "oops_end", "asm_exc_page_fault": what deals with the crash, not what crashed */
bool call_is_machinery(const char *name);
/* entry of an interrupt: what is below it has nothing to do with what is above */
bool call_is_interrupt(const char *name);
/* is there one that is surely a caller, and has a name? */
bool calls_sure(const struct call *call, size_t n);
/* do both name the same functions, once what deals with the crash is left out? */
bool calls_agree(const struct report *log, const struct memory_trace *memory);
/* and where the log has the wrong name, remember the right one: call.really */
void calls_mend(struct report *log, const struct memory_trace *memory);

enum { CAUSE_CALLS = 6 };
/*
 * The functions that tell one crash from another, from the innermost one on: pointers into
 * the calls. pc may be NULL. How many.
 */
size_t calls_of_cause(enum kind kind, const struct call *pc, const struct call *call, size_t n,
		      const struct call *cause[CAUSE_CALLS]);

#endif
