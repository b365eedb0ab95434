/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_libdeflate
#include <libdeflate.h>
#endif

#include "digest.h"
#include "err.h"
#include "sha.h"

enum { LOOK_BACK = 4 };		/* a dump grows at a few places in turn: data, descriptors, bitmap */

uint32_t digest_crc(uint32_t crc, const void *buf, size_t len)
{
#ifdef HAVE_libdeflate
	return libdeflate_crc32(crc, buf, len);
#else
	return (uint32_t)crc32_z(crc, buf, len);
#endif
}

int digest_open(struct digest *d, bool with_sha256)
{
	*d = (struct digest){ .in_order = true, .grain = DIGEST_GRAIN };
	d->extents = calloc(DIGEST_EXTENTS, sizeof *d->extents);
	if (!d->extents)
		return fail_sys("checksums");
	if (!with_sha256)
		return 0;
	d->sha = sha_open();
	if (d->sha)
		return 0;
	digest_close(d);
	return -1;
}

void digest_close(struct digest *d)
{
	sha_close(d->sha);
	free(d->extents);
	*d = (struct digest){ 0 };
}

int digest_restart(struct digest *d, bool with_sha256)
{
	digest_close(d);
	return digest_open(d, with_sha256);
}

static int by_offset(const void *a, const void *b)
{
	const struct digest_extent *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* two that follow one another become one */
static void join(struct digest_extent *a, const struct digest_extent *b)
{
	a->crc = (uint32_t)crc32_combine(a->crc, b->crc, (z_off_t)b->len);
	a->len += b->len;
}

/* fewer, longer extents; what cannot be joined stays */
static void thin_out(struct digest *d)
{
	unsigned kept = 0;

	d->grain *= 2;
	qsort(d->extents, d->count, sizeof *d->extents, by_offset);
	for (unsigned i = 0; i < d->count; i++) {
		struct digest_extent *last = kept ? &d->extents[kept - 1] : NULL;

		if (last && !last->stale && !d->extents[i].stale &&
		    last->at + last->len == d->extents[i].at &&
		    last->len + d->extents[i].len <= d->grain)
			join(last, &d->extents[i]);
		else
			d->extents[kept++] = d->extents[i];
	}
	d->count = kept;
}

/* there is no room: thin out, or give up one that tells least */
static struct digest_extent *new_extent(struct digest *d)
{
	/* once that was of no use it will not be again: it is dear */
	if (d->count == DIGEST_EXTENTS && !d->crowded) {
		for (int i = 0; i < 16 && d->count > DIGEST_EXTENTS / 4 * 3; i++)
			thin_out(d);
		d->crowded = d->count > DIGEST_EXTENTS / 16 * 15;
	}
	if (d->count < DIGEST_EXTENTS)
		return &d->extents[d->count++];
	d->stale += d->extents[d->count - 1].len;
	return &d->extents[d->count - 1];
}

/* the extents that these bytes are written over cannot be compared any more */
static void mark_stale(struct digest *d, uint64_t at, size_t len)
{
	for (unsigned i = 0; i < d->count; i++) {
		struct digest_extent *e = &d->extents[i];

		if (!e->stale && e->at < at + len && at < e->at + e->len) {
			e->stale = true;
			d->stale += e->len;
		}
	}
}

static void add_crc(struct digest *d, const void *buf, size_t len, uint64_t at)
{
	struct digest_extent *e;

	for (unsigned i = 1; i <= LOOK_BACK && i <= d->count; i++) {
		e = &d->extents[d->count - i];
		if (!e->stale && e->at + e->len == at && e->len + len <= d->grain) {
			e->crc = digest_crc(e->crc, buf, len);
			e->len += len;
			return;
		}
	}
	e = new_extent(d);
	*e = (struct digest_extent){ .at = at, .len = len, .crc = digest_crc(0, buf, len) };
}

int digest_add(struct digest *d, const void *buf, size_t len, uint64_t at)
{
	if (len == 0)
		return 0;
	if (at > INT64_MAX || len > INT64_MAX - at)
		return fail(ERR_CORRUPT, "bytes for offset %#llx: no file is that long",
			    (unsigned long long)at);
	if (at < d->end)
		mark_stale(d, at, len);
	if (at != d->end)
		d->in_order = false;
	if (d->sha && d->in_order && sha_add(d->sha, buf, len))
		return -1;
	add_crc(d, buf, len, at);
	if (at + len > d->end)
		d->end = at + len;
	d->bytes += len;
	return 0;
}

void digest_sort(struct digest *d)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < d->count; i++)
		if (!d->extents[i].stale)
			d->extents[kept++] = d->extents[i];
	d->count = kept;
	qsort(d->extents, d->count, sizeof *d->extents, by_offset);
}

int digest_sha256(struct digest *d, uint8_t sum[DIGEST_SHA256])
{
	bool known = d->sha && d->in_order;

	if (known)
		known = sha_end(d->sha, sum);
	sha_close(d->sha);
	d->sha = NULL;
	return known;
}
