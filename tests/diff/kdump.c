/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kdump.c - the kdump-compressed file, checked against the raw vmcore
 *
 * Block 0 is the main header, then come the sub header with the notes, the two
 * bitmaps (a bit a page: it exists, it is kept), a 24-byte descriptor for each
 * kept page, and the pages' data. All fields are at the offsets of the 64-bit
 * layout. Checked as strictly as version 6 allows, so that a file which one
 * reader happens to open is not taken for a good one.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#include "pagediff.h"

enum {
	MAIN_HEADER = 464,
	SUB_HEADER = 104,
	DESC = 24,
	FAULTS_SHOWN = 20,

	STATUS_CODECS = 0x01 | 0x02 | 0x04 | 0x20,
	STATUS_INCOMPLETE = 0x08,
	STATUS_NO_VMEMMAP = 0x10,
};
#define SUM_MARK (UINT64_C(1) << 63)

bool bit(const uint8_t *bitmap, uint64_t pfn)
{
	return (bitmap[pfn >> 3] >> (pfn & 7)) & 1;
}

void kdump_fault(struct kdump *k, const char *format, ...)
{
	va_list args;

	if (k->faults++ >= FAULTS_SHOWN)
		return;
	fprintf(stderr, "pagediff: %s: ", k->file.name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "%s\n", k->faults == FAULTS_SHOWN ? " (no more faults shown)" : "");
}

static bool all_zero(const uint8_t *p, uint64_t size)
{
	return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}

static void expect(struct kdump *k, const char *field, uint64_t got, uint64_t want)
{
	if (got != want)
		kdump_fault(k, "%s is 0x%llx, not 0x%llx", field, (unsigned long long)got,
			    (unsigned long long)want);
}

/* what VMCOREINFO has to say about the headers; a missing key says nothing */
static void check_info(struct kdump *k, const struct raw *raw)
{
	const uint8_t *h = k->file.bytes, *sub = h + k->block;
	char value[65];

	if (raw_info(raw, "PAGESIZE=", value, sizeof(value)))
		expect(k, "block_size", k->block, strtoull(value, NULL, 10));
	if (raw_info(raw, "CRASHTIME=", value, sizeof(value)))
		expect(k, "tv_sec", le64(h + 408), strtoull(value, NULL, 10));
	if (raw->machine == EM_X86_64 &&
	    raw_info(raw, "NUMBER(phys_base)=", value, sizeof(value)))
		expect(k, "phys_base", le64(sub), (uint64_t)strtoll(value, NULL, 10));
	if (raw_info(raw, "OSRELEASE=", value, sizeof(value)) &&
	    strncmp((const char *)h + 12 + 2 * 65, value, 65) != 0)
		kdump_fault(k, "utsname.release is not the kernel's %s", value);
	if (raw->machine == EM_X86_64 && memcmp(h + 12 + 4 * 65, "x86_64", 7) != 0)
		kdump_fault(k, "utsname.machine is not x86_64");
	if (memcmp(h + 12, "Linux", 6) != 0)
		kdump_fault(k, "utsname.sysname is not Linux");
}

static void check_main_header(struct kdump *k, const struct raw *raw, bool incomplete)
{
	const uint8_t *h = k->file.bytes;
	uint32_t status = le32(h + 424);
	uint64_t rest = status & ~(uint32_t)(STATUS_CODECS | STATUS_INCOMPLETE | STATUS_NO_VMEMMAP);

	expect(k, "header_version", le32(h + 8), 6);
	expect(k, "padding after utsname", all_zero(h + 402, 6), 1);
	expect(k, "tv_usec", le64(h + 416), 0);
	expect(k, "unknown status bits", rest, 0);
	expect(k, "total_ram_blocks to current_cpu being zero", all_zero(h + 444, 16), 1);
	expect(k, "nr_cpus", le32(h + 460), raw->ncpus);
	expect(k, "block 0 being zero after the header",
	       all_zero(h + MAIN_HEADER, k->block - MAIN_HEADER), 1);
	for (int i = 0; i < 6; i++)
		if (!memchr(h + 12 + i * 65, '\0', 65))
			kdump_fault(k, "utsname field %d has no end", i);

	k->incomplete = status & STATUS_INCOMPLETE;
	k->codec = status & STATUS_CODECS;
	if (k->codec & (k->codec - 1))
		kdump_fault(k, "status 0x%x names several codecs", status);
	if (k->incomplete != incomplete)
		kdump_fault(k, k->incomplete ? "it is marked incomplete"
					     : "it is not marked incomplete");
}

