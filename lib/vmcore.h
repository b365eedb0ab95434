/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump, whatever its format: physical memory with holes, and notes.
 *
 *	struct vmcore vm;
 *
 *	if (vmcore_open(&vm, path))
 *		return -1;
 *	...
 *	vmcore_close(&vm);
 */
#ifndef VMCORE_H
#define VMCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "bitmap.h"
#include "kinfo.h"
#include "note.h"
#include "range.h"
#include "source.h"

struct vmcore;

/* pfns: no block of the buddy allocator and no huge page reaches over a multiple of it */
#define VMCORE_WINDOW (UINT64_C(1) << 20)

/* a page as a file has it */
struct vmcore_stored {
	uint32_t size;			/* bytes */
	uint32_t flags;			/* the codec's; 0: as it is */
	uint64_t page_flags;		/* of its descriptor: KDUMP_HAS_SUM and a checksum, or not */
};

/* one per file format; tried in the order of the table in vmcore.c */
struct vmcore_ops {
	const char *name;	/* "ELF", "kdump" */
	/* 1: ours and opened; 0: not ours; -1: ours, but damaged */
	int (*open)(struct vmcore *vm);
	/* len bytes at phys; whether they exist is for this to check */
	int (*read)(struct vmcore *vm, void *buf, size_t len, uint64_t phys);
	/* set the bits of pages that the machine had / that the file holds; bit 0 is first */
	int (*ram)(struct vmcore *vm, struct bitmap *bm, uint64_t first);
	int (*held)(struct vmcore *vm, struct bitmap *bm, uint64_t first);
	/* the page as the file has it, compressed or not; NULL: the format compresses none */
	int (*stored)(struct vmcore *vm, uint64_t pfn, void *buf, struct vmcore_stored *stored);
	/* the kernel's page size became known: false if this file cannot be counted in it */
	bool (*set_page_size)(struct vmcore *vm, uint32_t size);
	void (*close)(struct vmcore *vm);
};

/* where the kernel's own mappings were, as an ELF dump says; virt is 0 in others */
struct vmcore_load {
	uint64_t virt, phys, len;	/* bytes of memory */
};

/* facts that a dump without notes, or without the pages, would lose when it is copied */
struct vmcore_header {
	bool known;
	char utsname[390];		/* six strings of 65 bytes, the last byte of each NUL */
	int64_t phys_base, time_sec;
	uint32_t codecs;		/* flags of those it says were used */
	uint32_t dump_level;		/* what its writer left out: bits of enum dump_level */
	uint32_t ncpus;
};

struct vmcore {
	struct source src;		/* the bytes: a file, flattened or not; of parts the first */
	const char *const *paths;	/* what vmcore_open_parts() was given, while it opens them */
	size_t npaths;
	uint64_t memory;
	const struct vmcore_ops *ops;	/* NULL until a format has claimed it */
	void *priv;			/* owned by ops */

	uint16_t machine;		/* EM_X86_64, EM_AARCH64, ...; EM_NONE if unknown */
	bool swap;			/* the machine's byte order is not ours */
	uint32_t page_size;		/* bytes, a power of two from 4096 to 262144 */
	unsigned page_shift;
	uint64_t npfns;			/* one past the last pfn */
	char flaw[160];			/* what is wrong with a set of parts; "": nothing */
	bool live;			/* a running system's: pages change and vanish meanwhile */
	bool cut_short;			/* the file ends before its pages do, or says so itself */

	struct vmcore_load *loads;
	size_t nloads;

	struct vmcore_header header;	/* what a kdump header said, all 0 for other formats */

	void *notes;			/* all ELF notes, in one block, padded to four bytes */
	size_t notes_len;
	uint64_t notes_damaged;		/* bytes at their end that are no notes; 0: all is well */
	uint64_t notes_dropped;		/* bytes of device dumps that were too many to keep */
	struct kinfo info;		/* VMCOREINFO; .text is NULL if the dump has none */
};

int vmcore_open(struct vmcore *vm, const char *path);
/*
 * The n kdump files that are the parts of one split dump, in any order; or any one file.
 * What a missing part had counts as cut off (vm->cut_short, and vm->flaw says what it
 * is); parts of different dumps are refused (ERR_USAGE). The paths are borrowed until
 * vmcore_close(). memory: bytes that a kdump file's bitmap may take here; 0: no bound.
 * Who gives less than 1 MiB gets a small cache of pages, too.
 */
int vmcore_open_parts(struct vmcore *vm, const char *const *paths, size_t n, uint64_t memory);
void vmcore_close(struct vmcore *vm);

/*
 * Exactly len bytes of physical memory at phys. -1 with ERR_CORRUPT: no such
 * memory in the dump (never existed, left out, or cut off); ERR_SYS: cannot be
 * read. Nothing is promised of buf then.
 */
int vmcore_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys);

/*
 * Set the bits of the pages that the machine had. A bitmap may be a window of them:
 * its bit 0 is the pfn first, a multiple of VMCORE_WINDOW.
 */
int vmcore_ram(struct vmcore *vm, struct bitmap *bm, uint64_t first);
/* the pages that this file holds: a subset of the above */
int vmcore_held(struct vmcore *vm, struct bitmap *bm, uint64_t first);
/* false: surely none of the VMCORE_WINDOW pages from first on is in the file */
bool vmcore_may_hold(const struct vmcore *vm, uint64_t first);

/* whether pages can be had as the file has them, with vmcore_read_stored() */
bool vmcore_has_stored(const struct vmcore *vm);
/*
 * The page's stored bytes in buf, which has room for vm->page_size: stored->size of them,
 * packed by the codec that stored->flags names (codec_read()). Cheapest when the pfns rise.
 * Errors as with vmcore_read(); a page whose data is damaged is only found when it is unpacked.
 */
int vmcore_read_stored(struct vmcore *vm, uint64_t pfn, void *buf, struct vmcore_stored *stored);

/* the first note with this name and type: 1; 0 if there is none; -1 damaged */
int vmcore_note(const struct vmcore *vm, const char *name, uint32_t type, struct note *note);

/* numbers of the machine's byte order, at p */
uint16_t vmcore_u16(const struct vmcore *vm, const void *p);
uint32_t vmcore_u32(const struct vmcore *vm, const void *p);
uint64_t vmcore_u64(const struct vmcore *vm, const void *p);

#endif
