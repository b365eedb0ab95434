/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest machine in which this kernel unpacks this initial RAM disk and its init
 * runs: found by booting them in QEMU, again and again.
 *
 * A machine of N MiB stands for a reservation of N MiB, since that is all the memory a
 * capture kernel has. What it does not show: there is no crashed memory in it, so that
 * init does not do the work it is for; other hardware brings other drivers. For both the
 * result has something added (measure_advice()).
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

#include "estimate.h"
#include "needs.h"

enum { MEASURE_STEP_MIB = 16, MEASURE_WHY = 300 };

struct measured {
	uint64_t works;		/* bytes: the smallest machine that did */
	uint64_t fails;		/* the largest that did not; 0: none did not, less was not tried */
	unsigned boots;
	char how[MEASURE_WHY];	/* what init did in all that worked */
	char why[MEASURE_WHY];	/* what went wrong in the largest that did not */
	bool init_ended;	/* init itself gave up, with memory enough: nothing to capture */
};

/*
 * About six boots, some seconds each; info() tells of each. Nothing is left behind. -1
 * after fail(): QEMU is missing or refuses these files, the kernel says nothing on its
 * serial port or reaches no init even in much memory, or ERR_STOPPED.
 */
int measure(struct measured *m, const struct needs *n, const struct estimate *est);
/* the reservation that follows: what the boots could not show is added, and rounded up */
uint64_t measure_advice(const struct measured *m, const struct estimate *est);

#endif
