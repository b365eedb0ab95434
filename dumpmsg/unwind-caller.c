/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that panic() saves (crash_setup_regs()) are those of __crash_kexec(), of
 * which the unwind tables say nothing (STACK_FRAME_NON_STANDARD, since 5.2). But the call
 * that led there can be recognised: the first word on the stack that is an address behind
 * a call of this very function is where it returns to.
 *
 * The caller's rbp is what it was, unless the function begins with saving it.
 */
#include <string.h>

#include "space.h"
#include "symbols.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	WORD = 8,
	FRAME_WORDS = 256,		/* that the function's own frame may have */
	LANDING = 16,			/* calls may skip a function's first instruction */
	BEGIN = 64,			/* bytes of code in which registers are saved */
	REX = 0x40, REX_MASK = 0xf0, REX_B = 1,
	PUSH = 0x50, PUSH_MASK = 0xf8, PUSH_RBP = 0x55, CALL_NEAR = 0xe8, GROUP_5 = 0xff,
	MOVE_IMMEDIATE = 0xb8,
};

int call_before(struct unwinder *u, uint64_t address, uint64_t *to)
{
	enum { BEFORE = 7, NEAR = 5 };
	uint8_t code[BEFORE];

	if (space_read(u->sp, code, sizeof code, address - BEFORE))
		return 0;
	if (code[BEFORE - NEAR] == CALL_NEAR) {
		uint32_t offset = vmcore_u32(u->sp->vm, code + BEFORE - NEAR + 1);

		*to = address + (uint64_t)(int64_t)(int32_t)offset;
		return 1;
	}
	/* /2 of the group: by a register or by memory, with a displacement or without */
	for (int i = 0; i + 1 < BEFORE; i++)
		if (code[i] == GROUP_5 && (code[i + 1] >> 3 & 7) == 2)
			return 2;
	return 0;
}

/* bytes of an instruction that compilers have among those that save registers; 0: another */
static unsigned length(const uint8_t *p)
{
	static const struct { uint8_t len, bytes[5]; } whole[] = {
		{ 4, { 0xf3, 0x0f, 0x1e, 0xfa } },		/* endbr64 */
		{ 4, { 0x66, 0x0f, 0x1f, 0x00 } },		/* what it was replaced by */
		{ 4, { 0x0f, 0x1f, 0x40, 0xd6 } },
		{ 5, { 0x0f, 0x1f, 0x44, 0x00, 0x00 } },	/* ftrace, off */
	};
	static const uint8_t between_registers[] = { 0x31, 0x33, 0x85, 0x89, 0x8b };
	unsigned rex = (p[0] & REX_MASK) == REX;

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (memcmp(p, whole[i].bytes, whole[i].len) == 0)
			return whole[i].len;
	if (p[0] == CALL_NEAR)
		return 5;					/* ftrace, on */
	if ((p[rex] & PUSH_MASK) == PUSH)
		return rex + 1;
	if ((p[rex] & PUSH_MASK) == MOVE_IMMEDIATE && !rex)
		return 5;
	if (memchr(between_registers, p[rex], sizeof between_registers) && p[rex + 1] >= 0xc0)
		return rex + 2;
	return 0;
}

/* how many words below the return address rbp was saved; 0: it was not */
static int saved_rbp(struct unwinder *u, uint64_t function)
{
	uint8_t code[BEGIN + 8] = { 0 };
	unsigned at = 0, len;
	int pushed = 0;

	if (space_read(u->sp, code, BEGIN, function))
		return 0;
	for (; at < BEGIN && (len = length(code + at)) > 0; at += len) {
		unsigned rex = (code[at] & REX_MASK) == REX;

		if ((code[at + rex] & PUSH_MASK) != PUSH)
			continue;
		pushed++;
		if (code[at + rex] == PUSH_RBP && !(rex && code[at] & REX_B))
			return pushed;
	}
	return 0;
}

bool orc_find_caller(struct unwinder *u, uint64_t ip, uint64_t sp, struct orc_rule *rule)
{
	const struct module *m;
	struct symbol sym;
	uint64_t word, to;
	int rbp;

	if (!u->s || symbols_at(u->s, ip, &sym, &m) != 1)
		return false;
	for (int i = 0; i < FRAME_WORDS; i++) {
		if (space_read_u64(u->sp, sp + (uint64_t)i * WORD, &word))
			return false;
		if (!is_text(u, word) || call_before(u, word, &to) != 1 ||
		    to - sym.at >= LANDING)
			continue;
		rbp = saved_rbp(u, sym.at);
		*rule = (struct orc_rule){
			.type = ORC_CALL, .sp = BASE_SP,
			.sp_offset = (int16_t)((i + 1) * WORD),
			.bp = rbp ? BASE_PREV_SP : BASE_UNDEFINED,
			.bp_offset = (int16_t)(-(rbp + 1) * WORD),
		};
		return true;
	}
	return false;
}
