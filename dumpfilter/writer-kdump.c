/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bitmap.h"
#include "cursor.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "out.h"
#include "space.h"
#include "vmcore.h"
#include "writer-kdump.h"

enum {
	DESCS = 2048,			/* descriptors written at once */
	HEADER_ALIGN = 64 << 10,	/* crash maps bitmaps: any host's page size must fit */
	COPY = 64 << 10,
};

/* numbers go out in the byte order of the machine that crashed */
static void put_u32(const struct writer *w, uint8_t *p, size_t at, uint32_t v)
{
	v = vmcore_u32(w->vm, &v);
	memcpy(p + at, &v, sizeof v);
}

static void put_u64(const struct writer *w, uint8_t *p, size_t at, uint64_t v)
{
	v = vmcore_u64(w->vm, &v);
	memcpy(p + at, &v, sizeof v);
}

static bool read_utsname(const struct writer *w, char *uts, size_t len)
{
	const struct kinfo *ki = &w->vm->info;
	uint64_t at, name;

	if (!kinfo_offset(ki, "uts_namespace.name", &name))
		name = 4;	/* before 5.11 the key is missing and a kref comes first */
	return w->space && kinfo_symbol(ki, "init_uts_ns", &at) &&
	       space_read(w->space, uts, len, at + name) == 0 && memcmp(uts, "Linux", 6) == 0;
}

/* the dead kernel's own utsname, or as much of it as is known otherwise */
static void put_utsname(struct writer *w, uint8_t *header)
{
	const struct vmcore *vm = w->vm;
	const char *machine = arch_utsname(vm->machine);
	char uts[6 * KDUMP_UTSNAME_LEN];
	uint64_t at;

	if (read_utsname(w, uts, sizeof uts)) {
		for (int i = 1; i <= 6; i++)
			uts[i * KDUMP_UTSNAME_LEN - 1] = '\0';
		memcpy(header + KDUMP_UTSNAME, uts, sizeof uts);
		return;
	}
	if (vm->header.known) {
		memcpy(header + KDUMP_UTSNAME, vm->header.utsname, sizeof vm->header.utsname);
		return;
	}
	w->no_utsname = kinfo_symbol(&vm->info, "init_uts_ns", &at);
	memcpy(header + KDUMP_UTSNAME, "Linux", 6);
	memcpy(header + KDUMP_UTSNAME_RELEASE, vm->info.release, strlen(vm->info.release));
	memcpy(header + KDUMP_UTSNAME_MACHINE, machine, strlen(machine));
}

static uint32_t count_cpus(const struct vmcore *vm)
{
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	struct note note;
	uint32_t n = 0;

	while (note_next(&c, &note) == 1)
		n += note.type == NT_PRSTATUS && note.namelen == 4 &&
		     memcmp(note.name, "CORE", 4) == 0;
	return n ? n : vm->header.ncpus;
}

/* the status is left out of a stream until the end: nothing may be sent twice */
static int write_header(struct writer *w, uint32_t sub_blocks)
{
	const struct vmcore *vm = w->vm;
	uint8_t h[KDUMP_HEADER_LEN] = KDUMP_SIGNATURE;
	uint32_t after = KDUMP_STATUS + 4;

	put_u32(w, h, KDUMP_HEADER_VERSION, KDUMP_VERSION);
	put_utsname(w, h);
	/* tv_usec stays 0: libkdumpfile could take the header for a 32-bit one */
	put_u64(w, h, KDUMP_TIME_SEC,
		(uint64_t)(vm->info.crash_time ? vm->info.crash_time : vm->header.time_sec));
	put_u32(w, h, KDUMP_STATUS, w->codec_flag | KDUMP_INCOMPLETE);
	put_u32(w, h, KDUMP_BLOCK_SIZE, vm->page_size);
	put_u32(w, h, KDUMP_SUB_BLOCKS, sub_blocks);
	put_u32(w, h, KDUMP_BITMAP_BLOCKS, (uint32_t)(2 * w->bitmap_len / vm->page_size));
	put_u32(w, h, KDUMP_MAX_MAPNR,
		vm->npfns > UINT32_MAX ? UINT32_MAX : (uint32_t)vm->npfns);
	put_u32(w, h, KDUMP_NR_CPUS, count_cpus(vm));

	if (w->out->kind != OUT_FLAT)
		return out_pwrite(w->out, h, sizeof h, 0);
	if (out_pwrite(w->out, h, KDUMP_STATUS, 0))
		return -1;
	return out_pwrite(w->out, h + after, sizeof h - after, after);
}

static int write_status(struct writer *w, uint32_t status)
{
	uint8_t raw[4];

	put_u32(w, raw, 0, status);
	return out_pwrite(w->out, raw, sizeof raw, KDUMP_STATUS);
}

