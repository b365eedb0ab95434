/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kdump-compressed dumps of 64-bit machines, versions 1 to 6; the layout is in
 * kdump-format.h. A page's descriptor is found by counting the bits of bitmap 2
 * below it, so that bitmap stays in memory, with a count for every few pages of it.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "codec.h"
#include "cursor.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "stop.h"
#include "vmcore.h"

enum {
	RANK_SHIFT = 12,	/* at least 2^12 bits between two counts, */
	RANKS_SHIFT = 20,	/* and at most 2^20 counts */
	CACHE_PAGES = 16,	/* pages kept decompressed: page tables, struct pages */
	NOTES_MAX = 8 << 20,
	COPY = 64 << 10,
};
#define NO_PFN UINT64_MAX
#define PFNS_MAX (UINT64_C(1) << 40)	/* 2^52 bytes: what x86_64 and arm64 can address */

struct kdump {
	uint64_t bitmap_at, bitmap_len;	/* of bitmap 1; bitmap 2 follows it */
	bool one_bitmap;		/* the two are the same */
	uint64_t descs_at;
	struct bitmap held;		/* bitmap 2 */
	unsigned rank_shift;
	uint64_t *rank;			/* held's bits below each 2^rank_shift bits */

	uint8_t *packed;		/* a page as the file has it */
	uint8_t *chunk;			/* COPY bytes of a bitmap */
	uint8_t *cache;			/* CACHE_PAGES pages, direct mapped by pfn */
	uint64_t cached[CACHE_PAGES];
};

struct header {
	int32_t version, block_size, sub_blocks;
	uint32_t status, bitmap_blocks, max_mapnr;
	int64_t time_sec;
	uint16_t machine;
};

static uint32_t u32_at(const uint8_t *p, size_t at, bool swap)
{
	struct cursor c = cursor_over(p + at, 4, swap);

	return cursor_u32(&c);
}

static uint64_t u64_at(const uint8_t *p, size_t at, bool swap)
{
	struct cursor c = cursor_over(p + at, 8, swap);

	return cursor_u64(&c);
}

static bool is_block_size(uint32_t n)
{
	return num_is_power_of_2(n) && n >= 4096 && n <= 262144;
}

/* either byte order; true if it makes sense */
static bool parse_header(struct header *h, const uint8_t *p, bool swap)
{
	char machine[KDUMP_UTSNAME_LEN + 1] = "";

	h->version = (int32_t)u32_at(p, KDUMP_HEADER_VERSION, swap);
	h->time_sec = (int64_t)u64_at(p, KDUMP_TIME_SEC, swap);
	h->status = u32_at(p, KDUMP_STATUS, swap);
	h->block_size = (int32_t)u32_at(p, KDUMP_BLOCK_SIZE, swap);
	h->sub_blocks = (int32_t)u32_at(p, KDUMP_SUB_BLOCKS, swap);
	h->bitmap_blocks = u32_at(p, KDUMP_BITMAP_BLOCKS, swap);
	h->max_mapnr = u32_at(p, KDUMP_MAX_MAPNR, swap);
	memcpy(machine, p + KDUMP_UTSNAME_MACHINE, KDUMP_UTSNAME_LEN);
	h->machine = arch_machine(machine);
	return h->version >= 0 && h->version < 256 && is_block_size((uint32_t)h->block_size);
}

static void keep_header(struct vmcore *vm, const struct header *h, const uint8_t *buf)
{
	struct vmcore_header *kept = &vm->header;

	kept->known = true;
	memcpy(kept->utsname, buf + KDUMP_UTSNAME, sizeof kept->utsname);
	for (int i = 1; i <= 6; i++)
		kept->utsname[i * KDUMP_UTSNAME_LEN - 1] = '\0';
	kept->time_sec = h->time_sec;
	kept->ncpus = u32_at(buf, KDUMP_NR_CPUS, vm->swap);
}

static int read_header(struct vmcore *vm, struct header *h)
{
	uint8_t buf[KDUMP_HEADER_LEN];

	if (vm->src.size < sizeof buf)
		return 0;
	if (source_read(&vm->src, buf, sizeof buf, 0))
		return -1;
	if (memcmp(buf, KDUMP_SIGNATURE, 8) != 0)
		return 0;
	if (!parse_header(h, buf, false)) {
		if (!parse_header(h, buf, true))
			return fail(ERR_UNKNOWN, "kdump header: no 64-bit layout: block size %d",
				    (int)u32_at(buf, KDUMP_BLOCK_SIZE, false));
		vm->swap = true;
	}
	if (h->version < 1 || h->version > KDUMP_VERSION)
		return fail(ERR_UNKNOWN, "kdump header: version %d; known are 1 to %d",
			    h->version, KDUMP_VERSION);
	if (h->sub_blocks < 1 || h->sub_blocks > 1 << 16)
		return fail(ERR_CORRUPT, "kdump header: sub header of %d blocks at offset %d",
			    h->sub_blocks, KDUMP_SUB_BLOCKS);
	vm->page_size = (uint32_t)h->block_size;
	vm->machine = h->machine;
	vm->cut_short = h->status & KDUMP_INCOMPLETE;
	keep_header(vm, h, buf);
	return 1;
}

