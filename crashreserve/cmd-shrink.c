/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "err.h"
#include "judge.h"
#include "look.h"
#include "map.h"
#include "needs.h"
#include "num.h"
#include "opt.h"
#include "record.h"
#include "say.h"
#include "shrink.h"
#include "stop.h"

enum { OPT_TO_ESTIMATE = 256, OPT_KERNEL, OPT_INITRD, OPT_ROOT };

enum { LESS_THAN_ASKED = 6 };

static const struct opt opts[] = {
	{ OPT_TO_ESTIMATE, "to-estimate", NULL, "as far as crashreserve estimate recommends" },
	{ OPT_KERNEL, "kernel", "IMAGE", "the capture kernel that must find room" },
	{ OPT_INITRD, "initrd", "FILE", "its initial RAM disk" },
	{ 'n', "dry-run", NULL, "say what would be left, and change nothing" },
	{ 'f', "force", NULL, "even if what is left is too small" },
	{ OPT_ROOT, "root", "DIR", "with -n: look at the /proc and /sys saved in DIR" },
	OPT_COMMON,
	{ 0 },
};

struct request {
	const char *kernel, *initrd, *root;
	bool to_estimate, dry_run, force;
	uint64_t wanted;
};

static void say_regions(const char *when, const struct shrink_in *in)
{
	char main[MAP_SIZE], low[MAP_SIZE];

	if (say_is_quiet())
		return;
	map_size(main, in->main ? in->main : in->crash_size);
	if (in->low)
		printf("%-8s %s, and %s in a low region\n", when, main, map_size(low, in->low));
	else
		printf("%-8s %s\n", when, main);
}

static void take_sizes(struct shrink_in *in, const struct state *st)
{
	*in = (struct shrink_in){
		.crash_size = st->crash_size.value,
		.main = st->main_size,
		.low = st->low_size,
		.loaded = st->loaded.known && st->loaded.value,
		/* s390x rounds to 1 MiB: what is written may be less than what is left there */
		.page_size = st->root ? 0 : (uint64_t)sysconf(_SC_PAGESIZE),
	};
	/* main given back before 6.5: the line that is left is the low region's */
	if (in->crash_size == 0)
		in->main = 0;
}

/*
 * What must find room: the files named, else those of the last load or the machine's own.
 * Of an initial RAM disk that was not made for captures nothing is concluded: without it
 * the sum is one that surely is needed.
 */
static int take_needs(struct estimate_in *in, const struct request *rq, const struct state *st)
{
	struct needs needs;
	int result = needs_open(&needs, st, rq->kernel, rq->initrd);

	judge_needs(in, st);
	if (result == 0) {
		*in = needs.in;
		in->arch = st->arch;
		if (needs.general && !rq->to_estimate)
			in->initrd_packed = in->initrd_unpacked = in->modules = 0;
		else if (needs.general)
			warn("%s was not made for captures: one that was needs less", needs.initrd);
	}
	needs_close(&needs);
	/* what was recorded of files that have gone is as good */
	return result && !rq->kernel && in->init_size ? 0 : result;
}

/* the low region is not cut: what the kernel counts of it is added */
static int from_estimate(uint64_t *wanted, const struct estimate_in *needs,
			 const struct shrink_in *in)
{
	struct estimate est;
	bool counts_low = in->low > 0 && in->main + in->low == in->crash_size;

	if (estimate_compute(&est, needs))
		return -1;
	if (!num_add(est.recommended, counts_low ? in->low : 0, wanted))
		return fail(ERR_CORRUPT, "the estimate is no size");
	return 0;
}

/*
 * Where the addresses are hidden, what the kernel counts may be one region or two, and what
 * would be left to load into is not known.
 */
static int check_regions(const struct request *rq, const struct shrink_in *in)
{
	if (in->main || in->crash_size == 0 || rq->force)
		return 0;
	return fail(ERR_SYS, "/proc/iomem does not tell which part of it is a low region, and"
		    " what would be left to load into is not known: run it as root"
		    " (CAP_SYS_ADMIN); -f does it all the same");
}

