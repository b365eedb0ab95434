/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crashreserve - inspect, judge and size the memory reserved for a capture kernel */
#include <stddef.h>
#include <string.h>

#include "commands.h"
#include "say.h"

static const struct command {
	const char *name;
	int (*run)(char **argv);
} commands[] = {
	{ "show", cmd_show },
	{ "eval", cmd_eval },
	{ "estimate", cmd_estimate },
	{ "shrink", cmd_shrink },
};

int main(int argc, char *argv[])
{
	char **words = argv + (argc > 0);

	say_start(argv[0]);
	for (size_t i = 0; words[0] && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(words[0], commands[i].name) == 0)
			return commands[i].run(words + 1);
	/* without a command: show */
	return cmd_show(words);
}
