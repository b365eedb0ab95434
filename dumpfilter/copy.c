/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "copy.h"
#include "err.h"
#include "pipeline.h"
#include "plan.h"
#include "progress.h"
#include "stop.h"
#include "vmcore.h"
#include "writer-kdump.h"

enum {
	JOB_BYTES = 256 << 10,	/* what one job reads: it stays in a processor's cache */
	JOB_PAGES = JOB_BYTES / 4096,
};

/* what the threads share; nothing in it changes while they run */
struct shared {
	const struct codec *codec;
	void **compressor;	/* one a thread */
	size_t page_size;
	bool zeros;		/* pages of zeros are left out */
};

struct job {
	const struct shared *shared;
	size_t npages;
	struct writer_page page[JOB_PAGES];
	uint8_t *in;		/* npages pages */
	uint8_t *packed;	/* the same compressed, one after another */
	size_t packed_len, packed_room;
};

struct copy {
	struct vmcore *vm;
	struct plan *plan;
	struct writer *w;
	struct copy_result *result;
	struct progress progress;
	struct shared shared;
	struct job *jobs;
	unsigned njobs, ncompressors;
};

static bool is_zero(const uint8_t *page, size_t len)
{
	const uint64_t *p = (const uint64_t *)(const void *)page;

	/* most pages that are not zero show it at once */
	if (p[0] | p[1])
		return false;
	for (size_t i = 0; i < len / sizeof *p; i += 8)
		if (p[i] | p[i + 1] | p[i + 2] | p[i + 3] | p[i + 4] | p[i + 5] | p[i + 6] |
		    p[i + 7])
			return false;
	return true;
}

static size_t room(const struct job *job, const uint8_t *to)
{
	return job->packed_room - (size_t)(to - job->packed);
}

static void compress_job(void *arg, unsigned thread)
{
	struct job *job = arg;
	const struct shared *s = job->shared;
	uint8_t *to = job->packed;

	for (size_t i = 0; i < job->npages; i++) {
		struct writer_page *page = &job->page[i];
		const uint8_t *from = job->in + i * s->page_size;
		size_t n = 0;

		page->size = 0;
		page->flags = 0;
		if (s->zeros && is_zero(from, s->page_size))
			continue;
		/* the room lets every codec work in place, even on a page that grows */
		if (s->codec->flag)
			n = s->codec->compress(s->compressor[thread], to, room(job, to), from,
					       s->page_size);
		if (n > 0 && n < s->page_size) {
			page->flags = s->codec->flag;
		} else {
			n = s->page_size;
			memcpy(to, from, n);
		}
		page->size = (uint32_t)n;
		to += n;
	}
	job->packed_len = (size_t)(to - job->packed);
}

static int write_job(void *arg, void *copy)
{
	struct job *job = arg;
	struct copy *c = copy;

	if (writer_pages(c->w, job->page, job->npages, job->packed, job->packed_len))
		return -1;
	progress_step(&c->progress, c->w->npages);
	return 0;
}

static const struct pipeline_ops ops = { .work = compress_job, .finish = write_job };

/* a page that cannot be read is not in the dump; the next one may be */
static void leave_out(struct copy *c, uint64_t pfn)
{
	if (c->result->unreadable++ == 0)
		snprintf(c->result->first, sizeof c->result->first, "%s", err_text());
	bitmap_clear(&c->plan->keep, pfn, pfn + 1);
}

static int read_run(struct copy *c, struct job *job, uint64_t pfn, uint64_t n)
{
	size_t size = c->vm->page_size;
	uint8_t *to = job->in + job->npages * size;
	bool whole = vmcore_read(c->vm, to, n * size, pfn << c->vm->page_shift) == 0;

	for (uint64_t i = 0; i < n; i++) {
		to = job->in + job->npages * size;
		/* a dying disk may take seconds for each */
		if (!whole && stop_check())
			return -1;
		if (!whole && vmcore_read(c->vm, to, size, (pfn + i) << c->vm->page_shift)) {
			leave_out(c, pfn + i);
			continue;
		}
		job->page[job->npages++].pfn = pfn + i;
	}
	return 0;
}

/* the next pages of the plan, from *pfn on, as many as fit */
static int fill_job(struct copy *c, struct job *job, uint64_t *pfn)
{
	const struct bitmap *keep = &c->plan->keep;
	size_t room = JOB_BYTES / c->vm->page_size;

	job->npages = 0;
	while (job->npages < room) {
		uint64_t n, end;

		*pfn = bitmap_next_set(keep, *pfn);
		if (*pfn >= keep->nbits)
			break;
		end = bitmap_next_clear(keep, *pfn);
		n = end - *pfn;
		if (n > room - job->npages)
			n = room - job->npages;
		if (read_run(c, job, *pfn, n))
			return -1;
		*pfn += n;
	}
	return 0;
}

static int run(struct copy *c, struct pipeline *pl)
{
	uint64_t pfn = 0;
	struct job *job;

	for (;;) {
		job = pipeline_job(pl);
		if (!job || stop_check() || fill_job(c, job, &pfn))
			return -1;
		if (job->npages == 0)
			return pipeline_drain(pl);
		pipeline_submit(pl);
	}
}

static int open_jobs(struct copy *c, const struct copy_options *opts)
{
	c->shared = (struct shared){
		.codec = opts->codec,
		.page_size = c->vm->page_size,
		.zeros = c->plan->level & DUMP_ZERO,
	};
	c->njobs = opts->threads > 1 ? 2 * opts->threads + 1 : 1;
	c->jobs = calloc(c->njobs, sizeof *c->jobs);
	c->shared.compressor = calloc(opts->threads, sizeof *c->shared.compressor);
	if (!c->jobs || !c->shared.compressor)
		return fail_sys("%u jobs", c->njobs);
	for (unsigned i = 0; i < c->njobs; i++) {
		struct job *job = &c->jobs[i];

		job->shared = &c->shared;
		job->packed_room = JOB_BYTES + c->vm->page_size;
		job->in = malloc(JOB_BYTES);
		job->packed = malloc(job->packed_room);
		if (!job->in || !job->packed)
			return fail_sys("%u jobs", c->njobs);
	}
	if (!opts->codec->flag)
		return 0;
	for (; c->ncompressors < opts->threads; c->ncompressors++) {
		void **cp = &c->shared.compressor[c->ncompressors];

		*cp = opts->codec->open(opts->codec_level, c->vm->page_size);
		if (!*cp)
			return -1;
	}
	return 0;
}

static void close_jobs(struct copy *c, const struct codec *codec)
{
	for (unsigned i = 0; i < c->ncompressors; i++)
		codec->close(c->shared.compressor[i]);
	free(c->shared.compressor);
	for (unsigned i = 0; c->jobs && i < c->njobs; i++) {
		free(c->jobs[i].in);
		free(c->jobs[i].packed);
	}
	free(c->jobs);
}

int copy_pages(struct vmcore *vm, struct plan *plan, struct writer *w,
	       const struct copy_options *opts, struct copy_result *result)
{
	struct copy c = { .vm = vm, .plan = plan, .w = w, .result = result };
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
	close_jobs(&c, opts->codec);
	return rc;
}