static int refuse_small(const struct estimate_judged *jd, const struct shrink_plan *plan)
{
	char left[MAP_SIZE], least[MAP_SIZE], want[MAP_SIZE];

	map_size(left, plan->main);
	if (plan->main == 0)
		return fail(ERR_SYS, "nothing would be left to load into, until the next boot:"
			    " -f does it");
	return fail(ERR_SYS, "%s would be left: %s, which takes %s at least; %s are recommended:"
		    " -f does it", left, jd->verdict == ESTIMATE_TOO_SMALL ?
		    "too small to load the capture kernel" : "enough to load the capture kernel,"
		    " but not to boot it", map_size(least, jd->least), map_size(want, jd->wanted));
}

/* is what is left enough? -1 after fail(); without any kernel known it is for the user to know */
static int check_left(const struct request *rq, const struct state *st,
		      const struct shrink_plan *plan, const struct estimate_in *needs)
{
	struct estimate_judged judged = { .verdict = ESTIMATE_UNKNOWN };
	char want[MAP_SIZE];

	estimate_judge(&judged, needs, 0, plan->main + st->cma, plan->low);
	bool small = plan->main == 0 || judged.verdict == ESTIMATE_TOO_SMALL ||
		     judged.verdict == ESTIMATE_LOADS_ONLY;

	if (small && refuse_small(&judged, plan) && !rq->force)
		return -1;
	if (small)
		warn("%s", err_text());
	else if (judged.verdict == ESTIMATE_UNKNOWN)
		warn("which capture kernel must find room is not known (--kernel): whether it does"
		     " was not looked at");
	else if (judged.verdict == ESTIMATE_TIGHT)
		warn("what is left may be too small to boot the capture kernel: %s are recommended",
		     map_size(want, judged.wanted));
	return 0;
}

static void explain(const struct shrink_in *in, const struct shrink_plan *plan)
{
	char low[MAP_SIZE];

	if (in->low == 0)
		return;
	map_size(low, in->low);
	if (plan->low == 0)
		warn("no more than the low region of %s is wanted: the region above 4 GiB goes"
		     " wholly", low);
	else if (!plan->counts_low)
		warn("this kernel counts and cuts the main region alone: %s in the low one stay"
		     " reserved", low);
}

/* what really is there now; a machine that differs from the plan is told of */
static int verify(const struct shrink_plan *plan)
{
	struct shrink_in now;
	struct state st;
	int status = 0;

	if (look(&st, NULL)) {
		look_close(&st);
		return say_failure();
	}
	take_sizes(&now, &st);
	say_regions("after:", &now);
	if (now.crash_size != plan->wanted) {
		complain("the kernel says that %" PRIu64 " bytes are reserved now, not %" PRIu64,
			 now.crash_size, plan->wanted);
		status = LESS_THAN_ASKED;
	}
	look_close(&st);
	return status;
}

static int run(const struct request *rq, const struct shrink_in *in,
	       const struct shrink_plan *plan)
{
	struct shrink_in left = { .crash_size = plan->wanted, .main = plan->main,
				  .low = plan->low };

	say_regions("before:", in);
	explain(in, plan);
	if (rq->dry_run) {
		say_regions("would be:", &left);
		return 0;
	}
	if (shrink_write(plan->wanted))
		return say_failure();
	return verify(plan);
}

static int nothing_to_do(const struct request *rq, const struct shrink_in *in, uint64_t wanted)
{
	char have[MAP_SIZE], want[MAP_SIZE];

	map_size(have, in->crash_size);
	if (rq->to_estimate && wanted > in->crash_size)
		warn("nothing to give back: %s are reserved, and %s are recommended", have,
		     map_size(want, wanted));
	else
		info("nothing to give back: %s are reserved", have);
	return 0;
}

