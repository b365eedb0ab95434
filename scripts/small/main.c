/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tools of the capture image in one program: what they share, most of it the C
 * library, is in memory once. It is the tool whose name it was called by, or else the one that
 * its first argument names.
 */
#include <stdio.h>
#include <string.h>

int dumpfilter_main(int argc, char *argv[]);
int dumpmsg_main(int argc, char *argv[]);
int dumpsend_main(int argc, char *argv[]);

static const struct {
	const char *name;
	int (*main)(int argc, char *argv[]);
} tools[] = {
	{ "dumpfilter", dumpfilter_main },
	{ "dumpmsg", dumpmsg_main },
	{ "dumpsend", dumpsend_main },
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char *argv[])
{
	for (int called = 0; called < 2 && called < argc; called++)
		for (unsigned i = 0; i < sizeof tools / sizeof *tools; i++)
			if (strcmp(last_part(argv[called]), tools[i].name) == 0)
				return tools[i].main(argc - called, argv + called);
	fputs("crashpipe: to be called as dumpfilter, dumpmsg or dumpsend\n", stderr);
	return 2;
}
