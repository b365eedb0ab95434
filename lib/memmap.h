/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the struct pages are: mem_map, in the sparse memory models.
 *
 * Memory is cut into sections; struct mem_section says, if it is present, where
 * the struct pages of its pages begin, in a coded form (include/linux/mmzone.h,
 * 2.6.32 to 7.2). With SPARSEMEM the sections are one array; with
 * SPARSEMEM_EXTREME an array of pointers to pages of them.
 */
#ifndef MEMMAP_H
#define MEMMAP_H

#include <stdbool.h>
#include <stdint.h>

struct space;

struct memmap {
	struct space *sp;		/* borrowed */
	uint64_t page_struct_len;	/* bytes, SIZE(page) */
	uint64_t section_pages;		/* pages in a section */
	uint64_t nsections;		/* that lie below the dump's last page */
	uint64_t array;			/* virtual address of the array */
	uint64_t entry_len, map_offset;	/* struct mem_section, bytes */
	uint64_t per_root;		/* sections behind one pointer; 0: no pointers */

	uint64_t next;			/* the section to look at next */
};

/* struct pages of npages pages from pfn on, at a virtual address; 0: it cannot be read */
struct memmap_part {
	uint64_t pfn, npages, virt;
};

/* -1 with ERR_UNKNOWN or ERR_CORRUPT: no usable mem_map; the reason is in the text */
int memmap_open(struct memmap *mm, struct space *sp);
/* go on with the section that holds pfn */
void memmap_seek(struct memmap *mm, uint64_t pfn);
/* the next present or unreadable section: 1; 0: no more, or a signal came (stop_check()) */
int memmap_next(struct memmap *mm, struct memmap_part *part);

#endif
