/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumpmsg - print the kernel log held in a dump, and what happened */
#include <string.h>

#include "err.h"
#include "opt.h"
#include "options.h"
#include "say.h"
#include "show.h"
#include "stop.h"

/* the operands; -1 after ERR_USAGE */
static int check_operands(const struct options *o, char *const *paths, int n)
{
	if (n == 0)
		return fail(ERR_USAGE, "which VMCORE?");
	for (int i = 0; o->info && i < n; i++)
		if (strcmp(o->info, "-") == 0 && strcmp(paths[i], "-") == 0)
			return fail(ERR_USAGE, "-i - and VMCORE -: standard input is one of them");
	return 0;
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "[-fJkqrTuv] [-l LIST] [--since TIME] [-o FILE] VMCORE...",
		.about = "Print the log of the dead kernel whose memory VMCORE holds, or with "
			 "--summary\nwhat happened.",
		.opts = options_table(),
		.argv = argv + (argc > 0),
	};
	const char *const *paths;
	struct options o;
	int n;

	say_start(argv[0]);
	if (options_parse(&cl, &o))
		return opt_usage(&cl);
	n = opt_count(&cl);
	if (check_operands(&o, cl.argv, n))
		return opt_usage(&cl);
	stop_catch();
	paths = (const char *const *)cl.argv;
	if (o.job == JOB_LOG)
		return show_log(paths, (size_t)n, &o);
	return show_summary(paths, (size_t)n, &o);
}
