/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test needs. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail		/* ours is another */
#undef fail_msg

#include "err.h"

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#define fail_msg(...) do { \
	print_error(__VA_ARGS__); \
	print_error("\n"); \
	_fail(__FILE__, __LINE__); \
} while (0)

/* fail() was called with this code, and its words contain this */
#define assert_failed(code, words) do { \
	assert_int_equal(err_code(), code); \
	if (!strstr(err_text(), words)) \
		fail_msg("\"%s\" does not say \"%s\"", err_text(), words); \
} while (0)

/* numbers that look random and are the same on every run */
static inline uint64_t unit_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
