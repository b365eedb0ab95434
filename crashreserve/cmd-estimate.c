/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "commands.h"
#include "err.h"
#include "eval.h"
#include "measure.h"
#include "num.h"
#include "opt.h"
#include "say.h"
#include "stop.h"
#include "tables.h"

#define GIB(n) ((uint64_t)(n) << 30)
#define MIB(n) ((uint64_t)(n) << 20)

enum { OPT_INITRD = 256, OPT_KERNEL, OPT_TARGET, OPT_RAM, OPT_MEASURE, OPT_TABLE, OPT_JSON,
       OPT_ROOT };

static const struct opt opts[] = {
	{ OPT_KERNEL, "kernel", "FILE", "the capture kernel, if not the one loaded or running" },
	{ OPT_INITRD, "initrd", "FILE", "its initial RAM disk" },
	{ OPT_TARGET, "target", "WHERE", "where dumps go: local (unless given), nfs or ssh" },
	{ OPT_RAM, "ram", "SIZE", "of the machine that is to be dumped, unless it is this one" },
	{ OPT_MEASURE, "measure", NULL, "boot them in QEMU and find the smallest size that works" },
	{ OPT_TABLE, "table", "NAME", "compare with what a distribution reserves" },
	{ OPT_JSON, "json", NULL, "print one line of JSON" },
	{ OPT_ROOT, "root", "DIR", "look at the /proc, /sys, /boot... saved in DIR" },
	OPT_COMMON,
	{ 0 },
};

struct request {
	const char *kernel, *initrd, *table, *root;
	enum estimate_target target;
	uint64_t ram;		/* 0: this machine's */
	bool measure, as_json;
};

static int set_target(struct request *rq, const char *arg)
{
	static const char *const names[] = { "local", "nfs", "ssh" };

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(arg, names[i]) == 0) {
			rq->target = (enum estimate_target)i;
			return 0;
		}
	return fail(ERR_USAGE, "--target: \"%s\" is none of local, nfs, ssh", arg);
}

static int set_ram(struct request *rq, const char *arg)
{
	if (!num_size(arg, &rq->ram) || rq->ram < MIB(1) || rq->ram > GIB(1) << 24)
		return fail(ERR_USAGE, "--ram: \"%s\" is no size of a machine's memory", arg);
	return 0;
}

static int set(struct request *rq, int key, const char *arg)
{
	switch (key) {
	case OPT_KERNEL:
		rq->kernel = arg;
		return 0;
	case OPT_INITRD:
		rq->initrd = arg;
		return 0;
	case OPT_TARGET:
		return set_target(rq, arg);
	case OPT_RAM:
		return set_ram(rq, arg);
	case OPT_MEASURE:
		rq->measure = true;
		return 0;
	case OPT_TABLE:
		rq->table = arg;
		return table_check(arg);
	case OPT_JSON:
		rq->as_json = true;
		return 0;
	default:
		rq->root = arg;
		return 0;
	}
}

static void choose_ram(struct answer *a, struct needs *n, const struct state *st, uint64_t ram)
{
	a->ram_from = ram ? "as given" : st->ram ? "/proc/iomem" :
		      "MemTotal, a little less than all";
	if (ram)
		n->in.ram = ram;
	a->ram = n->in.ram;
}

/* the largest range of memory below 4 GiB, 0 if none is known */
static uint64_t largest_low(const struct state *st)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < st->iomem.ram.n; i++) {
		const struct range *r = &st->iomem.ram.r[i];
		uint64_t end = r->end < GIB(4) ? r->end : GIB(4);

		if (r->start < end && end - r->start > largest)
			largest = end - r->start;
	}
	return largest;
}

/* beside it the running kernel and its own initial RAM disk must find room there */
static void choose_place(struct answer *a, const struct state *st, bool this_machine)
{
	const char *arch = a->needs->in.arch;

	if (strcmp(arch, "x86_64") != 0 && strcmp(arch, "aarch64") != 0)
		return;
	a->has_high = a->ram > GIB(4);
	if (a->has_high && this_machine && largest_low(st))
		a->no_room = largest_low(st) < a->size + MIB(128);
}

uint64_t answer_table(const struct answer *a, const struct table *t)
{
	struct eval_in in = { .ram = a->ram, .page_size = a->needs->in.page_size };
	struct eval_out out;
	char cmdline[256];

	snprintf(cmdline, sizeof cmdline, "crashkernel=%s%s%s", t->value,
		 t->second ? " crashkernel=" : "", t->second ? t->second : "");
	in.cmdline = cmdline;
	/* the grammar of these has been the same for long */
	if (eval_kernel(&in, t->arch, "6.12") < 0)
		return 0;
	eval_run(&in, &out);
	return out.size;
}

static int answer(const struct request *rq, const struct state *st, struct needs *n)
{
	struct answer a = { .st = st, .needs = n, .table = rq->table };

	n->in.target = rq->target;
	choose_ram(&a, n, st, rq->ram);
	if (a.ram == 0)
		return fail(ERR_UNKNOWN, "how much memory the machine has is not known: say it"
			    " with --ram");
	if (estimate_compute(&a.est, &n->in) < 0)
		return fail_in(n->kernel);
	a.size = a.est.recommended;
	if (rq->measure) {
		if (measure(&a.measured, n, &a.est) < 0)
			return -1;
		a.has_measured = true;
		a.size = measure_advice(&a.measured, &a.est);
	}
	/* no kernel reserves that (kernel/crash_reserve.c: parse_crashkernel()) */
	if (a.size >= a.ram)
		return fail(ERR_SYS, "%llu MiB are needed, and the machine has %llu MiB of memory:"
			    " nothing can be captured here", (unsigned long long)a.size >> 20,
			    (unsigned long long)a.ram >> 20);
	choose_place(&a, st, rq->ram == 0);
	if (rq->as_json)
		answer_json(&a);
	else
		answer_text(&a);
	return 0;
}

static int estimate(const struct request *rq)
{
	struct needs n = { .kernel_fd = -1, .initrd_fd = -1,
			   .image = { .fd = -1, .initrd_fd = -1 } };
	struct state st;

	stop_catch();
	int result = look(&st, rq->root);

	if (result == 0)
		result = needs_open(&n, &st, rq->kernel, rq->initrd);
	if (result == 0)
		result = answer(rq, &st, &n);
	needs_close(&n);
	look_close(&st);
	return result < 0 ? say_failure() : say_flush();
}

int cmd_estimate(char **argv)
{
	struct cmdline cl = {
		.synopsis = "estimate [--kernel=FILE] [--initrd=FILE] [--target=WHERE] [--measure]",
		.about = "Say how much memory to reserve for a kernel and its initial RAM disk.",
		.opts = opts,
		.argv = argv,
	};
	struct request rq = { .target = ESTIMATE_LOCAL };
	int key;

	while ((key = opt_next(&cl)) > 0)
		if (set(&rq, key, cl.arg) < 0)
			return opt_usage(&cl);
	if (key == 0 && opt_count(&cl) > 0)
		key = fail(ERR_USAGE, "\"%s\": estimate takes no operand: --kernel, --initrd",
			   cl.argv[0]);
	return key < 0 ? opt_usage(&cl) : estimate(&rq);
}
