/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modules.c and modules-search.c share. */
#ifndef MODULES_PARTS_H
#define MODULES_PARTS_H

#include "modules.h"

struct field {
	uint32_t at, size;		/* bytes; size 0: this kernel has none */
};

/* of struct module, and of what it points to */
struct layout {
	uint32_t size;
	struct field list, name, state, taints, kallsyms, num_orcs, orc_ip, orc;
	struct { struct field base, size, named; } part[MODULE_PARTS];
	uint32_t kallsyms_size;
	struct field symtab, num_symtab, strtab, typetab;
};

/*
 * The struct module at this address. raw has room for it and for struct mod_kallsyms.
 * 1; 0: it is still being made; -1: it is none.
 */
int module_read(struct modules *ms, const struct layout *l, uint64_t at, uint8_t *raw,
		struct module *m);
/* the part that address is in, or -1 */
int module_part(const struct module *m, uint64_t address);
/* where the list begins, if kallsyms does not say: 0, -1 */
int modules_search(struct modules *ms, const struct layout *l, struct kallsyms *ks,
		   uint8_t *raw, uint64_t *head);

#endif
