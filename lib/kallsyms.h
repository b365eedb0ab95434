/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dead kernel's own symbols, from its memory: VMCOREINFO says where kallsyms are since
 * 6.0, those of older kernels are looked for. Only the kernel's image; for its modules see
 * modules.h, for both symbols.h.
 */
#ifndef KALLSYMS_H
#define KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

struct space;

enum { KALLSYMS_NAME = 512 };	/* KSYM_NAME_LEN since 6.1; it was 128 */

/* what kallsyms knows of an address */
struct symbol {
	char name[KALLSYMS_NAME];	/* printable; cut if it is longer */
	char type;			/* as nm prints it: 'T', 'd' */
	uint64_t at;			/* the address it begins at */
	uint64_t size;			/* bytes up to the next one; 0 unknown */
};

struct kallsyms;

/*
 * Owned by the caller, ended by kallsyms_close(). NULL with ERR_UNKNOWN: VMCOREINFO does not
 * say where they are, and they are not found; ERR_CORRUPT: they contradict themselves;
 * ERR_SYS, ERR_MEMORY, ERR_STOPPED.
 */
struct kallsyms *kallsyms_open(struct space *sp);
/* the symbol that address lies in: 1; 0: none, it is not in the image; -1: unreadable */
int kallsyms_at(struct kallsyms *ks, uint64_t address, struct symbol *s);
/*
 * The addresses of n symbols of these names, in one pass; 0 for one that there is not (of
 * several with one name, the first). How many were found, or -1.
 */
int kallsyms_find(struct kallsyms *ks, const char *const *names, uint64_t *addresses, size_t n);
/* how many there are; symbol i of them, in the order of their addresses: 1, 0, -1. No size */
uint32_t kallsyms_count(const struct kallsyms *ks);
int kallsyms_get(struct kallsyms *ks, uint32_t i, struct symbol *s);
/* accepts NULL */
void kallsyms_close(struct kallsyms *ks);

#endif