static void check_sub_header(struct kdump *k, const struct raw *raw, uint64_t bitmaps)
{
	const uint8_t *sub = k->file.bytes + k->block;
	uint64_t info = le64(sub + 32), info_size = le64(sub + 40);
	uint64_t note = le64(sub + 48), note_size = le64(sub + 56);

	k->level = le32(sub + 8);
	if (k->level > 31)
		kdump_fault(k, "dump_level %u", k->level);
	expect(k, "split", le32(sub + 12), k->split);
	expect(k, "start_pfn", le64(sub + 16), k->start > UINT32_MAX ? UINT32_MAX : k->start);
	if (!k->split) {
		expect(k, "end_pfn", le64(sub + 24), 0);
		expect(k, "start_pfn_64 and end_pfn_64 being absent", all_zero(sub + 80, 16), 1);
	} else {
		expect(k, "end_pfn", le64(sub + 24), k->end > UINT32_MAX ? UINT32_MAX : k->end);
	}
	expect(k, "eraseinfo being absent", all_zero(sub + 64, 16), 1);

	if (note < k->block + SUB_HEADER || note > bitmaps || note_size > bitmaps - note) {
		kdump_fault(k, "notes at %llu, %llu bytes: not between sub header and bitmaps",
			    (unsigned long long)note, (unsigned long long)note_size);
		return;
	}
	if (note_size != raw->notes_size || note_size == 0 ||
	    memcmp(k->file.bytes + note, raw->notes, note_size) != 0)
		kdump_fault(k, "its notes are not those of the raw vmcore");
	if (raw->info) {
		expect(k, "offset_vmcoreinfo", info,
		       note + (uint64_t)((const uint8_t *)raw->info - raw->notes));
		expect(k, "size_vmcoreinfo", info_size, raw->info_size);
	}
	if (!all_zero(sub + SUB_HEADER, note - k->block - SUB_HEADER) ||
	    !all_zero(k->file.bytes + note + note_size, bitmaps - note - note_size))
		kdump_fault(k, "stray bytes beside the notes");
}

static uint64_t count_between(const uint8_t *bitmap, uint64_t from, uint64_t to)
{
	uint64_t n = 0;

	for (uint64_t pfn = from; pfn < to; pfn++)
		n += bit(bitmap, pfn);
	return n;
}

void check_bitmaps(struct kdump *k, struct raw *raw)
{
	for (uint64_t i = 0; i < k->bitmap_size; i++)
		if (k->kept[i] & ~k->exists[i])
			kdump_fault(k, "pfns 0x%llx to +7: kept, but not in the 1st bitmap",
				    (unsigned long long)i * 8);
	for (uint64_t pfn = k->npages; pfn < k->bitmap_size * 8; pfn++)
		if (bit(k->exists, pfn) || bit(k->kept, pfn))
			kdump_fault(k, "pfn 0x%llx: set, but past max_mapnr",
				    (unsigned long long)pfn);
	for (uint64_t pfn = 0; pfn < k->npages; pfn++) {
		enum presence p = raw_presence(raw, pfn, k->block);

		if (p == WHOLE && !bit(k->exists, pfn))
			kdump_fault(k, "pfn 0x%llx: not in the 1st bitmap, but in the vmcore",
				    (unsigned long long)pfn);
		if (p == ABSENT && bit(k->exists, pfn))
			kdump_fault(k, "pfn 0x%llx: in the 1st bitmap, but not in the vmcore",
				    (unsigned long long)pfn);
	}
}

/* sizes, and where everything is; -1 when what follows cannot be found */
static int find_parts(struct kdump *k, struct raw *raw, uint64_t *bitmaps)
{
	const uint8_t *h = k->file.bytes;
	uint64_t size = k->file.size;

	if (size < MAIN_HEADER || memcmp(h, "KDUMP   ", 8) != 0)
		return -1;
	k->block = le32(h + 428);
	if (k->block < 4096 || k->block > 1 << 18 || (k->block & (k->block - 1)))
		return -1;
	if (size < k->block + (uint64_t)SUB_HEADER)
		return -1;

	uint64_t sub_blocks = le32(h + 432), map_blocks = le32(h + 436);

	k->npages = le64(h + k->block + 96);
	*bitmaps = (1 + sub_blocks) * k->block;
	k->data_start = (1 + sub_blocks + map_blocks) * k->block;
	if (sub_blocks == 0 || map_blocks % 2 || k->data_start > size)
		return -1;
	expect(k, "max_mapnr", le32(h + 440), k->npages > UINT32_MAX ? UINT32_MAX : k->npages);
	expect(k, "max_mapnr_64", k->npages, (raw->end + k->block - 1) / k->block);
	k->bitmap_size = map_blocks / 2 * k->block;
	if (k->npages > k->bitmap_size * 8)
		return -1;
	expect(k, "bitmap_blocks", map_blocks,
	       2 * ((k->npages + 8ULL * k->block - 1) / (8ULL * k->block)));
	k->exists = h + *bitmaps;
	k->kept = k->exists + k->bitmap_size;
	k->descs = k->kept + k->bitmap_size;
	k->start = k->split ? le64(h + k->block + 80) : 0;
	k->end = k->split ? le64(h + k->block + 88) : k->npages;
	if (k->start > k->end || k->end > k->npages || (k->start < k->end && k->start % 4096))
		return -1;
	k->ndescs = count_between(k->kept, k->start, k->end);
	k->data_start += k->ndescs * DESC;
	k->data_end = k->data_start;
	return k->data_start > size ? -1 : 0;
}