static int write_sub_header(struct writer *w, unsigned level)
{
	const struct vmcore *vm = w->vm;
	uint64_t notes_at = vm->page_size + (uint64_t)KDUMP_SUB_LEN;
	uint8_t s[KDUMP_SUB_LEN] = { 0 };
	struct note info;

	put_u64(w, s, KDUMP_PHYS_BASE,
		(uint64_t)(w->space ? w->space->phys_base : vm->header.phys_base));
	put_u32(w, s, KDUMP_DUMP_LEVEL, level);
	if (vmcore_note(vm, "VMCOREINFO", 0, &info) == 1) {
		put_u64(w, s, KDUMP_OFFSET_VMCOREINFO,
			notes_at + (uint64_t)(info.desc - (const uint8_t *)vm->notes));
		put_u64(w, s, KDUMP_SIZE_VMCOREINFO, info.desclen);
	}
	if (vm->notes_len) {
		put_u64(w, s, KDUMP_OFFSET_NOTE, notes_at);
		put_u64(w, s, KDUMP_SIZE_NOTE, vm->notes_len);
	}
	put_u64(w, s, KDUMP_MAX_MAPNR_64, vm->npfns);
	if (out_pwrite(w->out, s, sizeof s, vm->page_size))
		return -1;
	return out_pwrite(w->out, vm->notes, vm->notes_len, notes_at);
}

/*
 * Bytes [from, to) of a bitmap; what lies past the bitmap's own end is zeros. A
 * machine may have its memory in few places of a wide space, so zeros stay holes
 * where holes read as zeros.
 */
static int write_bitmap(struct writer *w, const struct bitmap *bm, uint64_t at,
			uint64_t from, uint64_t to)
{
	static const uint8_t zeros[COPY];
	uint64_t have = num_div_up(bm->nbits, 8);
	bool holes = out_has_holes(w->out);

	while (from < to) {
		const uint8_t *p = from < have ? bm->bytes + from : zeros;
		uint64_t n = from < have ? have - from : COPY;

		if (n > to - from)
			n = to - from;
		if (n > COPY - from % COPY)
			n = COPY - from % COPY;
		if (!(holes && memcmp(p, zeros, (size_t)n) == 0) &&
		    out_pwrite(w->out, p, (size_t)n, at + from))
			return -1;
		from += n;
	}
	return 0;
}

/*
 * Room for bitmap 2, which is written last: for the parts of it that have bits. (The
 * order matters to file systems that cannot reserve: there the file is filled.)
 */
static int reserve_bitmap2(struct writer *w)
{
	const struct bitmap *keep = w->keep;
	uint64_t part = (uint64_t)COPY * 8;

	for (uint64_t pfn = bitmap_next_set(keep, 0); pfn < keep->nbits;
	     pfn = bitmap_next_set(keep, (pfn / part + 1) * part)) {
		uint64_t from = pfn / part * COPY, left = w->bitmap_len - from;

		if (out_reserve(w->out, w->bitmap2_at + from, left < COPY ? left : COPY))
			return -1;
	}
	return out_reserve(w->out, w->descs_at - 1, 1);
}

/*
 * Room for the descriptors of n more pages, before their data takes it: so a full
 * disk never keeps data without its descriptors. Zeros are written, as not every
 * target can reserve.
 */
static int reserve_descs(struct writer *w, size_t n)
{
	static const uint8_t zeros[COPY];
	uint64_t need = w->descs_at + (w->ndescs + n) * KDUMP_DESC_LEN;

	while (w->descs_room < need && w->out->kind != OUT_FLAT) {
		uint64_t left = w->descs_end - w->descs_room;
		size_t len = left < COPY ? (size_t)left : COPY;

		if (len == 0)
			return fail(ERR_SYS, "more pages than planned");
		if (out_pwrite(w->out, zeros, len, w->descs_room))
			return -1;
		w->descs_room += len;
	}
	return 0;
}

static int write_bitmap1(struct writer *w)
{
	struct bitmap ram;
	int rc;

	if (bitmap_open(&ram, w->vm->npfns))
		return -1;
	rc = vmcore_ram(w->vm, &ram);
	if (rc == 0)
		rc = write_bitmap(w, &ram, w->bitmap2_at - w->bitmap_len, 0, w->bitmap_len);
	bitmap_close(&ram);
	return rc;
}

/* the first data is a page of zeros, at which every zero page's descriptor points */
static int write_zero_page(struct writer *w)
{
	void *page = calloc(1, w->vm->page_size);
	int rc = page ? out_pwrite(w->out, page, w->vm->page_size, w->data_at) :
			fail_sys("page of zeros");

	free(page);
	w->zero_at = w->data_at;
	w->data_at += w->vm->page_size;
	return rc;
}

