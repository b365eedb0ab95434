/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "adler.h"

/* bytes of four words, in memory's order */
typedef uint32_t lanes __attribute__((vector_size(16)));

/* sixteen sums side by side, of every sixteenth byte */
uint32_t adler(const uint8_t *p, size_t len)
{
	enum { BASE = 65521, LANES = 4, STEP = 16, MOST = 4096 };
	const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	uint32_t a = 1, b = 0;

	while (len >= STEP) {
		size_t rounds = len < MOST ? len / STEP : MOST / STEP;
		lanes sums[4] = { 0 }, before[4] = { 0 };
		uint64_t total = 0, weighted = 0;

		for (size_t i = 0; i < rounds; i++, p += STEP) {
			lanes v;

			memcpy(&v, p, sizeof v);
			for (int k = 0; k < 4; k++) {
				before[k] += sums[k];
				sums[k] += v >> 8 * k & 0xff;
			}
		}
		/* a byte counts in b as often as bytes follow it, and once more */
		for (int lane = 0; lane < LANES; lane++) {
			for (int k = 0; k < 4; k++) {
				int place = 4 * lane + (little ? k : 3 - k);

				total += sums[k][lane];
				weighted += (uint64_t)before[k][lane] * STEP +
					    (uint64_t)sums[k][lane] * (unsigned)(STEP - place);
			}
		}
		b = (uint32_t)((b + weighted + (uint64_t)a * rounds * STEP) % BASE);
		a = (uint32_t)((a + total) % BASE);
		len -= rounds * STEP;
	}
	for (; len > 0; len--) {
		a = (a + *p++) % BASE;
		b = (b + a) % BASE;
	}
	return b << 16 | a;
}
