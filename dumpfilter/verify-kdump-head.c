/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "cursor.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "verify-kdump.h"

enum {
	NOTES_MAX = 8 << 20,
	LEVEL_MAX = 31,
	NO_VMEMMAP = 0x10,	/* status: makedumpfile -e left out struct pages */
};
#define PFNS_MAX (UINT64_C(1) << 40)

#define layout(k, ...) verify_fault((k)->v->result, VERIFY_LAYOUT, VERIFY_NO_PFN, __VA_ARGS__)

uint32_t verify_u32(const struct verify_kdump *k, const uint8_t *p, size_t at)
{
	struct cursor c = cursor_over(p + at, 4, k->swap);

	return cursor_u32(&c);
}

uint64_t verify_u64(const struct verify_kdump *k, const uint8_t *p, size_t at)
{
	struct cursor c = cursor_over(p + at, 8, k->swap);

	return cursor_u64(&c);
}

static bool makes_sense(struct verify_kdump *k, const uint8_t *h)
{
	k->version = verify_u32(k, h, KDUMP_HEADER_VERSION);
	k->block = verify_u32(k, h, KDUMP_BLOCK_SIZE);
	return k->version < 256 && num_is_power_of_2(k->block) && k->block >= 4096 &&
	       k->block <= 262144;
}

static int check_header(struct verify_kdump *k, const uint8_t *h)
{
	uint32_t known = CODEC_FLAGS | KDUMP_INCOMPLETE | NO_VMEMMAP, sub, maps;

	if (!makes_sense(k, h)) {
		k->swap = true;
		if (!makes_sense(k, h))
			return fail(ERR_UNKNOWN, "kdump header: no 64-bit layout");
	}
	if (k->version < 1 || k->version > KDUMP_VERSION)
		return fail(ERR_UNKNOWN, "kdump header: version %u; known are 1 to %d",
			    k->version, KDUMP_VERSION);
	k->status = verify_u32(k, h, KDUMP_STATUS);
	k->v->result->incomplete |= k->status & KDUMP_INCOMPLETE;
	if (k->status & ~known)
		layout(k, "header: the status is %#x, and %#x means nothing", k->status,
		       k->status & ~known);
	for (int i = 0; i < 6; i++)
		if (!memchr(h + KDUMP_UTSNAME + i * KDUMP_UTSNAME_LEN, '\0', KDUMP_UTSNAME_LEN))
			layout(k, "header: string %d of utsname has no end", i + 1);
	sub = verify_u32(k, h, KDUMP_SUB_BLOCKS);
	maps = verify_u32(k, h, KDUMP_BITMAP_BLOCKS);
	k->bitmap_at = (1 + (uint64_t)sub) * k->block;
	k->bitmap_len = (uint64_t)maps * k->block;
	k->descs_at = k->bitmap_at + k->bitmap_len;
	if (sub < 1 || k->descs_at > k->v->src.size)
		return fail(ERR_CORRUPT, "kdump header: sub header of %u blocks, bitmaps of %u: "
			    "past the end of the file at %#" PRIx64, sub, maps, k->v->src.size);
	return 0;
}