int writer_begin(struct writer *w, struct out *out, struct vmcore *vm, struct space *space,
		 const struct bitmap *keep, uint64_t nkeep, unsigned level, uint32_t codec_flag)
{
	uint64_t bs = vm->page_size, align = bs > HEADER_ALIGN ? bs : HEADER_ALIGN;
	uint64_t head = bs + KDUMP_SUB_LEN + vm->notes_len;

	*w = (struct writer){ .out = out, .vm = vm, .space = space, .keep = keep,
			      .codec_flag = codec_flag };
	if (!arch_utsname(vm->machine))
		return fail(ERR_UNKNOWN, "no kdump-compressed file can be written for machine "
			    "type %u", vm->machine);
	w->descs = malloc(DESCS * KDUMP_DESC_LEN);
	if (!w->descs)
		return fail_sys("page descriptors");
	if (!num_round_up(num_div_up(vm->npfns, 8), bs, &w->bitmap_len) ||
	    2 * w->bitmap_len / bs > UINT32_MAX || !num_round_up(head, align, &head))
		return fail(ERR_CORRUPT, "%llu pages are too many", (unsigned long long)vm->npfns);
	w->bitmap2_at = head + w->bitmap_len;
	w->descs_at = w->bitmap2_at + w->bitmap_len;
	w->descs_room = w->descs_at;
	w->descs_end = w->data_at = w->descs_at + nkeep * KDUMP_DESC_LEN;

	if (out_reserve(out, 0, head) || write_header(w, (uint32_t)(head / bs - 1)) ||
	    write_sub_header(w, level) || write_bitmap1(w) || reserve_bitmap2(w))
		return -1;
	return level & 1 ? write_zero_page(w) : 0;
}

static int flush_descs(struct writer *w)
{
	size_t len = w->ndescs * KDUMP_DESC_LEN;

	if (out_pwrite(w->out, w->descs, len, w->descs_at))
		return -1;
	w->descs_at += len;
	w->ndescs = 0;
	return 0;
}

/* the whole blocks of bitmap 2 whose pages are all settled */
static int flush_bitmap2(struct writer *w)
{
	uint64_t bs = w->vm->page_size;
	uint64_t settled = w->next_pfn / 8 / bs * bs;

	if (settled <= w->bitmap2_done)
		return 0;
	if (flush_descs(w) || write_bitmap(w, w->keep, w->bitmap2_at, w->bitmap2_done, settled))
		return -1;
	w->bitmap2_done = settled;
	return 0;
}

static int add_desc(struct writer *w, const struct writer_page *page, uint64_t at)
{
	uint8_t *d = w->descs + w->ndescs * KDUMP_DESC_LEN;
	bool zero = page->size == 0;

	memset(d, 0, KDUMP_DESC_LEN);
	put_u64(w, d, KDUMP_DESC_OFFSET, zero ? w->zero_at : at);
	put_u32(w, d, KDUMP_DESC_SIZE, zero ? w->vm->page_size : page->size);
	put_u32(w, d, KDUMP_DESC_FLAGS, page->flags);
	w->ndescs++;
	w->npages++;
	w->nzero += zero;
	w->next_pfn = page->pfn + 1;
	return w->ndescs == DESCS ? flush_descs(w) : 0;
}

int writer_pages(struct writer *w, const struct writer_page *pages, size_t n,
		 const void *data, size_t len)
{
	uint64_t at = w->data_at;

	if (reserve_descs(w, n) || out_pwrite(w->out, data, len, at))
		return -1;
	w->data_at += len;
	for (size_t i = 0; i < n; i++) {
		/* the blocks of bitmap 2 before this page are settled now */
		w->next_pfn = pages[i].pfn;
		if (flush_bitmap2(w) || add_desc(w, &pages[i], at))
			return -1;
		at += pages[i].size;
	}
	return 0;
}

/* the block of bitmap 2 in which we stopped: its later pages are not there */
static int write_cut_block(struct writer *w)
{
	struct bitmap block;
	uint64_t bits = (uint64_t)w->vm->page_size * 8, first = w->bitmap2_done * 8;
	int rc;

	if (bitmap_open(&block, bits))
		return -1;
	for (uint64_t pfn = bitmap_next_set(w->keep, first); pfn < w->next_pfn;
	     pfn = bitmap_next_set(w->keep, pfn + 1))
		bitmap_set(&block, pfn - first, pfn - first + 1);
	rc = write_bitmap(w, &block, w->bitmap2_at + w->bitmap2_done, 0, w->vm->page_size);
	bitmap_close(&block);
	w->bitmap2_done += w->vm->page_size;
	return rc;
}

int writer_end(struct writer *w, bool complete)
{
	static const struct bitmap none = { 0 };
	const struct bitmap *rest = complete ? w->keep : &none;
	uint32_t status = w->codec_flag;

	if (flush_descs(w))
		return -1;
	if (!complete) {
		status |= KDUMP_INCOMPLETE;
		if (flush_bitmap2(w) ||
		    (w->bitmap2_done < w->bitmap_len && write_cut_block(w)))
			return -1;
	}
	if (write_bitmap(w, rest, w->bitmap2_at, w->bitmap2_done, w->bitmap_len))
		return -1;
	/* all else must be on the disk before the header may claim it */
	if (complete && out_flush(w->out))
		return -1;
	return write_status(w, status);
}

void writer_close(struct writer *w)
{
	free(w->descs);
	w->descs = NULL;
}
