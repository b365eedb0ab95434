/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small kdump-compressed files of every kind that the format knows, written here on
 * their own: version, byte order, one bitmap or two, a codec for each page, parts.
 */
#ifndef KDUMP_FILE_H
#define KDUMP_FILE_H

#include <byteswap.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "kdump-format.h"
#include "unit.h"

struct kdump_file {
	int version;
	bool swap;		/* the other byte order */
	bool one_bitmap;
	bool backwards;		/* the data of the last page first */
	uint64_t npfns;
	bool (*has)(uint64_t pfn);
	uint32_t split;
	uint64_t start, end;	/* if it is split */
	uint32_t status;
	const char *release;
};

enum { KF_PAGE = 4096, KF_NOTES = 64, KF_INFO = 32 };

static inline void kf_put(const struct kdump_file *f, uint8_t *p, size_t at, uint64_t v, int len)
{
	uint32_t v4 = (uint32_t)v;

	if (f->swap) {
		v = bswap_64(v);
		v4 = bswap_32(v4);
	}
	memcpy(p + at, len == 8 ? (void *)&v : (void *)&v4, (size_t)len);
}

/* what the page's bytes are: pages of every fifth pfn are zeros, and share their data */
static inline void kf_page(uint64_t pfn, uint8_t *page)
{
	memset(page, 0, KF_PAGE);
	if (pfn % 5)
		snprintf((char *)page + pfn % 3000, 900, "page %llu of %s", (long long)pfn,
			 pfn % 7 ? "many" : "some that go on and on and on and on");
}

static inline void kf_headers(const struct kdump_file *f, int fd, uint64_t blocks)
{
	static const char info[KF_INFO] = "OSRELEASE=6.1\nPAGESIZE=4096\n";
	uint8_t b[2 * KF_PAGE] = { 0 }, *sub = b + KF_PAGE;
	uint64_t note = KF_PAGE + KDUMP_SUB_LEN;

	memcpy(b, KDUMP_SIGNATURE, 8);
	kf_put(f, b, KDUMP_HEADER_VERSION, (uint64_t)f->version, 4);
	strcpy((char *)b + KDUMP_UTSNAME_RELEASE, f->release ? f->release : "6.1");
	strcpy((char *)b + KDUMP_UTSNAME_MACHINE, "x86_64");
	kf_put(f, b, KDUMP_TIME_SEC, 1700000000, 8);
	kf_put(f, b, KDUMP_STATUS, f->status, 4);
	kf_put(f, b, KDUMP_BLOCK_SIZE, KF_PAGE, 4);
	kf_put(f, b, KDUMP_SUB_BLOCKS, 1, 4);
	kf_put(f, b, KDUMP_BITMAP_BLOCKS, blocks, 4);
	kf_put(f, b, KDUMP_MAX_MAPNR, f->version >= 6 ? 1 : f->npfns, 4);
	kf_put(f, b, KDUMP_NR_CPUS, 3, 4);
	/* what a version does not know yet is nonsense in its files */
	memset(sub, 0xee, KDUMP_SUB_LEN);
	kf_put(f, sub, KDUMP_PHYS_BASE, 0x1000000, 8);
	kf_put(f, sub, KDUMP_DUMP_LEVEL, 31, 4);
	if (f->version >= 2)
		kf_put(f, sub, KDUMP_SPLIT, f->split, 4);
	if (f->version >= 2 && f->version < 6) {
		kf_put(f, sub, KDUMP_START_PFN, f->start, 8);
		kf_put(f, sub, KDUMP_END_PFN, f->end, 8);
	}
	if (f->version >= 3) {
		kf_put(f, sub, KDUMP_OFFSET_VMCOREINFO, note + 24, 8);
		kf_put(f, sub, KDUMP_SIZE_VMCOREINFO, strlen(info), 8);
	}
	if (f->version >= 4) {
		kf_put(f, sub, KDUMP_OFFSET_NOTE, note, 8);
		kf_put(f, sub, KDUMP_SIZE_NOTE, 24 + sizeof info, 8);
	}
	if (f->version >= 6) {
		kf_put(f, sub, KDUMP_START_PFN_64, f->start, 8);
		kf_put(f, sub, KDUMP_END_PFN_64, f->end, 8);
		kf_put(f, sub, KDUMP_MAX_MAPNR_64, f->npfns, 8);
	}
	kf_put(f, sub, KDUMP_SUB_LEN, 11, 4);
	kf_put(f, sub, KDUMP_SUB_LEN + 4, strlen(info), 4);
	strcpy((char *)sub + KDUMP_SUB_LEN + 12, "VMCOREINFO");
	memcpy(sub + KDUMP_SUB_LEN + 24, info, sizeof info);
	assert_int_equal(pwrite(fd, b, sizeof b, 0), sizeof b);
}

