/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of a kdump-compressed file of a 64-bit machine, versions 1 to 6; the
 * layout is in kdump-format.h. Fields that are newer than the file's version are not
 * looked at. The byte order is the one in which the numbers make sense.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "codec.h"
#include "cursor.h"
#include "err.h"
#include "kdump.h"
#include "num.h"
#include "vmcore.h"

enum { NOTES_MAX = 8 << 20, DUMP_LEVEL_MASK = 31 };
#define PFNS_MAX (UINT64_C(1) << 40)	/* 2^52 bytes: what x86_64 and arm64 can address */

uint32_t kdump_u32(const uint8_t *p, size_t at, bool swap)
{
	struct cursor c = cursor_over(p + at, 4, swap);

	return cursor_u32(&c);
}

uint64_t kdump_u64(const uint8_t *p, size_t at, bool swap)
{
	struct cursor c = cursor_over(p + at, 8, swap);

	return cursor_u64(&c);
}

/* does it make sense in this byte order? */
static bool parse_main(struct kdump_head *h, bool swap)
{
	uint32_t size = kdump_u32(h->main, KDUMP_BLOCK_SIZE, swap);

	h->swap = swap;
	h->version = (int32_t)kdump_u32(h->main, KDUMP_HEADER_VERSION, swap);
	h->status = kdump_u32(h->main, KDUMP_STATUS, swap);
	h->block_size = size;
	return h->version >= 0 && h->version < 256 && num_is_power_of_2(size) &&
	       size >= 4096 && size <= 262144;
}

static int place_bitmaps(struct kdump_head *h, const struct source *src)
{
	uint64_t bs = h->block_size;
	uint64_t all = bs * kdump_u32(h->main, KDUMP_BITMAP_BLOCKS, h->swap);
	uint64_t need = num_div_up(num_div_up(h->npfns, 8), bs) * bs;
	int32_t sub_blocks = (int32_t)kdump_u32(h->main, KDUMP_SUB_BLOCKS, h->swap);

	if (sub_blocks < 1 || sub_blocks > 1 << 16)
		return fail(ERR_CORRUPT, "kdump header: sub header of %d blocks at offset %d",
			    sub_blocks, KDUMP_SUB_BLOCKS);
	h->bitmap_at = (1 + (uint64_t)sub_blocks) * bs;
	h->descs_at = h->bitmap_at + all;
	if (all < need || h->bitmap_at > src->size || all > src->size - h->bitmap_at)
		return fail(ERR_CORRUPT, "kdump header: bitmaps of %" PRIu64 " bytes at offset %#"
			    PRIx64 " for %" PRIu64 " pages", all, h->bitmap_at, h->npfns);
	h->one_bitmap = all < 2 * need;
	h->bitmap_len = h->one_bitmap ? all : all / 2;
	return 0;
}

static int parse_sub(struct kdump_head *h)
{
	bool wide = h->version >= 6;

	h->npfns = wide ? kdump_u64(h->sub, KDUMP_MAX_MAPNR_64, h->swap)
			: kdump_u32(h->main, KDUMP_MAX_MAPNR, h->swap);
	if (h->npfns == 0 || h->npfns > PFNS_MAX)
		return fail(ERR_CORRUPT, "kdump header: %" PRIu64 " pages", h->npfns);
	h->end = h->npfns;
	h->split = h->version >= 2 && kdump_u32(h->sub, KDUMP_SPLIT, h->swap);
	if (!h->split)
		return 0;
	h->start = kdump_u64(h->sub, wide ? KDUMP_START_PFN_64 : KDUMP_START_PFN, h->swap);
	h->end = kdump_u64(h->sub, wide ? KDUMP_END_PFN_64 : KDUMP_END_PFN, h->swap);
	if (h->start > h->end || h->start > h->npfns)
		return fail(ERR_CORRUPT, "kdump sub header: a part with the pages %#" PRIx64
			    " to %#" PRIx64 " of %#" PRIx64, h->start, h->end, h->npfns);
	if (h->end > h->npfns)
		h->end = h->npfns;
	return 0;
}

