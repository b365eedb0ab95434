/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that somebody else wrote: strict parsing of text, and arithmetic
 * that says when it does not fit.
 */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* all of text[0..len) is one unsigned number in this base (10 or 16, no prefix) */
bool num_parse(const char *text, size_t len, unsigned base, uint64_t *value);
/* decimal or 0x..., the whole string; false when it is not a number or does not fit */
bool num_u64(const char *text, uint64_t *value);
/* the same with a final K, M, G or T (powers of 1024) allowed; bytes */
bool num_size(const char *text, uint64_t *value);

/* false when the result does not fit; *sum or *product is then undefined */
static inline bool num_add(uint64_t a, uint64_t b, uint64_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

static inline bool num_mul(uint64_t a, uint64_t b, uint64_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

/* a, in units of b, counting a part as a whole; b is not 0 */
static inline uint64_t num_div_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* the least multiple of b that is not below a; false when it does not fit */
static inline bool num_round_up(uint64_t a, uint64_t b, uint64_t *rounded)
{
	return num_mul(num_div_up(a, b), b, rounded);
}

static inline bool num_is_power_of_2(uint64_t n)
{
	return n && !(n & (n - 1));
}

#endif
