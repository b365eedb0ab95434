/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kdump-compressed file, looked at from front to back: lib/kdump-format.h has the
 * layout. Other writers put the data anywhere behind the descriptors, and let pages share
 * it (QEMU and makedumpfile the page of zeros); a part of a split dump has descriptors for
 * its own pages only. The bitmaps are read in pieces, twice: to count, then to look.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "stop.h"
#include "verify-kdump.h"

enum {
	PIECE = 64 << 10,	/* bytes of a bitmap */
	DESCS = 2048,		/* descriptors read at once */
};
#define layout(k, ...) verify_fault((k)->v->result, VERIFY_LAYOUT, VERIFY_NO_PFN, __VA_ARGS__)

static uint64_t bitmap2_at(const struct verify_kdump *k)
{
	return k->bitmap_at + (k->one_bitmap ? 0 : k->bitmap_len);
}

static int load_bits(struct verify_kdump *k, struct bitmap *bm, uint64_t at)
{
	size_t len = (size_t)num_div_up(bm->nbits, 8);

	memset(bm->bytes, 0, PIECE);
	if (stop_check() || source_read(&k->v->src, bm->bytes, len, at))
		return fail_in("bitmap");
	/* what lies beyond the last page is not part of it */
	if (bm->nbits & 7)
		bm->bytes[len - 1] &= (uint8_t)((1 << (bm->nbits & 7)) - 1);
	return 0;
}

/* the piece of bitmap 2 whose first bit is pfn, and (both) that of bitmap 1 if it matters */
static int load_piece(struct verify_kdump *k, uint64_t pfn, bool both)
{
	uint64_t left = k->npfns - pfn, bits = (uint64_t)PIECE * 8;

	k->first = pfn;
	k->exists.nbits = k->kept.nbits = left < bits ? left : bits;
	if (load_bits(k, &k->kept, bitmap2_at(k) + pfn / 8))
		return -1;
	if (!both || bitmap_next_set(&k->kept, 0) == k->kept.nbits)
		return 0;
	return load_bits(k, &k->exists, k->bitmap_at + pfn / 8);
}

/* nothing is set beyond the last page, in the bitmap at this offset */
static int check_tail(struct verify_kdump *k, unsigned nth, uint64_t at)
{
	uint8_t *p = k->exists.bytes;
	uint64_t from = k->npfns / 8;
	unsigned mask = 0xff << (k->npfns & 7);

	while (from < k->bitmap_len) {
		uint64_t data = verify_next_data(&k->v->src, at + from), left;
		size_t n;

		if (data > at + from) {
			from = data - at;
			mask = 0xff;
			continue;
		}
		left = k->bitmap_len - from;
		n = left < PIECE ? (size_t)left : PIECE;
		if (stop_check() || source_read(&k->v->src, p, n, at + from))
			return fail_in("bitmap");
		p[0] &= (uint8_t)mask;
		mask = 0xff;
		if (p[0] || memcmp(p, p + 1, n - 1) != 0) {
			layout(k, "bitmap %u: bits beyond the last page, %#" PRIx64, nth,
			       k->npfns - 1);
			break;
		}
		from += n;
	}
	return 0;
}

/*
 * The next piece whose first bit is at or after pfn, a multiple of a piece's bits, in which
 * there may be pages. Memory may lie in few places of a wide space, and what lies between
 * takes no room in a file that has holes.
 */
static uint64_t next_piece(const struct verify_kdump *k, uint64_t pfn)
{
	uint64_t at = bitmap2_at(k) + pfn / 8;

	return pfn + (verify_next_data(&k->v->src, at) - at) / PIECE * PIECE * 8;
}

