/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For people: labels that do not change, one screen for most crashes. All text has gone
 * through line_clean(), or is our own.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "summary-line.h"
#include "summary-state.h"

enum { LABEL = 12, SCREEN_CALLS = 24, NSEC_PER_MSEC = 1000000 };

/* "label:      text"; without a label a line that goes on */
static void put(FILE *to, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put(FILE *to, const char *label, const char *fmt, ...)
{
	va_list ap;

	fprintf(to, "%s%s%*s", label, *label ? ":" : "",
		(int)(LABEL - strlen(label) - (*label != '\0')), "");
	va_start(ap, fmt);
	vfprintf(to, fmt, ap);
	va_end(ap);
	putc('\n', to);
}

static void put_words(FILE *to, const char *letters)
{
	for (const char *p = letters; *p; p++) {
		const struct taint *t = taint_of(*p);

		fprintf(to, "%s%s", p > letters ? ", " : "", t ? t->words : "not known here");
	}
}

static void print_call(FILE *to, const char *label, const struct call *c)
{
	char times[32] = "";

	if (c->times > 1)
		snprintf(times, sizeof times, "  (%" PRIu32 " times)", c->times);
	if (c->name[0])
		put(to, label, "%s%s+0x%" PRIx64 "/0x%" PRIx64 "%s%s%s%s%s", c->maybe ? "? " : "",
		    c->name, c->offset, c->size, c->module[0] ? " [" : "", c->module,
		    c->module[0] ? "]" : "", times, c->interrupted ? "  (interrupted)" : "");
	else
		put(to, label, "%s0x%016" PRIx64 "%s%s", c->maybe ? "? " : "", c->at, times,
		    c->interrupted ? "  (interrupted)" : "");
}

/* those with "?" only if there are no others */
static void print_calls(FILE *to, const struct call *call, size_t n, bool cut, bool every)
{
	size_t shown = 0, sure = 0, left = 0;

	for (size_t i = 0; i < n; i++)
		sure += !call[i].maybe;
	for (size_t i = 0; i < n; i++) {
		if (call[i].maybe && sure > 0)
			continue;
		if (shown++ < SCREEN_CALLS || every)
			print_call(to, "", &call[i]);
		else
			left++;
	}
	if (left > 0 || cut)
		put(to, "", "... and more%s", left > 0 ? " (-v shows them)" : "");
}

static void print_kernel(const struct summary *s, const char *path, FILE *to)
{
	char name[SUMMARY_LINE];

	line_copy(name, sizeof name, path);
	put(to, "dump", "%s (%s%s)", name, s->complete ? "complete" : "not complete: ",
	    s->complete ? "" : s->flaw);
	if (s->release[0])
		put(to, "kernel", "Linux %s%s%s", s->release, s->version[0] ? " " : "", s->version);
	else
		put(to, "kernel", "not known");
	if (s->build_id[0])
		put(to, "build ID", "%s", s->build_id);
}

static void print_machine(const struct summary *s, FILE *to)
{
	const char *arch = summary_arch(s), *hardware = summary_hardware(s);
	uint64_t memory = s->memory > s->log_memory ? s->memory : s->log_memory;
	uint32_t cpus = s->notes ? s->notes : s->log_cpus;
	char size[48] = "memory not known", many[48] = "processors not known";

	if (memory)
		snprintf(size, sizeof size, "%" PRIu64 " MiB of memory", memory >> 20);
	if (cpus)
		snprintf(many, sizeof many, "%" PRIu32 " processor%s", cpus, cpus == 1 ? "" : "s");
	put(to, "machine", "%s, %s, %s, %s", s->node[0] ? s->node : "name not known",
	    arch[0] ? arch : "architecture not known", many, size);
	if (hardware[0])
		put(to, "hardware", "%s", hardware);
}

static void print_time(const struct summary *s, FILE *to)
{
	char utc[SUMMARY_TIME], here[SUMMARY_TIME], up[64] = "";
	uint64_t sec = s->last_nsec / 1000000000;

	if (s->timed)
		/* of a machine that went on, the log does not tell how long */
		snprintf(up, sizeof up, "%s %" PRIu64 " d %02u:%02u:%02u.%03u",
			 s->cause || s->crash_time > 0 ? "up" : "up at its last message", sec / 86400,
			 (unsigned)(sec / 3600 % 24), (unsigned)(sec / 60 % 60),
			 (unsigned)(sec % 60),
			 (unsigned)(s->last_nsec % 1000000000 / NSEC_PER_MSEC));
	else
		snprintf(up, sizeof up, "how long it was up is not known");
	if (s->crash_time <= 0) {
		put(to, "crashed", "when is not known, %s", up);
		return;
	}
	summary_time(s->crash_time, false, utc);
	summary_time(s->crash_time, true, here);
	/* where the clock shows UTC, once is enough */
	if (strncmp(utc, here, sizeof "2026-11-22T00:23:57" - 1) == 0)
		put(to, "crashed", "%s, %s", utc, up);
	else
		put(to, "crashed", "%s (here %s), %s", utc, here, up);
}

static void print_title(const char *label, const struct report *r, FILE *to)
{
	char at[32] = "";

	if (r->timed)
		snprintf(at, sizeof at, "[%5" PRIu64 ".%06u] ", r->ts_nsec / 1000000000,
			 (unsigned)(r->ts_nsec % 1000000000 / 1000));
	put(to, label, "%s%s", at, r->title);
	if (r->detail[0])
		put(to, "", "%*s%s", (int)strlen(at), "", r->detail);
}

/* "panic" is what the kernel itself calls one */
static const char *label_of(const struct report *r, const char *other)
{
	return strncmp(r->title, "Kernel panic", strlen("Kernel panic")) ? other : "panic";
}

static void print_what(const struct summary *s, FILE *to)
{
	char last[SUMMARY_LINE];

	put(to, "kind", "%s", kind_name(summary_kind(s)));
	if (!s->cause) {
		put(to, "panic", "%s", s->records == 0 ? "no log says why" :
		    "the log has no report of a crash; its last line:");
		line_copy(last, sizeof last, s->last_line);	/* may have been cut in a character */
		if (last[0])
			put(to, "", "%s", last);
		return;
	}
	print_title(label_of(s->cause, "cause"), s->cause, to);
	if (s->earlier)
		put(to, "", "this is the first oops; what followed may come from it:");
	if (s->end != s->cause)
		print_title(label_of(s->end, "then"), s->end, to);
	else if (kind_group(s->end->kind) != GROUP_PANIC && s->latest[GROUP_PANIC].order == 0)
		put(to, "panic", "none was written: the kernel went straight to the capture");
}

static void print_task(const struct summary *s, FILE *to)
{
	const struct report *r = s->cause, *end = s->end;
	char letters[TAINT_LETTERS], cpu[32] = "", last[32] = "";
	uint32_t panic_cpu = 0;

	if (r && r->has_cpu)
		snprintf(cpu, sizeof cpu, ", on CPU %" PRIu32, r->cpu);
	if (end && end->has_cpu)
		snprintf(last, sizeof last, ", on CPU %" PRIu32, end->cpu);
	if (r && r->has_pid)
		put(to, "task", "%s, PID %" PRIu32 "%s", r->comm[0] ? r->comm : "?", r->pid, cpu);
	else if (s->own.known && !s->no_pids)
		put(to, "task", "PID %" PRIu32 ", the registers say", s->own.regs.pid);
	if (r && end != r && end->has_pid && (end->pid != r->pid || !r->has_pid))
		put(to, "", "the panic was in %s, PID %" PRIu32 "%s", end->comm, end->pid, last);
	if ((!r || !(r->has_cpu || end->has_cpu)) && summary_cpu(s, &panic_cpu))
		put(to, "CPU", "%" PRIu32, panic_cpu);
	if (!summary_taint(s, letters)) {
		put(to, "tainted", "not known");
		return;
	}
	fprintf(to, "%-*s%s%s", LABEL, "tainted:", letters[0] ? letters : "no", letters[0] ? ": " : "");
	put_words(to, letters);
	putc('\n', to);
}

static void print_memory(struct memory_trace *t, FILE *to, bool every)
{
	if (t->known && t->n == 0)
		put(to, "", "%s", t->regs.user ? "it ran a process in user mode" :
		    "its stack cannot be read");
	print_calls(to, t->call, t->n, t->cut, every);
	if (t->why[0])
		put(to, "", "here it ends: %s", t->why);
}

static const char *no_memory(const struct summary *s)
{
	if (!s->has_symbols && s->symbols_why[0])
		return s->symbols_why;
	return s->own.why[0] ? s->own.why : "its functions have no names";
}

static void print_trace(struct summary *s, FILE *to, bool every)
{
	static const char *const words[] = {
		[AGREE_YES] = "log and registers agree",
		[AGREE_END] = "from the log; the registers agree with the trace of the panic",
		[AGREE_NO] = "from the log; that of the registers differs, see below",
	};
	const struct report *r = summary_traced(s);
	enum agreement agree = summary_agreement(s);

	if (s->cause && s->cause->pc.times > 0)
		print_call(to, "at", &s->cause->pc);
	if (agree == AGREE_BETTER) {
		put(to, "trace", "from the registers; the log is not sure of its own");
		print_memory(&s->own, to, every);
		return;
	}
	if (r && r->n > 0) {
		if (agree != AGREE_UNKNOWN)
			put(to, "trace", "%s", words[agree]);
		else
			put(to, "trace", "from the log; from memory: %s", no_memory(s));
		print_calls(to, r->call, r->n, r->cut, every);
	}
	if (agree == AGREE_YES || agree == AGREE_END)
		return;
	if (s->own.named) {
		put(to, r && r->n > 0 ? "registers" : "trace", "from the registers%s",
		    r && r->n > 0 ? " of the processor that crashed" : "");
		print_memory(&s->own, to, every);
	} else if (!r || r->n == 0) {
		put(to, "trace", "none in the log; from memory: %s", no_memory(s));
	}
}

static void print_modules(const struct summary *s, FILE *to)
{
	const char *module;

	for (size_t i = 0; (module = summary_module(s, i)) != NULL; i++) {
		char letters[TAINT_LETTERS];

		summary_module_taint(s, module, letters);
		fprintf(to, "%-*s%s%s%s%s", LABEL, i == 0 ? "modules:" : "", module,
			letters[0] ? " (" : "", letters, letters[0] ? ": " : "");
		put_words(to, letters);
		fprintf(to, "%s\n", letters[0] ? ")" : "");
	}
}

/* unless it is what was shown already */
static void print_notable(const struct summary *s, const char *label, enum notables which,
			  FILE *to)
{
	const struct notable *n = &s->notable[which];
	uint64_t first = n->count > SUMMARY_NOTABLE ? n->count - SUMMARY_NOTABLE : 0;

	if (n->count == 0 || (n->count == 1 && s->cause &&
			      strcmp(n->line[0].text, s->cause->title) == 0))
		return;
	if (first > 0)
		put(to, label, "%" PRIu64 " lines in the log, the last ones:", n->count);
	for (uint64_t i = first; i < n->count; i++) {
		size_t k = i % SUMMARY_NOTABLE;

		put(to, i == 0 ? label : "", "[%5" PRIu64 ".%06u] %s",
		    n->line[k].ts_nsec / 1000000000,
		    (unsigned)(n->line[k].ts_nsec % 1000000000 / 1000), n->line[k].text);
	}
}

static void print_log(const struct summary *s, FILE *to)
{
	char signature[SIGNATURE_TEXT];

	print_notable(s, "memory", NOTABLE_OOM, to);
	print_notable(s, "hung", NOTABLE_HUNG, to);
	print_notable(s, "hard errors", NOTABLE_MACHINE, to);
	print_notable(s, "lockups", NOTABLE_LOCKUP, to);
	if (s->log_why[0])
		put(to, "log", "%" PRIu64 " records; %s", s->records, s->log_why);
	else if (s->gaps)
		put(to, "log", "%" PRIu64 " records; others are lost", s->records);
	if (s->oopses > 1 || s->warnings > 0)
		put(to, "before", "%" PRIu64 " oops%s and %" PRIu64 " warning%s in the log", s->oopses,
		    s->oopses == 1 ? "" : "es", s->warnings, s->warnings == 1 ? "" : "s");
	if (s->has_symbols && s->symbols_why[0])
		put(to, "symbols", "%s", s->symbols_why);
	summary_signature(s, signature);
	put(to, "signature", "%s", signature[0] ? signature : "none: nothing is known of the crash");
}

static void print_every(struct summary *s, FILE *to)
{
	for (unsigned i = 0; i < s->notes; i++) {
		if (summary_memory_trace(s, i, &s->other) != 1)
			break;
		if (s->other.known && s->no_pids)
			fprintf(to, "\nregisters %u: of processor %u\n", i, i);
		else if (s->other.known)
			fprintf(to, "\nregisters %u: PID %" PRIu32 "\n", i, s->other.regs.pid);
		else
			fprintf(to, "\nregisters %u: %s\n", i, s->other.why);
		print_memory(&s->other, to, true);
	}
}

void summary_print(struct summary *s, const char *path, FILE *to, bool every)
{
	summary_choose(s);
	print_kernel(s, path, to);
	print_machine(s, to);
	print_time(s, to);
	print_what(s, to);
	print_task(s, to);
	print_trace(s, to, every);
	print_modules(s, to);
	print_log(s, to);
	if (every && s->vm)
		print_every(s, to);
}
