/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump itself knows of the crash: its notes, and the kernel's memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "cursor.h"
#include "err.h"
#include "space.h"
#include "stop.h"
#include "summary-line.h"
#include "summary-state.h"
#include "vmcore-info.h"
#include "vmcore.h"

/* 2^36 pages are 256 TiB in small ones: what claims to be larger is not counted */
enum { WINDOWS_MAX = 1 << 16 };
/* of pages at the end of a file that are read to see that it is whole */
enum { END_BYTES = 1 << 20 };
/* more than any kernel can be built for (CONFIG_NR_CPUS) */
enum { NOTES_MAX = 1 << 13 };

static void why(char text[SUMMARY_WHY])
{
	line_copy(text, SUMMARY_WHY, err_text());
}

/* six strings, each ends in a NUL if it is sound */
static void take_utsname(struct summary *s, const char *utsname)
{
	char *const to[] = { NULL, s->node, s->release, s->version, s->machine };

	for (size_t i = 1; i < sizeof to / sizeof *to; i++)
		if (!to[i][0])
			line_clean(to[i], UTSNAME_FIELD, utsname + i * UTSNAME_FIELD,
				   strnlen(utsname + i * UTSNAME_FIELD, UTSNAME_FIELD - 1));
}

static void take_names(struct summary *s)
{
	char utsname[UTSNAME_LEN];
	const char *id;
	size_t n;

	line_copy(s->release, sizeof s->release, s->vm->info.release);
	if (s->sp && utsname_read(s->sp, utsname))
		take_utsname(s, utsname);
	else if (s->vm->header.known)
		take_utsname(s, s->vm->header.utsname);
	if (!s->release[0])
		line_copy(s->release, sizeof s->release, s->log_release);
	id = kinfo_string(&s->vm->info, "BUILD-ID", &n);
	if (id && n < sizeof s->build_id)
		line_clean(s->build_id, sizeof s->build_id, id, n);
}

/*
 * QEMU's dump-guest-memory does not know processes: it puts the processor's number there,
 * from 1 on (target/i386/arch_dump.c, target/arm/arch_dump.c).
 */
static void count_notes(struct summary *s)
{
	struct cursor c = cursor_over(s->vm->notes, s->vm->notes_len, s->vm->swap);
	bool in_order = true, qemu = false, too_many = false;
	struct note note;

	while (!too_many && note_next(&c, &note) == 1) {
		qemu |= note.namelen == 4 && memcmp(note.name, "QEMU", 4) == 0;
		if (!regs_is_note(&note))
			continue;
		too_many = s->notes == NOTES_MAX;
		s->notes += !too_many;
		in_order &= regs_pid(s->vm, &note) == s->notes;
	}
	s->no_pids = qemu || (in_order && s->notes > 1);
	if (too_many) {
		s->complete = false;
		line_copy(s->flaw, sizeof s->flaw, "it has registers of too many processors");
	}
}

/* the bytes of RAM, a window of pages at a time; -1: ERR_STOPPED */
static int count_memory(struct summary *s)
{
	uint64_t pages = 0, n = s->vm->npfns;

	if (n / VMCORE_WINDOW >= WINDOWS_MAX)
		return 0;
	for (uint64_t first = 0; first < n; first += VMCORE_WINDOW) {
		struct bitmap bm;
		int rc;

		if (stop_check())
			return -1;
		if (bitmap_open(&bm, VMCORE_WINDOW))
			return 0;
		rc = vmcore_ram(s->vm, &bm, first);
		pages += bitmap_count(&bm, 0, VMCORE_WINDOW);
		bitmap_close(&bm);
		if (rc)
			return err_code() == ERR_STOPPED ? -1 : 0;
	}
	s->memory = pages * s->vm->page_size;
	return 0;
}

/*
 * A kdump file that was cut off has all its page descriptors, and is whole as far as
 * opening it can tell: are the last of its pages there? -1: ERR_STOPPED
 */
