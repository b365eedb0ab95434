/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page becomes one block, with codes made for what was found in it. Nothing of a page
 * is remembered for the next: the same page gives the same bytes, whoever packs it and
 * when.
 *
 * Most of the time goes by in branches that the processor guesses wrong, so there are
 * few of them where literals, matches and symbols take turns.
 */
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adler.h"
#include "deflate.h"
#include "err.h"
#include "huffman.h"
#include "matches.h"

enum {
	PRECODES = 19,
	LITLEN_BITS = 14,	/* four literals then fit in a word at once */
	CODES_MAX = 640,	/* bytes the codes take at most: 17 + 19 * 3 + 316 * 14 bits */
	AROUND = 2 + 4,		/* the zlib stream around the block */
	SLACK = 8,		/* a word is written at a time */
};

/* a code length, or a run of them; RFC 1951, 3.2.7 */
struct run {
	uint8_t symbol, extra;
};

struct deflate {
	struct matches found;
	uint8_t bits[LITLENS + DISTS];		/* of both codes, as the header has them */
	uint16_t litlen_code[LITLENS], dist_code[DISTS];
	size_t maxlen;
	uint8_t *out;				/* for where the caller's room does not do */
};

/* extra bits of each length symbol */
static const uint8_t len_extra[LENGTHS] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3,
	3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

static unsigned dist_extra(unsigned symbol)
{
	return symbol < 4 ? 0 : symbol / 2 - 1;
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* bits go out lowest first; room for 8 bytes more than is ever used */
struct bitout {
	uint8_t *p;
	uint64_t word;
	unsigned n;
};

static void put(struct bitout *o, uint64_t value, unsigned n)
{
	o->word |= value << o->n;
	o->n += n;
}

/* 57 bits or less may then be put */
static void flush(struct bitout *o)
{
	uint64_t le = htole64(o->word);

	memcpy(o->p, &le, sizeof le);
	o->p += o->n / 8;
	o->word >>= o->n & ~7U;
	o->n &= 7;
}

/* lengths of both codes as runs; how many */
static unsigned make_runs(const uint8_t *bits, unsigned n, struct run *run, uint32_t *freq)
{
	unsigned nruns = 0;

	for (unsigned i = 0; i < n;) {
		unsigned value = bits[i], same_for = 4;
		struct run *r = &run[nruns++];

		*r = (struct run){ (uint8_t)value, 0 };
		/* most lengths stand alone; behind the last come others than any */
		if (load32(bits + i) != value * UINT32_C(0x01010101)) {
			freq[value]++;
			i++;
			continue;
		}
		while (bits[i + same_for] == value && same_for < 138)
			same_for++;
		if (value) {
			/* the first by itself, then three to six like it */
			freq[value]++;
			i++;
			same_for = same_for - 1 < 6 ? same_for - 1 : 6;
			r = &run[nruns++];
			*r = (struct run){ 16, (uint8_t)(same_for - 3) };
		} else if (same_for > 10) {
			*r = (struct run){ 18, (uint8_t)(same_for - 11) };
		} else {
			*r = (struct run){ 17, (uint8_t)(same_for - 3) };
		}
		freq[r->symbol]++;
		i += same_for;
	}
	return nruns;
}

static void put_runs(struct bitout *o, const struct run *run, unsigned nruns,
		     const uint8_t *bits, const uint16_t *code)
{
	for (unsigned i = 0; i < nruns; i++) {
		unsigned s = run[i].symbol;

		put(o, code[s], bits[s]);
		if (s >= 16)
			put(o, run[i].extra, s == 16 ? 2 : s == 17 ? 3 : 7);
		flush(o);
	}
}

/* one block, the last; its codes */
static void put_codes(struct bitout *o, struct deflate *d)
{
	static const uint8_t order[PRECODES] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12,
						 3, 13, 2, 14, 1, 15 };
	unsigned nlitlen = LITLENS, ndist = DISTS, npre = PRECODES, nruns;
	uint32_t freq[PRECODES] = { 0 };
	uint8_t lens[LITLENS + DISTS + 4], bits[PRECODES];
	uint16_t code[PRECODES];
	struct run run[LITLENS + DISTS];

	while (nlitlen > END + 1 && d->bits[nlitlen - 1] == 0)
		nlitlen--;
	while (ndist > 1 && d->bits[LITLENS + ndist - 1] == 0)
		ndist--;
	memcpy(lens, d->bits, nlitlen);
	memcpy(lens + nlitlen, d->bits + LITLENS, ndist);
	memset(lens + nlitlen + ndist, 0xff, 4);
	nruns = make_runs(lens, nlitlen + ndist, run, freq);
	huffman_build(freq, PRECODES, 7, bits, code);
	while (npre > 4 && bits[order[npre - 1]] == 0)
		npre--;
	put(o, 1 | 2 << 1, 3);
	put(o, nlitlen - 257, 5);
	put(o, ndist - 1, 5);
	put(o, npre - 4, 4);
	flush(o);
	for (unsigned i = 0; i < npre; i++) {
		put(o, bits[order[i]], 3);
		flush(o);
	}
	put_runs(o, run, nruns, bits, code);
}

