/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols are sorted by how often they occur, and the two rarest nodes joined until one
 * is left; as sums come out in rising order, two queues do instead of a heap. Only the
 * number of codewords of each length is taken from that tree: the longest ones then go
 * to the rarest symbols.
 */
#include <stdbool.h>
#include <string.h>

#include "huffman.h"

enum { SYMBOL_BITS = 9, SYMBOL_MASK = (1 << SYMBOL_BITS) - 1, FEW = 64 };

/* keys are freq << SYMBOL_BITS | symbol, from the rarest on; how many there are */
static unsigned sort_symbols(const uint32_t *freq, unsigned n, uint32_t *key)
{
	uint16_t place[FEW] = { 0 };
	unsigned used = 0, often;

	/* by counting; all that occur often are taken for equal */
	for (unsigned i = 0; i < n; i++)
		place[freq[i] < FEW ? freq[i] : FEW - 1]++;
	for (unsigned f = 1; f < FEW; f++) {
		unsigned count = place[f];

		place[f] = (uint16_t)used;
		used += count;
	}
	often = place[FEW - 1];
	/* those that do not occur come last, where nobody looks */
	place[0] = (uint16_t)used;
	for (unsigned i = 0; i < n; i++)
		key[place[freq[i] < FEW ? freq[i] : FEW - 1]++] = freq[i] << SYMBOL_BITS | i;
	for (unsigned i = often + 1; i < used; i++) {
		uint32_t k = key[i];
		unsigned at = i;

		for (; at > often && key[at - 1] > k; at--)
			key[at] = key[at - 1];
		key[at] = k;
	}
	return used;
}

/* count[d]: how many of the sorted symbols are at depth d of the tree, or below max_bits */
static void count_depths(uint32_t *key, unsigned used, unsigned max_bits, uint16_t *count)
{
	uint32_t sum[HUFFMAN_SYMBOLS + 1];
	uint16_t parent[2 * HUFFMAN_SYMBOLS];	/* of the nodes, then of the symbols */
	uint16_t *leaf_parent = parent + HUFFMAN_SYMBOLS;
	unsigned leaf = 0, node = 0, made, root = used - 2;

	/* what there is not is never the rarer */
	key[used] = UINT32_MAX;
	sum[0] = UINT32_MAX;
	for (made = 0; made <= root; made++) {
		uint32_t both = 0;

		for (int two = 0; two < 2; two++) {
			uint32_t a = key[leaf] >> SYMBOL_BITS, b = sum[node];
			bool take = a <= b;

			parent[take ? HUFFMAN_SYMBOLS + leaf : node] = (uint16_t)made;
			both += take ? a : b;
			leaf += take;
			node += !take;
		}
		sum[made] = both;
		sum[made + 1] = UINT32_MAX;
	}
	/* from here on, parent[] of a node is its depth */
	parent[root] = 0;
	for (unsigned i = root; i-- > 0;)
		parent[i] = (uint16_t)(parent[parent[i]] + 1);
	for (unsigned i = 0; i < used; i++) {
		unsigned depth = parent[leaf_parent[i]] + 1U;

		count[depth < max_bits ? depth : max_bits]++;
	}
}

/*
 * Codewords cut off at max_bits take more room than there is. To give back one place of
 * the longest length, a longest one moves up beside another, which moves down for it.
 */
static void make_room(uint16_t *count, unsigned max_bits)
{
	uint32_t taken = 0, all = UINT32_C(1) << max_bits;

	for (unsigned b = 1; b <= max_bits; b++)
		taken += (uint32_t)count[b] << (max_bits - b);
	for (; taken > all; taken--) {
		unsigned b = max_bits - 1;

		while (count[b] == 0)
			b--;
		count[b]--;
		count[b + 1] = (uint16_t)(count[b + 1] + 2);
		count[max_bits]--;
	}
}

static uint16_t reverse(uint32_t word, unsigned bits)
{
	word = (word & 0x5555) << 1 | (word >> 1 & 0x5555);
	word = (word & 0x3333) << 2 | (word >> 2 & 0x3333);
	word = (word & 0x0f0f) << 4 | (word >> 4 & 0x0f0f);
	word = (word & 0x00ff) << 8 | (word >> 8 & 0x00ff);
	return (uint16_t)(word >> (16 - bits));
}

void huffman_codewords(const uint8_t *bits, unsigned n, uint16_t *code)
{
	uint16_t count[HUFFMAN_BITS + 1] = { 0 };
	uint32_t next[HUFFMAN_BITS + 1] = { 0 };

	for (unsigned i = 0; i < n; i++)
		count[bits[i]]++;
	count[0] = 0;
	for (unsigned b = 1; b <= HUFFMAN_BITS; b++)
		next[b] = (next[b - 1] + count[b - 1]) << 1;
	for (unsigned i = 0; i < n; i++)
		code[i] = reverse(next[bits[i]]++, bits[i]);
}

void huffman_build(const uint32_t *freq, unsigned n, unsigned max_bits, uint8_t *bits,
		   uint16_t *code)
{
	uint32_t key[HUFFMAN_SYMBOLS + 1];
	uint16_t count[HUFFMAN_BITS + 1] = { 0 };
	unsigned used = sort_symbols(freq, n, key), at = 0;

	memset(bits, 0, n);
	if (used < 2) {
		unsigned only = used ? key[0] & SYMBOL_MASK : 0;

		bits[only] = bits[only == 0] = 1;
		huffman_codewords(bits, n, code);
		return;
	}
	count_depths(key, used, max_bits, count);
	make_room(count, max_bits);
	for (unsigned b = max_bits; b > 0; b--)
		for (unsigned i = 0; i < count[b]; i++)
			bits[key[at++] & SYMBOL_MASK] = (uint8_t)b;
	huffman_codewords(bits, n, code);
}
