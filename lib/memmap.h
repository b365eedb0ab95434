/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the struct pages are, in each of the kernel's memory models
 * (include/linux/mmzone.h and asm-generic/memory_model.h, 2.6.24 to 7.2).
 *
 * FLATMEM	one array, mem_map.
 * DISCONTIGMEM	an array a NUMA node: node_mem_map of struct pglist_data. To 5.13.
 * SPARSEMEM	memory is cut into sections; struct mem_section says, if it is present,
 *		where the struct pages of its pages begin, in a coded form. The sections
 *		are one array, or, with SPARSEMEM_EXTREME, an array of pointers to pages
 *		of them.
 * With SPARSEMEM_VMEMMAP all arrays seem to be one, at vmemmap. Where mem_section cannot
 * be read that is enough: what is no memory is not mapped there.
 */
#ifndef MEMMAP_H
#define MEMMAP_H

#include <stdbool.h>
#include <stdint.h>

struct space;

/* struct pages of npages pages from pfn on, at a virtual address; 0: it cannot be read */
struct memmap_part {
	uint64_t pfn, npages, virt;
};

enum memmap_model { MEMMAP_NODES, MEMMAP_SECTIONS, MEMMAP_VMEMMAP };

enum { MEMMAP_NODES_MAX = 128 };	/* no machine with DISCONTIGMEM had more than 64 */

struct memmap {
	struct space *sp;		/* borrowed */
	enum memmap_model model;
	uint64_t page_struct_len;	/* bytes, SIZE(page) */
	uint64_t vmemmap;		/* where pfn 0's struct page would be; 0: not to be known */
	uint64_t next;			/* the section, or pfn, to look at next */

	/* sections */
	uint64_t section_pages;		/* pages in a section */
	uint64_t nsections;		/* that lie below the dump's last page */
	uint64_t array;			/* virtual address of the array */
	uint64_t entry_len, map_offset;	/* struct mem_section, bytes */
	uint64_t per_root;		/* sections behind one pointer; 0: no pointers */

	/* nodes, or the one mem_map: they may overlap, in any order */
	struct memmap_part node[MEMMAP_NODES_MAX];
	unsigned nnodes;
};

/* -1 with ERR_UNKNOWN or ERR_CORRUPT: no usable mem_map; the reason is in the text */
int memmap_open(struct memmap *mm, struct space *sp);
/* go on with the part that holds pfn, or else the next one */
void memmap_seek(struct memmap *mm, uint64_t pfn);
/*
 * The next part, in rising order of pfns and without overlaps: 1; 0: no more, or a signal
 * came (stop_check()). What two nodes claim in different ways is a part that cannot be read.
 */
int memmap_next(struct memmap *mm, struct memmap_part *part);

/* the models, for memmap.c: -1 with the reason, as above */
int memmap_open_nodes(struct memmap *mm);
int memmap_next_node(struct memmap *mm, struct memmap_part *part);
int memmap_open_sections(struct memmap *mm);
int memmap_next_section(struct memmap *mm, struct memmap_part *part);

#endif
