/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ordered work: jobs go in from one thread, are worked on by many, and come
 * out, in the order in which they went in, in the thread that put them in.
 *
 * The caller owns the jobs. There are as many as fit in flight, so memory is
 * fixed at the start: pipeline_job() hands out a free one, and when none is
 * free it first waits for the oldest and passes it to ->finish().
 *
 *	while ((job = pipeline_job(pl)) && fill(job))
 *		pipeline_submit(pl);
 *	pipeline_drain(pl);
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stddef.h>

struct pipeline;

struct pipeline_ops {
	void (*work)(void *job, unsigned thread);	/* any thread; keeps its result in job */
	int (*finish)(void *job, void *arg);		/* the caller's thread, in order */
};

/*
 * njobs is at least 1. nthreads == 0: no threads, work() runs in
 * pipeline_submit(), as thread 0; so it does when the system has no threads to
 * give. NULL after fail().
 */
struct pipeline *pipeline_open(const struct pipeline_ops *ops, void *arg,
			       void *jobs, size_t jobsize, unsigned njobs,
			       unsigned nthreads);
/*
 * A free job, or NULL if finish() failed, now or before; finish() is then not
 * called any more, and what it said to fail() stands.
 */
void *pipeline_job(struct pipeline *pl);
/* the job that pipeline_job() gave last is filled */
void pipeline_submit(struct pipeline *pl);
/* finish() all that was submitted; -1 if it failed, now or before */
int pipeline_drain(struct pipeline *pl);
/* wait for work under way, drop what was not finished, free all */
void pipeline_close(struct pipeline *pl);

#endif