/* how many descriptors there are, and so where they end */
static int count_descs(struct verify_kdump *k)
{
	uint64_t step = (uint64_t)PIECE * 8, pfn = 0;

	if (check_tail(k, 1, k->bitmap_at) ||
	    (!k->one_bitmap && check_tail(k, 2, bitmap2_at(k))))
		return -1;
	for (; (pfn = next_piece(k, pfn)) < k->npfns; pfn += step) {
		if (load_piece(k, pfn, false))
			return -1;
		k->ndescs += bitmap_count_window(&k->kept, pfn, k->start, k->end);
	}
	k->v->result->npages = k->ndescs;
	k->descs_end = k->descs_at + k->ndescs * KDUMP_DESC_LEN;
	return 0;
}

static void check_erase_info(struct verify_kdump *k)
{
	if (k->erase_len > 0 && (k->erase_at < k->descs_end ||
				 !verify_has(&k->v->src, k->erase_at, k->erase_len)))
		layout(k, "sub header: erase info of %" PRIu64 " bytes at offset %#" PRIx64
		       ", not behind the descriptors", k->erase_len, k->erase_at);
}

/* the next descriptor, whose own place is *at: 1; 0 if the file ends before it; -1 */
static int next_desc(struct verify_kdump *k, uint8_t *desc, uint64_t *at)
{
	const struct source *src = &k->v->src;

	if (k->desc == k->descs_have) {
		uint64_t left = k->descs_end - k->descs_next, n = DESCS * KDUMP_DESC_LEN;
		uint64_t there = src->size > k->descs_next ? src->size - k->descs_next : 0;

		n = left < n ? left : n;
		n = there < n ? there / KDUMP_DESC_LEN * KDUMP_DESC_LEN : n;
		*at = k->descs_next;
		if (n == 0)
			return 0;
		if (source_read(&k->v->src, k->descs, (size_t)n, k->descs_next))
			return fail_in("page descriptors");
		k->desc = 0;
		k->descs_have = (size_t)n / KDUMP_DESC_LEN;
		k->descs_next += n;
	}
	*at = k->descs_next - (k->descs_have - k->desc) * KDUMP_DESC_LEN;
	memcpy(desc, k->descs + k->desc++ * KDUMP_DESC_LEN, KDUMP_DESC_LEN);
	return 1;
}

#define PFN "pfn %#" PRIx64
#define DESC PFN ", descriptor at offset %#" PRIx64 ": "

/* data that is not there: missing in a dump that says that it is incomplete, else a fault */
static void not_there(struct verify_kdump *k, enum verify_fault what, uint64_t pfn, uint64_t desc_at,
		      const char *why)
{
	struct verify_result *r = k->v->result;

	if (r->incomplete)
		r->nmissing++;
	else
		verify_fault(r, what, pfn, DESC "%s", pfn, desc_at, why);
}

static bool has_codec(uint32_t flags)
{
	return (flags & ~(uint32_t)CODEC_FLAGS) == 0 && (flags & (flags - 1)) == 0;
}

/* whether the page's data can be looked at; a fault is counted */
static bool is_possible(struct verify_kdump *k, const struct verify_page *p, uint64_t desc_at)
{
	struct verify_result *r = k->v->result;

	if (p->at == 0) {
		not_there(k, VERIFY_UNWRITTEN, p->pfn, desc_at, "was never written");
		return false;
	}
	if (!has_codec(p->flags)) {
		verify_fault(r, VERIFY_CODEC, p->pfn, DESC "no codec has the flags %#x", p->pfn,
			     desc_at, p->flags);
		return false;
	}
	if (p->size == 0 || p->size > k->block || (p->flags == 0 && p->size != k->block)) {
		verify_fault(r, VERIFY_SIZE, p->pfn, DESC "%u bytes%s of a page of %u", p->pfn,
			     desc_at, p->size, p->flags ? "" : ", not compressed,", k->block);
		return false;
	}
	if (p->at < k->descs_end) {
		verify_fault(r, VERIFY_PLACE, p->pfn, DESC "data at offset %#" PRIx64
			     ", before the end of the descriptors at %#" PRIx64, p->pfn, desc_at,
			     p->at, k->descs_end);
		return false;
	}
	if (!verify_has(&k->v->src, p->at, p->size)) {
		char why[128];

		snprintf(why, sizeof why, "%u bytes of data at offset %#" PRIx64
			 ", past the end of the file at %#" PRIx64, p->size, p->at,
			 k->v->src.size);
		not_there(k, VERIFY_PLACE, p->pfn, desc_at, why);
		return false;
	}
	return true;
}

