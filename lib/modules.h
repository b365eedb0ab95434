/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that the dead kernel had loaded, and their symbols. */
#ifndef MODULES_H
#define MODULES_H

#include <stddef.h>
#include <stdint.h>

#include "kallsyms.h"
#include "peek.h"

struct btf;
struct space;

enum { MODULES_MAX = 1024, MODULE_NAME = 64, MODULE_PARTS = 8, MODULE_TAINTS = 24 };

struct module {
	char name[MODULE_NAME];		/* printable */
	uint64_t at;			/* struct module, virtual */
	/* memory it takes, size 0: none. Symbols reach to named at most, bytes from base */
	struct { uint64_t base; uint32_t size, named; } part[MODULE_PARTS];
	uint64_t symtab, strtab, typetab;	/* what its kallsyms has; 0: none */
	uint32_t num_symtab;
	uint32_t num_orcs;		/* x86: its unwind tables; 0 if it has none */
	uint64_t orc_ip, orc;
	char taints[MODULE_TAINTS];	/* letters, "OE" */
	char state;			/* '+': its init function runs; '-': it is going; or ' ' */
};

struct modules {
	struct space *sp;		/* borrowed */
	struct module *module;		/* newest first, as the kernel's list has them */
	size_t n;
	int damaged;			/* the list broke off */
	int old;			/* before 6.4: symbols are not looked up part by part */
	struct peek peek_symbols, peek_names;
};

/*
 * -1 with ERR_UNKNOWN: the kernel does not say how its modules are kept; or others. A list
 * that is damaged is no failure: what of it can be reached from either end is there.
 */
int modules_open(struct modules *ms, struct space *sp, struct kallsyms *ks, struct btf *b);
/* the module whose memory address is in, or NULL */
const struct module *modules_of(const struct modules *ms, uint64_t address);
/* as kallsyms_at(): 1, 0, -1 */
int modules_at(struct modules *ms, const struct module *m, uint64_t address, struct symbol *s);
/* symbol i of m, as /proc/kallsyms lists them; without its size: 1, 0: there is none, -1 */
int modules_get(struct modules *ms, const struct module *m, uint32_t i, struct symbol *s);
void modules_close(struct modules *ms);

#endif
