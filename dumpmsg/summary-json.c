/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs: one object; what is not known is null. Addresses are texts, "0x...", as
 * not every reader of JSON has numbers of 64 bits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "summary-state.h"

static void put_text(struct json *j, const char *key, const char *text)
{
	json_text(j, key, text[0] ? text : NULL);
}

static void put_number(struct json *j, const char *key, bool known, uint64_t value)
{
	if (known)
		json_u64(j, key, value);
	else
		json_text(j, key, NULL);
}

static void put_address(struct json *j, const char *key, uint64_t address)
{
	char text[20];

	snprintf(text, sizeof text, "0x%016" PRIx64, address);
	json_text(j, key, address ? text : NULL);
}

static void put_seconds(struct json *j, const char *key, bool known, uint64_t nsec)
{
	if (known)
		json_fixed(j, key, (double)nsec / 1e9, 6);
	else
		json_text(j, key, NULL);
}

static void put_call(struct json *j, const char *key, const struct call *c)
{
	bool named = c->name[0] != '\0';

	json_object(j, key);
	put_text(j, "function", c->name);
	put_number(j, "offset", named, c->offset);
	put_number(j, "size", named && c->size > 0, c->size);
	put_text(j, "module", c->module);
	put_address(j, "address", c->at);
	json_u64(j, "times", c->times);
	json_bool(j, "interrupted", c->interrupted);
	json_bool(j, "unsure", c->maybe);
	json_close(j);
}

static void put_calls(struct json *j, const struct call *call, size_t n, bool cut)
{
	json_array(j, "trace");
	for (size_t i = 0; i < n; i++)
		put_call(j, NULL, &call[i]);
	json_close(j);
	json_bool(j, "trace_cut", cut);
}

/* letters and what they mean */
static void put_taint(struct json *j, const char *key, bool known, const char *letters)
{
	if (!known) {
		json_text(j, key, NULL);
		return;
	}
	json_object(j, key);
	json_text(j, "letters", letters);
	json_array(j, "words");
	for (const char *p = letters; *p; p++)
		json_text(j, NULL, taint_of(*p) ? taint_of(*p)->words : NULL);
	json_close(j);
	json_close(j);
}

static void put_report(struct json *j, const char *key, const struct report *r)
{
	if (!r) {
		json_text(j, key, NULL);
		return;
	}
	json_object(j, key);
	json_text(j, "kind", kind_name(r->kind));
	put_seconds(j, "time", r->timed, r->ts_nsec);
	put_text(j, "title", r->title);
	put_text(j, "detail", r->detail);
	put_text(j, "place", r->place);
	put_number(j, "cpu", r->has_cpu, r->cpu);
	put_number(j, "pid", r->has_pid, r->pid);
	put_text(j, "task", r->comm);
	put_taint(j, "taint", r->has_taint, r->taint);
	if (r->pc.times > 0)
		put_call(j, "at", &r->pc);
	else
		json_text(j, "at", NULL);
	put_calls(j, r->call, r->n, r->cut);
	json_close(j);
}

static void put_memory(struct json *j, const char *key, const struct summary *s,
		       const struct memory_trace *t)
{
	json_object(j, key);
	put_number(j, "note", t->known, t->regs.note);
	put_number(j, "pid", t->known && !s->no_pids, t->regs.pid);
	put_address(j, "pc", t->regs.pc);
	put_address(j, "sp", t->regs.sp);
	if (t->known)
		json_bool(j, "user", t->regs.user);
	else
		json_text(j, "user", NULL);
	put_calls(j, t->call, t->n, t->cut);
	put_text(j, "trouble", t->why);
	json_close(j);
}