static inline uint64_t kf_bitmaps(const struct kdump_file *f, int fd, uint64_t blocks)
{
	size_t len = (size_t)blocks * KF_PAGE, half = f->one_bitmap ? 0 : len / 2;
	uint8_t *b = calloc(1, len);
	uint64_t n = 0;

	for (uint64_t pfn = 0; pfn < f->npfns; pfn++) {
		if (!f->one_bitmap)
			b[pfn / 8] |= (uint8_t)(1 << pfn % 8);
		if (f->has(pfn))
			b[half + pfn / 8] |= (uint8_t)(1 << pfn % 8);
		n += f->has(pfn) && pfn >= f->start && pfn < f->end;
	}
	/* bits past the last page mean nothing */
	if (f->npfns % 8)
		b[half + f->npfns / 8] |= (uint8_t)(0xff << f->npfns % 8);
	assert_int_equal(pwrite(fd, b, len, 2 * KF_PAGE), (ssize_t)len);
	free(b);
	return n;
}

/* a page's data, packed by one codec or another; the size, and the codec's flag */
static inline size_t kf_pack(uint64_t pfn, uint8_t *data, uint32_t *flags)
{
	static void *compressors[CODECS_MAX];
	const struct codec *c;
	uint8_t page[KF_PAGE];
	unsigned ncodecs = 0, i;
	size_t n;

	while (codec_nth(ncodecs))
		ncodecs++;
	i = (unsigned)(pfn / 3 % ncodecs);
	c = codec_nth(i);
	if (!compressors[i])
		compressors[i] = c->open(c->level_default, KF_PAGE);
	kf_page(pfn, page);
	n = c->compress(compressors[i], data, KF_PAGE, page, KF_PAGE);
	assert_true(n > 0);
	*flags = c->flag;
	return n;
}

static inline void kf_pages(const struct kdump_file *f, int fd, uint64_t descs, uint64_t n)
{
	uint64_t at = descs + n * KDUMP_DESC_LEN + 777, zeros = at, i = 0;
	uint64_t back = at + n * KF_PAGE;
	static const uint8_t zero[KF_PAGE];

	assert_int_equal(pwrite(fd, zero, KF_PAGE, (off_t)zeros), KF_PAGE);
	at += KF_PAGE;
	back += KF_PAGE;
	for (uint64_t pfn = f->start; pfn < f->end; pfn++) {
		uint8_t desc[KDUMP_DESC_LEN] = { 0 }, data[KF_PAGE];
		uint64_t place = zeros;
		uint32_t flags = 0;
		size_t len = KF_PAGE;

		if (!f->has(pfn))
			continue;
		if (pfn % 5) {
			len = kf_pack(pfn, data, &flags);
			back -= len;
			place = f->backwards ? back : at;
			at += len;
			assert_int_equal(pwrite(fd, data, len, (off_t)place), (ssize_t)len);
		}
		kf_put(f, desc, KDUMP_DESC_OFFSET, place, 8);
		kf_put(f, desc, KDUMP_DESC_SIZE, len, 4);
		kf_put(f, desc, KDUMP_DESC_FLAGS, flags, 4);
		memset(desc + KDUMP_DESC_PAGE_FLAGS, 0xab, 8);
		assert_int_equal(pwrite(fd, desc, sizeof desc,
					(off_t)(descs + i++ * sizeof desc)), sizeof desc);
	}
}

static inline void kf_write(const struct kdump_file *file, const char *path)
{
	struct kdump_file f = *file;
	uint64_t one = (f.npfns / 8 + KF_PAGE) / KF_PAGE;
	uint64_t blocks = f.one_bitmap ? one : 2 * one;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	if (!f.split)
		f.end = f.npfns;
	kf_headers(&f, fd, blocks);
	kf_pages(&f, fd, (2 + blocks) * KF_PAGE, kf_bitmaps(&f, fd, blocks));
	close(fd);
}

#endif
