/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "codec.h"
#include "copy.h"
#include "err.h"
#include "kdump-format.h"
#include "pipeline.h"
#include "plan.h"
#include "progress.h"
#include "stop.h"
#include "vmcore.h"
#include "writer.h"

struct copy {
	struct vmcore *vm;
	struct plan *plan;
	struct copy_to *to;	/* the outputs; */
	unsigned nto, at;	/* pages go to this one now */
	struct copy_result *result;
	uint64_t done;		/* pages written, for the progress line */
	struct progress progress;
	struct batch_how how;
	struct batch_thread *threads;
	unsigned nthreads;
	struct batch *jobs;
	unsigned njobs;
};

/* a page that cannot be read is not in the dump; the next one may be */
static void leave_out(struct copy *c, uint64_t pfn, const char *why)
{
	if (c->result->unreadable++ == 0)
		snprintf(c->result->first, sizeof c->result->first, "%s", why);
	plan_leave_out(c->plan, pfn);
}

/* pages that came damaged have no bytes among the packed ones */
static void drop_bad(struct copy *c, struct batch *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->npages; i++) {
		if (job->raw[i].bad)
			leave_out(c, job->page[i].pfn, job->why);
		else
			job->page[n++] = job->page[i];
	}
	job->npages = n;
}

/*
 * This output takes no more; -1 if it was the last one. If others go on, it is ended here
 * and now: the plan's next window does not have its last pages' bits.
 */
static int give_up(struct copy *c, struct copy_to *to)
{
	to->failed = true;
	to->code = err_code();
	snprintf(to->why, sizeof to->why, "%s", err_text());
	for (unsigned i = 0; i < c->nto; i++)
		if (!c->to[i].failed) {
			/* if that fails, it will again when the user is told */
			writer_end(to->w, false);
			return 0;
		}
	return -1;
}

static int write_job(void *arg, void *copy)
{
	struct batch *job = arg;
	struct copy *c = copy;
	struct copy_to *to = job->to;

	if (job->nbad)
		drop_bad(c, job);
	if (!to->failed && writer_pages(to->w, job->page, job->npages, job->packed,
					job->packed_len))
		return give_up(c, to);
	c->done += job->npages;
	progress_step(&c->progress, c->done);
	return 0;
}

static void work(void *arg, unsigned thread)
{
	struct batch *job = arg;

	batch_work(job, &job->threads[thread]);
}

static const struct pipeline_ops ops = { .work = work, .finish = write_job };

static int read_run(struct copy *c, struct batch *job, uint64_t pfn, uint64_t n)
{
	size_t size = c->vm->page_size;
	uint8_t *to = job->in + job->in_len;
	bool whole = vmcore_read(c->vm, to, n * size, pfn << c->vm->page_shift) == 0;

	for (uint64_t i = 0; i < n; i++) {
		to = job->in + job->in_len;
		/* a dying disk may take seconds for each */
		if (!whole && stop_check())
			return -1;
		if (!whole && vmcore_read(c->vm, to, size, (pfn + i) << c->vm->page_shift)) {
			leave_out(c, pfn + i, err_text());
			continue;
		}
		job->raw[job->npages] = (struct raw_page){ .size = (uint32_t)size };
		job->page[job->npages++].pfn = pfn + i;
		job->in_len += size;
	}
	return 0;
}

/* the same for pages that the threads unpack */
static int read_stored(struct copy *c, struct batch *job, uint64_t pfn, uint64_t n)
{
	for (uint64_t end = pfn + n; pfn < end; pfn++) {
		struct vmcore_stored s;

		if (vmcore_read_stored(c->vm, pfn, job->in + job->in_len, &s)) {
			if (stop_check())
				return -1;
			leave_out(c, pfn, err_text());
			continue;
		}
		job->raw[job->npages] = (struct raw_page){
			.size = s.size, .flags = s.flags,
			.has_sum = s.page_flags & KDUMP_HAS_SUM, .sum = (uint32_t)s.page_flags,
		};
		job->page[job->npages++].pfn = pfn;
		job->in_len += s.size;
	}
	return 0;
}

