/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "options.h"
#include "out.h"
#include "say.h"
#include "target.h"
#include "writer.h"

bool target_is_input(const char *input, const char *output)
{
	bool standard = out_is_stdout(output);
	struct stat in, out;

	if ((strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(input, &in)) ||
	    (standard ? fstat(STDOUT_FILENO, &out) : stat(output, &out)))
		return false;
	if (S_ISBLK(in.st_mode) && S_ISBLK(out.st_mode))
		return in.st_rdev == out.st_rdev;
	return standard && S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino;
}

int target_open(struct out *out, const char *output, const struct options *o)
{
	if (out_open(out, output, o->force))
		return -1;
	out->limit = o->limit;
	if (o->flat && out->kind == OUT_STDOUT)
		out->kind = OUT_FLAT;
	if (out->moved)
		warn("%s: a stale one was moved to %s", out->temp, out->moved);
	return 0;
}

int target_keep(struct out *out, struct writer *w, const char *why)
{
	const char *where = out->temp ? out->temp : out->path;

	if (writer_end(w, false) || out_sync(out)) {
		complain("%s; then %s; what %s holds of the %llu pages so far may be less", why,
			 err_text(), where, (unsigned long long)w->npages);
		return out->temp ? EXIT_INCOMPLETE : EXIT_FAILURE;
	}
	complain("%s; the %llu pages so far are in %s, marked as incomplete", why,
		 (unsigned long long)w->npages, where);
	return EXIT_INCOMPLETE;
}

int target_give_up(struct out *out)
{
	int status = say_failure();

	out_discard(out);
	return status == EXIT_INCOMPLETE ? EXIT_FAILURE : status;
}
