/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumpfilter - leave out the pages of a dump that nobody needs, compress the rest */
#include <stdlib.h>
#include <unistd.h>

#include "codec.h"
#include "err.h"
#include "filter.h"
#include "info-file.h"
#include "input.h"
#include "opt.h"
#include "options.h"
#include "out.h"
#include "say.h"
#include "stop.h"
#include "unflat.h"
#include "usage.h"
#include "verify.h"

/* how many operands a job takes */
static int check_operands(const struct options *o, int n)
{
	static const struct { int min, max; const char *what; } jobs[] = {
		[JOB_FILTER] = { 1, 2, "VMCORE and, maybe, DUMPFILE" },
		[JOB_SPLIT] = { 3, OPERANDS_MAX, "VMCORE and at least two FILEs" },
		[JOB_REASSEMBLE] = { 2, OPERANDS_MAX, "the PARTs and DUMPFILE" },
		[JOB_LAY_DOWN] = { 1, 1, "one operand: the DUMPFILE to write" },
		[JOB_VERIFY] = { 1, 1, "the DUMP to check" },
		[JOB_MEM_USAGE] = { 0, 1, "VMCORE or nothing (/proc/kcore)" },
		[JOB_MAP] = { 1, 1, "VMCORE" },
		[JOB_INFO] = { 0, 0, "no operand" },
	};

	if (n < jobs[o->job].min || n > jobs[o->job].max)
		return fail(ERR_USAGE, "%d operands; wanted: %s", n, jobs[o->job].what);
	return 0;
}

/* jobs that print what they find in a dump */
static int survey(const char *path, const struct options *o)
{
	struct input in;
	int status;

	if (input_open(&in, &path, 1, o))
		return say_failure();
	status = usage_run(&in.vm, o);
	input_close(&in);
	return status;
}

static int check_dump(const char *path, const struct options *o)
{
	const struct verify_options how = {
		.threads = o->threads, .progress = o->progress ? stderr : NULL,
	};

	return verify_file(path, &how, o->json);
}

static int run(const struct options *o, char **arg, int n)
{
	const char *const *operand = (const char *const *)arg;
	const char *last = n > 0 ? operand[n - 1] : NULL;

	if (o->flat && n > 1 && !out_is_stdout(last)) {
		fail(ERR_USAGE, "-F writes to standard output: no DUMPFILE, please");
		return say_failure();
	}
	switch (o->job) {
	case JOB_LAY_DOWN:
		return unflat(STDIN_FILENO, operand[0], o->force) ? say_failure() : 0;
	case JOB_FILTER:
		return filter(operand, 1, n > 1 ? last : NULL, o);
	case JOB_REASSEMBLE:
		return filter(operand, (size_t)n - 1, last, o);
	case JOB_SPLIT:
		return filter_split(operand[0], operand + 1, (size_t)n - 1, o);
	case JOB_VERIFY:
		return check_dump(operand[0], o);
	case JOB_MEM_USAGE:
	case JOB_MAP:
		return survey(n > 0 ? operand[0] : "/proc/kcore", o);
	case JOB_INFO:
		return info_file_make(o->vmlinux, o->info, o->force) ? say_failure() : 0;
	}
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "[-c|-l|-p|-z[LEVEL]|--compress=NAME[:LEVEL]] [-d LEVEL] [-EfFnqv] "
			    "[-j N] VMCORE [DUMPFILE]",
		.about = "Leave out pages of VMCORE (/proc/vmcore or a saved dump) and write the "
			 "rest, compressed,\nto DUMPFILE, or flattened to standard output.",
		.features = codec_features(),
		.opts = options_table(),
		.argv = argv + (argc > 0),
	};
	struct options o;
	int n;

	say_start(argv[0]);
	stop_catch();
	if (options_parse(&cl, &o))
		return opt_usage(&cl);
	n = opt_count(&cl);
	if (check_operands(&o, n))
		return opt_usage(&cl);
	if (o.check_params)
		return 0;
	return run(&o, cl.argv, n);
}
