/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kdump-compressed file that is being verified: its headers, and what follows them. */
#ifndef VERIFY_KDUMP_H
#define VERIFY_KDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bitmap.h"
#include "verify-part.h"

struct verify_kdump {
	struct verify_part *v;		/* borrowed */
	bool swap;
	uint32_t version, block, status;
	uint64_t npfns;
	uint64_t start, end;		/* pfns that have descriptors */
	uint64_t bitmap_at, bitmap_len;	/* of bitmap 1; bitmap 2 follows it */
	bool one_bitmap;
	uint64_t descs_at;
	uint64_t erase_at, erase_len;	/* text that makedumpfile leaves behind the data */

	/* known after the bitmaps were counted */
	uint64_t descs_end, ndescs;

	/* a piece of the bitmaps */
	uint64_t first;			/* pfn of its first bit */
	struct bitmap exists, kept;
	/* some descriptors */
	uint8_t *descs;
	size_t desc, descs_have;	/* the next one, of so many */
	uint64_t descs_next;		/* file offset of those after them */
};

/* the numbers at p + at, in the byte order of the dump */
uint32_t verify_u32(const struct verify_kdump *k, const uint8_t *p, size_t at);
uint64_t verify_u64(const struct verify_kdump *k, const uint8_t *p, size_t at);

/*
 * Main header (KDUMP_HEADER_LEN bytes at h), sub header and notes: what contradicts itself
 * is counted. -1: where the bitmaps and descriptors are cannot be told.
 */
int verify_kdump_head(struct verify_kdump *k, const uint8_t *h);

#endif
