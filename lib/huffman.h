/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefix codes as deflate wants them (RFC 1951, 3.2.2). */
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include <stdint.h>

enum { HUFFMAN_SYMBOLS = 288, HUFFMAN_BITS = 15 };

/*
 * The best code for symbols that occur freq[] times (less than 2^22 in all), n of them, at
 * most HUFFMAN_SYMBOLS, no codeword longer than max_bits (which is enough for n). bits[]
 * gets the lengths, 0 for symbols that do not occur, and code[] the codewords, first bit
 * lowest. The code is complete: where less than two symbols occur, one or two that do not
 * get codewords, too.
 */
void huffman_build(const uint32_t *freq, unsigned n, unsigned max_bits, uint8_t *bits,
		   uint16_t *code);
/* the codewords of a code whose lengths are given */
void huffman_codewords(const uint8_t *bits, unsigned n, uint16_t *code);

#endif
