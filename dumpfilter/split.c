/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --split: a kdump-compressed dump in several files, for several disks. Each has all
 * headers and bitmaps, and the pages of a range of pfns that begins at a multiple of
 * 4096, as crash needs it (it counts pages from there in words of 64). The ranges hold
 * about equally many pages; where there are too few pages, the last files have none.
 *
 * The parts are one dump: they get their names when all of them are whole. When one
 * cannot be finished, the others still take their pages, and all stay NAME-incomplete
 * and say so inside: crash wants the same header in every part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "codec.h"
#include "copy.h"
#include "err.h"
#include "filter.h"
#include "input.h"
#include "num.h"
#include "options.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "stats.h"
#include "stop.h"
#include "target.h"
#include "usage.h"
#include "vmcore.h"
#include "writer.h"

struct part {
	const char *path;
	struct out out;
	struct writer w;
	struct writer_how how;
};

struct split {
	const struct options *o;
	struct vmcore *vm;
	struct plan plan;
	struct part *part;
	struct copy_to *to;	/* one a part */
	unsigned n;
	unsigned nth;		/* which of the levels */
	uint64_t started, began;	/* clock_ms(): all of it, and the present attempt */
};

/* part i takes no more, for the reason last given to fail() */
static void part_failed(struct split *s, unsigned i)
{
	s->to[i].failed = true;
	s->to[i].code = err_code();
	snprintf(s->to[i].why, sizeof s->to[i].why, "%s", err_text());
}

static unsigned count_failed(const struct split *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->to[i].failed;
	return n;
}

/* no two parts have the same start, as long as there are pages */
static void choose_ranges(struct split *s)
{
	const struct plan *plan = &s->plan;
	uint64_t npfns = s->vm->npfns, ngranules = num_div_up(npfns, plan->granule);
	uint64_t g = 0, done = 0;

	for (unsigned i = 0; i < s->n; i++) {
		uint64_t before = done, want = plan->nkeep / s->n * (i + 1) +
				  plan->nkeep % s->n * (i + 1) / s->n;
		uint64_t start = g * plan->granule, end;
		bool first = true;

		for (; g < ngranules; g++, first = false) {
			if (!first && i + 1 < s->n && done + plan->count[g] / 2 >= want)
				break;
			done += plan->count[g];
		}
		end = g * plan->granule;
		s->part[i].how = (struct writer_how){
			.codec_flag = s->o->codec->flag,
			.dedupe = s->o->dedupe, .split = true,
			.start = start < npfns ? start : npfns, .end = end < npfns ? end : npfns,
			.npages = done - before,
		};
	}
}

/* a smaller dump is asked for if a target is full, and can be had */
static bool can_retry(const struct split *s)
{
	/* what a reader has is not taken back */
	for (unsigned i = 0; i < s->n; i++)
		if (s->part[i].out.kind == OUT_FLAT && s->part[i].out.written)
			return false;
	for (unsigned i = 0; i < s->n; i++)
		if (s->to[i].failed && s->to[i].code == ERR_FULL && s->nth + 1 < s->o->nlevels) {
			warn("%s; again with level %u", s->to[i].why, s->o->level[s->nth + 1]);
			return true;
		}
	return false;
}

/* no page is anywhere */
static int discard(struct split *s, int status)
{
	for (unsigned i = 0; i < s->n; i++)
		out_discard(&s->part[i].out);
	return status == EXIT_INCOMPLETE ? EXIT_FAILURE : status;
}

/* all parts stay incomplete; one line for each that is why, or one for all of them */
static int keep(struct split *s, const char *why)
{
	unsigned whole = s->n - count_failed(s);
	int status = EXIT_INCOMPLETE;

	for (unsigned i = 0; i < s->n; i++) {
		struct part *p = &s->part[i];

		if (!p->w.priv)
			complain("%s: has no page: %s", p->path, s->to[i].why);
		else if (s->to[i].failed && target_keep(&p->out, &p->w, s->to[i].why) !=
						    EXIT_INCOMPLETE)
			status = EXIT_FAILURE;
		else if (!s->to[i].failed && (writer_end(&p->w, false) || out_sync(&p->out)))
			complain("%s: %s; what it holds may be less", p->path, err_text());
	}
	if (whole)
		complain("%s; %u parts are kept as NAME-incomplete, marked as incomplete", why, whole);
	return status;
}

