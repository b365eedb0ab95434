/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs from one processor to the next. All of it is data or small
 * functions chosen at run time by ELF machine, so that any dump can be read,
 * and any of this tested, on any host.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdint.h>

struct kinfo;
struct space;

enum pte { PTE_NONE, PTE_TABLE, PTE_PAGE };

struct arch {
	const char *name;	/* utsname.machine begins with it */
	uint16_t machine;	/* ELF e_machine */
	const char *number;	/* a NUMBER() that no other's VMCOREINFO has */
	/* where SPARSEMEM's parameters are not in VMCOREINFO: bits, 0 if unknown */
	unsigned (*section_size_bits)(const struct space *sp);
	uint8_t physmem_bits[4];	/* all that MAX_PHYSMEM_BITS ever was, likeliest first */

	/* page table geometry, root table and linear maps of this very kernel */
	int (*setup)(struct space *sp);
	/* what an entry of a level's table means; *to is the table or the page */
	enum pte (*entry)(const struct space *sp, int level, uint64_t entry, uint64_t *to);
};

extern const struct arch arch_x86_64, arch_arm64;

/* NULL if we do not know it; fail() is not called */
const struct arch *arch_find(uint16_t machine);
/* by utsname.machine, as the kdump header has it: EM_..., or EM_NONE */
uint16_t arch_machine(const char *utsname);
/* by what VMCOREINFO has, for QEMU's kdump files, which may say "Unknown": EM_NONE or EM_... */
uint16_t arch_of_kernel(const struct kinfo *ki);
/* the other way round: NULL for machines whose dumps we cannot write */
const char *arch_utsname(uint16_t machine);

#endif
