/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "codec.h"
#include "copy.h"
#include "err.h"
#include "filter.h"
#include "input.h"
#include "options.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "stats.h"
#include "target.h"
#include "usage.h"
#include "vmcore.h"
#include "writer.h"

/* one attempt: the dump at one level */
struct run {
	const struct options *o;
	struct vmcore *vm;
	struct plan plan;
	struct out *out;
	unsigned nth;		/* which of the levels */
	uint64_t started;	/* clock_ms() */
	double scan, copy;	/* seconds that the passes took */
	const char *output;
	bool full;		/* it ended because the target was full */
};

/* a smaller dump is asked for if this one does not fit, and can be had */
static bool can_retry(const struct run *r)
{
	return err_code() == ERR_FULL && r->nth + 1 < r->o->nlevels && r->out->temp;
}

static int failed(struct run *r, struct writer *w)
{
	char why[ERR_TEXT];

	snprintf(why, sizeof why, "%s", err_text());
	r->full = can_retry(r);
	if (r->full) {
		warn("%s; again with level %u", why, r->o->level[r->nth + 1]);
		return EXIT_INCOMPLETE;
	}
	return err_code() == ERR_PIPE ? say_failure() : target_keep(r->out, w, why);
}

static const struct writer_ops *format(const struct options *o)
{
	return o->format == FORMAT_ELF ? &writer_elf : &writer_kdump;
}

/* parts that are only put together keep their pages' bytes */
static bool is_as_stored(const struct options *o)
{
	return o->job == JOB_REASSEMBLE && !o->codec_named && format(o)->codecs;
}

static struct copy_options how_to_copy(const struct options *o)
{
	return (struct copy_options){
		.codec = o->codec, .codec_level = o->codec_level, .threads = o->threads,
		.as_stored = is_as_stored(o),
		.checksum = o->checksum, .dedupe = o->dedupe,
		.progress = o->progress ? stderr : NULL,
	};
}

static int copy(struct run *r, struct writer *w, struct copy_result *result)
{
	const struct copy_options how = how_to_copy(r->o);
	struct copy_to to = { .w = w };
	uint64_t began = clock_ms();
	int rc = copy_pages(r->vm, &r->plan, &to, 1, &how, result);

	r->copy = clock_since(began);
	return rc || to.failed ? -1 : 0;
}

/* --show-stats, of what was kept: the exit status */
static int tell_stats(const struct run *r, const struct writer *w,
		      const struct copy_result *result, int status)
{
	const struct stats stats = {
		.o = r->o, .plan = &r->plan, .level = r->plan.rules.level, .output = r->output,
		.status = status, .complete = status == 0 || status == EXIT_LESS,
		.npages = w->npages, .nzero = w->nzero, .nshared = w->nshared,
		.unreadable = result->unreadable, .written = r->out->written,
		.scan = r->scan, .copy = r->copy,
	};
	int flushed;

	if (!r->o->show_stats || r->full || (!stats.complete && status != EXIT_INCOMPLETE))
		return status;
	stats_print(&stats);
	flushed = say_flush();
	return flushed ? flushed : status;
}

/* pass 2 and the end of the file: an exit status */
static int write_dump(struct run *r)
{
	const struct options *o = r->o;
	const struct writer_how how = {
		.codec_flag = is_as_stored(o) ? r->vm->header.codecs : o->codec->flag,
		.dedupe = o->dedupe,
		.end = r->vm->npfns,
		/* the second look at a window of the running system may find more to keep */
		.npages = r->vm->live && !r->plan.whole ? r->plan.nheld : r->plan.nkeep,
	};
	struct vmcore *vm = r->vm;
	struct copy_result result = { 0 };
	struct writer w;
	char why[ERR_TEXT];
	int status;

	if (writer_begin(&w, format(o), &how, r->out, vm, &r->plan)) {
		r->full = can_retry(r);
		if (r->full)
			warn("%s; again with level %u", err_text(), o->level[r->nth + 1]);
		status = r->full ? EXIT_INCOMPLETE : target_give_up(r->out);
	} else if (copy(r, &w, &result)) {
		status = failed(r, &w);
	} else if (result.unreadable && w.npages == 0) {
		fail(ERR_SYS, "%s: not one page could be read; the first: %s", vm->src.path,
		     result.first);
		status = target_give_up(r->out);
	} else if (vm->cut_short) {
		report_done(&r->plan, &w, &result, clock_since(r->started));
		snprintf(why, sizeof why, "%s: is cut short", vm->src.path);
		status = target_keep(r->out, &w, why);
	} else if (writer_end(&w, true)) {
		status = failed(r, &w);
	} else if (out_commit(r->out)) {
		/* all pages are written; only their name or their safety is in doubt */
		snprintf(why, sizeof why, "%s", err_text());
		status = r->out->temp ? target_keep(r->out, &w, why) : say_failure();
	} else {
		report_done(&r->plan, &w, &result, clock_since(r->started));
		status = result.unreadable || w.no_utsname || plan_is_degraded(&r->plan) ?
			 EXIT_LESS : 0;
	}
	status = tell_stats(r, &w, &result, status);
	writer_close(&w);
	return status;
}

/* the dump at the n-th level; *again: the target is full and the next level may fit */
static int attempt(struct run *r, bool *again)
{
	const unsigned level = r->o->level[r->nth], had = r->vm->header.dump_level;
	const struct plan_rules rules = {
		.level = level | had, .kinds = options_kinds(r->o, level, had),
		.memory = r->o->memory, .vmemmap = r->o->vmemmap,
		.threads = r->o->threads,
	};
	uint64_t began = clock_ms();
	int status;

	*again = r->full = false;
	if (plan_open(&r->plan, r->vm, &rules))
		return target_give_up(r->out);
	r->scan = clock_since(began);
	report_plan(&r->plan);
	status = write_dump(r);
	plan_close(&r->plan);
	*again = r->full;
	return status;
}

static int filter_to(struct vmcore *vm, struct out *out, const char *output,
		     const struct options *o, uint64_t started)
{
	struct run r = { .o = o, .vm = vm, .out = out, .output = output, .started = started };
	bool again;
	int status;

	info("%s: %s, Linux %s, pages of %u bytes; level %u, %s with %u threads", vm->src.path,
	     vm->ops->name, vm->info.release[0] ? vm->info.release : "unknown", vm->page_size,
	     o->level[0], o->codec->name, o->threads);
	for (;; r.nth++) {
		status = attempt(&r, &again);
		if (!again)
			return status;
		out_discard(out);
		if (target_open(out, output, o))
			return target_give_up(out);
	}
}

int filter(const char *const *inputs, size_t ninputs, const char *output,
	   const struct options *o)
{
	uint64_t started = clock_ms();
	struct input in;
	struct out out = { .fd = -1 };
	int status;

	for (size_t i = 0; i < ninputs; i++)
		if (target_is_input(inputs[i], output)) {
			fail(ERR_USAGE, "%s: is the output as well", inputs[i]);
			return say_failure();
		}
	/* the target first: an argument that cannot work is found out at once */
	if (!o->dry_run && target_open(&out, output, o))
		return target_give_up(&out);
	if (input_open(&in, inputs, ninputs, o)) {
		status = target_give_up(&out);
	} else {
		status = o->dry_run ? usage_dry_run(&in.vm, o) :
				      filter_to(&in.vm, &out, output, o, started);
		input_close(&in);
	}
	out_close(&out);
	return status;
}