int kdump_head_read(struct kdump_head *h, struct source *src)
{
	char machine[KDUMP_UTSNAME_LEN + 1] = "";

	*h = (struct kdump_head){ 0 };
	if (src->size < sizeof h->main)
		return 0;
	if (source_read(src, h->main, sizeof h->main, 0))
		return -1;
	if (memcmp(h->main, KDUMP_SIGNATURE, 8) != 0)
		return 0;
	if (!parse_main(h, false) && !parse_main(h, true))
		return fail(ERR_UNKNOWN, "kdump header: no 64-bit layout: block size %d",
			    (int)kdump_u32(h->main, KDUMP_BLOCK_SIZE, false));
	if (h->version < 1 || h->version > KDUMP_VERSION)
		return fail(ERR_UNKNOWN, "kdump header: version %d; known are 1 to %d",
			    h->version, KDUMP_VERSION);
	memcpy(machine, h->main + KDUMP_UTSNAME_MACHINE, KDUMP_UTSNAME_LEN);
	h->machine = arch_machine(machine);
	if (source_read(src, h->sub, sizeof h->sub, h->block_size))
		return fail_in("kdump sub header");
	return parse_sub(h) || place_bitmaps(h, src) ? -1 : 1;
}

static void keep_header(struct vmcore *vm, const struct kdump_head *h)
{
	struct vmcore_header *kept = &vm->header;

	kept->known = true;
	memcpy(kept->utsname, h->main + KDUMP_UTSNAME, sizeof kept->utsname);
	for (int i = 1; i <= 6; i++)
		kept->utsname[i * KDUMP_UTSNAME_LEN - 1] = '\0';
	kept->time_sec = (int64_t)kdump_u64(h->main, KDUMP_TIME_SEC, h->swap);
	kept->ncpus = kdump_u32(h->main, KDUMP_NR_CPUS, h->swap);
	kept->phys_base = (int64_t)kdump_u64(h->sub, KDUMP_PHYS_BASE, h->swap);
	kept->codecs = h->status & CODEC_FLAGS;
	kept->dump_level = kdump_u32(h->sub, KDUMP_DUMP_LEVEL, h->swap) & DUMP_LEVEL_MASK;
}

/* the notes as they are; before version 4 VMCOREINFO alone, in a note of our making */
static int read_notes(struct vmcore *vm, const struct kdump_head *h)
{
	static const char name[12] = "VMCOREINFO";
	bool whole = h->version >= 4;
	uint64_t at = kdump_u64(h->sub, whole ? KDUMP_OFFSET_NOTE : KDUMP_OFFSET_VMCOREINFO,
				h->swap);
	uint64_t len = kdump_u64(h->sub, whole ? KDUMP_SIZE_NOTE : KDUMP_SIZE_VMCOREINFO,
				 h->swap);
	size_t head = whole ? 0 : 12 + sizeof name;

	if (h->version < 3 || len == 0)
		return 0;
	/* the pages can be had without them */
	if (len > NOTES_MAX || at > vm->src.size || len > vm->src.size - at) {
		vm->notes_damaged = len;
		return 0;
	}
	vm->notes = calloc(1, head + len + 4);
	if (!vm->notes)
		return fail_sys("notes");
	if (!whole) {
		uint32_t n[3] = { sizeof name - 1, (uint32_t)len, 0 };

		for (int i = 0; i < 3; i++)
			n[i] = vmcore_u32(vm, &n[i]);
		memcpy(vm->notes, n, sizeof n);
		memcpy((char *)vm->notes + sizeof n, name, sizeof name);
	}
	vm->notes_len = head + ((len + 3) & ~UINT64_C(3));
	return source_read(&vm->src, (char *)vm->notes + head, len, at);
}

int kdump_head_apply(struct vmcore *vm, const struct kdump_head *h)
{
	vm->swap = h->swap;
	vm->machine = h->machine;
	vm->page_size = h->block_size;
	vm->page_shift = (unsigned)__builtin_ctz(h->block_size);
	vm->npfns = h->npfns;
	vm->cut_short |= (h->status & KDUMP_INCOMPLETE) != 0;
	keep_header(vm, h);
	return read_notes(vm, h);
}
