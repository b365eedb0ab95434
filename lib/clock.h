/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time that only goes forward, for deadlines and rates. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

/* milliseconds since some moment in the past */
static inline uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* seconds since clock_ms() gave began_ms */
static inline double clock_since(uint64_t began_ms)
{
	return (double)(clock_ms() - began_ms) / 1000;
}

/* what is left until deadline_ms for poll(): 0 once it has passed */
static inline int clock_left(uint64_t deadline_ms)
{
	uint64_t now = clock_ms();

	if (now >= deadline_ms)
		return 0;
	return deadline_ms - now > INT32_MAX ? INT32_MAX : (int)(deadline_ms - now);
}

#endif