static int check_notes(struct verify_kdump *k, const uint8_t *sub)
{
	uint64_t info_at = verify_u64(k, sub, KDUMP_OFFSET_VMCOREINFO);
	uint64_t info_len = verify_u64(k, sub, KDUMP_SIZE_VMCOREINFO);
	uint64_t from = k->block + (uint64_t)KDUMP_OFFSET_NOTE, at = from, len = 0;
	uint8_t *notes;
	int rc;

	if (k->version >= 4) {
		at = verify_u64(k, sub, KDUMP_OFFSET_NOTE);
		len = verify_u64(k, sub, KDUMP_SIZE_NOTE);
	}
	if (k->version >= 3 && info_len > 0 && (info_at < from || info_at > k->bitmap_at ||
						info_len > k->bitmap_at - info_at))
		layout(k, "sub header: VMCOREINFO of %" PRIu64 " bytes at offset %#" PRIx64
		       ", not between sub header and bitmaps", info_len, info_at);
	if (len == 0)
		return 0;
	if (at < from || at > k->bitmap_at || len > k->bitmap_at - at || len > NOTES_MAX) {
		layout(k, "sub header: notes of %" PRIu64 " bytes at offset %#" PRIx64
		       ", not between sub header and bitmaps", len, at);
		return 0;
	}
	notes = malloc(len);
	if (!notes)
		return fail_sys("notes");
	rc = source_read(&k->v->src, notes, len, at);
	if (rc == 0)
		verify_notes(k->v->result, notes, len, k->swap);
	free(notes);
	return rc ? fail_in("notes") : 0;
}

/* the pages that the file is about: of a part of a split dump only its own */
static int check_pages(struct verify_kdump *k, const uint8_t *h, const uint8_t *sub)
{
	uint32_t low = verify_u32(k, h, KDUMP_MAX_MAPNR);
	bool wide = k->version >= 6;

	k->npfns = wide ? verify_u64(k, sub, KDUMP_MAX_MAPNR_64) : low;
	if (k->npfns == 0 || k->npfns > PFNS_MAX)
		return fail(ERR_CORRUPT, "kdump header: %" PRIu64 " pages", k->npfns);
	if (wide && low != (k->npfns > UINT32_MAX ? UINT32_MAX : k->npfns))
		layout(k, "header: max_mapnr is %#x, max_mapnr_64 %#" PRIx64, low, k->npfns);
	k->end = k->npfns;
	if (k->version < 2 || verify_u32(k, sub, KDUMP_SPLIT) == 0)
		return 0;
	if (verify_u32(k, sub, KDUMP_SPLIT) != 1)
		layout(k, "sub header: split is %u", verify_u32(k, sub, KDUMP_SPLIT));
	k->start = verify_u64(k, sub, wide ? KDUMP_START_PFN_64 : KDUMP_START_PFN);
	k->end = verify_u64(k, sub, wide ? KDUMP_END_PFN_64 : KDUMP_END_PFN);
	if (k->start > k->end || k->end > k->npfns)
		return fail(ERR_CORRUPT, "kdump sub header: a part of pages %#" PRIx64 " to %#"
			    PRIx64 " of %#" PRIx64, k->start, k->end, k->npfns);
	return 0;
}

static int check_sub_header(struct verify_kdump *k, const uint8_t *h)
{
	uint8_t sub[KDUMP_SUB_LEN];
	uint64_t need;

	if (source_read(&k->v->src, sub, sizeof sub, k->block))
		return fail_in("kdump sub header");
	if (verify_u32(k, sub, KDUMP_DUMP_LEVEL) > LEVEL_MAX)
		layout(k, "sub header: dump level %d", (int)verify_u32(k, sub, KDUMP_DUMP_LEVEL));
	if (k->version >= 5) {
		k->erase_at = verify_u64(k, sub, KDUMP_OFFSET_ERASEINFO);
		k->erase_len = verify_u64(k, sub, KDUMP_SIZE_ERASEINFO);
	}
	if (check_pages(k, h, sub))
		return -1;
	need = num_div_up(num_div_up(k->npfns, 8), k->block) * k->block;
	if (k->bitmap_len < need)
		return fail(ERR_CORRUPT, "kdump header: bitmaps of %" PRIu64 " bytes for %" PRIu64
			    " pages", k->bitmap_len, k->npfns);
	k->one_bitmap = k->bitmap_len < 2 * need;
	if (!k->one_bitmap)
		k->bitmap_len /= 2;
	return check_notes(k, sub);
}

int verify_kdump_head(struct verify_kdump *k, const uint8_t *h)
{
	return check_header(k, h) || check_sub_header(k, h) ? -1 : 0;
}
