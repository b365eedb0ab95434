/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/regs.c dumpmsg/unwind.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c */
/*
 * Unwinding: whatever registers, tables and stacks are, a trace comes to an end and says
 * why; and registers' notes.
 *
 * Input: a byte of choices (machine, how tables are read), four words of registers (pc, sp,
 * frame pointer, lr), a byte of the tables' length in eights, and memory, which is code,
 * tables, module and stack at once, and so often as it takes. All of it is taken for
 * notes, too.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "../../dumpmsg/regs.h"
#include "../../dumpmsg/unwind-parts.h"
#include "cursor.h"
#include "err.h"
#include "space.h"
#include "symbols.h"
#include "vmcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { ARM64 = 1, RENUMBERED = 2, META = 4, NO_TABLES = 8, FORMAT_SHIFT = 4 };
#define TEXT	UINT64_C(0xffffffff81000000)
#define MODULE	UINT64_C(0xffffffffc0000000)
#define STACK	UINT64_C(0xffffc90000000000)
#define SIZE	UINT64_C(0x40000)

static const uint8_t *memory;
static size_t memory_len;
static struct trace trace;

static int read_memory(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint8_t *p = buf;

	(void)vm;
	if (memory_len == 0 || phys >= SIZE || len > SIZE - phys)
		return fail(ERR_CORRUPT, "no memory there");
	for (size_t i = 0; i < len; i++)
		p[i] = memory[(phys + i) % memory_len];
	return 0;
}

static const struct vmcore_ops ops = { .name = "fuzz", .read = read_memory };

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void check_trace(const struct regs *r)
{
	require(trace.n >= 1 && trace.n <= TRACE_MAX);
	require(trace.frame[0].pc == r->pc && trace.frame[0].interrupted);
	require(trace.end == TRACE_WHOLE || trace.end == TRACE_FULL || trace.end == TRACE_BROKEN);
	require(trace.end != TRACE_FULL || trace.n == TRACE_MAX);
	require((trace.why[0] != '\0') == (trace.end == TRACE_BROKEN));
	require(memchr(trace.why, '\0', sizeof trace.why));
	for (size_t i = 1; i < trace.n; i++)
		require(trace.frame[i].back || trace.frame[i].interrupted ||
			r->machine == EM_X86_64);
}

static void check_notes(struct vmcore *vm, const uint8_t *data, size_t len)
{
	uint8_t *notes = malloc(len + 1);
	struct regs r;

	require(notes);
	memcpy(notes, data, len);
	vm->notes = notes;
	vm->notes_len = len;
	for (unsigned i = 0; i < 4; i++)
		if (regs_read(vm, i, &r) == 1)
			require(r.note == i && r.n > 0 && r.n <= REGS_MAX);
	free(notes);
	vm->notes = NULL;
	vm->notes_len = 0;
}

static void check_unwind(struct unwinder *u, struct cursor *c, unsigned choice)
{
	struct regs r = { .machine = u->sp->vm->machine, .n = REGS_MAX };

	r.pc = cursor_u64(c);
	r.sp = cursor_u64(c);
	r.fp = cursor_u64(c);
	r.lr = cursor_u64(c);
	for (int i = 0; i < REGS_MAX; i++)
		r.value[i] = i % 2 ? r.sp + (uint64_t)i * 8 : r.lr;
	u->image = (struct orc_table){ TEXT + 64, TEXT + 1024, cursor_u8(c) * UINT64_C(8) };
	memory_len = cursor_left(c);
	memory = cursor_take(c, memory_len);
	if (choice & NO_TABLES)
		u->image.n = 0;
	require(unwind(u, &r, &trace) == 0);
	check_trace(&r);
	if (u->image.n > 0 && orc_numbering(u) == 0) {
		require(unwind(u, &r, &trace) == 0);
		check_trace(&r);
	}
	u->text[1].start = TEXT + SIZE;
	if (orc_search(u) == 0)
		require(u->image.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor c = cursor_over(data, len, false);
	unsigned choice = cursor_u8(&c);
	struct vmcore vm = {
		.ops = &ops, .machine = choice & ARM64 ? EM_AARCH64 : EM_X86_64,
		.page_size = 4096, .page_shift = 12, .npfns = SIZE >> 12,
	};
	struct space sp = { .vm = &vm };
	struct module m = {
		.name = "m", .part = { { MODULE, 0x4000, 0x4000 } }, .orc_ip = MODULE + 64,
		.orc = MODULE + 1024, .num_orcs = choice * 8, .symtab = MODULE + 128,
		.strtab = MODULE + 512, .num_symtab = 8,
	};
	struct symbols s = { .sp = &sp, .modules = { .sp = &sp, .module = &m, .n = 1 } };
	struct unwinder u = {
		.sp = &sp, .s = &s, .text = { { TEXT, TEXT + 0x8000 } },
		.format = (enum orc_format)(choice >> FORMAT_SHIFT & 3),
		.renumbered = choice & RENUMBERED, .meta = choice & META, .record = 296,
		.code_mask = UINT64_C(0xff7f000000000000),
	};

	space_add_linear(&sp, TEXT, SIZE, 0);
	space_add_linear(&sp, MODULE, 0x4000, 0);
	space_add_linear(&sp, STACK, SIZE, 0);
	peek_open(&s.modules.peek_symbols, &sp);
	peek_open(&s.modules.peek_names, &sp);
	check_notes(&vm, data, len);
	if (cursor_ok(&c))
		check_unwind(&u, &c, choice);
	return 0;
}
