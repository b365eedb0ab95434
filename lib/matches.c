/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four bytes are looked up in a table of the last two places for each hash, and the
 * longer match is taken at once.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "matches.h"

enum {
	LONG_ENOUGH = 32,	/* a match for which no longer one is looked for */
	AT_ENDS = 2,		/* places remembered at either end of a match, but not its middle */
	MARGIN = 16,		/* bytes at the page's end in which no match begins */
	WINDOW = 1 << 15,
};

const uint16_t match_base[LENGTHS] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
	35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };

/* distance symbols: two for each power of two */
static unsigned dist_symbol_of(unsigned dist)
{
	unsigned d = dist - 1, top;

	if (d < 4)
		return d;
	top = 31U - (unsigned)__builtin_clz(d);
	return 2 * top + (d >> (top - 1) & 1);
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* how far the bytes at a and b are equal, up to end; b lies before a */
static unsigned same(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
	const uint8_t *from = a;

	if (end - a > MATCH_MAX)
		end = a + MATCH_MAX;
	for (; end - a >= 8; a += 8, b += 8) {
		uint64_t differ = load64(a) ^ load64(b);

		if (differ)
			return (unsigned)(a - from) +
			       (unsigned)__builtin_ctzll(le64toh(differ)) / 8;
	}
	while (a < end && *a == *b) {
		a++;
		b++;
	}
	return (unsigned)(a - from);
}

static unsigned hash(uint32_t four)
{
	return four * UINT32_C(0x9e3779b1) >> (32 - MATCH_HASH_BITS);
}

static void add_match(struct matches *m, unsigned literals, unsigned len, unsigned dist)
{
	struct match_piece *p = &m->piece[m->npieces++];

	*p = (struct match_piece){ .literals = literals, .len = (uint16_t)len,
			     .dist = (uint16_t)dist, .len_symbol = m->len_symbol[len],
			     .dist_symbol = (uint8_t)dist_symbol_of(dist) };
	m->litlen_freq[END + 1 + p->len_symbol]++;
	m->dist_freq[p->dist_symbol]++;
}

static void remember(struct matches *m, const uint8_t *src, const uint8_t *from,
		     const uint8_t *to)
{
	for (; from < to; from++) {
		uint16_t *seen = m->seen[hash(load32(from))];

		seen[1] = seen[0];
		seen[0] = (uint16_t)(from - src);
	}
}

/*
 * The longest match at p, or 0; remembers p. The first place stands for none as well:
 * what it has is compared like all else, and behind p there is nothing.
 */
static unsigned find_match(struct matches *m, const uint8_t *src, const uint8_t *p,
			   const uint8_t *end, unsigned *dist)
{
	uint32_t four = load32(p);
	uint16_t *seen = m->seen[hash(four)];
	const uint8_t *old = src + seen[0], *older = src + seen[1];
	unsigned best = 0, n;

	seen[1] = seen[0];
	seen[0] = (uint16_t)(p - src);
	if (load32(old) == four && old < p && p - old <= WINDOW) {
		best = same(p, old, end);
		*dist = (unsigned)(p - old);
	}
	if (best >= LONG_ENOUGH || load32(older) != four || older >= p || p - older > WINDOW)
		return best;
	n = same(p, older, end);
	if (n > best) {
		best = n;
		*dist = (unsigned)(p - older);
	}
	return best;
}

void matches_find(struct matches *m, const uint8_t *src, size_t len)
{
	const uint8_t *p = src, *end = src + len, *literals = src;
	const uint8_t *limit = len > MARGIN ? end - MARGIN : src;

	memset(m->seen, 0, sizeof m->seen);
	memset(m->litlen_freq, 0, sizeof m->litlen_freq);
	memset(m->dist_freq, 0, sizeof m->dist_freq);
	m->npieces = 0;
	while (p < limit) {
		unsigned dist = 0, n = find_match(m, src, p, end, &dist);
		const uint8_t *next = p + n, *stop = next < limit ? next : limit;

		if (n < MATCH_MIN) {
			m->litlen_freq[*p++]++;
			continue;
		}
		add_match(m, (unsigned)(p - literals), n, dist);
		literals = next;
		remember(m, src, p + 1, stop < p + AT_ENDS ? stop : p + AT_ENDS);
		remember(m, src, next - AT_ENDS, stop);
		p = next;
	}
	for (; p < end; p++)
		m->litlen_freq[*p]++;
	m->piece[m->npieces++] = (struct match_piece){ .literals = (uint32_t)(end - literals) };
	m->litlen_freq[END]++;
}

int matches_open(struct matches *m, size_t maxlen)
{
	m->piece = calloc(maxlen / MATCH_MIN + 2, sizeof *m->piece);
	if (!m->piece)
		return -1;
	for (unsigned s = 0, len = 3; len <= MATCH_MAX; len++) {
		while (s + 1 < LENGTHS && len >= match_base[s + 1])
			s++;
		m->len_symbol[len] = (uint8_t)s;
	}
	return 0;
}

void matches_close(struct matches *m)
{
	free(m->piece);
	m->piece = NULL;
}
