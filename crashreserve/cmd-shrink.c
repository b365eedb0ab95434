/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"
#include "err.h"
#include "say.h"

int cmd_shrink(char **argv)
{
	(void)argv;
	fail(ERR_USAGE, "shrink: not yet");
	return say_failure();
}
