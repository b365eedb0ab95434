/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagediff.h - the kinds of file that pagediff compares
 *
 * Nothing here comes from lib/: a checker that shares code with what it checks
 * would repeat its mistakes. Only 64-bit little-endian dumps are read.
 */
#ifndef PAGEDIFF_H
#define PAGEDIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a whole file, mapped */
struct file {
	const char *name;
	const uint8_t *bytes;
	uint64_t size;
};

/* physical memory, in bytes: [phys, phys + len) is at `offset` of the file */
struct piece {
	uint64_t phys;
	uint64_t len;
	uint64_t offset;
};

/* a raw ELF vmcore; the pieces ascend and do not overlap */
struct raw {
	struct file file;
	struct piece *pieces;
	size_t npieces;
	size_t at;		/* the piece last used: questions come in ascending order */
	uint64_t end;		/* one past the highest physical address of a PT_LOAD */
	unsigned int machine;	/* EM_... */
	const uint8_t *notes;
	uint64_t notes_size;
	uint64_t ncpus;		/* CORE notes of type NT_PRSTATUS */
	const char *info;	/* VMCOREINFO, not terminated; NULL when there is none */
	uint64_t info_size;
};

enum presence { ABSENT, PARTIAL, CUT, WHOLE };

enum { NO_OFFSET = 0 };

/* a kdump-compressed file, version 6; or an ELF dump, of which there is less to say */
struct kdump {
	struct file file;
	bool is_elf;
	uint8_t *own;		/* the bitmaps of an ELF dump, made from its headers */
	bool split;		/* of a dump in parts it has the pages */
	uint64_t start, end;	/* from start to end; all of them otherwise */
	uint64_t faults;	/* how many were found; the first few are printed */
	bool unusable;		/* the header is so wrong that pages cannot be found */
	bool incomplete;	/* status bit 0x8 */
	uint32_t block;		/* bytes */
	uint32_t codec;		/* codec bit of the status, 0 for none */
	uint32_t level;
	uint64_t npages;	/* max_mapnr */
	const uint8_t *exists;	/* 1st bitmap */
	const uint8_t *kept;	/* 2nd bitmap */
	uint64_t bitmap_size;	/* bytes, of one */
	const uint8_t *descs;
	uint64_t ndescs;
	uint64_t data_start;	/* the end of the descriptor table */
	uint64_t data_end;	/* the end of the last page's data */
	uint64_t zero_offset;	/* data of the zero pages, NO_OFFSET until one is met */
};

/* what one descriptor led to */
enum page_state { PAGE_OK, PAGE_BAD, PAGE_MISSING };

/* map a file; 0, or -1 after a message */
int file_map(struct file *file, const char *name);
uint16_t le16(const uint8_t *p);
uint32_t le32(const uint8_t *p);
uint64_t le64(const uint8_t *p);

/* 0, or -1 after a message. raw_close() releases it, also after a failure */
int raw_open(struct raw *raw, const char *name);
void raw_close(struct raw *raw);
/* is that page in the vmcore? CUT: its headers promise it, the file is too short */
enum presence raw_presence(struct raw *raw, uint64_t pfn, uint32_t block);
/* the first byte of the page that differs, or -1; bytes in no PT_LOAD are not compared */
long raw_differs(struct raw *raw, uint64_t pfn, const uint8_t *page, uint32_t block);
/* the same for len bytes at phys, which may be a part of a page */
long raw_differs_at(struct raw *raw, uint64_t phys, const uint8_t *bytes, uint64_t len);
/* the value of "KEY=" in VMCOREINFO into `value`; false when it is missing or too long */
bool raw_info(const struct raw *raw, const char *key, char *value, size_t size);

/*
 * Open a dump and check its headers and bitmaps against the raw vmcore; what is
 * wrong is printed and counted. -1 only when the file cannot be mapped.
 */
int kdump_open(struct kdump *k, const char *name, struct raw *raw, bool incomplete, bool split);
void kdump_close(struct kdump *k);
/* print and count one fault of the dump */
void kdump_fault(struct kdump *k, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* decompress the page of descriptor `rank` into `page`, k->block bytes */
enum page_state kdump_page(struct kdump *k, uint64_t rank, uint64_t pfn, uint8_t *page);
bool bit(const uint8_t *bitmap, uint64_t pfn);
/* do the dump's bitmaps agree with one another and with the raw vmcore? */
void check_bitmaps(struct kdump *k, struct raw *raw);

/* kdump_open() for a file that is an ELF dump: all of it is checked, pages and all */
int elf_open(struct kdump *k, struct raw *raw, bool incomplete);
void elf_report(const struct kdump *k);

/* 0, or -1 when the stored bytes are not exactly one page of that codec */
int unpack_init(void);
int unpack(uint32_t codec, const uint8_t *from, size_t size, uint8_t *page, size_t block);

enum { PAGE_STRUCT_MAX = 256 };

/* where the struct pages are, and their fields' offsets */
struct why {
	const struct raw *raw;
	uint64_t top;		/* physical address of the top page table */
	bool five;		/* it has five levels */
	uint64_t sme_mask;	/* bit that marks encrypted memory in page table entries */
	uint64_t mem_section, section_size, section_map, section_bits;
	uint64_t page_size;	/* of struct page */
	uint64_t flags, mapping, private, mapcount, compound;
};

/* one struct page */
struct page_facts {
	uint64_t virt;
	uint64_t flags;
	uint64_t mapping;
	uint64_t private;
	uint64_t compound;	/* bit 0: a tail */
	int32_t mapcount;
	uint8_t bytes[PAGE_STRUCT_MAX];
};

/* 0, or -1 after a message when the struct pages cannot be found; borrows raw */
int why_open(struct why *w, const struct raw *raw);
/* the struct page, its compound's head (or itself) and the one after that head */
bool why_facts(const struct why *w, uint64_t pfn, struct page_facts *page,
	       struct page_facts *head, struct page_facts *second);
/* the rule by which DUMP, of that level, rightly keeps or leaves out a page with which
 * OTHER does the opposite; NULL when there is none */
const char *why_differs(const struct why *w, uint64_t pfn, uint32_t level, bool kept);

#endif
