/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crashes of the same cause have in common, as a number: SHA-256 of
 *
 *	KIND\n FILE\n FUNCTION [MODULE]\n FUNCTION\n ...
 *
 * with the place for BUG and warnings only, the file's own name without its folder and
 * without the line (both differ from one build, and one update, to the next), and at most
 * CAUSE_CALLS functions without offsets and without what the compiler adds to names.
 * Kinds that say nothing by their trace have none: a crash that was asked for, a
 * machine without memory, broken hardware.
 */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "sha256.h"
#include "summary-state.h"

struct hashed {
	size_t len;
	alignas(16) char text[128 + CAUSE_CALLS * (CALL_NAME + CALL_MODULE + 8) + SUMMARY_LINE];
};

/* all that is put in has room: every part is bounded */
static void put(struct hashed *h, const char *text, size_t n)
{
	if (n > sizeof h->text - h->len)
		n = sizeof h->text - h->len;
	memcpy(h->text + h->len, text, n);
	h->len += n;
}

static void put_call(struct hashed *h, const struct call *c)
{
	if (!c->name[0])
		put(h, "?", 1);
	put(h, c->name, c->name[0] == '.' ? strlen(c->name) : strcspn(c->name, "."));
	if (c->module[0]) {
		put(h, " [", 2);
		put(h, c->module, strlen(c->module));
		put(h, "]", 1);
	}
	put(h, "\n", 1);
}

/* words without numbers, which may be addresses, times, processes */
static void put_words(struct hashed *h, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " ");

		if (strcspn(text, "0123456789") >= n)
			put(h, text, n + (text[n] == ' '));
		text += n;
		text += *text == ' ';
	}
	put(h, "\n", 1);
}

/* the file of "FOLDER/FILE:LINE" */
static void put_place(struct hashed *h, const char *place)
{
	size_t n = strcspn(place, ":");
	const char *folder = memrchr(place, '/', n);
	const char *file = folder ? folder + 1 : place;

	put(h, file, n - (size_t)(file - place));
}

/* is it in the trace of the processor that crashed? */
static bool own_has(const struct summary *s, const char *function)
{
	size_t len = strlen(function);

	for (size_t i = 0; s->own.named && i < s->own.n; i++) {
		const char *name = s->own.call[i].name;

		if (strcspn(name, ".") == len && strncmp(name, function, len) == 0)
			return true;
	}
	return false;
}

/* a machine that runs has registers as well */
static bool has_crashed(const struct summary *s)
{
	static const char *const ends[] = {
		"panic", "vpanic", "nmi_panic", "die", "oops_end", "crash_kexec", "__crash_kexec",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (own_has(s, ends[i]))
			return true;
	return s->cause || summary_kind(s) != KIND_NONE;
}

static bool has_trace(enum kind kind)
{
	return kind != KIND_SYSRQ && kind != KIND_OOM && kind != KIND_MACHINE_CHECK;
}

/* a panic's words come into it only where nothing else does */
static void put_cause(struct hashed *h, const struct summary *s, enum kind kind)
{
	const struct call *cause[CAUSE_CALLS];
	/* of a report without a trace, that of the panic which followed */
	const struct report *r = s->cause, *t = summary_traced(s);
	size_t n = 0;

	if (summary_agreement(s) == AGREE_BETTER)
		n = calls_of_cause(kind, NULL, s->own.call, s->own.n, cause);
	else if (r && (t == r || kind != KIND_HUNG_TASK))
		n = calls_of_cause(kind, t == r ? &r->pc : NULL, t->call, t->n, cause);
	if (n == 0 && s->own.named && !s->earlier && kind != KIND_HUNG_TASK)
		n = calls_of_cause(kind, NULL, s->own.call, s->own.n, cause);
	for (size_t i = 0; i < n; i++)
		put_call(h, cause[i]->really ? &s->own.call[cause[i]->really - 1] : cause[i]);
	if (n == 0 && r)
		put_words(h, r->title);
}

enum kind summary_kind(const struct summary *s)
{
	static const struct { const char *name; enum kind kind; } callers[] = {
		{ "sysrq_handle_crash", KIND_SYSRQ }, { "watchdog_timer_fn", KIND_SOFT_LOCKUP },
		{ "watchdog_overflow_callback", KIND_HARD_LOCKUP }, { "watchdog", KIND_HUNG_TASK },
		{ "check_panic_on_warn", KIND_WARNING }, { "out_of_memory", KIND_OOM },
		{ "mce_panic", KIND_MACHINE_CHECK }, { "panic_on_rcu_stall", KIND_RCU_STALL },
		{ "handle_stack_overflow", KIND_STACK }, { "handle_bad_stack", KIND_STACK },
		{ "panic", KIND_PANIC }, { "vpanic", KIND_PANIC },
	};

	if (s->cause)
		return s->cause->kind;
	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
		if (own_has(s, callers[i].name))
			return callers[i].kind;
	return KIND_NONE;
}

void summary_signature(const struct summary *s, char text[SIGNATURE_TEXT])
{
	enum kind kind = summary_kind(s);
	struct hashed h = { 0 };
	uint8_t digest[32];
	int n;

	text[0] = '\0';
	if (!has_crashed(s))
		return;
	put(&h, kind_name(kind), strlen(kind_name(kind)));
	put(&h, "\n", 1);
	if (s->cause && (kind == KIND_BUG || kind == KIND_WARNING || kind == KIND_LIST))
		put_place(&h, s->cause->place);
	put(&h, "\n", 1);
	if (has_trace(kind))
		put_cause(&h, s, kind);
	sha256((const uint8_t *)h.text, h.len, digest);
	n = snprintf(text, SIGNATURE_TEXT, "1-");
	for (int i = 0; i < 8; i++)
		n += snprintf(text + n, SIGNATURE_TEXT - (size_t)n, "%02x", digest[i]);
}
