/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed ("diskdump") file, as makedumpfile, QEMU and we write it
 * and crash and libkdumpfile read it. All numbers are in the dead machine's
 * byte order; a block is its page size. These are the places in the 64-bit
 * layout (makedumpfile's diskdump_mod.h, QEMU's include/sysemu/dump.h):
 *
 *	block 0				main header
 *	block 1				sub header, then the ELF notes
 *	block 1 + sub_hdr_size		bitmap 1: the page exists
 *	  + bitmap_blocks / 2		bitmap 2: the page is in this file
 *	  + bitmap_blocks / 2		a descriptor for each bit of bitmap 2
 *	anywhere			the pages, as the descriptors say
 */
#ifndef KDUMP_FORMAT_H
#define KDUMP_FORMAT_H

#include <stdint.h>

#define KDUMP_SIGNATURE "KDUMP   "

enum {
	KDUMP_VERSION = 6,

	/* main header */
	KDUMP_HEADER_VERSION = 8,	/* i32 */
	KDUMP_UTSNAME = 12,		/* six strings */
	KDUMP_UTSNAME_LEN = 65,
	KDUMP_UTSNAME_RELEASE = KDUMP_UTSNAME + 2 * KDUMP_UTSNAME_LEN,
	KDUMP_UTSNAME_MACHINE = KDUMP_UTSNAME + 4 * KDUMP_UTSNAME_LEN,
	KDUMP_TIME_SEC = 408,		/* i64; tv_usec follows */
	KDUMP_STATUS = 424,		/* u32 */
	KDUMP_BLOCK_SIZE = 428,		/* i32, bytes */
	KDUMP_SUB_BLOCKS = 432,		/* i32, blocks */
	KDUMP_BITMAP_BLOCKS = 436,	/* u32, blocks, of both bitmaps */
	KDUMP_MAX_MAPNR = 440,		/* u32, saturated */
	KDUMP_NR_CPUS = 460,		/* i32 */
	KDUMP_HEADER_LEN = 464,

	/* bits of the status */
	KDUMP_INCOMPLETE = 0x08,	/* the file is cut short */
	KDUMP_EXCLUDED_VMEMMAP = 0x10,	/* struct pages are missing; the others are codec flags */

	/* sub header, from the start of block 1 */
	KDUMP_PHYS_BASE = 0,		/* i64 */
	KDUMP_DUMP_LEVEL = 8,		/* i32 */
	KDUMP_SPLIT = 12,		/* i32 */
	KDUMP_START_PFN = 16,		/* u64, legacy */
	KDUMP_END_PFN = 24,
	KDUMP_OFFSET_VMCOREINFO = 32,	/* i64 file offset; since version 3 */
	KDUMP_SIZE_VMCOREINFO = 40,
	KDUMP_OFFSET_NOTE = 48,		/* since version 4 */
	KDUMP_SIZE_NOTE = 56,
	KDUMP_OFFSET_ERASEINFO = 64,	/* since version 5 */
	KDUMP_SIZE_ERASEINFO = 72,
	KDUMP_START_PFN_64 = 80,	/* since version 6 */
	KDUMP_END_PFN_64 = 88,
	KDUMP_MAX_MAPNR_64 = 96,
	KDUMP_SUB_LEN = 104,

	/* page descriptor */
	KDUMP_DESC_OFFSET = 0,		/* i64 file offset; 0: never written */
	KDUMP_DESC_SIZE = 8,		/* u32 */
	KDUMP_DESC_FLAGS = 12,		/* u32, the codec; 0: the page as it is */
	KDUMP_DESC_PAGE_FLAGS = 16,	/* u64, 0 or a checksum: see below */
	KDUMP_DESC_LEN = 24,
};

/*
 * crash, libkdumpfile and makedumpfile ignore page_flags, and other writers have 0 in it.
 * Ours is a checksum: this bit, and in the low 32 bits the CRC-32 (crc32.h) of the page
 * itself, not of its stored bytes. Bits 32 to 62 are 0.
 */
#define KDUMP_HAS_SUM (UINT64_C(1) << 63)

#endif
