/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kept - which pages a kdump-compressed dump keeps
 *
 * usage: kept DUMP
 *        kept [-x KIND] EXPECT LEVEL DUMP
 *
 * The first form prints runs of pages, FROM TO kept|zero (pfns, TO is not part of
 * it; "zero" is a page of zeros stored as such). The second compares them with what
 * gen wrote to EXPECT for a dump level, without pages of a KIND besides, and prints each
 * run that differs.
 * Exit: 0; 1 they differ, or DUMP cannot be understood; 2 usage.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* in the main header, and from the sub header on (64-bit) */
	BLOCK_SIZE = 428, SUB_BLOCKS = 432, BITMAP_BLOCKS = 436, SUB_MAX_MAPNR = 96,
	DESC = 24,
	ZEROS = 1, CACHE = 2, PRIVATE = 4, USER = 8, FREE = 16,
};

/* 'u': not in the dump's bitmap 1; 'l': left out; 'k': kept; 'z': kept, a shared zero page */
struct pages {
	char *state;
	uint64_t n;
};

static void fail(const char *file, const char *what)
{
	fprintf(stderr, "kept: %s: %s\n", file, what);
	exit(1);
}

static uint64_t number(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static uint8_t *slurp(const char *name, size_t *len)
{
	FILE *f = fopen(name, "rb");
	uint8_t *bytes = NULL;
	size_t room = 0;

	if (!f)
		fail(name, strerror(errno));
	for (*len = 0;;) {
		if (*len == room) {
			room = room ? 2 * room : 1 << 20;
			bytes = realloc(bytes, room);
			if (!bytes)
				fail(name, "out of memory");
		}
		size_t n = fread(bytes + *len, 1, room - *len, f);

		if (n == 0)
			break;
		*len += n;
	}
	fclose(f);
	return bytes;
}

static bool bit(const uint8_t *bitmap, uint64_t n)
{
	return bitmap[n >> 3] >> (n & 7) & 1;
}

static bool zero_page(const uint8_t *file, size_t len, const uint8_t *desc, uint64_t block)
{
	uint64_t at = number(desc, 8), size = number(desc + 8, 4);

	if (number(desc + 12, 4) != 0 || size != block || at > len || size > len - at)
		return false;
	for (uint64_t i = 0; i < size; i++)
		if (file[at + i])
			return false;
	return true;
}

static struct pages read_dump(const char *name)
{
	struct pages p;
	size_t len;
	uint8_t *file = slurp(name, &len);

	if (len < 8192 || memcmp(file, "KDUMP   ", 8))
		fail(name, "not a kdump file");
	uint64_t block = number(file + BLOCK_SIZE, 4), sub = number(file + SUB_BLOCKS, 4);
	uint64_t bitmaps = number(file + BITMAP_BLOCKS, 4) * block;
	uint64_t at = (1 + sub) * block;

	p.n = number(file + block + SUB_MAX_MAPNR, 8);
	if (at + bitmaps > len || p.n > bitmaps / 2 * 8)
		fail(name, "shorter than its bitmaps");
	const uint8_t *exists = file + at, *kept = exists + bitmaps / 2;
	const uint8_t *desc = exists + bitmaps;

	p.state = calloc(p.n + 1, 1);
	for (uint64_t pfn = 0; pfn < p.n; pfn++) {
		p.state[pfn] = bit(exists, pfn) ? 'l' : 'u';
		if (!bit(kept, pfn))
			continue;
		if (desc + DESC > file + len)
			fail(name, "shorter than its descriptors");
		p.state[pfn] = zero_page(file, len, desc, block) ? 'z' : 'k';
		desc += DESC;
	}
	free(file);
	return p;
}

/* at a dump level, a page of this kind */
static bool left_out(const char *kind, unsigned level)
{
	static const struct { const char *kind; unsigned levels; } rules[] = {
		{ "kept", 0 }, { "slab", 0 }, { "table", 0 }, { "zsmalloc", 0 }, { "free", FREE },
		{ "unaccepted", FREE }, { "user", USER }, { "hugetlb", USER },
		{ "cache", CACHE | PRIVATE }, { "private", PRIVATE },
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (!strcmp(rules[i].kind, kind))
			return level & rules[i].levels;
	return true;	/* hwpoison and offline: always */
}

static struct pages read_expect(const char *name, unsigned level, const char *without,
				uint64_t room)
{
	unsigned long long from, to;
	struct pages p = { malloc(room + 1), room };
	char kind[32], content[8];
	FILE *f = fopen(name, "r");

	if (!f || !p.state)
		fail(name, strerror(errno));
	memset(p.state, 'u', room);
	while (fscanf(f, "%llx %llx %31s %7s", &from, &to, kind, content) == 4) {
		if (to > room)
			fail(name, "the dump ends before its last page");
		char state = left_out(kind, level) || !strcmp(kind, without) ? 'l' :
			     level & ZEROS && !strcmp(content, "zero") ? 'z' : 'k';

		memset(p.state + from, state, to - from);
	}
	if (!feof(f))
		fail(name, "a line is wrong");
	fclose(f);
	return p;
}

static const char *name_of(char state)
{
	return state == 'u' ? "not there" : state == 'l' ? "left out" :
	       state == 'z' ? "zero" : "kept";
}

/* without level 1 a page of zeros may be stored in any way */
static bool same(char is, char should, unsigned level)
{
	return is == should || (!(level & ZEROS) && is == 'z' && should == 'k');
}

static int compare(const struct pages *is, const struct pages *should, unsigned level)
{
	uint64_t differ = 0;

	for (uint64_t pfn = 0, to; pfn < is->n; pfn = to) {
		char a = is->state[pfn], b = should->state[pfn];

		for (to = pfn + 1; to < is->n; to++)
			if (is->state[to] != a || should->state[to] != b)
				break;
		if (same(a, b, level))
			continue;
		printf("0x%llx 0x%llx: %s, should be %s\n", (unsigned long long)pfn,
		       (unsigned long long)to, name_of(a), name_of(b));
		differ++;
	}
	return differ ? 1 : 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: kept DUMP\n       kept [-x KIND] EXPECT LEVEL DUMP\n");
	return 2;
}

int main(int argc, char *argv[])
{
	const char *without = "";

	if (argc == 6 && !strcmp(argv[1], "-x")) {
		without = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 2 && argc != 4)
		return usage();
	struct pages p = read_dump(argv[argc - 1]);

	if (argc == 4) {
		unsigned level = (unsigned)strtoul(argv[2], NULL, 10);
		struct pages should = read_expect(argv[1], level, without, p.n);
		int differ = compare(&p, &should, level);

		free(should.state);
		free(p.state);
		return differ;
	}
	for (uint64_t pfn = 0, to; pfn < p.n; pfn = to) {
		for (to = pfn + 1; to < p.n && p.state[to] == p.state[pfn]; to++)
			;
		if (p.state[pfn] == 'k' || p.state[pfn] == 'z')
			printf("0x%llx 0x%llx %s\n", (unsigned long long)pfn,
			       (unsigned long long)to, name_of(p.state[pfn]));
	}
	free(p.state);
	return 0;
}
