/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "codec.h"
#include "err.h"
#include "estimate.h"
#include "json.h"
#include "options.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "size.h"
#include "stats.h"
#include "usage.h"
#include "vmcore.h"

enum {
	EXIT_INCOMPLETE = 3, EXIT_LESS = 6,
	SAMPLE = 4096,			/* pages */
	ELF_HEADER = 64, ELF_SEGMENT = 56,
};

/* the dump that a plan is for, as it would be */
struct estimate_dump {
	uint64_t bytes, error;
	uint64_t zeros;			/* pages of zeros, about */
	uint64_t sampled, unreadable;
};

static int sample_plan(struct sample *s, struct plan *plan)
{
	uint64_t first = 0;
	int rc;

	while ((rc = plan_window(plan, first)) == 1) {
		uint64_t end, at = 0;

		while ((at = bitmap_next_set(&plan->keep, at)) < plan->keep.nbits) {
			end = bitmap_next_clear(&plan->keep, at);
			sample_add(s, plan->first + at, end - at);
			at = end;
		}
		first += plan->window;
	}
	return rc;
}

/* -1: memory is short, or a signal came */
static int estimate_plan(struct plan *plan, const struct codec *codec, int level, bool elf,
		  struct estimate_dump *d)
{
	bool no_zeros = plan->rules.kinds >> PAGE_ZERO & 1;
	const struct vmcore *vm = plan->vm;
	struct estimate e = { 0 };
	struct sample s;
	int rc = -1;

	*d = (struct estimate_dump){ 0 };
	if (sample_open(&s, SAMPLE))
		return -1;
	if (sample_plan(&s, plan) ||
	    sample_measure(&s, plan->vm, elf ? codec_by_name("none") : codec, level))
		goto done;
	estimate_add(&e, &s, s.npages, no_zeros && !elf, vm->page_size);
	d->bytes = (uint64_t)e.bytes;
	d->bytes += elf ? ELF_HEADER + ELF_SEGMENT * (uint64_t)(vm->nloads + 1) + vm->notes_len :
			  estimate_overhead(vm, plan->nkeep, no_zeros);
	/* an ELF core's pages are all of one size, those of zeros holes in the file */
	d->error = elf && s.unreadable == 0 ? 0 : (uint64_t)estimate_error(&e);
	d->zeros = (uint64_t)(e.zeros + 0.5);
	d->sampled = s.n;
	d->unreadable = s.unreadable;
	rc = 0;
done:
	sample_close(&s);
	return rc;
}

static void print_kinds(const struct plan *plan)
{
	char size[SIZE_TEXT];

	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (plan->left_out[kind])
			printf("  left out: %-14s %13" PRIu64 " pages %12s\n",
			       class_name((enum page_kind)kind), plan->left_out[kind],
			       size_text(size, (double)plan->left_out[kind] * plan->vm->page_size));
}

static void print_text(const struct plan *plan, const struct options *o,
		       const struct estimate_dump *d)
{
	const struct vmcore *vm = plan->vm;
	char kept[SIZE_TEXT], all[SIZE_TEXT], size[SIZE_TEXT], error[SIZE_TEXT];

	printf("%s: level %u keeps %" PRIu64 " of %" PRIu64 " pages, %s of %s, about %" PRIu64
	       " of them zeros\n", vm->src.path, plan->rules.level, plan->nkeep, plan->nram,
	       size_text(kept, (double)plan->nkeep * vm->page_size),
	       size_text(all, (double)plan->nram * vm->page_size), d->zeros);
	print_kinds(plan);
	printf("  dump (%s): about %s +- %s\n", o->format == FORMAT_ELF ? "ELF" : o->codec->name,
	       size_text(size, (double)d->bytes), size_text(error, (double)d->error));
}

static void put_json(struct json *j, const struct plan *plan, const struct estimate_dump *d)
{
	json_object(j, NULL);
	json_u64(j, "level", plan->rules.level);
	json_u64(j, "pages", plan->nkeep);
	json_u64(j, "bytes", plan->nkeep * plan->vm->page_size);
	json_u64(j, "unknown", plan->unclassified);
	stats_put_left_out(j, plan);
	json_u64(j, "sampled", d->sampled);
	json_u64(j, "sampled_unreadable", d->unreadable);
	json_u64(j, "zeros_estimate", d->zeros);
	json_u64(j, "dump_estimate", d->bytes);
	json_u64(j, "dump_error", d->error);
	json_bool(j, "degraded", plan_is_degraded(plan));
	json_close(j);
}

static void begin_json(struct json *j, const struct vmcore *vm, const struct options *o)
{
	json_begin(j, stdout);
	json_object(j, NULL);
	json_text(j, "report", "dry-run");
	json_text(j, "version", VERSION);
	json_text(j, "vmcore", vm->src.path);
	json_text(j, "format", o->format == FORMAT_ELF ? "ELF" : "kdump");
	json_text(j, "release", vm->info.release[0] ? vm->info.release : NULL);
	json_u64(j, "page_size", vm->page_size);
	json_text(j, "codec", o->codec->name);
	json_array(j, "levels");
}

/* one level; *less: less is left out than was asked for. -1: memory is short, or a signal */
static int one(struct vmcore *vm, const struct options *o, unsigned n, struct json *j, bool *less)
{
	/* what the input's writer left out already stays out */
	const unsigned had = vm->header.dump_level;
	const struct plan_rules rules = {
		.level = o->level[n] | had, .kinds = options_kinds(o, o->level[n], had),
		.memory = o->memory,
		.vmemmap = o->vmemmap, .threads = o->threads,
	};
	struct estimate_dump d;
	struct plan plan;
	int rc;

	if (plan_open(&plan, vm, &rules))
		return -1;
	if (n == 0)
		report_plan(&plan);
	rc = estimate_plan(&plan, o->codec, o->codec_level, o->format == FORMAT_ELF, &d);
	if (rc == 0)
		report_unreadable(vm, d.unreadable);
	if (rc == 0 && j)
		put_json(j, &plan, &d);
	else if (rc == 0)
		print_text(&plan, o, &d);
	*less |= plan_is_degraded(&plan) || (rc == 0 && d.unreadable);
	plan_close(&plan);
	return rc;
}

int usage_dry_run(struct vmcore *vm, const struct options *o)
{
	bool less = false;
	struct json j;
	int status;

	if (o->json)
		begin_json(&j, vm, o);
	for (unsigned n = 0; n < o->nlevels; n++)
		if (one(vm, o, n, o->json ? &j : NULL, &less)) {
			status = say_failure();
			return status == EXIT_INCOMPLETE ? EXIT_FAILURE : status;
		}
	if (o->json) {
		json_close(&j);
		json_bool(&j, "cut_short", vm->cut_short);
		json_close(&j);
		json_end(&j);
	}
	status = say_flush();
	if (status)
		return status;
	return vm->cut_short ? EXIT_INCOMPLETE : less ? EXIT_LESS : 0;
}
