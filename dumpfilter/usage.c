/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "codec.h"
#include "err.h"
#include "map.h"
#include "options.h"
#include "out.h"
#include "progress.h"
#include "report.h"
#include "say.h"
#include "usage.h"
#include "vmcore.h"

enum {
	SAMPLE = 1024,			/* pages of each kind */
	SETS = 1 << PAGE_KINDS,
	EXIT_INCOMPLETE = 3, EXIT_LESS = 6,
};

static int seen_window(void *arg, const struct survey_window *w)
{
	struct usage *u = arg;
	struct survey_run r = { 0 };

	while (survey_next_run(w, &r)) {
		enum page_kind kind = survey_kind(r.kinds);
		uint64_t n = r.to - r.from;

		u->nram += n;
		u->ram[kind] += n;
		if (!r.held)
			continue;
		u->nheld += n;
		u->held[kind] += n;
		u->sets[r.kinds] += n;
		sample_add(&u->sample[kind], w->first + r.from, n);
	}
	if (u->progress)
		progress_step(u->progress, w->first + w->n);
	return u->map ? map_window(u->map, w) : 0;
}

int usage_open(struct usage *u, struct vmcore *vm, struct map *map, struct progress *progress,
	       unsigned threads)
{
	*u = (struct usage){ .map = map, .progress = progress };
	u->sets = calloc(SETS, sizeof *u->sets);
	if (!u->sets)
		return fail_sys("counts of pages");
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (sample_open(&u->sample[kind], SAMPLE))
			goto fail;
	if (survey_open(&u->survey, vm))
		goto fail;
	u->survey.scan.threads = threads;
	if (survey_run(&u->survey, seen_window, u) == 0)
		return 0;
fail:
	usage_close(u);
	return -1;
}

/* pages of the samples that could not be read */
static uint64_t count_unreadable(const struct usage *u)
{
	uint64_t n = 0;

	for (int kind = 0; kind < PAGE_KINDS; kind++)
		n += u->sample[kind].unreadable;
	return n;
}

int usage_measure(struct usage *u, const struct options *o)
{
	/* the one must not be read, of the other there is nothing */
	const uint32_t never = 1 << PAGE_HWPOISON | 1 << PAGE_OFFLINE;

	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (!(never >> kind & 1) &&
		    sample_measure(&u->sample[kind], u->survey.vm, o->codec, o->codec_level))
			return -1;
	return 0;
}

void usage_level(const struct usage *u, uint32_t kinds, struct usage_dump *d)
{
	const struct vmcore *vm = u->survey.vm;
	bool no_zeros = kinds >> PAGE_ZERO & 1;

	*d = (struct usage_dump){ 0 };
	for (uint32_t set = 0; set < SETS; set++) {
		enum page_kind kind = survey_kind((survey_kinds)set);

		if (u->sets[set] == 0 || set & kinds)
			continue;
		d->pages += u->sets[set];
		estimate_add(&d->pages_size, &u->sample[kind], u->sets[set], no_zeros,
			     vm->page_size);
	}
	d->overhead = estimate_overhead(vm, d->pages, no_zeros);
}

uint32_t usage_kinds(const struct usage *u, unsigned level)
{
	return class_kinds(level | (u->survey.vm->header.dump_level & DUMP_ZERO));
}

void usage_close(struct usage *u)
{
	survey_close(&u->survey);
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		sample_close(&u->sample[kind]);
	free(u->sets);
	u->sets = NULL;
}

/* the pass, the samples and the table; the map's rows are drawn, its legend is not */
static int make(struct usage *u, struct vmcore *vm, const struct options *o, struct map *map)
{
	struct progress progress;
	int rc;

	progress_open(&progress, o->progress ? stderr : NULL, "looking at pages", vm->npfns);
	rc = usage_open(u, vm, map, &progress, o->threads);
	progress_close(&progress);
	if (rc)
		return -1;
	report_usage(&u->survey.scan, u->ram[PAGE_UNKNOWN]);
	if (u->survey.why[0])
		warn("%s: not all pages of struct pages were found: %s", vm->src.path,
		     u->survey.why);
	if (o->job == JOB_MAP)
		return 0;
	if (usage_measure(u, o)) {
		usage_close(u);
		return -1;
	}
	report_unreadable(vm, count_unreadable(u));
	if (o->json)
		usage_print_json(u, o);
	else
		usage_print_text(u, o);
	return 0;
}

/* some pages are not counted as what they are */
static bool is_degraded(const struct usage *u)
{
	const struct scan *s = &u->survey.scan;

	return u->survey.why[0] || count_unreadable(u) || u->ram[PAGE_UNKNOWN] ||
	       s->no_memmap || s->no_free || s->class.no_user || s->class.no_cache || s->class.no_compound;
}

/* nothing is left behind, whatever the reason */
static int give_up(void)
{
	int status = say_failure();

	return status == EXIT_INCOMPLETE ? EXIT_FAILURE : status;
}

static int run(struct vmcore *vm, const struct options *o, struct map *map)
{
	struct usage u;
	bool degraded;

	if (map && map_open(map, vm, o->map, o->force))
		return give_up();
	if (map && map->out.moved)
		warn("%s: a stale one was moved to %s", map->out.temp, map->out.moved);
	if (make(&u, vm, o, map))
		return give_up();
	degraded = is_degraded(&u);
	usage_close(&u);
	if (map && map_end(map))
		return give_up();
	return degraded ? EXIT_LESS : 0;
}

int usage_run(struct vmcore *vm, const struct options *o)
{
	struct map map;
	int status, flushed;

	if (o->map && o->job == JOB_MEM_USAGE && out_is_stdout(o->map)) {
		fail(ERR_USAGE, "--map -: the table goes to standard output already");
		return say_failure();
	}
	status = run(vm, o, o->map ? &map : NULL);
	if (o->map)
		map_close(&map);
	flushed = say_flush();
	return flushed ? flushed : status;
}
