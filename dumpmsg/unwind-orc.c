/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step of the ORC unwinder: the entry for the address says how the stack pointer of
 * the caller is found (a register and an offset, or what is in memory there), and then,
 * by its type, what lies there: a call has left the return address just below it; an
 * exception or interrupt a whole struct pt_regs at it, or only the five words that the
 * processor itself pushes (regs_partial: the begin of the entry code). The caller's rbp, which
 * other entries need, is where the entry says, or unchanged.
 *
 * What came from an exception is looked up by its own address; for a return address it is
 * the byte before, as a call at a function's end returns to no place of that function.
 *
 * As the kernel does it: a call through a NULL pointer has left its return address on top
 * of the stack, and generated code (BPF, trampolines), which no table knows, is taken to
 * have a frame pointer. Not as the kernel, which gives up then: any other pc that is no code
 * is taken for a bad pointer too, if what is on top of the stack is behind a call.
 */
#include <inttypes.h>

#include "err.h"
#include "regs.h"
#include "space.h"
#include "stop.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	/* words of struct pt_regs (arch/x86/include/asm/ptrace.h), and of the note's registers */
	R13 = 2, BP = 4, R10 = 7, AX = 10, DX = 12, DI = 14, FULL = 15,
	IP = 16, CS = 17, SP = 19, PT_REGS = 21,
	WORD = 8, IRET = IP * WORD, IRET_WORDS = 5,
	CS_USER = 3,
};

/* modules and generated code (Documentation/arch/x86/x86_64/mm.rst) */
#define MODULES_START	UINT64_C(0xffffffffa0000000)
#define MODULES_END	UINT64_C(0xffffffffff000000)

struct state {
	struct unwinder *u;
	struct trace *t;
	uint64_t ip, sp, bp;
	bool signal;			/* ip was to run next, and is no return address */
	bool user;			/* ip is a user's */
	bool guessed;
	bool at_regs;			/* we came here from registers on the stack */
	bool full;			/* and reg[] is known */
	uint64_t reg[FULL];
	unsigned ways;			/* see stack_moved() */
};

/* what a frame is like: the caller's ones */
struct step {
	uint64_t sp;			/* as the entry gives it */
	struct orc_rule rule;
};

