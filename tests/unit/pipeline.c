/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "pipeline.h"
#include "unit.h"

enum { NJOBS = 7, MANY = 5000 };

struct job {
	unsigned number;
	unsigned thread;
	uint64_t result;
	bool fail;
};

struct receiver {
	unsigned next;		/* the number that must come now */
	unsigned finished;
	uint64_t sum;
};

static uint64_t result_of(unsigned number)
{
	return (uint64_t)number * number + 1;
}

/* the first job of a round takes longest, so that others overtake it */
static void work(void *p, unsigned thread)
{
	struct job *job = p;

	if (job->number % NJOBS == 0)
		usleep(200);
	job->thread = thread;
	job->result = result_of(job->number);
}

static int finish(void *p, void *arg)
{
	struct job *job = p;
	struct receiver *r = arg;

	r->finished++;
	assert_int_equal(job->number, r->next);
	assert_true(job->result == result_of(job->number));
	r->next++;
	r->sum += job->result;
	return job->fail ? fail(ERR_FULL, "job %u", job->number) : 0;
}

static const struct pipeline_ops ops = { .work = work, .finish = finish };

static void in_order(void **state)
{
	static const unsigned threads[] = { 0, 1, 2, 3, 8, 20 };
	uint64_t sum = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		sum += result_of(i);
	for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
		struct job jobs[NJOBS];
		struct receiver r = { 0 };
		struct pipeline *pl = pipeline_open(&ops, &r, jobs, sizeof jobs[0], NJOBS,
						    threads[t]);

		assert_non_null(pl);
		for (unsigned i = 0; i < MANY; i++) {
			struct job *job = pipeline_job(pl);

			assert_true(job >= jobs && job < jobs + NJOBS);
			*job = (struct job){ .number = i };
			pipeline_submit(pl);
		}
		assert_int_equal(pipeline_drain(pl), 0);
		assert_int_equal(r.finished, MANY);
		assert_true(r.sum == sum);
		assert_int_equal(pipeline_drain(pl), 0);
		pipeline_close(pl);
	}
}

static void one_job(void **state)
{
	struct job job;
	struct receiver r = { 0 };
	struct pipeline *pl = pipeline_open(&ops, &r, &job, sizeof job, 1, 4);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		assert_ptr_equal(pipeline_job(pl), &job);
		/* asking again without submitting gives the same one */
		assert_ptr_equal(pipeline_job(pl), &job);
		job = (struct job){ .number = i };
		pipeline_submit(pl);
	}
	assert_int_equal(pipeline_drain(pl), 0);
	assert_int_equal(r.finished, 200);
	pipeline_close(pl);
}

/* the job that fails is the last that finish() sees, and its words stand */
static void failing(void **state)
{
	(void)state;
	for (unsigned threads = 0; threads <= 3; threads++)
		for (unsigned bad = 0; bad < 20; bad++) {
			struct job jobs[NJOBS], *job;
			struct receiver r = { 0 };
			struct pipeline *pl = pipeline_open(&ops, &r, jobs, sizeof jobs[0],
							    NJOBS, threads);
			unsigned i;

			for (i = 0; i < 20 && (job = pipeline_job(pl)); i++) {
				*job = (struct job){ .number = i, .fail = i == bad };
				pipeline_submit(pl);
			}
			assert_int_equal(i, bad + NJOBS < 20 ? bad + NJOBS : 20);
			for (int again = 0; again < 3; again++) {
				assert_int_equal(pipeline_drain(pl), -1);
				assert_null(pipeline_job(pl));
			}
			assert_int_equal(r.finished, bad + 1);
			assert_failed(ERR_FULL, "job ");
			pipeline_close(pl);
		}
}

/* closed with work in it: nothing hangs, finish() is not called */
static void abandoned(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		struct job jobs[NJOBS], *job;
		struct receiver r = { 0 };
		struct pipeline *pl = pipeline_open(&ops, &r, jobs, sizeof jobs[0], NJOBS,
						    round % 4);

		for (unsigned i = 0; i < round % (NJOBS + 1); i++) {
			job = pipeline_job(pl);
			*job = (struct job){ .number = i };
			pipeline_submit(pl);
		}
		pipeline_close(pl);
		assert_int_equal(r.finished, 0);
	}
	pipeline_close(NULL);
}

/* where the system gives no threads, the work is done all the same */
static void no_threads_to_be_had(void **state)
{
	struct job jobs[NJOBS];
	struct receiver r = { 0 };
	pthread_attr_t usual, huge;

	(void)state;
	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	assert_int_equal(pthread_getattr_default_np(&huge), 0);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 50), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	struct pipeline *pl = pipeline_open(&ops, &r, jobs, sizeof jobs[0], NJOBS, 4);
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	assert_non_null(pl);
	for (unsigned i = 0; i < 100; i++) {
		struct job *job = pipeline_job(pl);

		assert_non_null(job);
		*job = (struct job){ .number = i, .thread = 99 };
		pipeline_submit(pl);
		assert_int_equal(job->thread, 0);	/* done already, as thread 0 */
	}
	assert_int_equal(pipeline_drain(pl), 0);
	assert_int_equal(r.finished, 100);
	pipeline_close(pl);
}

static volatile sig_atomic_t signals_elsewhere;
static pthread_t main_thread;

static void count_signal(int signum)
{
	(void)signum;
	if (!pthread_equal(pthread_self(), main_thread))
		signals_elsewhere++;
}

static void sleepy_work(void *job, unsigned thread)
{
	(void)job;
	(void)thread;
	usleep(1000);
}

static int no_finish(void *job, void *arg)
{
	(void)job;
	(void)arg;
	return 0;
}

/* a signal that asks us to stop must interrupt the thread that writes */
static void signals_stay_here(void **state)
{
	static const struct pipeline_ops sleepy = { .work = sleepy_work, .finish = no_finish };
	struct sigaction act = { .sa_handler = count_signal }, old;
	struct job jobs[NJOBS];
	sigset_t set, before;

	(void)state;
	main_thread = pthread_self();
	assert_int_equal(sigaction(SIGUSR1, &act, &old), 0);
	struct pipeline *pl = pipeline_open(&sleepy, NULL, jobs, sizeof jobs[0], NJOBS, 3);
	/* while this thread takes none, a worker would, if it could */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
	assert_false(sigismember(&before, SIGUSR1));
	for (int i = 0; i < 50; i++) {
		pipeline_job(pl);
		pipeline_submit(pl);
		assert_int_equal(kill(getpid(), SIGUSR1), 0);
	}
	assert_int_equal(pipeline_drain(pl), 0);
	pipeline_close(pl);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
	assert_int_equal(signals_elsewhere, 0);
	sigaction(SIGUSR1, &old, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(one_job),
		cmocka_unit_test(failing),
		cmocka_unit_test(abandoned),
		cmocka_unit_test(no_threads_to_be_had),
		cmocka_unit_test(signals_stay_here),
	};

	return RUN(tests);
}
