/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums of what was sent, so that what arrived can be compared with it: a CRC-32
 * for each extent of the file, in bounded memory, and the SHA-256 of the whole where the
 * bytes came in order.
 *
 * When there are too many extents, neighbours are joined (the CRC of two pieces in a
 * row can be worked out from theirs), so a huge file is compared in larger pieces, but
 * still in whole. Where the stream wrote over bytes of its own, the older extent can no
 * longer be compared; how many bytes that concerns is counted.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DIGEST_EXTENTS = 32768,		/* at most so many are kept: 768 KiB */
	DIGEST_GRAIN = 1 << 20,		/* bytes: how long one grows, to begin with */
	DIGEST_SHA256 = 32,
};

struct digest_extent {
	uint64_t at, len;	/* bytes */
	uint32_t crc;
	bool stale;		/* written over later, in part or whole */
};

struct digest {
	struct digest_extent *extents;
	unsigned count;
	uint64_t grain;		/* bytes */
	uint64_t end;		/* of the file, as far as is known, bytes */
	uint64_t bytes;		/* that were seen */
	uint64_t stale;		/* bytes that cannot be compared any more */
	bool crowded;		/* too many that cannot be joined */
	bool in_order;		/* every byte came behind the one before: sha is worth something */
	void *sha;		/* sha.h's, or NULL */
};

/* -1: ERR_MEMORY. with_sha256: work out the SHA-256 as the bytes come */
int digest_open(struct digest *d, bool with_sha256);
void digest_close(struct digest *d);
/* forget all; as after digest_open() */
int digest_restart(struct digest *d, bool with_sha256);

/* these bytes belong at this offset of the file; -1: ERR_MEMORY, or ERR_CORRUPT past 2^63 */
int digest_add(struct digest *d, const void *buf, size_t len, uint64_t at);
/* all was added: the extents that can be compared, in order of their offsets, without overlap */
void digest_sort(struct digest *d);
/* 1 and the SHA-256 of the whole file, if it is known; only once; else 0 */
int digest_sha256(struct digest *d, uint8_t sum[DIGEST_SHA256]);

/* for those who compare: CRC-32 (of zlib and gzip), crc is 0 to begin with */
uint32_t digest_crc(uint32_t crc, const void *buf, size_t len);

#endif
