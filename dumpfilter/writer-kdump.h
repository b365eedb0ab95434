/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed file, version 6 (lib/kdump-format.h), written in one go
 * and honest at every moment: pages and their descriptors come first, then the
 * part of bitmap 2 that has them. What was not reached is not in bitmap 2, and
 * until the last write of all the header's status says "incomplete". So neither
 * a full disk nor a killed process nor a cut pipe leaves a file that lies.
 */
#ifndef WRITER_KDUMP_H
#define WRITER_KDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitmap;
struct out;
struct space;
struct vmcore;

struct writer {
	struct out *out;		/* borrowed, as are vm and keep */
	struct vmcore *vm;
	struct space *space;		/* the dead kernel's memory; NULL if it cannot be read */
	const struct bitmap *keep;	/* bitmap 2, as far as it is settled */
	uint32_t codec_flag;

	uint64_t bitmap2_at, bitmap_len;	/* bytes in the file */
	uint64_t bitmap2_done;			/* bytes of bitmap 2 written */
	uint64_t descs_at, data_at;		/* where the next ones go */
	uint64_t descs_room, descs_end;		/* up to where there is room; the table's end */
	uint64_t zero_at;			/* the page that all zero pages share, 0 if none */
	uint64_t npages, nzero;			/* written */

	uint8_t *descs;			/* descriptors not written yet */
	size_t ndescs;
	uint64_t next_pfn;		/* all kept pages below it are written */
	bool no_utsname;		/* init_uts_ns could not be read: the header has less */
};

/* one page of a batch: its bytes follow the ones of the page before it */
struct writer_page {
	uint64_t pfn;
	uint32_t size;		/* bytes; 0: a page of zeros, stored once for all */
	uint32_t flags;		/* the codec's; 0: as it is */
};

/*
 * Headers, notes and bitmap 1. space may be NULL, nkeep is how many bits keep has, level the dump
 * level, codec_flag the codec's (0 for none).
 */
int writer_begin(struct writer *w, struct out *out, struct vmcore *vm, struct space *space,
		 const struct bitmap *keep, uint64_t nkeep, unsigned level, uint32_t codec_flag);
/*
 * Pages in pfn order, none below an earlier one. Kept pages that are passed
 * over must have lost their bit in keep. After -1 the file holds the pages before
 * next_pfn, and writer_end() can still say so.
 */
int writer_pages(struct writer *w, const struct writer_page *pages, size_t n,
		 const void *data, size_t len);
/* complete: every kept page was written and the file may say so */
int writer_end(struct writer *w, bool complete);
void writer_close(struct writer *w);

#endif
