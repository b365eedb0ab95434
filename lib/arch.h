/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs from one processor to the next. All of it is data or small
 * functions chosen at run time by ELF machine, so that any dump can be read,
 * and any of this tested, on any host.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdint.h>

struct space;

enum pte { PTE_NONE, PTE_TABLE, PTE_PAGE };

struct arch {
	const char *name;	/* utsname.machine begins with it */
	uint16_t machine;	/* ELF e_machine */
	/* where SPARSEMEM's parameters are not in VMCOREINFO: bits, 0 if unknown */
	unsigned (*section_size_bits)(const struct space *sp);

	/* page table geometry, root table and linear maps of this very kernel */
	int (*setup)(struct space *sp);
	/* what an entry of a level's table means; *to is the table or the page */
	enum pte (*entry)(const struct space *sp, int level, uint64_t entry, uint64_t *to);
};

extern const struct arch arch_x86_64;

/* NULL if we do not know it; fail() is not called */
const struct arch *arch_find(uint16_t machine);
/* by utsname.machine, as the kdump header has it: EM_..., or EM_NONE */
uint16_t arch_machine(const char *utsname);
/* the other way round: NULL for machines whose dumps we cannot write */
const char *arch_utsname(uint16_t machine);

#endif