/* with level bit 1 the data begins with the page that all zero pages share, though
 * there may be none */
static void find_zero_page(struct kdump *k)
{
	if ((k->level & 1) && k->file.size - k->data_start >= k->block &&
	    all_zero(k->file.bytes + k->data_start, k->block))
		k->data_end = k->data_start + k->block;
}

int kdump_open(struct kdump *k, const char *name, struct raw *raw, bool incomplete, bool split)
{
	uint64_t bitmaps;

	*k = (struct kdump){ .split = split };
	if (file_map(&k->file, name) < 0)
		return -1;
	if (k->file.size >= SELFMAG && memcmp(k->file.bytes, ELFMAG, SELFMAG) == 0)
		return elf_open(k, raw, incomplete);
	madvise((void *)k->file.bytes, (size_t)k->file.size, MADV_SEQUENTIAL);
	if (find_parts(k, raw, &bitmaps) < 0) {
		kdump_fault(k, "not a whole kdump-compressed file: its parts do not fit");
		k->unusable = true;
		return 0;
	}
	check_main_header(k, raw, incomplete);
	check_sub_header(k, raw, bitmaps);
	check_info(k, raw);
	check_bitmaps(k, raw);
	find_zero_page(k);
	return 0;
}

void kdump_close(struct kdump *k)
{
	if (k->file.bytes)
		munmap((void *)k->file.bytes, (size_t)k->file.size);
	free(k->own);
	*k = (struct kdump){ 0 };
}

/* with level bit 1 all zero pages share one stored page, which stands uncompressed */
static void check_zero(struct kdump *k, uint64_t pfn, uint64_t offset, uint32_t codec)
{
	if (k->zero_offset == NO_OFFSET)
		k->zero_offset = offset;
	if (k->zero_offset != offset || codec != 0)
		kdump_fault(k, "pfn 0x%llx: a zero page with data of its own",
			    (unsigned long long)pfn);
}

/* page_flags are zero, or bit 63 and the CRC-32 of the page */
static void check_sum(struct kdump *k, uint64_t pfn, uint64_t page_flags, const uint8_t *page)
{
	uint64_t sum = SUM_MARK | crc32(0, page, k->block);

	if (page_flags != 0 && page_flags != sum)
		kdump_fault(k, "pfn 0x%llx: page_flags are 0x%llx, neither zero nor a checksum",
			    (unsigned long long)pfn, (unsigned long long)page_flags);
}

enum page_state kdump_page(struct kdump *k, uint64_t rank, uint64_t pfn, uint8_t *page)
{
	const uint8_t *d = k->descs + rank * DESC;
	uint64_t offset = le64(d), size = le32(d + 8);
	uint32_t codec = le32(d + 12);

	if (offset == NO_OFFSET && all_zero(d, DESC) && k->incomplete)
		return PAGE_MISSING;
	if (codec != 0 && codec != k->codec) {
		kdump_fault(k, "pfn 0x%llx: flags 0x%x do not go with the status",
			    (unsigned long long)pfn, codec);
		return PAGE_BAD;
	}
	if (size == 0 || size > k->block || (codec == 0) != (size == k->block) ||
	    offset < k->data_start || offset > k->file.size || size > k->file.size - offset) {
		kdump_fault(k, "pfn 0x%llx: descriptor of %llu bytes at %llu, flags 0x%x",
			    (unsigned long long)pfn, (unsigned long long)size,
			    (unsigned long long)offset, codec);
		return PAGE_BAD;
	}
	if (offset + size > k->data_end)
		k->data_end = offset + size;
	if (unpack(codec, k->file.bytes + offset, size, page, k->block) < 0) {
		kdump_fault(k, "pfn 0x%llx: its data cannot be decompressed",
			    (unsigned long long)pfn);
		return PAGE_BAD;
	}
	check_sum(k, pfn, le64(d + 16), page);
	if ((k->level & 1) && all_zero(page, k->block))
		check_zero(k, pfn, offset, codec);
	return PAGE_OK;
}
