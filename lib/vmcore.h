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

/* one per file format; tried in the order of the table in vmcore.c */
struct vmcore_ops {
	const char *name;	/* "ELF", "kdump" */
	/* 1: ours and opened; 0: not ours; -1: ours, but damaged */
	int (*open)(struct vmcore *vm);
	/* len bytes at phys; whether they exist is for this to check */
	int (*read)(struct vmcore *vm, void *buf, size_t len, uint64_t phys);
	/* set the bits of pages that the machine had / that the file holds */
	int (*ram)(struct vmcore *vm, struct bitmap *bm);
	int (*held)(struct vmcore *vm, struct bitmap *bm);
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
	uint32_t ncpus;
};

struct vmcore {
	struct source src;		/* the bytes: a file, flattened or not */
	const struct vmcore_ops *ops;	/* NULL until a format has claimed it */
	void *priv;			/* owned by ops */

	uint16_t machine;		/* EM_X86_64, EM_AARCH64, ...; EM_NONE if unknown */
	bool swap;			/* the machine's byte order is not ours */
	uint32_t page_size;		/* bytes, a power of two from 4096 to 262144 */
	unsigned page_shift;
	uint64_t npfns;			/* one past the last pfn */
	bool cut_short;			/* the file ends before its pages do, or says so itself */

	struct vmcore_load *loads;
	size_t nloads;

	struct vmcore_header header;	/* what a kdump header said, all 0 for other formats */

	void *notes;			/* all ELF notes, in one block, padded to four bytes */
	size_t notes_len;
	uint64_t notes_dropped;		/* bytes of device dumps that were too many to keep */
	struct kinfo info;		/* VMCOREINFO; .text is NULL if the dump has none */
};

int vmcore_open(struct vmcore *vm, const char *path);
void vmcore_close(struct vmcore *vm);

/*
 * Exactly len bytes of physical memory at phys. -1 with ERR_CORRUPT: no such
 * memory in the dump (never existed, left out, or cut off); ERR_SYS: cannot be
 * read. Nothing is promised of buf then.
 */
int vmcore_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys);

/* set, in a bitmap of vm->npfns bits, the pages that the machine had */
int vmcore_ram(struct vmcore *vm, struct bitmap *bm);
/* the pages that this file holds: a subset of the above */
int vmcore_held(struct vmcore *vm, struct bitmap *bm);

/* the first note with this name and type: 1; 0 if there is none; -1 damaged */
int vmcore_note(const struct vmcore *vm, const char *name, uint32_t type, struct note *note);

/* numbers of the machine's byte order, at p */
uint16_t vmcore_u16(const struct vmcore *vm, const void *p);
uint32_t vmcore_u32(const struct vmcore *vm, const void *p);
uint64_t vmcore_u64(const struct vmcore *vm, const void *p);

#endif