static int check_page(struct verify_kdump *k, struct verify_pages *vp, uint64_t pfn)
{
	struct verify_page p = { .pfn = pfn };
	uint8_t desc[KDUMP_DESC_LEN];
	uint64_t desc_at, page_flags;
	bool exists = bitmap_test(&k->exists, pfn - k->first);
	int rc;

	if (!exists)
		verify_fault(k->v->result, VERIFY_BITMAP, pfn,
			     PFN ": is in bitmap 2, but not in bitmap 1", pfn);
	if (pfn < k->start || pfn >= k->end)
		return 0;
	rc = next_desc(k, desc, &desc_at);
	if (rc < 0)
		return -1;
	if (!exists)
		return 0;
	if (rc == 0) {
		not_there(k, VERIFY_PLACE, pfn, desc_at, "past the end of the file");
		return 0;
	}
	p.at = verify_u64(k, desc, KDUMP_DESC_OFFSET);
	p.size = verify_u32(k, desc, KDUMP_DESC_SIZE);
	p.flags = verify_u32(k, desc, KDUMP_DESC_FLAGS);
	page_flags = verify_u64(k, desc, KDUMP_DESC_PAGE_FLAGS);
	p.has_sum = page_flags & KDUMP_HAS_SUM;
	p.sum = (uint32_t)page_flags;
	if (p.has_sum && page_flags & ~(KDUMP_HAS_SUM | UINT32_MAX)) {
		verify_fault(k->v->result, VERIFY_SUM, pfn, DESC "%#" PRIx64
			     " is no checksum", pfn, desc_at, page_flags);
		return 0;
	}
	k->v->result->compressed |= p.flags != 0;
	return is_possible(k, &p, desc_at) ? verify_pages_add(vp, &p) : 0;
}

static int check_all(struct verify_kdump *k, struct verify_pages *vp)
{
	uint64_t step = (uint64_t)PIECE * 8, first = 0;

	progress_open(&k->v->progress, k->v->opts->progress, "verifying pages", k->ndescs);
	k->descs_next = k->descs_at;
	for (; (first = next_piece(k, first)) < k->npfns; first += step) {
		if (load_piece(k, first, true))
			return -1;
		for (uint64_t n = bitmap_next_set(&k->kept, 0); n < k->kept.nbits;
		     n = bitmap_next_set(&k->kept, n + 1))
			if (check_page(k, vp, first + n))
				return -1;
	}
	return verify_pages_drain(vp);
}

static int check_file(struct verify_kdump *k, const uint8_t *h)
{
	struct verify_pages *vp;
	int rc;

	if (verify_kdump_head(k, h) || count_descs(k))
		return -1;
	check_erase_info(k);
	vp = verify_pages_open(k->v, k->block);
	rc = vp ? check_all(k, vp) : -1;
	verify_pages_close(vp);
	return rc;
}

int verify_kdump(struct verify_part *v)
{
	struct verify_kdump k = { .v = v };
	uint8_t h[KDUMP_HEADER_LEN];
	int rc;

	if (v->src.size < sizeof h)
		return 0;
	if (source_read(&v->src, h, sizeof h, 0))
		return fail_in(v->src.path);
	if (memcmp(h, KDUMP_SIGNATURE, 8) != 0)
		return 0;
	v->result->format = "kdump-compressed";
	k.exists.bytes = malloc(PIECE);
	k.kept.bytes = malloc(PIECE);
	k.descs = malloc(DESCS * KDUMP_DESC_LEN);
	rc = k.exists.bytes && k.kept.bytes && k.descs ? check_file(&k, h) :
							 fail_sys("bitmaps");
	free(k.exists.bytes);
	free(k.kept.bytes);
	free(k.descs);
	return rc ? fail_in(v->src.path) : 1;
}
