/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "btf.h"
#include "err.h"
#include "kallsyms.h"
#include "kinfo.h"
#include "regs.h"
#include "space.h"
#include "stop.h"
#include "symbols.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	STACK_BLOCK = 1 << 14,		/* stacks have at least this many bytes, mostly */
	/* bytes in struct pt_regs before "stackframe", to 6.12 and in 7.2 */
	RECORD_BEFORE = 304, RECORD_SINCE = 296,
};

bool trace_add(struct trace *t, struct frame f)
{
	if (t->n == TRACE_MAX) {
		t->end = TRACE_FULL;
		return false;
	}
	t->frame[t->n++] = f;
	return true;
}

void trace_broken(struct trace *t, const char *fmt, ...)
{
	va_list args;

	if (t->end == TRACE_BROKEN)
		return;
	t->end = TRACE_BROKEN;
	va_start(args, fmt);
	vsnprintf(t->why, sizeof t->why, fmt, args);
	va_end(args);
}

bool stack_moved(uint64_t from, uint64_t to, bool same_stack, unsigned *ways)
{
	if (to > from && to - from < STACK_BLOCK)
		return true;
	if (same_stack && to / STACK_BLOCK == from / STACK_BLOCK)
		return false;
	return to != from && (*ways)++ < SWITCHES_MAX;
}

static void open_arm64(struct unwinder *u)
{
	static const char *const names[] = { "_stext", "_etext", "_sinittext", "_einittext" };
	const struct kinfo *ki = &u->sp->vm->info;
	uint64_t at[4] = { 0 }, size;
	struct btf_member m;
	int64_t mask;

	if (u->s && u->s->ks && kallsyms_find(u->s->ks, names, at, 4) >= 0)
		for (int i = 0; i < 2; i++) {
			u->text[i].start = at[2 * i];
			u->text[i].end = at[2 * i + 1];
		}
	if (kinfo_number(ki, "KERNELPACMASK", &mask))
		u->code_mask = (uint64_t)mask;
	u->meta = ki->version >= KINFO_VERSION(6, 13, 0);
	u->record = u->meta ? RECORD_SINCE : RECORD_BEFORE;
	if (!u->s || !u->s->btf)
		return;
	if (btf_size(u->s->btf, "pt_regs", &size) == 1)
		u->meta = btf_size(u->s->btf, "frame_record_meta", &size) == 1;
	if (btf_member(u->s->btf, "pt_regs", "stackframe", &m) == 1)
		u->record = m.bit / 8;
}

struct unwinder *unwind_open(struct space *sp, struct symbols *s)
{
	struct unwinder *u = calloc(1, sizeof *u);

	if (!u) {
		fail_sys("the unwind tables");
		return NULL;
	}
	u->sp = sp;
	u->s = s;
	if (sp->vm->machine == EM_X86_64)
		orc_open(u);
	else if (sp->vm->machine == EM_AARCH64)
		open_arm64(u);
	if (stop_check()) {
		unwind_close(u);
		return NULL;
	}
	return u;
}

static void unwind_x86(struct unwinder *u, const struct regs *r, struct trace *t)
{
	if (u->image.n > 0) {
		unwind_orc(u, r, t);
		return;
	}
	/* without either kind of symbols nothing found would be believed */
	if (u->text[0].end != 0)
		unwind_x86_frames(u, r, t);
	else
		trace_broken(t, "%s", u->trouble);
}

int unwind(struct unwinder *u, const struct regs *r, struct trace *t)
{
	t->n = 0;
	t->end = TRACE_WHOLE;
	t->why[0] = '\0';
	trace_add(t, (struct frame){ .pc = r->pc, .interrupted = true });
	if (r->user)
		return 0;
	if (r->machine == EM_X86_64)
		unwind_x86(u, r, t);
	else if (r->machine == EM_AARCH64)
		unwind_arm64(u, r, t);
	else
		trace_broken(t, "stacks of machine type %u cannot be read by this version",
			     r->machine);
	return stop_check();
}

void unwind_close(struct unwinder *u)
{
	free(u);
}
