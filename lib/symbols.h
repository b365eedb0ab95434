/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for addresses of the dead kernel, of its image or its modules, with nothing but
 * the dump: kallsyms, BTF, and the list of modules. Whatever is missing or damaged costs
 * only what depends on it.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "kallsyms.h"
#include "modules.h"

struct btf;
struct space;

struct symbols {
	struct space *sp;		/* borrowed */
	struct kallsyms *ks;
	struct btf *btf;		/* NULL if there is none */
	struct modules modules;		/* .n is 0 if they cannot be read */
	char trouble[200];		/* why modules or types are missing, or "" */
};

/* -1: no symbols at all; see kallsyms_open() */
int symbols_open(struct symbols *s, struct space *sp);
/* 1: *sym is where address lies, *m its module or NULL for the kernel's image; 0: nowhere */
int symbols_at(struct symbols *s, uint64_t address, struct symbol *sym, const struct module **m);
/*
 * As the kernel prints it (%pS): "name+0x12/0x34" and " [module]", or "0xffff..." if there
 * is no symbol. For return addresses (%pB), back is set: the name is that of the
 * instruction before. Returns text.
 */
char *symbols_print(struct symbols *s, uint64_t address, int back, char *text, size_t size);
void symbols_close(struct symbols *s);

#endif