/* the n-th of a run of literals, or nothing at all */
static void put_if(struct bitout *o, const uint32_t *item, const uint8_t *literal, uint32_t n,
		   uint32_t literals)
{
	uint32_t it = item[literal[n]] & -(uint32_t)(n < literals);

	put(o, it & 0xffff, it >> 16);
}

static void put_pieces(struct bitout *o, const struct deflate *d, const uint8_t *src)
{
	const uint8_t *dist_bits = d->bits + LITLENS;
	uint32_t item[LITLENS];
	const struct match_piece *m;

	for (unsigned i = 0; i < LITLENS; i++)
		item[i] = d->litlen_code[i] | (uint32_t)d->bits[i] << 16;
	for (m = d->found.piece; m->len; m++) {
		uint32_t left = m->literals;

		/* most runs are short, but no two alike */
		for (;;) {
			put_if(o, item, src, 0, left);
			put_if(o, item, src, 1, left);
			put_if(o, item, src, 2, left);
			put_if(o, item, src, 3, left);
			flush(o);
			if (left <= 4)
				break;
			left -= 4;
			src += 4;
		}
		src += left;

		uint32_t it = item[END + 1 + m->len_symbol];
		unsigned ds = m->dist_symbol, extra = dist_extra(ds);

		put(o, it & 0xffff, it >> 16);
		put(o, m->len - match_base[m->len_symbol], len_extra[m->len_symbol]);
		put(o, d->dist_code[ds], dist_bits[ds]);
		put(o, (m->dist - 1) & ((1U << extra) - 1), extra);
		flush(o);
		src += m->len;
	}
	for (uint32_t i = 0; i < m->literals; i++) {
		put_if(o, item, src, i, m->literals);
		flush(o);
	}
	put(o, item[END] & 0xffff, item[END] >> 16);
	flush(o);
}

/* what the block takes, in bits, without its codes */
static uint64_t cost(const struct deflate *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < LITLENS; i++)
		sum += (uint64_t)d->found.litlen_freq[i] *
		       (d->bits[i] + (i > END ? len_extra[i - END - 1] : 0U));
	for (unsigned i = 0; i < DISTS; i++)
		sum += (uint64_t)d->found.dist_freq[i] * (d->bits[LITLENS + i] + dist_extra(i));
	return sum;
}

struct deflate *deflate_open(size_t maxlen)
{
	struct deflate *d = calloc(1, sizeof *d);

	if (d) {
		d->maxlen = maxlen;
		d->out = malloc(maxlen + CODES_MAX + AROUND + SLACK);
	}
	if (d && d->out && matches_open(&d->found, maxlen) == 0)
		return d;
	fail(ERR_MEMORY, "deflate: out of memory");
	deflate_close(d);
	return NULL;
}

/* the stream, for which there is room */
static size_t put_stream(struct deflate *d, uint8_t *dst, const uint8_t *src, size_t len)
{
	struct bitout o = { .p = dst };
	uint32_t sum = htobe32(adler(src, len));

	/* deflate with a window of 32 KiB, fastest */
	*o.p++ = 0x78;
	*o.p++ = 0x01;
	put_codes(&o, d);
	put_pieces(&o, d, src);
	if (o.n)
		o.p++;
	memcpy(o.p, &sum, sizeof sum);
	return (size_t)(o.p + sizeof sum - dst);
}

size_t deflate_page(struct deflate *d, void *dst, size_t cap, const void *src, size_t len)
{
	uint64_t need;
	size_t n;

	if (len > d->maxlen)
		return 0;
	matches_find(&d->found, src, len);
	huffman_build(d->found.litlen_freq, LITLENS, LITLEN_BITS, d->bits, d->litlen_code);
	huffman_build(d->found.dist_freq, DISTS, HUFFMAN_BITS, d->bits + LITLENS, d->dist_code);

	need = cost(d) / 8;
	if (need >= len)
		return 0;
	if (need + CODES_MAX + AROUND + SLACK <= cap) {
		n = put_stream(d, dst, src, len);
		return n < len ? n : 0;
	}
	n = put_stream(d, d->out, src, len);
	if (n > cap || n >= len)
		return 0;
	memcpy(dst, d->out, n);
	return n;
}

void deflate_close(struct deflate *d)
{
	if (d) {
		matches_close(&d->found);
		free(d->out);
	}
	free(d);
}
