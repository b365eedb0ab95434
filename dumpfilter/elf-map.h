/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which program headers an ELF dump takes, and what each of them says.
 *
 * Memory is what the loads describe: those of the input, or of its RAM if the input
 * has none with virtual addresses. The dump's pages cut physical memory into segments,
 * each of pages that are in the file followed by a hole of pages that are not, and each
 * load that reaches into a segment takes one header there. Loads may overlap (x86_64's
 * kernel text is in the direct map, too): their headers then share the file's bytes.
 */
#ifndef ELF_MAP_H
#define ELF_MAP_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;
struct vmcore;
struct vmcore_load;

/* physical memory, in bytes: [start, data_end) is in the file, [data_end, end) left out */
struct elf_segment {
	uint64_t start, data_end, end;
	uint64_t offset;		/* of start, in the file */
};

struct elf_map {
	struct vmcore_load *loads;	/* by rising phys, none of them empty */
	uint64_t *ends;			/* where they end, rising */
	size_t n;
	uint32_t page_size;		/* bytes */
	uint64_t piece;			/* bytes: no segment reaches over a multiple of it */
	uint64_t min_gap;		/* bytes: shorter holes are zeros in the file */
	uint64_t nheaders;		/* PT_LOADs that the whole plan takes */

	/* private: how far a walk in rising order has come */
	size_t begun, ended;		/* loads that begin before, end up to the last place */
	size_t *active, nactive, entered;	/* loads that reach into the last segment, */
	size_t gone;			/* and those that ended before or with it */
};

/*
 * The loads of this dump, and from a walk over all windows of the plan the size of the
 * holes that become headers. -1: memory is short, a signal, or ERR_CORRUPT: no number
 * of headers that a reader would take is enough.
 */
int elf_map_open(struct elf_map *m, struct vmcore *vm, struct plan *plan);
void elf_map_close(struct elf_map *m);

/* must the page at phys begin a segment, when the one before it ended at data_end? */
bool elf_map_cuts(const struct elf_map *m, uint64_t data_end, uint64_t phys);
/* is there room for it: does what is left of the headers do if a segment begins at phys? */
bool elf_map_fits(struct elf_map *m, uint64_t phys, uint64_t room);
/* how many headers this segment takes; segments come in rising order */
size_t elf_map_select(struct elf_map *m, const struct elf_segment *seg);
/* the i-th of them, in this machine's byte order */
void elf_map_header(const struct elf_map *m, const struct elf_segment *seg, size_t i,
		    Elf64_Phdr *ph);

#endif
