/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three looks, each of them longer than the one before, and nearly all pages are done
 * with after the first: are there zeros? Are some byte values more frequent than others?
 * Does a word occur twice?
 *
 * Of n random bytes, n(n-1)/512 pairs are equal; of 256, 127 with a standard deviation
 * of 11. Less than 1.3 times as many pairs means that a byte has 7.6 bits of content, of
 * which a codec saves less than its tables take.
 */
#include <string.h>

#include "noise.h"

enum {
	SAMPLES = 256,
	PAIRS_MAX = SAMPLES * (SAMPLES - 1) / 512 * 13 / 10,
	ZERO_WORDS = 16,	/* words looked at for zero bytes; in 128 random ones, 3 are rare */
	ZEROS_MAX = 3,
	WORD_SLOTS = 512,
	REPEATS_MAX = 4,
};

static uint64_t word_at(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* ones in the top bit of each byte that is zero */
static uint64_t zero_bytes(uint64_t w)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	return ~(((w & low) + low) | w | low);
}

static bool has_zeros(const uint8_t *page, size_t len)
{
	uint64_t sum = 0;

	/* a byte of sum counts those of its place: 16 at most */
	for (size_t i = 0; i < ZERO_WORDS; i++)
		sum += zero_bytes(word_at(page + i * (len / ZERO_WORDS) + i * 8)) >> 7;
	return sum * UINT64_C(0x0101010101010101) >> 56 > ZEROS_MAX;
}

static bool is_uneven(const uint8_t *page, size_t len)
{
	uint8_t count[256] = { 0 };
	unsigned pairs = 0;

	/* not always the same byte of a word */
	for (size_t i = 0; i < SAMPLES; i++)
		pairs += count[page[i * (len / SAMPLES) + i * 5 % 16 % (len / SAMPLES)]]++;
	return pairs > PAIRS_MAX;
}

static bool repeats(const uint8_t *page, size_t len)
{
	uint64_t seen[WORD_SLOTS] = { 0 };
	unsigned again = 0;

	for (size_t i = 0; i < len; i += sizeof seen[0]) {
		uint64_t w = word_at(page + i);
		uint64_t *slot = &seen[w * UINT64_C(0x9e3779b97f4a7c15) >> 55];

		again += *slot == w;
		*slot = w;
	}
	return again > REPEATS_MAX;
}

bool noise_is(const uint8_t *page, size_t len)
{
	return !has_zeros(page, len) && !is_uneven(page, len) && !repeats(page, len);
}
