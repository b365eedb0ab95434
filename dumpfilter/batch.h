/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The work on pages between their reading and their writing, for any thread: unpack
 * what comes from a kdump file, find zeros, compress.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"
#include "writer.h"

struct copy_to;

enum {
	BATCH_BYTES = 256 << 10,	/* what one batch reads: it stays in a processor's cache */
	BATCH_PAGES = BATCH_BYTES / 4096,
};

/* what the threads share; nothing in it changes while they run */
struct batch_how {
	const struct codec *codec;
	size_t page_size;
	bool zeros;		/* pages of zeros are left out */
	bool packed_zeros;	/* they were not before: there may be some among packed pages */
	bool unpack;		/* pages come as a kdump file has them */
	bool as_stored, keep_packed;
	bool dedupe, checksum;	/* fill page[].hash, .sum */
};

/* what one thread works with */
struct batch_thread {
	void *compressor;
	struct codec_readers readers;
	uint8_t *page;		/* unpacked */
};

/* a page as it came */
struct raw_page {
	uint32_t size, flags;
	bool bad;		/* it cannot be unpacked */
	bool has_sum;		/* it came with a checksum, which stays with it */
	uint32_t sum;
};

struct batch {
	const struct batch_how *how;
	struct batch_thread *threads;
	struct copy_to *to;	/* whose pages these are */
	size_t npages, nbad;
	struct writer_page page[BATCH_PAGES];
	struct raw_page raw[BATCH_PAGES];
	uint8_t *in;		/* npages pages, one after another */
	size_t in_len;
	uint8_t *packed;	/* the same compressed */
	size_t packed_len, packed_room;
	char why[200];		/* of the first bad one */
};

/* what one thread needs; -1 after fail(), and nothing is to be closed */
int batch_thread_open(struct batch_thread *t, const struct batch_how *how, int codec_level);
void batch_thread_close(struct batch_thread *t, const struct batch_how *how);
/* the buffers; batch_close() is due in any case */
int batch_open(struct batch *b, const struct batch_how *how);
void batch_close(struct batch *b);

/* the work: fills page[] but for .pfn, packed, and of damaged pages raw[].bad */
void batch_work(struct batch *b, struct batch_thread *t);

#endif
