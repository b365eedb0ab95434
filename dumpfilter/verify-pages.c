/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "crc32.h"
#include "err.h"
#include "pipeline.h"
#include "stop.h"
#include "verify-part.h"

enum {
	JOB_BYTES = 256 << 10,	/* a page is no larger */
	JOB_PAGES = 256,
};

enum outcome { GOOD, GONE, UNKNOWN, DAMAGED };	/* GONE: could not be read, and was counted */

struct checked {
	struct verify_page page;
	size_t data;		/* where in the job's bytes */
	bool again;		/* the very data of the page before */
	enum outcome outcome;
	uint32_t sum;		/* of the page as it is, if the job has sums */
};

struct job {
	struct verify_pages *vp;
	size_t npages, len;
	bool sums;
	struct checked page[JOB_PAGES];
	uint8_t *in;		/* JOB_BYTES: data as the file has it */
	uint8_t *out;		/* a page */
	char unknown[128];	/* why one was not looked at */
};

struct verify_pages {
	struct verify_part *v;	/* borrowed */
	uint32_t page_size;
	unsigned nreaders, njobs;
	struct codec_readers *readers;	/* one a thread */
	struct job *jobs;
	struct pipeline *pl;
	struct job *job;	/* the one that is being filled, or NULL */
	size_t run;		/* its first page whose data was not read yet */
};

static void examine(struct job *job, struct checked *c, struct codec_readers *readers)
{
	const uint8_t *page = job->in + c->data;
	size_t size = job->vp->page_size;

	c->outcome = GOOD;
	if (c->page.flags != 0) {
		page = job->out;
		if (codec_read(readers, c->page.flags, job->out, size, job->in + c->data,
			       c->page.size)) {
			c->outcome = err_code() == ERR_UNKNOWN ? UNKNOWN : DAMAGED;
			if (c->outcome == UNKNOWN)
				snprintf(job->unknown, sizeof job->unknown, "%s", err_text());
			return;
		}
	}
	if (job->sums)
		c->sum = crc32_of(page, size);
}

static void work(void *arg, unsigned thread)
{
	struct job *job = arg;

	for (size_t i = 0; i < job->npages; i++) {
		struct checked *c = &job->page[i];

		if (c->again) {
			c->outcome = c[-1].outcome;
			c->sum = c[-1].sum;
		} else if (c->outcome != GONE) {
			examine(job, c, &job->vp->readers[thread]);
		}
	}
}

static void judge(struct verify_result *r, const struct job *job, const struct checked *c)
{
	const struct verify_page *p = &c->page;

	switch (c->outcome) {
	case GONE:
		return;
	case UNKNOWN:
		if (r->nunknown++ == 0)
			memcpy(r->unknown, job->unknown, sizeof r->unknown);
		return;
	case DAMAGED:
		verify_fault(r, VERIFY_DATA, p->pfn, "pfn %#" PRIx64 " at offset %#" PRIx64
			     ": the %s data is damaged", p->pfn, p->at,
			     codec_by_flag(p->flags)->name);
		return;
	case GOOD:
		break;
	}
	if (p->has_sum && p->sum != c->sum)
		verify_fault(r, VERIFY_SUM, p->pfn, "pfn %#" PRIx64 " at offset %#" PRIx64
			     ": the checksum of the page is %08" PRIx32 ", not %08" PRIx32,
			     p->pfn, p->at, c->sum, p->sum);
	else
		r->nsums += p->has_sum;
}

static int finish(void *arg, void *pages)
{
	struct job *job = arg;
	struct verify_pages *vp = pages;

	for (size_t i = 0; i < job->npages; i++)
		judge(vp->v->result, job, &job->page[i]);
	vp->v->ndone += job->npages;
	progress_step(&vp->v->progress, vp->v->ndone);
	return 0;
}

static const struct pipeline_ops ops = { .work = work, .finish = finish };

struct verify_pages *verify_pages_open(struct verify_part *v, uint32_t page_size)
{
	unsigned threads = v->opts->threads > 1 ? v->opts->threads : 1;
	struct verify_pages *vp = calloc(1, sizeof *vp);

