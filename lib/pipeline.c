/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "err.h"
#include "pipeline.h"

/*
 * Three counters chase each other round the ring of jobs:
 *
 *	finished <= taken <= submitted <= finished + njobs
 *
 * Job n lives in slot n % njobs. Only the caller moves submitted and finished,
 * only workers move taken, all under the lock.
 */
struct pipeline {
	const struct pipeline_ops *ops;
	void *arg;
	char *jobs;
	size_t jobsize;
	unsigned njobs;

	pthread_mutex_t lock;
	pthread_cond_t more;		/* submitted moved, or stop was set */
	pthread_cond_t done;		/* a job's ready flag was set */
	unsigned long submitted, taken, finished;
	bool stop;
	bool failed;			/* finish() did; only the caller looks at it */
	bool *ready;			/* by slot: work() has returned */

	unsigned nthreads;
	struct worker {
		pthread_t id;
		struct pipeline *pl;
		unsigned n;
	} *worker;
};

static void *slot(const struct pipeline *pl, unsigned long n)
{
	return pl->jobs + n % pl->njobs * pl->jobsize;
}

static void *worker_main(void *arg)
{
	const struct worker *w = arg;
	struct pipeline *pl = w->pl;

	pthread_mutex_lock(&pl->lock);
	for (;;) {
		while (pl->taken == pl->submitted && !pl->stop)
			pthread_cond_wait(&pl->more, &pl->lock);
		if (pl->stop)
			break;

		unsigned long n = pl->taken++;
		pthread_mutex_unlock(&pl->lock);
		pl->ops->work(slot(pl, n), w->n);
		pthread_mutex_lock(&pl->lock);
		pl->ready[n % pl->njobs] = true;
		pthread_cond_signal(&pl->done);
	}
	pthread_mutex_unlock(&pl->lock);
	return NULL;
}

/*
 * Signals are for the caller's thread: there, they interrupt a write to a pipe
 * that nobody empties. Where there are fewer threads to be had than asked for,
 * the work is done by fewer, or by the caller: slower, but with the same result.
 */
static void start_workers(struct pipeline *pl, unsigned nthreads)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (; pl->nthreads < nthreads; pl->nthreads++) {
		struct worker *w = &pl->worker[pl->nthreads];

		*w = (struct worker){ .pl = pl, .n = pl->nthreads };
		if (pthread_create(&w->id, NULL, worker_main, w))
			break;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct pipeline *pipeline_open(const struct pipeline_ops *ops, void *arg,
			       void *jobs, size_t jobsize, unsigned njobs,
			       unsigned nthreads)
{
	struct pipeline *pl = calloc(1, sizeof *pl);

	if (!pl) {
		fail_sys("pipeline");
		return NULL;
	}
	pl->ops = ops;
	pl->arg = arg;
	pl->jobs = jobs;
	pl->jobsize = jobsize;
	pl->njobs = njobs;
	pthread_mutex_init(&pl->lock, NULL);
	pthread_cond_init(&pl->more, NULL);
	pthread_cond_init(&pl->done, NULL);

	pl->ready = calloc(njobs, sizeof *pl->ready);
	pl->worker = calloc(nthreads + 1, sizeof *pl->worker);
	if (!pl->ready || !pl->worker) {
		fail_sys("pipeline of %u jobs", njobs);
		pipeline_close(pl);
		return NULL;
	}
	start_workers(pl, nthreads);
	return pl;
}

/*
 * Hand the oldest job to finish(), first waiting for its worker. After finish()
 * failed once it is not called again: what comes later must not be written
 * behind a gap.
 */
static int retire(struct pipeline *pl)
{
	unsigned long n = pl->finished;

	if (pl->failed)
		return -1;
	pthread_mutex_lock(&pl->lock);
	while (!pl->ready[n % pl->njobs])
		pthread_cond_wait(&pl->done, &pl->lock);
	pl->ready[n % pl->njobs] = false;
	pl->finished++;
	pthread_mutex_unlock(&pl->lock);

	pl->failed = pl->ops->finish(slot(pl, n), pl->arg) != 0;
	return pl->failed ? -1 : 0;
}

void *pipeline_job(struct pipeline *pl)
{
	if (pl->failed || (pl->submitted - pl->finished == pl->njobs && retire(pl)))
		return NULL;
	return slot(pl, pl->submitted);
}

void pipeline_submit(struct pipeline *pl)
{
	if (pl->nthreads == 0) {
		pl->ops->work(slot(pl, pl->submitted), 0);
		pl->ready[pl->submitted % pl->njobs] = true;
	}
	pthread_mutex_lock(&pl->lock);
	pl->submitted++;
	pthread_cond_signal(&pl->more);
	pthread_mutex_unlock(&pl->lock);
}

int pipeline_drain(struct pipeline *pl)
{
	while (!pl->failed && pl->finished != pl->submitted)
		retire(pl);
	return pl->failed ? -1 : 0;
}

void pipeline_close(struct pipeline *pl)
{
	if (!pl)
		return;
	pthread_mutex_lock(&pl->lock);
	pl->stop = true;
	pthread_cond_broadcast(&pl->more);
	pthread_mutex_unlock(&pl->lock);
	for (unsigned i = 0; i < pl->nthreads; i++)
		pthread_join(pl->worker[i].id, NULL);

	pthread_cond_destroy(&pl->done);
	pthread_cond_destroy(&pl->more);
	pthread_mutex_destroy(&pl->lock);
	free(pl->worker);
	free(pl->ready);
	free(pl);
}