static void report(const struct split *s, const struct copy_result *result)
{
	struct out out = { .fd = -1 };
	struct writer all = { .ops = &writer_kdump, .out = &out, .vm = s->vm };

	for (unsigned i = 0; i < s->n; i++) {
		const struct writer *w = &s->part[i].w;

		all.npages += w->npages;
		all.nzero += w->nzero;
		all.nshared += w->nshared;
		all.no_utsname |= w->no_utsname;
		out.written += s->part[i].out.written;
		info("%s: %llu pages from pfn %#llx on", s->part[i].path,
		     (unsigned long long)w->npages, (unsigned long long)w->how.start);
	}
	report_done(&s->plan, &all, result, clock_since(s->started));
}

/* every part whole and durable before the first gets its name */
static int finish(struct split *s, const struct copy_result *result)
{
	unsigned named = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (writer_end(&s->part[i].w, true) || out_sync(&s->part[i].out))
			part_failed(s, i);
	if (count_failed(s))
		return keep(s, "a part cannot be finished");
	for (unsigned i = 0; i < s->n; i++) {
		struct part *p = &s->part[i];

		if (out_commit(&p->out) == 0) {
			named++;
			continue;
		}
		part_failed(s, i);
		if (p->out.temp)
			target_keep(&p->out, &p->w, s->to[i].why);
		else
			complain("%s", s->to[i].why);
	}
	if (named < s->n)
		return EXIT_INCOMPLETE;
	report(s, result);
	return result->unreadable || s->part[0].w.no_utsname || plan_is_degraded(&s->plan) ?
	       EXIT_LESS : 0;
}

static uint64_t pages_written(const struct split *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->part[i].w.npages;
	return n;
}

/* pass 2: all that can be saved is; an exit status, or *again: at the next level */
static int write_parts(struct split *s, bool *again)
{
	const struct options *o = s->o;
	const struct copy_options how = {
		.codec = o->codec, .codec_level = o->codec_level, .threads = o->threads,
		.checksum = o->checksum, .dedupe = o->dedupe,
		.progress = o->progress ? stderr : NULL,
	};
	struct copy_result result = { 0 };
	char why[ERR_TEXT] = "the dump has not all parts";
	int rc;

	for (unsigned i = 0; i < s->n; i++) {
		struct part *p = &s->part[i];

		s->to[i] = (struct copy_to){ .w = &p->w };
		if (writer_begin(&p->w, &writer_kdump, &p->how, &p->out, s->vm, &s->plan)) {
			part_failed(s, i);
			writer_close(&p->w);
			out_discard(&p->out);
		}
	}
	if (count_failed(s) == s->n) {
		*again = can_retry(s);
		return discard(s, *again ? EXIT_INCOMPLETE : say_failure());
	}
	rc = copy_pages(s->vm, &s->plan, s->to, s->n, &how, &result);
	if (rc)
		snprintf(why, sizeof why, "%s", err_text());
	*again = !stop_check() && can_retry(s);
	if (*again)
		return discard(s, EXIT_INCOMPLETE);
	if (pages_written(s) == 0 && result.unreadable) {
		fail(ERR_SYS, "%s: not one page could be read; the first: %s", s->vm->src.path,
		     result.first);
		return discard(s, say_failure());
	}
	if (rc || count_failed(s))
		return keep(s, why);
	if (!s->vm->cut_short)
		return finish(s, &result);
	report(s, &result);
	snprintf(why, sizeof why, "%s: is cut short", s->vm->src.path);
	return keep(s, why);
}

