/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crashreserve - inspect, judge and size the memory reserved for a capture kernel */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "err.h"
#include "opt.h"
#include "say.h"
#include "unpack.h"

static const struct command {
	const char *name;
	int (*run)(char **argv);
	const char *about;
} commands[] = {
	{ "show", cmd_show, "would a crash of this machine be captured? (without a command)" },
	{ "eval", cmd_eval, "what a kernel makes of a crashkernel= on its command line" },
	{ "estimate", cmd_estimate, "how much to reserve for a kernel and its initial RAM disk" },
	{ "shrink", cmd_shrink, "give part of the reservation back" },
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ 0 },
};

/* opt_help() knows nothing of commands */
static void help(void)
{
	printf("usage: %s [COMMAND] [OPTION...]\n"
	       "Inspect, judge and size the memory reserved for a capture kernel.\n\n", say_name);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].about);
	printf("\n\"%s COMMAND --help\" lists the options of one.\n", say_name);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name, char **words)
{
	struct cmdline cl = {
		.synopsis = "[show|eval|estimate|shrink] [OPTION...]",
		.opts = opts,
		.argv = words,
	};

	fail(ERR_USAGE, "no command \"%s\"", name);
	return opt_usage(&cl);
}

int main(int argc, char *argv[])
{
	char **words = argv + (argc > 0);
	const char *first = words[0];

	say_start(argv[0]);
	if (!first)
		return cmd_show(words);
	if (strcmp(first, "-h") == 0 || strcmp(first, "--help") == 0) {
		help();
		return say_flush();
	}
	if (strcmp(first, "-V") == 0 || strcmp(first, "--version") == 0) {
		printf("%s (crashpipe) %s\n%s", say_name, VERSION, unpack_features());
		return say_flush();
	}
	const struct command *command = find(first);

	if (command)
		return command->run(words + 1);
	/* options without a command are show's */
	return first[0] == '-' ? cmd_show(words) : unknown(first, words);
}