static int check_end(struct summary *s)
{
	uint64_t windows = (s->vm->npfns + VMCORE_WINDOW - 1) / VMCORE_WINDOW;
	uint32_t left = END_BYTES / s->vm->page_size + 1;

	if (!s->complete || s->vm->live || !vmcore_has_stored(s->vm) || windows > WINDOWS_MAX)
		return 0;
	while (windows-- > 0 && left > 0 && s->complete) {
		struct bitmap bm;
		uint8_t byte;

		if (stop_check())
			return -1;
		if (bitmap_open(&bm, VMCORE_WINDOW))
			return 0;
		s->complete = vmcore_held(s->vm, &bm, windows * VMCORE_WINDOW) == 0;
		for (uint64_t n = VMCORE_WINDOW; n-- > 0 && left > 0 && s->complete;)
			if (bitmap_test(&bm, n) && left-- > 0)
				s->complete = vmcore_read(s->vm, &byte, 1, (windows *
					VMCORE_WINDOW + n) << s->vm->page_shift) == 0;
		bitmap_close(&bm);
	}
	if (!s->complete) {
		fail_in("its last pages cannot be read");
		why(s->flaw);
	}
	return 0;
}

/* what the kernel's variables say; those that are not there cost nothing else */
static void take_variables(struct summary *s)
{
	enum { TAINT, PANIC_CPU, CRASHING_CPU, N };
	static const char *const names[N] = { "tainted_mask", "panic_cpu", "crashing_cpu" };
	uint64_t at[N] = { 0 };
	uint32_t cpu;

	if (kallsyms_find(s->symbols.ks, names, at, N) <= 0)
		return;
	s->has_taint = at[TAINT] && space_read_u64(s->sp, at[TAINT], &s->taint) == 0;
	for (int i = PANIC_CPU; i < N && !s->has_panic_cpu; i++) {
		/* -1: nobody has panicked */
		s->has_panic_cpu = at[i] && space_read_u32(s->sp, at[i], &cpu) == 0 &&
				   cpu < UINT32_C(0x7fffffff);
		s->panic_cpu = s->has_panic_cpu ? cpu : 0;
	}
}

static int open_symbols(struct summary *s)
{
	if (!s->sp) {
		line_copy(s->symbols_why, sizeof s->symbols_why,
			  "without VMCOREINFO the kernel's memory cannot be read");
		return 0;
	}
	if (symbols_open(&s->symbols, s->sp)) {
		why(s->symbols_why);
		s->symbols_damaged = err_code() == ERR_CORRUPT;
		return err_code() == ERR_STOPPED ? -1 : 0;
	}
	s->has_symbols = true;
	s->symbols_damaged = s->symbols.modules.damaged;
	line_copy(s->symbols_why, sizeof s->symbols_why, s->symbols.trouble);
	take_variables(s);
	return stop_check() ? -1 : 0;
}

static void name_call(struct summary *s, struct call *c, const struct frame *f)
{
	const struct module *m = NULL;
	struct symbol sym;

	*c = (struct call){ .at = f->pc, .times = 1, .maybe = f->guessed,
			    .interrupted = f->interrupted };
	if (!s->has_symbols || symbols_at(&s->symbols, f->pc - f->back, &sym, &m) != 1)
		return;
	line_copy(c->name, sizeof c->name, sym.name);
	if (m)
		line_copy(c->module, sizeof c->module, m->name);
	c->offset = f->pc - sym.at;
	c->size = sym.size;
}

static void take_frames(struct summary *s, struct memory_trace *t)
{
	for (size_t i = 0; i < s->trace.n; i++) {
		struct call *last = t->n > 0 ? &t->call[t->n - 1] : NULL;
		struct call c;

		if (last && last->at == s->trace.frame[i].pc && last->times < UINT32_MAX) {
			last->times++;
			continue;
		}
		if (t->n == REPORT_CALLS) {
			t->cut = true;
			break;
		}
		name_call(s, &c, &s->trace.frame[i]);
		c.interrupted &= i > 0;	/* that the first one was is plain */
		t->named |= c.name[0] != '\0';
		t->call[t->n++] = c;
	}
	t->cut |= s->trace.end == TRACE_FULL;
	if (s->trace.end == TRACE_BROKEN)
		line_copy(t->why, sizeof t->why, s->trace.why);
}

