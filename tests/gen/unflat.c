/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unflat - lay a flattened file down
 *
 * usage: unflat [-s] FLAT OUT
 *
 * 4096 bytes of header; then records: offset and size, 8 bytes each, most significant
 * first, and the bytes; the end is a record of two -1. No two records may overlap, but
 * with -s one of 4 bytes, a status, may lie over an earlier one.
 * Exit: 0; 1 FLAT is not whole or not well formed.
 */
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
	fprintf(stderr, "unflat: %s\n", what);
	exit(1);
}

static void copy(FILE *from, FILE *to, uint64_t offset, uint64_t size)
{
	static char buf[65536];

	if (fseeko(to, (off_t)offset, SEEK_SET))
		fail("a record's offset is wrong");
	while (size > 0) {
		size_t n = size < sizeof buf ? (size_t)size : sizeof buf;

		if (fread(buf, 1, n, from) != n || fwrite(buf, 1, n, to) != n)
			fail("a record ends too soon");
		size -= n;
	}
}

struct record {
	uint64_t offset, end;
};

static int by_offset(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void check_overlaps(struct record *records, size_t n)
{
	if (n == 0)
		fail("no records");
	qsort(records, n, sizeof *records, by_offset);
	for (size_t i = 1; i < n; i++)
		if (records[i].offset < records[i - 1].end)
			fail("two records overlap");
}

int main(int argc, char *argv[])
{
	char header[4096], signature[16] = "makedumpfile";
	int status = argc == 4 && strcmp(argv[1], "-s") == 0;
	const uint64_t one = htobe64(1);
	struct record *records = NULL;
	size_t n = 0, room = 0;
	uint64_t head[2];
	FILE *from, *to;

	if (argc != 3 + status)
		fail("usage: unflat [-s] FLAT OUT");
	from = fopen(argv[1 + status], "rb");
	to = fopen(argv[2 + status], "wb");
	if (!from || !to)
		fail("cannot open");
	if (fread(header, sizeof header, 1, from) != 1 || memcmp(header, signature, 16) ||
	    memcmp(header + 16, &one, 8) || memcmp(header + 24, &one, 8))
		fail("the header is wrong");
	for (;;) {
		if (fread(head, sizeof head, 1, from) != 1)
			fail("no end marker");
		if (head[0] == UINT64_MAX && head[1] == UINT64_MAX)
			break;
		if (n == room) {
			room = room ? 2 * room : 1024;
			records = realloc(records, room * sizeof *records);
			if (!records)
				fail("out of memory");
		}
		records[n] = (struct record){ be64toh(head[0]), 0 };
		records[n].end = records[n].offset + be64toh(head[1]);
		if (records[n].end <= records[n].offset || records[n].end >> 62)
			fail("a record's size is wrong");
		copy(from, to, records[n].offset, be64toh(head[1]));
		if (!status || be64toh(head[1]) != 4)
			n++;
	}
	if (getc(from) != EOF)
		fail("something follows the end marker");
	check_overlaps(records, n);
	free(records);
	fclose(from);
	if (fclose(to))
		fail("cannot write");
	return 0;
}