/* the next pages of the window, from *pfn on, as many as fit and belong to one output */
static int fill_job(struct copy *c, struct batch *job, uint64_t *pfn)
{
	const struct bitmap *keep = &c->plan->keep;
	uint64_t first = c->plan->first, stop = first + keep->nbits;
	size_t room = BATCH_BYTES / c->vm->page_size;

	job->npages = job->nbad = job->in_len = 0;
	*pfn = first + bitmap_next_set(keep, *pfn - first);
	while (c->at + 1 < c->nto && *pfn >= c->to[c->at].w->how.end)
		c->at++;
	job->to = &c->to[c->at];
	if (stop > job->to->w->how.end)
		stop = job->to->w->how.end;
	/* for an output that takes no more, nothing is read */
	if (job->to->failed && *pfn < stop)
		*pfn = stop;
	while (job->npages < room && *pfn < stop) {
		uint64_t left = room - job->npages, n = stop - *pfn < left ? stop - *pfn : left;
		/* a run may be very long: only so much of it is looked at for each job */
		const struct bitmap near = { keep->bytes, *pfn - first + n };

		n = bitmap_next_clear(&near, *pfn - first) - (*pfn - first);
		if (c->how.unpack ? read_stored(c, job, *pfn, n) : read_run(c, job, *pfn, n))
			return -1;
		*pfn = first + bitmap_next_set(keep, *pfn + n - first);
	}
	return 0;
}

/* the pages of the plan's present window */
static int copy_window(struct copy *c, struct pipeline *pl)
{
	uint64_t pfn = c->plan->first, end = pfn + c->plan->keep.nbits;
	struct batch *job;

	while (pfn < end) {
		job = pipeline_job(pl);
		if (!job || stop_check() || fill_job(c, job, &pfn))
			return -1;
		if (job->npages > 0)
			pipeline_submit(pl);
	}
	if (pipeline_drain(pl))
		return -1;
	for (unsigned i = 0; i < c->nto; i++)
		if (!c->to[i].failed && writer_settle(c->to[i].w, end) &&
		    give_up(c, &c->to[i]))
			return -1;
	return 0;
}

static int run(struct copy *c, struct pipeline *pl)
{
	int rc;

	for (uint64_t first = 0; (rc = plan_window(c->plan, first)) == 1;
	     first += c->plan->window)
		if (copy_window(c, pl))
			return -1;
	return rc;
}

static int open_jobs(struct copy *c, const struct copy_options *opts)
{
	bool stored = vmcore_has_stored(c->vm);

	c->how = (struct batch_how){
		.codec = opts->codec,
		.page_size = c->vm->page_size,
		.zeros = c->plan->rules.kinds >> PAGE_ZERO & 1,
		.packed_zeros = !(c->vm->header.dump_level & DUMP_ZERO),
		.unpack = stored,
		.as_stored = opts->as_stored && stored,
		.dedupe = opts->dedupe, .checksum = opts->checksum,
		.keep_packed = opts->codec_level == opts->codec->level_default,
	};
	c->njobs = opts->threads > 1 ? 2 * opts->threads + 1 : 1;
	c->jobs = calloc(c->njobs, sizeof *c->jobs);
	c->threads = calloc(opts->threads, sizeof *c->threads);
	if (!c->jobs || !c->threads)
		return fail_sys("%u threads", opts->threads);
	for (; c->nthreads < opts->threads; c->nthreads++)
		if (batch_thread_open(&c->threads[c->nthreads], &c->how, opts->codec_level))
			return -1;
	for (unsigned i = 0; i < c->njobs; i++) {
		if (batch_open(&c->jobs[i], &c->how))
			return -1;
		c->jobs[i].threads = c->threads;
	}
	return 0;
}

static void close_jobs(struct copy *c)
{
	for (unsigned i = 0; i < c->nthreads; i++)
		batch_thread_close(&c->threads[i], &c->how);
	for (unsigned i = 0; c->jobs && i < c->njobs; i++)
		batch_close(&c->jobs[i]);
	free(c->threads);
	free(c->jobs);
}

int copy_pages(struct vmcore *vm, struct plan *plan, struct copy_to *to, unsigned nto,
	       const struct copy_options *opts, struct copy_result *result)
{
	struct copy c = { .vm = vm, .plan = plan, .to = to, .nto = nto, .result = result };
	struct pipeline *pl = NULL;
	int rc = -1;

	*result = (struct copy_result){ 0 };
	if (open_jobs(&c, opts))
		goto done;
	pl = pipeline_open(&ops, &c, c.jobs, sizeof *c.jobs, c.njobs,
			   opts->threads > 1 ? opts->threads : 0);
	if (!pl)
		goto done;
	progress_open(&c.progress, opts->progress, "saving pages", plan->nkeep);
	rc = run(&c, pl);
	progress_close(&c.progress);
done:
	pipeline_close(pl);
	close_jobs(&c);
	return rc;
}