int summary_memory_trace(struct summary *s, unsigned note, struct memory_trace *t)
{
	int rc;

	*t = (struct memory_trace){ 0 };
	if (stop_check())
		return -1;
	rc = regs_read(s->vm, note, &t->regs);
	if (rc < 0)
		why(t->why);
	if (rc <= 0)
		return rc < 0 && note < s->notes ? 1 : 0;
	t->known = true;
	if (t->regs.user || !s->sp)
		return 1;
	if (!s->unwinder)
		s->unwinder = unwind_open(s->sp, s->has_symbols ? &s->symbols : NULL);
	if (!s->unwinder || unwind(s->unwinder, &t->regs, &s->trace)) {
		if (err_code() == ERR_STOPPED)
			return -1;
		why(t->why);
		return 1;
	}
	take_frames(s, t);
	return 1;
}

/*
 * The registers of the processor that crashed. Their notes are in the processors' order,
 * but one that was offline has none: so the task must be the right one too.
 */
static int find_own(struct summary *s)
{
	const struct report *end = s->end && s->end->has_pid ? s->end : NULL;
	bool known = s->has_panic_cpu || (end && end->has_cpu);
	uint32_t cpu = end && end->has_cpu ? end->cpu : s->panic_cpu;
	struct regs r;
	unsigned best = UINT32_MAX;

	if (end && end->kind == KIND_HUNG_TASK)
		end = NULL;	/* that task did not run */
	if (s->no_pids)
		end = NULL;
	if (known && regs_read(s->vm, cpu, &r) == 1 && (!end || r.pid == end->pid) &&
	    cpu < s->notes)
		best = cpu;
	for (unsigned i = 0; best == UINT32_MAX && end && end->pid && i < s->notes; i++)
		if (stop_check())
			return -1;
		else if (regs_read(s->vm, i, &r) == 1 && r.pid == end->pid)
			best = i;
	if (best == UINT32_MAX && s->notes == 1)
		best = 0;
	if (best != UINT32_MAX)
		return summary_memory_trace(s, best, &s->own) < 0 ? -1 : 0;
	line_copy(s->own.why, sizeof s->own.why, s->notes == 0 ?
		  "the dump has no registers" : "the registers of the processor that crashed "
		  "are not in the dump");
	return 0;
}

void summary_notes(struct summary *s, struct vmcore *vm, struct space *sp)
{
	s->vm = vm;
	s->sp = sp;
	summary_choose(s);
	take_names(s);
	s->crash_time = vm->info.crash_time > 0 ? vm->info.crash_time :
			vm->header.known ? vm->header.time_sec : 0;
	s->complete = !vm->cut_short && !vm->flaw[0] && !vm->notes_damaged;
	line_copy(s->flaw, sizeof s->flaw, vm->flaw[0] ? vm->flaw :
		  vm->cut_short ? "the file ends before its pages do" :
		  vm->notes_damaged ? "its notes are damaged" : "");
	count_notes(s);
	s->brief = true;
}

int summary_dump(struct summary *s, struct vmcore *vm, struct space *sp)
{
	summary_notes(s, vm, sp);
	s->brief = false;
	if (check_end(s) || count_memory(s) || open_symbols(s) || find_own(s))
		return -1;
	if (s->end && s->own.named)
		calls_mend(s->end, &s->own);
	return 0;
}

bool summary_is_partial(const struct summary *s)
{
	return s->vm && (!s->complete || s->log_why[0] || s->gaps || s->symbols_damaged);
}

void summary_close(struct summary *s)
{
	if (!s)
		return;
	if (s->unwinder)
		unwind_close(s->unwinder);
	if (s->has_symbols)
		symbols_close(&s->symbols);
	free(s);
}
