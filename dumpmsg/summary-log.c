/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log's reports, record by record. Processors write theirs at the same time: since 5.10
 * (and before that, if the kernel was built so) each record says who wrote it, and reports
 * are told apart by that. Of each kind the latest report is kept, and the first oops.
 *
 * Only the kernel's own records count: what processes write to /dev/kmsg cannot bear
 * facility 0 (kernel/printk/printk.c, devkmsg_write()).
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "log.h"
#include "summary-line.h"
#include "summary-state.h"

enum { NO_CALLER = 0x7fffffff };	/* no thread has this number */

struct summary *summary_open(void)
{
	struct summary *s = calloc(1, sizeof *s);

	if (!s)
		fail_sys("a summary of %zu bytes", sizeof *s);
	return s;
}

void summary_log_failed(struct summary *s, const char *why)
{
	line_copy(s->log_why, sizeof s->log_why, why);
}

static void end_stream(struct summary *s, struct stream *st)
{
	enum group group = kind_group(st->r.kind);
	struct kept *k = &s->latest[group];

	st->used = false;
	if (group == GROUP_NONE)
		return;
	if (group == GROUP_OOPS && (!s->first.order || st->order < s->first.order))
		s->first = (struct kept){ st->order, st->r };
	/*
	 * khungtaskd tells of all tasks that wait for the same, one after the other, before it
	 * panics: the first is most often the one that the others wait for
	 */
	if (group == GROUP_HUNG_TASK && k->order && st->r.timed && k->r.timed &&
	    st->r.ts_nsec >= k->r.ts_nsec && st->r.ts_nsec - k->r.ts_nsec < UINT64_C(10000000000))
		return;
	if (st->order >= k->order)
		*k = (struct kept){ st->order, st->r };
}

static struct stream *find_stream(struct summary *s, uint32_t caller)
{
	for (size_t i = 0; i < SUMMARY_STREAMS; i++)
		if (s->stream[i].used && s->stream[i].caller == caller)
			return &s->stream[i];
	return NULL;
}

/* a free one, or the oldest, which ends */
static struct stream *new_stream(struct summary *s, uint32_t caller)
{
	struct stream *st = &s->stream[0];

	for (size_t i = 0; i < SUMMARY_STREAMS && st->used; i++)
		if (!s->stream[i].used || s->stream[i].order < st->order)
			st = &s->stream[i];
	if (st->used)
		end_stream(s, st);
	*st = (struct stream){ .used = true, .caller = caller, .order = ++s->orders };
	return st;
}

/* one more line that could begin a report belongs to the one that has begun */
static bool belongs(const struct stream *st, enum kind kind, const char *title)
{
	if (strncmp(title, "Kernel panic - not syncing", 26) == 0)
		return st->r.kind == KIND_SYSRQ && !st->body;
	if (kind == KIND_OOM && st->r.kind == KIND_OOM)
		return !strstr(title, " invoked oom-killer:");
	if (kind == KIND_MACHINE_CHECK && st->r.kind == KIND_MACHINE_CHECK)
		return true;
	return !st->body && kind_group(kind) == kind_group(st->r.kind);
}

static void take_title(struct summary *s, const struct record *r, uint32_t caller,
		       enum kind kind, const char *title)
{
	struct stream *st = find_stream(s, caller);
	/* a sysrq of old kernels crashes by a fault */
	bool sysrq = st && st->r.kind == KIND_SYSRQ && !st->body && kind_group(kind) == GROUP_OOPS;

	summary_note_title(s, r, kind, title);
	if (st && !sysrq && !belongs(st, kind, title)) {
		end_stream(s, st);
		st = NULL;
	}
	if (!st) {
		st = new_stream(s, caller);
		st->r.kind = kind;
		st->r.timed = r->timed;
		st->r.ts_nsec = r->ts_nsec;
		s->oopses += kind_group(kind) == GROUP_OOPS;
		s->warnings += kind == KIND_WARNING;
		line_copy(st->r.title, sizeof st->r.title, title);
	} else if (st->r.kind == KIND_SYSRQ && !sysrq) {
		st->r.timed = r->timed;
		st->r.ts_nsec = r->ts_nsec;
		line_copy(st->r.title, sizeof st->r.title, title);
	} else if (st->r.detail[0] == '\0' || kind == KIND_OOM) {
		line_copy(st->r.detail, sizeof st->r.detail, title);
	}
	/* the order of enum kind is that of what tells more */
	if (kind < st->r.kind)
		st->r.kind = kind;
	st->waits |= kind == KIND_RCU_STALL;
	line_place(title, &st->r);
	if (kind == KIND_HUNG_TASK)
		line_hung(title, &st->r);
	if (kind == KIND_WARNING && line_has_call(title, &st->r.pc))
		st->r.pc.times = 1;
}

/* what is only perhaps a caller makes room for those that are */
static bool drop_maybes(struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (!r->call[i].maybe)
			r->call[n++] = r->call[i];
	if (n == 0 || n == r->n)
		return false;
	r->n = n;
	return true;
}

/* the one that c may be a repetition of; what is only perhaps a caller may stand between */
static struct call *last_call(struct report *r, const struct call *c)
{
	for (size_t i = r->n; i > 0; i--)
		if (r->call[i - 1].maybe == c->maybe)
			return &r->call[i - 1];
		else if (c->maybe)
			return NULL;
	return NULL;
}