/* the notes as they are; before version 4 VMCOREINFO alone, in a note of our making */
static int read_notes(struct vmcore *vm, const uint8_t *sub, int version)
{
	static const char name[12] = "VMCOREINFO";
	bool whole = version >= 4;
	uint64_t at = u64_at(sub, whole ? KDUMP_OFFSET_NOTE : KDUMP_OFFSET_VMCOREINFO, vm->swap);
	uint64_t len = u64_at(sub, whole ? KDUMP_SIZE_NOTE : KDUMP_SIZE_VMCOREINFO, vm->swap);
	size_t head = whole ? 0 : 12 + sizeof name;

	if (version < 3 || len == 0)
		return 0;
	if (len > NOTES_MAX || at > vm->src.size || len > vm->src.size - at)
		return fail(ERR_CORRUPT, "kdump sub header: notes of %" PRIu64
			    " bytes at offset %#" PRIx64, len, at);
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

static int read_sub_header(struct vmcore *vm, const struct header *h)
{
	uint8_t sub[KDUMP_SUB_LEN];
	uint64_t npfns = h->max_mapnr;

	if (source_read(&vm->src, sub, sizeof sub, vm->page_size))
		return fail_in("kdump sub header");
	if (h->version >= 2 && u32_at(sub, KDUMP_SPLIT, vm->swap))
		return fail(ERR_UNKNOWN, "one part of a split dump; makedumpfile --reassemble "
			    "makes one file of the parts");
	if (h->version >= 6)
		npfns = u64_at(sub, KDUMP_MAX_MAPNR_64, vm->swap);
	if (npfns == 0 || npfns > PFNS_MAX)
		return fail(ERR_CORRUPT, "kdump header: %" PRIu64 " pages", npfns);
	vm->npfns = npfns;
	vm->header.phys_base = (int64_t)u64_at(sub, KDUMP_PHYS_BASE, vm->swap);
	return read_notes(vm, sub, h->version);
}

static int place_bitmaps(struct vmcore *vm, const struct header *h)
{
	struct kdump *k = vm->priv;
	uint64_t bs = vm->page_size, all = (uint64_t)h->bitmap_blocks * bs;
	uint64_t need = num_div_up(num_div_up(vm->npfns, 8), bs) * bs;

	k->bitmap_at = (1 + (uint64_t)h->sub_blocks) * bs;
	k->descs_at = k->bitmap_at + all;
	if (all < need || k->bitmap_at > vm->src.size || all > vm->src.size - k->bitmap_at)
		return fail(ERR_CORRUPT, "kdump header: bitmaps of %" PRIu64 " bytes at offset %#"
			    PRIx64 " for %" PRIu64 " pages", all, k->bitmap_at, vm->npfns);
	k->one_bitmap = all < 2 * need;
	k->bitmap_len = k->one_bitmap ? all : all / 2;
	return 0;
}

static int load_bitmap(struct vmcore *vm, struct bitmap *bm, bool second)
{
	static const uint8_t zeros[COPY];
	struct kdump *k = vm->priv;
	uint64_t at = k->bitmap_at + (second && !k->one_bitmap ? k->bitmap_len : 0);
	uint64_t len = num_div_up(vm->npfns < bm->nbits ? vm->npfns : bm->nbits, 8);

	for (uint64_t done = 0; done < len; ) {
		size_t n = len - done < COPY ? (size_t)(len - done) : COPY;

		if (stop_check() || source_read(&vm->src, k->chunk, n, at + done))
			return fail_in(second ? "bitmap 2" : "bitmap 1");
		/* where there are no pages the bitmap takes no memory */
		if (memcmp(k->chunk, zeros, n) != 0)
			memcpy(bm->bytes + done, k->chunk, n);
		done += n;
	}
	/* the file's last byte may have bits beyond the last page */
	if (len > 0 && (vm->npfns & 7) && len == num_div_up(vm->npfns, 8))
		bm->bytes[len - 1] &= (uint8_t)((1 << (vm->npfns & 7)) - 1);
	return 0;
}

static int count_ranks(struct vmcore *vm)
{
	struct kdump *k = vm->priv;
	uint64_t n, sum = 0;

	k->rank_shift = RANK_SHIFT;
	while (vm->npfns >> k->rank_shift >> RANKS_SHIFT)
		k->rank_shift++;
	n = (vm->npfns >> k->rank_shift) + 1;
	k->rank = calloc(n + 1, sizeof *k->rank);
	if (!k->rank)
		return fail_sys("index of %" PRIu64 " pages", vm->npfns);
	for (uint64_t i = 0; i < n; i++) {
		k->rank[i] = sum;
		sum += bitmap_count(&k->held, i << k->rank_shift, (i + 1) << k->rank_shift);
	}
	k->rank[n] = sum;
	if (sum > (vm->src.size - k->descs_at) / KDUMP_DESC_LEN)
		vm->cut_short = true;
	return 0;
}

static int kdump_open(struct vmcore *vm)
{
	struct header h;
	struct kdump *k;
	int rc = read_header(vm, &h);

	if (rc != 1)
		return rc;
	k = vm->priv = calloc(1, sizeof *k);
	if (!k)
		return fail_sys("kdump file");
	if (read_sub_header(vm, &h) || place_bitmaps(vm, &h))
		return -1;
	k->packed = malloc(vm->page_size);
	k->chunk = malloc(COPY);
	k->cache = malloc((size_t)CACHE_PAGES * vm->page_size);
	if (!k->packed || !k->chunk || !k->cache)
		return fail_sys("kdump file");
	for (int i = 0; i < CACHE_PAGES; i++)
		k->cached[i] = NO_PFN;
	if (bitmap_open(&k->held, vm->npfns) || load_bitmap(vm, &k->held, true) ||
	    count_ranks(vm))
		return -1;
	return 1;
}

/* a page's stored bytes and what they mean, all of it checked */
static int read_page(struct vmcore *vm, uint8_t *page, uint64_t pfn)
{
	struct kdump *k = vm->priv;
	uint64_t known = pfn >> k->rank_shift;
	uint64_t rank = k->rank[known] +
			bitmap_count(&k->held, known << k->rank_shift, pfn);
	uint8_t desc[KDUMP_DESC_LEN];

	if (source_read(&vm->src, desc, sizeof desc, k->descs_at + rank * sizeof desc))
		return fail_in("page descriptor");
	uint64_t at = u64_at(desc, KDUMP_DESC_OFFSET, vm->swap);
	uint32_t size = u32_at(desc, KDUMP_DESC_SIZE, vm->swap);
	uint32_t flags = u32_at(desc, KDUMP_DESC_FLAGS, vm->swap);
	const struct codec *codec = codec_by_flag(flags);

	if (!codec)
		return -1;
	if (at == 0)
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 " was never written", pfn);
	if (size > vm->page_size || at > vm->src.size || size > vm->src.size - at)
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 ": %u bytes at offset %#" PRIx64,
			    pfn, size, at);
	if (source_read(&vm->src, k->packed, size, at))
		return -1;
	if (codec->decompress(page, vm->page_size, k->packed, size))
		return fail(ERR_CORRUPT, "pfn %#" PRIx64 ": the %s data at offset %#" PRIx64
			    " is damaged", pfn, codec->name, at);
	return 0;
}

