/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the unwinder, unwind*.c, share. */
#ifndef UNWIND_PARTS_H
#define UNWIND_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "unwind.h"

enum { ORC_MEMO = 128, SWITCHES_MAX = 6 };

/* one of the kernel's tables: its own, or a module's */
struct orc_table {
	uint64_t ip, entries;	/* virtual addresses; n of both, of 4 and of 6 bytes */
	uint64_t n;
};

/* how struct orc_entry is to be read: see unwind-orc-table.c */
enum orc_format { ORC_NONE, ORC_TO_6_2, ORC_OF_6_3, ORC_SINCE_6_4 };

/* what an entry's base registers are, whatever number the kernel gives them */
enum orc_base {
	BASE_UNDEFINED, BASE_AX, BASE_DX, BASE_SP, BASE_BP, BASE_DI, BASE_R10, BASE_R13,
	BASE_PREV_SP, BASE_SP_INDIRECT, BASE_BP_INDIRECT, BASE_BAD,
};

enum orc_type { ORC_UNDEFINED, ORC_END, ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_BAD };

struct orc_rule {
	int16_t sp_offset, bp_offset;
	enum orc_base sp, bp;
	enum orc_type type;
	bool signal;		/* the address that it leads to is no return address */
};

struct unwinder {
	struct space *sp;	/* borrowed, as is s */
	struct symbols *s;	/* NULL: none */
	struct { uint64_t start, end; } text[2];	/* of the kernel's image; 0: unknown */

	/* x86_64 */
	struct orc_table image;	/* n is 0: no tables */
	enum orc_format format;
	bool renumbered;	/* base registers */
	struct { uint64_t at; int32_t offset; } memo[ORC_MEMO];	/* of tables' addresses */
	char trouble[TRACE_WHY];	/* why there are no tables */

	/* arm64 */
	uint64_t code_mask;	/* bits of a return address that are no address */
	bool meta;		/* frame records of zeros are followed by what they are */
	uint64_t record;	/* of the record in struct pt_regs, bytes */
};

/* the kernel's tables and how they are to be read; none: u->trouble says why */
void orc_open(struct unwinder *u);
/* what the tables say of that address: 1; 0: it is in none; -1: unreadable */
int orc_find(struct unwinder *u, uint64_t ip, struct orc_rule *rule);
/*
 * For code that no table describes, and registers of it: a rule that leads to its caller,
 * if there is one whose call of this function can be seen. ip, sp: the registers.
 */
bool orc_find_caller(struct unwinder *u, uint64_t ip, uint64_t sp, struct orc_rule *rule);
/* where a call that returns to this address went: 1; 2: by a pointer; 0: it was no call */
int call_before(struct unwinder *u, uint64_t address, uint64_t *to);
void orc_decode(const struct unwinder *u, const uint8_t entry[6], struct orc_rule *rule);
/* for a kernel that does not name its tables: sets u->image, given u->text and u->format; -1 */
int orc_search(struct unwinder *u);
/* sets u->renumbered: most entries are by the stack pointer; -1: by neither number of it */
int orc_numbering(struct unwinder *u);

/* each fills *t, whose first frame is there; errors end the trace */
void unwind_orc(struct unwinder *u, const struct regs *r, struct trace *t);
void unwind_x86_frames(struct unwinder *u, const struct regs *r, struct trace *t);
void unwind_arm64(struct unwinder *u, const struct regs *r, struct trace *t);

/* one more frame; false: that was the last that there is room for, and t->end says so */
bool trace_add(struct trace *t, struct frame f);
/* the trace ends here, and why; of two the first counts */
void trace_broken(struct trace *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Did the stack pointer move the right way, from a frame to the one that called it? A few
 * times it may do otherwise, from one stack to another; ways counts them.
 */
bool stack_moved(uint64_t from, uint64_t to, bool same_stack, unsigned *ways);
/* is there code of the kernel's image or of a module, as far as we know? */
bool is_text(const struct unwinder *u, uint64_t address);

#endif
