/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of what is known more than once, which is shown. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "summary-line.h"
#include "summary-state.h"
#include "vmcore.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* the panic's cause: what was reported before it, or the panic itself */
static struct kept *cause_of(struct summary *s, struct kept *panic)
{
	enum group group = panic->r.kind == KIND_SYSRQ ? GROUP_PANIC :
			   group_of_panic(panic->r.title);

	if (group != GROUP_PANIC && s->latest[group].order &&
	    s->latest[group].order < panic->order)
		return &s->latest[group];
	return panic;
}

void summary_choose(struct summary *s)
{
	struct kept *end = &s->latest[GROUP_PANIC], *cause;
	enum group group;

	summary_end_reports(s);
	if (s->chosen)
		return;
	s->chosen = true;
	/* without a panic, the last thing that can end a kernel: hardware's errors panic if so */
	if (!end->order)
		for (int i = 0; i < GROUPS; i++)
			if (i != GROUP_WARNING && i != GROUP_OOM &&
			    i != GROUP_MACHINE_CHECK && s->latest[i].order > end->order)
				end = &s->latest[i];
	if (!end->order)
		return;
	cause = cause_of(s, end);
	s->end = &end->r;
	s->cause = &cause->r;
	group = kind_group(cause->r.kind);
	if (s->first.order && s->first.order < cause->order && cause->r.kind != KIND_SYSRQ &&
	    group != GROUP_OOM && group != GROUP_MACHINE_CHECK) {
		s->cause = &s->first.r;
		s->earlier = true;
	}
}

const struct report *summary_traced(const struct summary *s)
{
	if (s->cause && s->cause->n == 0 && s->end->n > 0 && !s->earlier)
		return s->end;
	return s->cause;
}

enum agreement summary_agreement(const struct summary *s)
{
	const struct report *shown = summary_traced(s);

	if (!shown || shown->n + (shown->pc.times > 0) == 0 || !s->own.named)
		return AGREE_UNKNOWN;
	if (calls_agree(shown, &s->own))
		return AGREE_YES;
	if (shown == s->end && shown->n > 0 && !calls_sure(shown->call, shown->n) &&
	    calls_sure(s->own.call + 1, s->own.n - 1))
		return AGREE_BETTER;
	return s->end != shown && calls_agree(s->end, &s->own) ? AGREE_END : AGREE_NO;
}

bool summary_taint(const struct summary *s, char letters[TAINT_LETTERS])
{
	letters[0] = '\0';
	/* the one that was written last: a crash taints */
	if (s->has_taint)
		taint_letters(s->taint, letters);
	else if (s->end && s->end->has_taint)
		line_copy(letters, TAINT_LETTERS, s->end->taint);
	else if (s->cause && s->cause->has_taint)
		line_copy(letters, TAINT_LETTERS, s->cause->taint);
	else
		return false;
	return true;
}

bool summary_cpu(const struct summary *s, uint32_t *cpu)
{
	if (s->end && s->end->has_cpu)
		*cpu = s->end->cpu;
	else if (s->has_panic_cpu)
		*cpu = s->panic_cpu;
	else if (s->cause && s->cause->has_cpu && !s->earlier)
		*cpu = s->cause->cpu;
	else
		return false;
	return true;
}

const char *summary_arch(const struct summary *s)
{
	static const struct { uint16_t machine; const char *name; } names[] = {
		{ EM_X86_64, "x86_64" }, { EM_AARCH64, "aarch64" }, { EM_PPC64, "ppc64" },
		{ EM_S390, "s390x" }, { EM_RISCV, "riscv64" }, { EM_386, "i686" },
		{ EM_ARM, "arm" }, { EM_PPC, "ppc" }, { EM_MIPS, "mips" },
		{ EM_LOONGARCH, "loongarch64" },
	};

	if (s->machine[0])
		return s->machine;
	for (size_t i = 0; s->vm && i < sizeof names / sizeof *names; i++)
		if (names[i].machine == s->vm->machine)
			return names[i].name;
	return "";
}

const char *summary_hardware(const struct summary *s)
{
	if (s->end && s->end->hardware[0])
		return s->end->hardware;
	return s->cause && s->cause->hardware[0] ? s->cause->hardware : s->log_hardware;
}

/* in "a(OE) b(O)" as a report has them */
static bool letters_in(const char *list, const char *module, char letters[TAINT_LETTERS])
{
	size_t len = strlen(module), n = 0;

	while (*list) {
		size_t word = strcspn(list, " ");

		if (word > len && strncmp(list, module, len) == 0 && list[len] == '(') {
			for (const char *p = list + len + 1; p < list + word; p++)
				if (*p >= 'A' && *p <= 'Z' && n + 1 < TAINT_LETTERS)
					letters[n++] = *p;
			letters[n] = '\0';
			return true;
		}
		list += word;
		list += strspn(list, " ");
	}
	return false;
}

void summary_module_taint(const struct summary *s, const char *module, char letters[TAINT_LETTERS])
{
	letters[0] = '\0';
	for (size_t i = 0; s->has_symbols && i < s->symbols.modules.n; i++)
		if (strcmp(s->symbols.modules.module[i].name, module) == 0) {
			line_copy(letters, TAINT_LETTERS, s->symbols.modules.module[i].taints);
			return;
		}
	if (s->cause && !letters_in(s->cause->tainted, module, letters))
		letters_in(s->end->tainted, module, letters);
}

/* the i-th call of all that are shown, that of the pc first */
static const struct call *shown_call(const struct summary *s, size_t i)
{
	const struct report *r = summary_traced(s);
	size_t n = r ? r->n + 1 : 0;

	if (i < n)
		return i == 0 ? &s->cause->pc : &r->call[i - 1];
	return i - n < s->own.n ? &s->own.call[i - n] : NULL;
}

const char *summary_module(const struct summary *s, size_t want)
{
	const struct call *c;

	for (size_t i = 0; (c = shown_call(s, i)) != NULL; i++) {
		bool new = c->module[0] && !c->maybe && c->times > 0;

		for (size_t j = 0; new && j < i; j++) {
			const struct call *before = shown_call(s, j);

			new = before->maybe || before->times == 0 ||
			      strcmp(before->module, c->module) != 0;
		}
		if (new && want-- == 0)
			return c->module;
	}
	return NULL;
}

void summary_time(int64_t sec, bool local, char text[SUMMARY_TIME])
{
	time_t t = (time_t)sec;
	struct tm tm;

	if (!(local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)) ||
	    strftime(text, SUMMARY_TIME, local ? "%Y-%m-%dT%H:%M:%S%z" : "%Y-%m-%dT%H:%M:%SZ",
		     &tm) == 0)
		snprintf(text, SUMMARY_TIME, "%lld", (long long)sec);
}
