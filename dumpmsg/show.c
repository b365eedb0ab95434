/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "options.h"
#include "out.h"
#include "say.h"
#include "show.h"

static bool is_same(const struct stat *a, const char *path)
{
	struct stat b;
	int rc = strcmp(path, "-") ? stat(path, &b) : fstat(STDIN_FILENO, &b);

	return rc == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

static int check_name(const char *name, const char *const *paths, size_t n)
{
	struct stat st;

	if (stat(name, &st))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (is_same(&st, paths[i]))
			return fail(ERR_USAGE, "%s: is the dump itself", name);
	return 0;
}

/* -f must not replace the dump by its own log, nor may it be renamed as an old -incomplete */
static int check(const char *output, const char *const *paths, size_t n)
{
	char *incomplete;
	int rc;

	if (out_is_stdout(output))
		return 0;
	if (asprintf(&incomplete, "%s-incomplete", output) < 0)
		return fail_sys("%s", output);
	rc = check_name(output, paths, n) ? -1 : check_name(incomplete, paths, n);
	free(incomplete);
	return rc;
}

int show_open(struct out *out, const struct options *o, const char *const *paths, size_t n)
{
	if (check(o->output, paths, n) || out_open_stream(out, o->output, o->force))
		return -1;
	if (out->moved)
		warn("%s-incomplete: left by an earlier run, renamed %s", o->output, out->moved);
	return 0;
}
