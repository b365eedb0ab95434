/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of kdump-compressed files, in parts: what a file's headers say
 * (kdump-head.c), which files there are (kdump-parts.c), which pages they have
 * (kdump-bits.c) and where those are (kdump-page.c). vmcore-kdump.c puts them together.
 */
#ifndef KDUMP_H
#define KDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bitmap.h"
#include "codec.h"
#include "kdump-format.h"
#include "source.h"

struct vmcore;

/* --- kdump-head.c: main and sub header of one file */

struct kdump_head {
	uint8_t main[KDUMP_HEADER_LEN], sub[KDUMP_SUB_LEN];	/* as they are */
	bool swap;			/* in the other byte order than ours */
	uint16_t machine;		/* EM_... */
	int32_t version;		/* 1 to 6 */
	uint32_t status, block_size;
	uint64_t npfns;			/* one past the last pfn */
	uint64_t bitmap_at, bitmap_len;	/* of each bitmap, bytes; bitmap 2 follows bitmap 1 */
	bool one_bitmap;		/* it is both */
	uint64_t descs_at;
	bool split;			/* one part of several, with these pages: */
	uint64_t start, end;		/* pfns; 0 and npfns unless split */
};

/* 1: h is filled, and checked against the file's size; 0: another format; -1 damaged */
int kdump_head_read(struct kdump_head *h, struct source *src);
/* what struct vmcore has to say of it: page size, notes, ... */
int kdump_head_apply(struct vmcore *vm, const struct kdump_head *h);

/* --- kdump-parts.c: the files of a split dump; any other dump is one part */

struct kdump_part {
	struct source *src;
	const char *path;	/* borrowed */
	uint64_t start, end;	/* pfns that are taken from it; parts are sorted and disjoint */
	uint64_t skipped;	/* descriptors it has for pages below start */
	uint64_t rank;		/* pages of all parts below start */
};

/* k->parts, k->sources, and vm->flaw if the set has one */
int kdump_parts_open(struct vmcore *vm, const struct kdump_head *first);
const struct kdump_part *kdump_part_of(struct vmcore *vm, uint64_t pfn);
void kdump_parts_close(struct vmcore *vm);

/* --- kdump-bits.c: bitmap 2 and counts of its bits, as all parts together have them */

enum { KDUMP_SLOTS_MAX = 4096, KDUMP_COPY = 64 << 10 };

struct kdump_bits {
	struct bitmap bits;	/* the whole of it, or nslots chunks of it */
	bool whole;
	unsigned nslots;
	uint64_t chunk[KDUMP_SLOTS_MAX];	/* which one is in the slot */
	struct bitmap view;	/* a chunk in its slot; owns nothing */
	uint8_t *copy;		/* KDUMP_COPY bytes and a word, for reading; needed from the first */

	unsigned rank_shift;
	uint64_t *rank;		/* bits below each 2^rank_shift pages, and all of them */
	uint64_t last, last_rank;	/* asked for last: often the next one is not far */
};

/* memory: bytes it should not exceed much, 0: no bound. After kdump_parts_open() */
int kdump_bits_open(struct vmcore *vm, uint64_t memory);
/* 1: the page is in the dump, and *rank others are below it; 0: it is not; -1 unreadable */
int kdump_bits_find(struct vmcore *vm, uint64_t pfn, uint64_t *rank);
/* set the bits of a window of bitmap 2 */
int kdump_bits_held(struct vmcore *vm, struct bitmap *bm, uint64_t first);
/* ... of either bitmap in one file, for pfns [from, to) */
int kdump_bits_load(struct vmcore *vm, struct source *src, bool second, struct bitmap *bm,
		    uint64_t first, uint64_t from, uint64_t to);
/* how many pages [from, to) this file's bitmap 2 names */
int kdump_bits_count(struct vmcore *vm, struct source *src, uint64_t from, uint64_t to,
		     uint64_t *count);
void kdump_bits_close(struct kdump_bits *b);

/* --- kdump-page.c: where a page's bytes are; few reads for pages that follow each other */

struct kdump_window {
	struct source *src;	/* NULL: nothing is in buf */
	uint64_t at;
	size_t len, used;	/* bytes in buf, and how many of them were asked for */
	uint8_t *buf;
};

/* reads ahead in a run; what lies elsewhere (a shared page of zeros) does not end it */
struct kdump_ahead {
	struct kdump_window run, other;
	size_t least, most, want;	/* bytes: in other; in run; in run the next time */
};

struct kdump_pages {
	struct kdump_ahead descs, data;
	struct codec_readers readers;
	uint8_t *cache;		/* pages that were read in part, decompressed */
	unsigned nsets;		/* of KDUMP_WAYS pages each */
	uint64_t *cached;	/* pfns */
	uint64_t *age, clock;
};

/* a page as the file has it; data stays until the next call */
struct kdump_stored {
	const uint8_t *data;
	uint32_t size, flags;
	uint64_t page_flags;	/* KDUMP_HAS_SUM and a checksum, or not */
	uint64_t at;		/* file offset, for messages */
};

int kdump_pages_open(struct vmcore *vm);
int kdump_page_find(struct vmcore *vm, uint64_t pfn, struct kdump_stored *s);
/* len bytes from offset in of one page */
int kdump_page_read(struct vmcore *vm, uint64_t pfn, size_t in, void *buf, size_t len);
void kdump_pages_close(struct kdump_pages *p);

/* --- */

struct kdump {
	struct kdump_head head;		/* the first file's */
	struct kdump_part *parts;
	size_t nparts;
	struct source *sources;		/* of all paths but the first, which is vm->src */
	struct kdump_bits bits;
	struct kdump_pages pages;
};

/* numbers in a header at an offset, in its byte order */
uint32_t kdump_u32(const uint8_t *p, size_t at, bool swap);
uint64_t kdump_u64(const uint8_t *p, size_t at, bool swap);

#endif