static int open_parts(struct split *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (target_open(&s->part[i].out, s->part[i].path, s->o))
			return discard(s, say_failure());
	return 0;
}

/* --show-stats of all parts together: the exit status */
static int tell_stats(const struct split *s, double scan, int status)
{
	struct stats stats = {
		.o = s->o, .plan = &s->plan, .level = s->plan.rules.level,
		.output = s->part[0].path, .status = status,
		.complete = status == 0 || status == EXIT_LESS,
		.scan = scan, .copy = clock_since(s->began) - scan,
	};
	int flushed;

	if (!stats.complete && status != EXIT_INCOMPLETE)
		return status;
	for (unsigned i = 0; i < s->n; i++) {
		stats.npages += s->part[i].w.npages;
		stats.nzero += s->part[i].w.nzero;
		stats.nshared += s->part[i].w.nshared;
		stats.written += s->part[i].out.written;
	}
	stats.unreadable = stats.complete ? s->plan.nkeep - stats.npages : 0;
	stats_print(&stats);
	flushed = say_flush();
	return flushed ? flushed : status;
}

static int attempt(struct split *s, bool *again)
{
	const unsigned level = s->o->level[s->nth], had = s->vm->header.dump_level;
	const struct plan_rules rules = {
		.level = level | had, .kinds = options_kinds(s->o, level, had), .counts = true,
		.memory = s->o->memory, .vmemmap = s->o->vmemmap,
		.threads = s->o->threads,
	};
	double scan;
	int status;

	*again = false;
	s->began = clock_ms();
	if (plan_open(&s->plan, s->vm, &rules))
		return discard(s, say_failure());
	scan = clock_since(s->began);
	report_plan(&s->plan);
	choose_ranges(s);
	status = write_parts(s, again);
	if (s->o->show_stats && !*again)
		status = tell_stats(s, scan, status);
	for (unsigned i = 0; i < s->n; i++)
		writer_close(&s->part[i].w);
	plan_close(&s->plan);
	return status;
}

static int run(struct split *s)
{
	bool again;
	int status = open_parts(s);

	while (status == 0) {
		status = attempt(s, &again);
		if (!again)
			return status;
		s->nth++;
		status = open_parts(s);
	}
	return status;
}

static int check(const char *input, const char *const *outputs, size_t n, const struct options *o)
{
	if (o->format != FORMAT_KDUMP || o->flat)
		return fail(ERR_USAGE, "--split writes kdump-compressed files: no -E, no -F");
	for (size_t i = 0; i < n; i++) {
		if (out_is_stdout(outputs[i]))
			return fail(ERR_USAGE, "--split does not write to standard output");
		if (target_is_input(input, outputs[i]))
			return fail(ERR_USAGE, "%s: is the output as well", input);
		for (size_t k = 0; k < i; k++)
			if (strcmp(outputs[i], outputs[k]) == 0)
				return fail(ERR_USAGE, "%s: is named twice", outputs[i]);
	}
	return 0;
}

int filter_split(const char *input, const char *const *outputs, size_t n,
		 const struct options *o)
{
	struct split s = { .o = o, .n = (unsigned)n, .started = clock_ms() };
	struct input in;
	int status;

	if (check(input, outputs, n, o))
		return say_failure();
	s.part = calloc(n, sizeof *s.part);
	s.to = calloc(n, sizeof *s.to);
	if (!s.part || !s.to) {
		fail_sys("%zu parts", n);
		status = say_failure();
	} else if (input_open(&in, &input, 1, o)) {
		status = say_failure();
	} else {
		for (size_t i = 0; i < n; i++)
			s.part[i] = (struct part){ .path = outputs[i], .out.fd = -1 };
		s.vm = &in.vm;
		status = o->dry_run ? usage_dry_run(&in.vm, o) : run(&s);
		for (size_t i = 0; i < n; i++)
			out_close(&s.part[i].out);
		input_close(&in);
	}
	free(s.part);
	free(s.to);
	return status;
}