static void put_machine(struct json *j, const struct summary *s)
{
	char text[SUMMARY_TIME] = "";
	uint64_t memory = s->memory > s->log_memory ? s->memory : s->log_memory;
	uint32_t cpus = s->notes ? s->notes : s->log_cpus;

	put_text(j, "release", s->release);
	put_text(j, "version", s->version);
	put_text(j, "build_id", s->build_id);
	put_text(j, "host", s->node);
	put_text(j, "arch", summary_arch(s));
	put_text(j, "hardware", summary_hardware(s));
	put_number(j, "memory", memory > 0, memory);
	put_number(j, "cpus", cpus > 0, cpus);
	if (s->crash_time > 0)
		summary_time(s->crash_time, false, text);
	put_number(j, "epoch", s->crash_time > 0, (uint64_t)s->crash_time);
	put_text(j, "time", text);
	put_seconds(j, "uptime", s->timed, s->last_nsec);
}

static void put_crash(struct json *j, const struct summary *s)
{
	static const char *const words[] = { NULL, "yes", "panic", "no", "better" };
	char letters[TAINT_LETTERS], signature[SIGNATURE_TEXT];
	bool has_taint = summary_taint(s, letters);
	uint32_t cpu = 0;
	bool has_cpu = summary_cpu(s, &cpu);

	summary_signature(s, signature);
	put_text(j, "signature", signature);
	json_text(j, "kind", kind_name(summary_kind(s)));
	put_number(j, "cpu", has_cpu, cpu);
	put_taint(j, "taint", has_taint, letters);
	put_report(j, "cause", s->cause);
	put_report(j, "last", s->end);
	put_report(j, "first_oops", s->first.order ? &s->first.r : NULL);
	json_text(j, "agree", words[summary_agreement(s)]);
	put_memory(j, "registers", s, &s->own);
	put_text(j, "symbols_trouble", s->symbols_why);
}

static void put_modules(struct json *j, const struct summary *s)
{
	const char *module;

	json_array(j, "modules");
	for (size_t i = 0; (module = summary_module(s, i)) != NULL; i++) {
		char letters[TAINT_LETTERS];

		summary_module_taint(s, module, letters);
		json_object(j, NULL);
		json_text(j, "name", module);
		json_text(j, "taint", letters);
		json_close(j);
	}
	json_close(j);
}

static void put_notable(struct json *j, const char *key, const struct notable *n)
{
	uint64_t first = n->count > SUMMARY_NOTABLE ? n->count - SUMMARY_NOTABLE : 0;

	json_object(j, key);
	json_u64(j, "count", n->count);
	json_array(j, "lines");
	for (uint64_t i = first; i < n->count; i++) {
		json_object(j, NULL);
		put_seconds(j, "time", n->line[i % SUMMARY_NOTABLE].timed,
			    n->line[i % SUMMARY_NOTABLE].ts_nsec);
		json_text(j, "text", n->line[i % SUMMARY_NOTABLE].text);
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

static void put_log(struct json *j, const struct summary *s)
{
	json_object(j, "log");
	json_u64(j, "records", s->records);
	json_u64(j, "lost", s->lost);
	json_u64(j, "oopses", s->oopses);
	json_u64(j, "warnings", s->warnings);
	put_notable(j, "out_of_memory", &s->notable[NOTABLE_OOM]);
	put_notable(j, "hung_tasks", &s->notable[NOTABLE_HUNG]);
	put_notable(j, "hardware_errors", &s->notable[NOTABLE_MACHINE]);
	put_notable(j, "lockups", &s->notable[NOTABLE_LOCKUP]);
	put_text(j, "trouble", s->log_why);
	json_close(j);
}

void summary_json(struct summary *s, const char *path, FILE *to)
{
	struct json j;

	summary_choose(s);
	json_begin(&j, to);
	json_object(&j, NULL);
	json_u64(&j, "format", 1);
	json_text(&j, "dump", path);
	json_bool(&j, "complete", s->complete);
	put_text(&j, "flaw", s->flaw);
	put_crash(&j, s);
	put_machine(&j, s);
	put_modules(&j, s);
	put_log(&j, s);
	json_array(&j, "processors");
	for (unsigned i = 0; i < s->notes; i++) {
		if (summary_memory_trace(s, i, &s->other) != 1)
			break;
		put_memory(&j, NULL, s, &s->other);
	}
	json_close(&j);
	json_close(&j);
	json_end(&j);
}
