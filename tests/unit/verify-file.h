/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of verify: a kdump-compressed file of a few pages, made here byte by byte,
 * and what verify() says of it. The numbers are those of the format, not of our headers.
 */
#ifndef VERIFY_FILE_H
#define VERIFY_FILE_H

#include <byteswap.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "../../dumpfilter/verify.h"
#include "codec.h"
#include "unit.h"

enum {
	BLOCK = 4096,
	NPFNS = 42,
	FIRST = 3,		/* pages FIRST, FIRST + 3, ... are kept */
	NPAGES = 12,
	BITMAP1 = 2 * BLOCK,
	BITMAP2 = 3 * BLOCK,
	DESCS = 4 * BLOCK,
	DATA = DESCS + 24 * NPAGES,
	ROOM = DATA + NPAGES * BLOCK,
	NOTES = BLOCK + 104,
	STATUS = 424,
	SHARED = NPAGES - 2,	/* this page and the one after it share the data of page 0 */
};

struct file {
	uint8_t bytes[ROOM];
	size_t len;
	bool swap;
	bool sums;
};

static inline void put(struct file *f, size_t at, size_t len, uint64_t v)
{
	uint64_t swapped = bswap_64(v) >> (64 - 8 * len);

	memcpy(f->bytes + at, f->swap ? &swapped : &v, len);
}

static inline uint64_t get(const struct file *f, size_t at, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, f->bytes + at, len);
	return f->swap ? bswap_64(v) >> (64 - 8 * len) : v;
}

static inline uint64_t pfn_of(unsigned page)
{
	return FIRST + 3 * page;
}

static inline size_t desc_of(unsigned page)
{
	return DESCS + 24 * page;
}

static inline size_t data_of(const struct file *f, unsigned page)
{
	return (size_t)get(f, desc_of(page), 8);
}

static inline void make_page(uint8_t *page, unsigned n)
{
	for (unsigned i = 0; i < BLOCK; i++)
		page[i] = (uint8_t)(n == 0 || n >= SHARED ? 0 : i / 16 * (n + 1));
}

static inline void make_desc(struct file *f, unsigned n, size_t at, size_t size, uint32_t flags,
			     const uint8_t *page)
{
	put(f, desc_of(n), 8, at);
	put(f, desc_of(n) + 8, 4, size);
	put(f, desc_of(n) + 12, 4, flags);
	if (f->sums)
		put(f, desc_of(n) + 16, 8, UINT64_C(1) << 63 | crc32(0, page, BLOCK));
}

/* with these pages: as the codec makes them, but the first as it is */
static inline void make_pages(struct file *f, const struct codec *codec)
{
	void *compressor = codec->open(codec->level_default, BLOCK);
	uint8_t page[BLOCK];

	f->len = DATA;
	for (unsigned n = 0; n < NPAGES; n++) {
		size_t size = 0;

		make_page(page, n);
		if (n >= SHARED) {
			make_desc(f, n, DATA, BLOCK, 0, page);
			continue;
		}
		if (n > 0)
			size = codec->compress(compressor, f->bytes + f->len, BLOCK - 1, page,
					       BLOCK);
		if (size == 0)
			memcpy(f->bytes + f->len, page, BLOCK);
		make_desc(f, n, f->len, size ? size : BLOCK, size ? codec->flag : 0, page);
		f->len += size ? size : BLOCK;
	}
	codec->close(compressor);
}

static inline void make_notes(struct file *f)
{
	put(f, NOTES, 4, 11);
	put(f, NOTES + 4, 4, 5);
	memcpy(f->bytes + NOTES + 12, "VMCOREINFO\0\0A=B\n", 16);
	put(f, BLOCK + 32, 8, NOTES + 24);
	put(f, BLOCK + 40, 8, 4);
	put(f, BLOCK + 48, 8, NOTES);
	put(f, BLOCK + 56, 8, 32);
}

static inline void make_file(struct file *f, const char *codec, bool sums, bool swap)
{
	*f = (struct file){ .sums = sums, .swap = swap };
	memcpy(f->bytes, "KDUMP   ", 8);
	put(f, 8, 4, 6);
	for (int i = 0; i < 6; i++)
		memcpy(f->bytes + 12 + 65 * i, "Linux", 6);
	put(f, 428, 4, BLOCK);
	put(f, 432, 4, 1);
	put(f, 436, 4, 2);
	put(f, 440, 4, NPFNS);
	put(f, BLOCK + 8, 4, 31);
	put(f, BLOCK + 96, 8, NPFNS);
	make_notes(f);
	for (unsigned pfn = 0; pfn < NPFNS; pfn++)
		f->bytes[BITMAP1 + pfn / 8] |= (uint8_t)(1 << pfn % 8);
	for (unsigned n = 0; n < NPAGES; n++)
		f->bytes[BITMAP2 + pfn_of(n) / 8] |= (uint8_t)(1 << pfn_of(n) % 8);
	make_pages(f, codec_by_name(codec));
}

static inline int verify_bytes(const void *bytes, size_t len, unsigned threads,
			       struct verify_result *r)
{
	const struct verify_options opts = { .threads = threads };
	int fd = memfd_create("dump", 0), rc;
	char path[64];

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		fail_msg("no file in memory");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	rc = verify(path, &opts, r);
	close(fd);
	return rc;
}

static inline struct verify_result look(const struct file *f)
{
	struct verify_result r;

	if (verify_bytes(f->bytes, f->len, 1, &r))
		fail_msg("verify: %s", err_text());
	return r;
}

#endif