static const uint8_t *get_page(struct vmcore *vm, uint64_t pfn)
{
	struct kdump *k = vm->priv;
	unsigned slot = pfn % CACHE_PAGES;
	uint8_t *page = k->cache + (size_t)slot * vm->page_size;

	if (!bitmap_test(&k->held, pfn)) {
		fail(ERR_CORRUPT, "pfn %#" PRIx64 " is not in the dump", pfn);
		return NULL;
	}
	if (k->cached[slot] == pfn)
		return page;
	k->cached[slot] = NO_PFN;
	if (read_page(vm, page, pfn))
		return NULL;
	k->cached[slot] = pfn;
	return page;
}

static int kdump_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint8_t *p = buf;

	while (len > 0) {
		size_t in = phys & (vm->page_size - 1);
		size_t n = vm->page_size - in < len ? vm->page_size - in : len;
		const uint8_t *page = get_page(vm, phys >> vm->page_shift);

		if (!page)
			return -1;
		memcpy(p, page + in, n);
		p += n;
		len -= n;
		phys += n;
	}
	return 0;
}

static int kdump_ram(struct vmcore *vm, struct bitmap *bm)
{
	const struct kdump *k = vm->priv;

	if (load_bitmap(vm, bm, false))
		return -1;
	/* what is there existed, whatever a damaged bitmap 1 says */
	for (uint64_t at = bitmap_next_set(&k->held, 0), end; at < vm->npfns;
	     at = bitmap_next_set(&k->held, end)) {
		end = bitmap_next_clear(&k->held, at);
		bitmap_set(bm, at, end);
	}
	return 0;
}

static int kdump_held(struct vmcore *vm, struct bitmap *bm)
{
	return load_bitmap(vm, bm, true);
}

static void kdump_close(struct vmcore *vm)
{
	struct kdump *k = vm->priv;

	if (!k)
		return;
	bitmap_close(&k->held);
	free(k->rank);
	free(k->packed);
	free(k->chunk);
	free(k->cache);
	free(k);
	vm->priv = NULL;
}

extern const struct vmcore_ops vmcore_kdump;

const struct vmcore_ops vmcore_kdump = {
	.name = "kdump-compressed",
	.open = kdump_open,
	.read = kdump_read,
	.ram = kdump_ram,
	.held = kdump_held,
	.close = kdump_close,
};
