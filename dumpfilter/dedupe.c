/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "dedupe.h"
#include "err.h"

enum {
	WAYS = 8,	/* places in a set, the one used last in front */
	ENTRY = 4,	/* where a new page enters: those before it were met twice */
	LANES = 8,	/* independent sums, so that their multiplications overlap */
};

/* odd numbers without a pattern: digits of the golden ratio and of pi */
#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0x243f6a8885a308d3)

int dedupe_open(struct dedupe *d, size_t bytes)
{
	size_t set = WAYS * sizeof *d->page;

	*d = (struct dedupe){ .nsets = 1 };
	while (2 * d->nsets * set <= bytes)
		d->nsets *= 2;
	d->page = malloc(d->nsets * set);
	if (!d->page) {
		fail_sys("table of %zu pages", d->nsets * WAYS);
		d->nsets = 0;
		return -1;
	}
	/* written, not only promised: memory that is short must show itself now */
	memset(d->page, 0, d->nsets * set);
	return 0;
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= MIX_A;
	h ^= h >> 29;
	h *= MIX_B;
	return h ^ h >> 32;
}

uint64_t dedupe_hash(const void *page, size_t len)
{
	const uint8_t *p = page;
	uint64_t lane[LANES], h = len;

	for (int i = 0; i < LANES; i++)
		lane[i] = MIX_B + (uint64_t)i;
	for (; len >= sizeof lane; len -= sizeof lane, p += sizeof lane) {
		uint64_t word[LANES];

		memcpy(word, p, sizeof word);
		for (int i = 0; i < LANES; i++) {
			uint64_t x = (lane[i] ^ le64toh(word[i])) * MIX_A;

			lane[i] = x ^ x >> 32;
		}
	}
	for (int i = 0; i < LANES; i++)
		h = mix(h ^ lane[i]);
	return h;
}

static struct dedupe_page *set_of(const struct dedupe *d, uint64_t hash)
{
	return d->page + (hash & (d->nsets - 1)) * WAYS;
}

/* its place in the set, or WAYS */
static size_t place(const struct dedupe_page *set, uint64_t hash)
{
	size_t i = 0;

	while (i < WAYS && !(set[i].size && set[i].hash == hash))
		i++;
	return i;
}

const struct dedupe_page *dedupe_find(const struct dedupe *d, uint64_t hash)
{
	const struct dedupe_page *set;
	size_t i;

	if (!d->nsets)
		return NULL;
	set = set_of(d, hash);
	i = place(set, hash);
	return i < WAYS ? &set[i] : NULL;
}

/* the page goes to place to; those from there to its old place from move down */
static void move(struct dedupe_page *set, struct dedupe_page page, size_t from, size_t to)
{
	memmove(set + to + 1, set + to, (from - to) * sizeof *set);
	set[to] = page;
}

void dedupe_hit(struct dedupe *d, uint64_t hash)
{
	struct dedupe_page *set;
	size_t i;

	if (!d->nsets)
		return;
	set = set_of(d, hash);
	i = place(set, hash);
	if (i < WAYS)
		move(set, set[i], i, 0);
}

void dedupe_add(struct dedupe *d, const struct dedupe_page *page)
{
	struct dedupe_page *set;
	size_t i;

	if (!d->nsets)
		return;
	set = set_of(d, page->hash);
	i = place(set, page->hash);
	if (i < WAYS)
		set[i] = *page;
	else
		move(set, *page, WAYS - 1, ENTRY);
}

void dedupe_close(struct dedupe *d)
{
	free(d->page);
	*d = (struct dedupe){ 0 };
}