static void add_call(struct stream *st, const struct call *c)
{
	struct report *r = &st->r;
	struct call *last = last_call(r, c);

	if (last && c->name[0] && last->offset == c->offset && last->times < UINT32_MAX &&
	    strcmp(last->name, c->name) == 0 && strcmp(last->module, c->module) == 0) {
		last->times++;
		return;
	}
	if (r->n == REPORT_CALLS && (c->maybe || !drop_maybes(r))) {
		r->cut |= !c->maybe;
		return;
	}
	r->call[r->n] = *c;
	r->call[r->n].interrupted &= r->n > 0;	/* that the first one was is plain */
	r->n++;
}

/* "<IRQ>" and "</IRQ>"; those of x86 before 5.8 may stand in front of a call */
static const char *skip_markers(const char *line)
{
	for (;;) {
		size_t n;

		line += strspn(line, " ");
		n = strcspn(line, ">");
		if (line[0] != '<' || line[n] != '>' || n > 16)
			return line;
		line += n + 1;
	}
}

static void take_trace(struct stream *st, const char *line)
{
	struct call c;
	bool user = false;

	/* what follows are other tasks' traces: who allocated the memory, say */
	if (line[0] == '\0' || strstr(line, "</TASK>") || line_begins(line, "Allocated by ") ||
	    line_begins(line, "Freed by ")) {
		st->trace = false;
		return;
	}
	line = skip_markers(line);
	if (line_call(line, &c)) {
		add_call(st, &c);
	} else if (line_pc(line, &c, &user) && !user) {
		c.interrupted = true;
		add_call(st, &c);
	}
}

/* false: the report has ended before this line */
static bool take_body(struct stream *st, const char *line)
{
	struct report *r = &st->r;
	struct call c;
	bool user = false;

	if (line_begins(line, "CPU: ") || line_begins(line, "Pid: ")) {
		st->waits = st->trace = false;
		if (r->has_cpu && r->n > 0)
			return false;
		st->body |= line_cpu(line, r);
	} else if (line_begins(line, "Call Trace:") || line_begins(line, "Call trace:") ||
		   line_begins(line, "Backtrace:")) {
		st->trace = !st->waits && !st->traced;
		st->traced |= st->trace;
		st->body |= st->trace;
		line += strcspn(line, ":") + 1;
		if (st->trace && *line)	/* before 4.10 the first marker could follow at once */
			take_trace(st, line);
	} else if (line_begins(line, "Modules linked in:")) {
		st->trace = false;
		line_modules(line, r);
	} else if (line_begins(line, "Hardware name: ")) {
		line_copy(r->hardware, sizeof r->hardware, line + strlen("Hardware name: "));
	} else if (st->trace) {
		take_trace(st, line);
	} else if (!st->traced && r->pc.times == 0 && line_pc(line, &c, &user)) {
		st->body = true;
		if (!user)
			r->pc = c;
	} else if (!r->has_taint && (line_begins(line, "      ") || line_begins(line, "Tainted: "))) {
		line_taint(line, r);
	}
	return true;
}

/* an NMI showed what a stalled processor does: that is the stall's trace */
static void take_backtrace(struct summary *s, uint32_t caller)
{
	struct stream *mine = find_stream(s, caller), *stall = NULL;

	for (size_t i = 0; i < SUMMARY_STREAMS; i++) {
		struct stream *st = &s->stream[i];

		if (st->used && st->waits && (!stall || st->order > stall->order))
			stall = st;
	}
	if (mine && mine != stall)
		end_stream(s, mine);
	if (!stall)
		return;
	stall->caller = caller;
	stall->waits = false;
}

static bool ends_report(const char *line)
{
	return line_begins(line, "---[ end ") || line_begins(line, "Kernel Offset:") ||
	       line_begins(line, "Mem-Info:") || line_begins(line, "------------[ cut here ]");
}

static void take_line(struct summary *s, const struct record *r, const char *line)
{
	uint32_t caller = r->has_caller ? r->caller : NO_CALLER;
	struct stream *st = find_stream(s, caller);
	enum kind kind = kind_of_line(line);

	if (kind != KIND_NONE) {
		take_title(s, r, caller, kind, line);
		return;
	}
	if (line_begins(line, "NMI backtrace for cpu ")) {
		take_backtrace(s, caller);
		return;
	}
	if (line_begins(line, "task:") && st && st->traced && !st->waits) {
		end_stream(s, st);
		return;
	}
	if (!st) {
		summary_note_machine(s, line);
		return;
	}
	if (ends_report(line) && st->body) {
		/* what the OOM killer did comes behind its list of tasks */
		if (st->r.kind == KIND_OOM)
			st->trace = false;
		else
			end_stream(s, st);
		return;
	}
	if (!take_body(st, line))
		end_stream(s, st);
}

void summary_take(struct summary *s, const struct record *r)
{
	const char *text = r->text;
	size_t len = r->len;

	if (r->loss != LOSS_NONE) {
		s->gaps = true;
		s->lost += r->lost;
		return;
	}
	s->records++;
	if (r->timed) {
		s->timed = true;
		/* a processor that is just coming up has no time yet */
		if (r->ts_nsec > s->last_nsec)
			s->last_nsec = r->ts_nsec;
	}
	if (r->facility != 0)
		return;
	if (len == 0)
		take_line(s, r, "");
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		line_clean(s->text, sizeof s->text, text, n);
		if (s->text[0])
			memcpy(s->last_line, s->text, sizeof s->last_line - 1);
		take_line(s, r, s->text);
		n += end != NULL;
		text += n;
		len -= n;
	}
}

void summary_end_reports(struct summary *s)
{
	for (size_t i = 0; i < SUMMARY_STREAMS; i++)
		if (s->stream[i].used)
			end_stream(s, &s->stream[i]);
}