static bool read_words(struct state *s, uint64_t at, uint64_t *words, unsigned n)
{
	uint8_t bytes[PT_REGS * WORD];

	if (space_read(s->u->sp, bytes, n * WORD, at)) {
		trace_broken(s->t, "stack: %s", err_text());
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		words[i] = vmcore_u64(s->u->sp->vm, bytes + i * WORD);
	return true;
}

/* a register of the frame that is left now: known only if it was interrupted */
static bool reg(struct state *s, unsigned number, const char *name, uint64_t *value)
{
	if (!s->full) {
		trace_broken(s->t, "%#" PRIx64 ": needs %s, which is not known", s->ip, name);
		return false;
	}
	*value = s->reg[number];
	return true;
}

static bool find_sp(struct state *s, struct step *step)
{
	uint64_t offset = (uint64_t)(int64_t)step->rule.sp_offset;

	switch (step->rule.sp) {
	case BASE_SP:
		step->sp = s->sp + offset;
		return true;
	case BASE_BP:
		step->sp = s->bp + offset;
		return true;
	case BASE_SP_INDIRECT:
		if (!read_words(s, s->sp, &step->sp, 1))
			return false;
		step->sp += offset;
		return true;
	case BASE_BP_INDIRECT:
		return read_words(s, s->bp + offset, &step->sp, 1);
	case BASE_AX:
		return reg(s, AX, "rax", &step->sp);
	case BASE_DX:
		return reg(s, DX, "rdx", &step->sp);
	case BASE_DI:
		return reg(s, DI, "rdi", &step->sp);
	case BASE_R10:
		return reg(s, R10, "r10", &step->sp);
	case BASE_R13:
		return reg(s, R13, "r13", &step->sp);
	default:
		trace_broken(s->t, "%#" PRIx64 ": the unwind table is damaged", s->ip);
		return false;
	}
}

/* the caller's rbp; bp is that of the frame that was left, the registers are those of take() */
static bool find_bp(struct state *s, const struct step *step, uint64_t bp)
{
	uint64_t offset = (uint64_t)(int64_t)step->rule.bp_offset;

	switch (step->rule.bp) {
	case BASE_UNDEFINED:
		s->bp = s->full ? s->reg[BP] : bp;
		return true;
	case BASE_PREV_SP:
		return read_words(s, step->sp + offset, &s->bp, 1);
	case BASE_BP:
		return read_words(s, bp + offset, &s->bp, 1);
	default:
		trace_broken(s->t, "%#" PRIx64 ": the unwind table is damaged", s->ip);
		return false;
	}
}

static bool take_call(struct state *s, const struct step *step)
{
	if (!read_words(s, step->sp - WORD, &s->ip, 1))
		return false;
	s->sp = step->sp;
	s->at_regs = false;
	s->full = false;
	s->user = false;
	return true;
}

static bool take_regs(struct state *s, const struct step *step)
{
	uint64_t words[PT_REGS];

	if (!read_words(s, step->sp, words, PT_REGS))
		return false;
	for (int i = 0; i < FULL; i++)
		s->reg[i] = words[i];
	s->ip = words[IP];
	s->sp = words[SP];
	s->user = words[CS] & CS_USER;
	s->at_regs = s->full = true;
	return true;
}

/* the other registers are still those of the frame before, if that was one of registers */
static bool take_iret(struct state *s, const struct step *step)
{
	uint64_t words[IRET_WORDS];

	if (!read_words(s, step->sp, words, IRET_WORDS))
		return false;
	s->ip = words[0];
	s->user = words[CS - IP] & CS_USER;
	s->sp = words[SP - IP];
	s->at_regs = true;
	return true;
}

static bool take(struct state *s, const struct step *step)
{
	switch (step->rule.type) {
	case ORC_CALL:
		return take_call(s, step);
	case ORC_REGS:
		return take_regs(s, step);
	case ORC_REGS_PARTIAL:
		return take_iret(s, step);
	default:
		trace_broken(s->t, "%#" PRIx64 ": the unwind table is damaged", s->ip);
		return false;
	}
}

/* is the caller's frame on the same stack as this one? */
static bool stays(const struct orc_rule *rule)
{
	return rule->type == ORC_CALL && (rule->sp == BASE_SP || rule->sp == BASE_BP);
}

static const struct orc_rule called = {
	.sp = BASE_SP, .sp_offset = WORD, .bp = BASE_UNDEFINED, .type = ORC_CALL,
};
static const struct orc_rule framed = {
	.sp = BASE_BP, .sp_offset = 2 * WORD, .bp = BASE_PREV_SP, .bp_offset = -2 * WORD,
	.type = ORC_CALL,
};

/* is an address behind a call at that place in the stack? */
static bool returns_at(struct state *s, uint64_t sp)
{
	uint64_t ret, to;

	return space_read_u64(s->u->sp, sp, &ret) == 0 && is_text(s->u, ret) &&
	       call_before(s->u, ret, &to) != 0;
}

/* the registers' own frame: what the table says is to be believed if a call has led there */
static void settle(struct state *s, struct orc_rule *rule)
{
	struct step step = { .rule = *rule };

	if (rule->type != ORC_UNDEFINED &&
	    !(stays(rule) && find_sp(s, &step) && !returns_at(s, step.sp - WORD)))
		return;
	if (!orc_find_caller(s->u, s->ip, s->sp, rule) && returns_at(s, s->sp))
		*rule = called;
}

static bool is_code(const struct state *s, uint64_t ip)
{
	return is_text(s->u, ip) || (ip >= MODULES_START && ip < MODULES_END);
}

/* for an address that no table knows: see above */
static void guess(struct state *s, struct orc_rule *rule)
{
	*rule = called;
	if (s->ip == 0 || (s->signal && !is_code(s, s->ip) && returns_at(s, s->sp)))
		return;
	*rule = framed;
	s->guessed = true;
}

/* false: the trace has ended, whole or broken */
static bool next(struct state *s)
{
	uint64_t from_ip = s->ip, from_sp = s->sp, bp = s->bp;
	struct step step = { 0 };
	int rc = s->ip == 0 ? 0 : orc_find(s->u, s->signal ? s->ip : s->ip - 1, &step.rule);

	if (rc < 0) {
		trace_broken(s->t, "%s", err_text());
		return false;
	}
	if (rc == 0)
		guess(s, &step.rule);
	else if (s->t->n == 1)
		settle(s, &step.rule);
	if (step.rule.type == ORC_END)
		return false;
	if (step.rule.type == ORC_UNDEFINED) {
		trace_broken(s->t, "%#" PRIx64 ": the kernel has no rule to unwind from here",
			     s->ip);
		return false;
	}
	if (!find_sp(s, &step) || !take(s, &step) || !find_bp(s, &step, bp))
		return false;
	s->signal = step.rule.signal;
	if (!s->user && !stack_moved(from_sp, s->sp, stays(&step.rule), &s->ways)) {
		trace_broken(s->t, "%#" PRIx64 ": the stack goes the wrong way", from_ip);
		return false;
	}
	if (step.rule.type == ORC_CALL && !is_code(s, s->ip)) {
		trace_broken(s->t, "%#" PRIx64 " was called from %#" PRIx64 ", which is no code",
			     from_ip, s->ip);
		return false;
	}
	return true;
}

void unwind_orc(struct unwinder *u, const struct regs *r, struct trace *t)
{
	struct state s = {
		.u = u, .t = t, .ip = r->pc, .sp = r->sp, .bp = r->fp, .signal = true,
		.at_regs = true, .full = true,
	};

	for (int i = 0; i < FULL; i++)
		s.reg[i] = r->value[i];
	while (next(&s) && !s.user && stop_check() == 0)
		if (!trace_add(t, (struct frame){ .pc = s.ip, .back = !s.signal,
						  .interrupted = s.at_regs,
						  .guessed = s.guessed }))
			return;
}
