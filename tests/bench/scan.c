/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan - how long finding out which pages to keep takes, by itself
 *
 * usage: scan VMCORE [1|2]
 *
 * Does what dumpfilter -d 31 does before it copies pages: opens the dump, finds the
 * struct pages, looks at each that is there to be looked at, counts; with one thread or
 * with two. To standard output:
 * seconds passed, processor seconds, and bytes of struct pages that the machine had.
 */
#include <stdio.h>
#include <time.h>

#include "class.h"
#include "err.h"
#include "plan.h"
#include "vmcore.h"

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct plan_rules rules = {
		.level = DUMP_ALL, .kinds = class_kinds(DUMP_ALL),
		.threads = argc > 2 && argv[2][0] == '2' ? 2 : 1,
	};
	double passed = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
	struct vmcore vm;
	struct plan plan;

	if (argc < 2)
		return fprintf(stderr, "usage: scan VMCORE [1|2]\n"), 2;
	if (vmcore_open(&vm, argv[1]) || plan_open(&plan, &vm, &rules))
		return fprintf(stderr, "scan: %s\n", err_text()), 1;
	if (plan_is_degraded(&plan))
		return fprintf(stderr, "scan: %s: struct pages unreadable\n", argv[1]), 1;
	printf("%.4f %.4f %llu\n", now(CLOCK_MONOTONIC) - passed,
	       now(CLOCK_PROCESS_CPUTIME_ID) - used,
	       (unsigned long long)plan.nram * plan.scan.class.len);
	plan_close(&plan);
	vmcore_close(&vm);
	return 0;
}
