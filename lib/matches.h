/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What repeats itself in a page, in deflate's terms (RFC 1951, 3.2.5). */
#ifndef MATCHES_H
#define MATCHES_H

#include <stddef.h>
#include <stdint.h>

enum {
	MATCH_MIN = 4, MATCH_MAX = 258,
	LITLENS = 286, LENGTHS = 29, DISTS = 30,
	END = 256,		/* of the block; the length symbols follow */
	MATCH_HASH_BITS = 11,
};

/* literals, then a match; the last has none: its len is 0 */
struct match_piece {
	uint32_t literals;
	uint16_t len, dist;
	uint8_t len_symbol, dist_symbol;	/* the former counted from END + 1 on */
};

struct matches {
	uint16_t seen[1 << MATCH_HASH_BITS][2];	/* the last places with this hash */
	uint32_t litlen_freq[LITLENS], dist_freq[DISTS];
	uint8_t len_symbol[MATCH_MAX + 1];
	struct match_piece *piece;
	size_t npieces;
};

/* the shortest match of each length symbol */
extern const uint16_t match_base[LENGTHS];

/* for pages of up to maxlen bytes, 65536 at most; -1 (without fail()) when memory is short */
int matches_open(struct matches *m, size_t maxlen);
/* the page's pieces, and how often each symbol occurs in them, END once */
void matches_find(struct matches *m, const uint8_t *page, size_t len);
void matches_close(struct matches *m);

#endif
