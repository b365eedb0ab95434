/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The set that was loaded before, in case the new one fails after the kernel has thrown
 * it away. All is made ready before that, so that the call is all that is left to do.
 */
#ifndef AGAIN_H
#define AGAIN_H

#include <stdbool.h>

#include "attempt.h"
#include "record.h"

struct again {
	struct record rec;
	struct attempt attempt;
	bool ready;
	char why[256];		/* what stands against it, when it is not ready */
};

/* nothing fails here: what is in the way is written to why */
void again_prepare(struct again *ag, const struct machine *m);
/*
 * Loads it. True when it is loaded. Prints what went wrong otherwise. The kernel's log
 * since the mark log is told.
 */
bool again_load(struct again *ag, const struct machine *m, int log);
void again_close(struct again *ag);

#endif
