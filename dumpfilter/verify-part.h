/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of verify share: a file for each format, and one for its pages. */
#ifndef VERIFY_PART_H
#define VERIFY_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "progress.h"
#include "source.h"
#include "verify.h"

#define VERIFY_NO_PFN UINT64_MAX

struct verify_part {
	struct source src;
	const struct verify_options *opts;	/* borrowed, as is result */
	struct verify_result *result;
	struct progress progress;
	uint64_t ndone;			/* pages, for the progress */
};

/* count a fault; of all with a pfn the lowest is kept in words, before them those without */
void verify_fault(struct verify_result *r, enum verify_fault what, uint64_t pfn,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* verify_fault(VERIFY_LAYOUT) if the notes in a block of padded ones run out of it */
void verify_notes(struct verify_result *r, const void *notes, size_t len, bool swap);
/* whether the file has all these bytes: inside it, and in no gap of a cut flattened stream */
bool verify_has(const struct source *src, uint64_t at, uint64_t len);
/* the first byte at or after at that is in no hole of the file; past its end, if there is none */
uint64_t verify_next_data(const struct source *src, uint64_t at);

/* 1: looked at; 0: another format; -1 */
int verify_kdump(struct verify_part *v);
int verify_elf(struct verify_part *v);

/* the pages of a kdump-compressed file: read in the caller's thread, examined in others */
struct verify_pages;

struct verify_page {
	uint64_t pfn;
	uint64_t at;		/* file offset of the data, which verify_has() all of */
	uint32_t size, flags;
	bool has_sum;
	uint32_t sum;
};

struct verify_pages *verify_pages_open(struct verify_part *v, uint32_t page_size);
int verify_pages_add(struct verify_pages *vp, const struct verify_page *page);
/* all that were added are examined; -1 if a signal came */
int verify_pages_drain(struct verify_pages *vp);
void verify_pages_close(struct verify_pages *vp);

#endif