static int shrink(struct request *rq, const struct state *st)
{
	struct estimate_in needs;
	struct shrink_in in;
	struct shrink_plan plan;

	take_sizes(&in, st);
	if (!st->crash_size.known) {
		fail(ERR_SYS, "%s", !st->has_sysfs ? "/sys is not mounted" : st->nnotes ?
		     st->notes[0] : "this kernel was built without panic kernels");
		return say_failure();
	}
	bool has_needs = take_needs(&needs, rq, st) == 0;

	/* a kernel that was named must be readable; one that was only guessed need not */
	if (!has_needs && (rq->to_estimate || rq->kernel || rq->initrd))
		return say_failure();
	if (rq->to_estimate && from_estimate(&rq->wanted, &needs, &in))
		return say_failure();
	if (rq->to_estimate && in.crash_size > 0 && rq->wanted >= in.crash_size)
		return nothing_to_do(rq, &in, rq->wanted);
	if (shrink_plan(&plan, &in, rq->wanted))
		return say_failure();
	if (plan.nothing)
		return nothing_to_do(rq, &in, rq->wanted);
	if (check_regions(rq, &in) || check_left(rq, st, &plan, &needs))
		return say_failure();
	return run(rq, &in, &plan);
}

static int parse(struct request *rq, struct cmdline *cl)
{
	int key;

	while ((key = opt_next(cl)) > 0) {
		switch (key) {
		case OPT_TO_ESTIMATE:
			rq->to_estimate = true;
			break;
		case OPT_KERNEL:
			rq->kernel = cl->arg;
			break;
		case OPT_INITRD:
			rq->initrd = cl->arg;
			break;
		case 'n':
			rq->dry_run = true;
			break;
		case 'f':
			rq->force = true;
			break;
		case OPT_ROOT:
			rq->root = cl->arg;
			break;
		}
	}
	return key;
}

static int judge_request(struct request *rq, const struct cmdline *cl)
{
	int operands = opt_count(cl);

	if (operands > 1)
		return fail(ERR_USAGE, "one SIZE, not %d: %s ...", operands, cl->argv[1]);
	if (operands == 1 && rq->to_estimate)
		return fail(ERR_USAGE, "SIZE or --to-estimate, not both");
	if (operands == 0 && !rq->to_estimate)
		return fail(ERR_USAGE, "no SIZE given (256M, or bytes)");
	if (operands == 1 && !num_size(cl->argv[0], &rq->wanted))
		return fail(ERR_USAGE, "\"%s\" is no size: say 256M, or bytes", cl->argv[0]);
	if (rq->initrd && !rq->kernel)
		return fail(ERR_USAGE, "--initrd without --kernel");
	if (rq->root && !rq->dry_run)
		return fail(ERR_USAGE, "--root needs -n");
	return 0;
}

/*
 * Between a failed load and the loading of what was there before nothing is loaded, and
 * the kernel would shrink: then what was there would not fit any more. Without /run there
 * is no lock, and the kernel's own must do. -1 after fail()
 */
static int take_lock(int *lock)
{
	*lock = record_lock();
	return *lock >= 0 || (err_code() != ERR_AGAIN && err_code() != ERR_STOPPED) ? 0 : -1;
}

static int look_and_shrink(struct request *rq)
{
	struct state st;
	int status = look(&st, rq->root) ? say_failure() : shrink(rq, &st);

	look_close(&st);
	return status;
}

int cmd_shrink(char **argv)
{
	struct cmdline cl = {
		.synopsis = "shrink [-fnqv] [--kernel=IMAGE [--initrd=FILE]] SIZE|--to-estimate",
		.about = "Give part of the reservation back; what is given back comes again only"
			 " with a boot.",
		.opts = opts,
		.argv = argv,
	};
	struct request rq = { 0 };
	int lock = -1, status;

	if (parse(&rq, &cl) < 0 || judge_request(&rq, &cl))
		return opt_usage(&cl);
	stop_catch();
	if (!rq.dry_run && take_lock(&lock) < 0)
		return say_failure();
	status = look_and_shrink(&rq);
	if (lock >= 0)
		close(lock);
	return status ? status : say_flush();
}
