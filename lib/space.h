/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel virtual memory in a dump. */
#ifndef SPACE_H
#define SPACE_H

#include <stddef.h>
#include <stdint.h>

struct arch;
struct vmcore;

enum { SPACE_LEVELS = 5, SPACE_LINEAR = 4 };

struct space {
	struct vmcore *vm;		/* borrowed */
	const struct arch *arch;

	/* linear maps: kernel text, direct map; tried before the tables */
	struct { uint64_t virt, len, phys; } linear[SPACE_LINEAR];
	int nlinear;

	uint64_t root;			/* physical address of the top table, 0 if unknown */
	int top;			/* its level; level 0 maps pages */
	struct { uint8_t shift, bits; } level[SPACE_LEVELS];
	uint64_t frame_mask;		/* the address bits of a table entry */
	uint64_t high_mask;		/* those of the highest ones that it keeps lower down, */
	uint8_t high_shift;		/* and by how much */
	uint64_t upper;			/* bits that are set in every address the tables map */
	uint64_t tag;			/* bits of a kernel pointer that are no address: set them */
	int64_t phys_base;		/* x86_64: where the text was moved to; arm64: PHYS_OFFSET */
};

/* -1 with ERR_UNKNOWN: an architecture we do not know, or no VMCOREINFO */
int space_open(struct space *sp, struct vmcore *vm);
/*
 * Where virt is kept, and (*len, if not NULL) for how many bytes from there on
 * the mapping is known to be contiguous; at least 1. -1: not mapped.
 */
int space_translate(struct space *sp, uint64_t virt, uint64_t *phys, uint64_t *len);
/* the same by the page tables alone, whatever the linear maps say */
int space_walk(struct space *sp, uint64_t virt, uint64_t *phys, uint64_t *len);
/* exactly len bytes of kernel virtual memory, or -1 */
int space_read(struct space *sp, void *buf, size_t len, uint64_t virt);
/* numbers in the machine's byte order; a pointer is 8 bytes */
int space_read_u32(struct space *sp, uint64_t virt, uint32_t *value);
int space_read_u64(struct space *sp, uint64_t virt, uint64_t *value);


/* for an architecture's setup: len bytes from virt on are at phys; nothing if len is 0 */
void space_add_linear(struct space *sp, uint64_t virt, uint64_t len, uint64_t phys);

#endif