	if (!vp) {
		fail_sys("pages to verify");
		return NULL;
	}
	vp->v = v;
	vp->page_size = page_size;
	vp->nreaders = threads;
	vp->njobs = threads > 1 ? 2 * threads + 1 : 1;
	vp->readers = calloc(threads, sizeof *vp->readers);
	vp->jobs = calloc(vp->njobs, sizeof *vp->jobs);
	if (!vp->readers || !vp->jobs) {
		fail_sys("%u jobs", vp->njobs);
		goto fail;
	}
	for (unsigned i = 0; i < threads; i++)
		if (codec_open_readers(&vp->readers[i], page_size))
			goto fail;
	for (unsigned i = 0; i < vp->njobs; i++) {
		vp->jobs[i].vp = vp;
		vp->jobs[i].in = malloc(JOB_BYTES);
		vp->jobs[i].out = malloc(page_size);
		if (!vp->jobs[i].in || !vp->jobs[i].out) {
			fail_sys("%u jobs", vp->njobs);
			goto fail;
		}
	}
	vp->pl = pipeline_open(&ops, vp, vp->jobs, sizeof *vp->jobs, vp->njobs,
			       threads > 1 ? threads : 0);
	if (vp->pl)
		return vp;
fail:
	verify_pages_close(vp);
	return NULL;
}

/* pages [vp->run, to) of the job, whose data lie one behind another, in one go or singly */
static int read_run(struct verify_pages *vp, size_t to)
{
	struct verify_part *v = vp->v;
	struct job *job = vp->job;
	struct checked *first = &job->page[vp->run];
	size_t from = vp->run;

	vp->run = to;
	if (from == to || source_read(&v->src, job->in + first->data, job->len - first->data,
				      first->page.at) == 0)
		return 0;
	for (size_t i = from; i < to; i++) {
		struct checked *c = &job->page[i];
		const struct verify_page *p = &c->page;

		/* a dying disk may take seconds for each */
		if (stop_check())
			return -1;
		if (c->again ? c[-1].outcome != GONE :
			       source_read(&v->src, job->in + c->data, p->size, p->at) == 0)
			continue;
		c->outcome = GONE;
		verify_fault(v->result, VERIFY_READ, p->pfn, "pfn %#" PRIx64 ": %s", p->pfn,
			     err_text());
	}
	return 0;
}

static int submit(struct verify_pages *vp)
{
	if (!vp->job)
		return 0;
	if (read_run(vp, vp->job->npages))
		return -1;
	pipeline_submit(vp->pl);
	vp->job = NULL;
	return 0;
}

static int next_job(struct verify_pages *vp)
{
	if (submit(vp) || stop_check())
		return -1;
	vp->job = pipeline_job(vp->pl);
	if (!vp->job)
		return -1;
	vp->job->npages = vp->job->len = vp->run = 0;
	vp->job->sums = false;
	return 0;
}

/* does page have the very data of the one before it */
static bool is_again(const struct verify_page *page, const struct verify_page *before)
{
	return page->at == before->at && page->size == before->size &&
	       page->flags == before->flags;
}

int verify_pages_add(struct verify_pages *vp, const struct verify_page *page)
{
	struct job *job = vp->job;
	struct checked *c;

	if (!job || job->npages == JOB_PAGES || job->len + page->size > JOB_BYTES) {
		if (next_job(vp))
			return -1;
		job = vp->job;
	}
	c = &job->page[job->npages];
	*c = (struct checked){ .page = *page, .data = job->len };
	job->sums |= page->has_sum;
	if (job->npages > 0) {
		const struct checked *before = c - 1;

		c->again = is_again(page, &before->page);
		if (c->again)
			c->data = before->data;
		else if (before->page.at + before->page.size != page->at &&
			 read_run(vp, job->npages))
			return -1;
	}
	if (!c->again)
		job->len += page->size;
	job->npages++;
	return 0;
}

int verify_pages_drain(struct verify_pages *vp)
{
	return submit(vp) || pipeline_drain(vp->pl) ? -1 : 0;
}

void verify_pages_close(struct verify_pages *vp)
{
	if (!vp)
		return;
	pipeline_close(vp->pl);
	for (unsigned i = 0; vp->jobs && i < vp->njobs; i++) {
		free(vp->jobs[i].in);
		free(vp->jobs[i].out);
	}
	for (unsigned i = 0; vp->readers && i < vp->nreaders; i++)
		codec_close_readers(&vp->readers[i]);
	free(vp->readers);
	free(vp->jobs);
	free(vp);
}
