/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btf.h"
#include "err.h"
#include "kallsyms.h"
#include "symbols.h"

static void trouble(struct symbols *s, const char *what)
{
	snprintf(s->trouble, sizeof s->trouble, "%s: %s", what, err_text());
}

int symbols_open(struct symbols *s, struct space *sp)
{
	*s = (struct symbols){ .sp = sp, .ks = kallsyms_open(sp) };
	if (!s->ks)
		return -1;
	s->btf = btf_open(sp, s->ks);
	if (!s->btf)
		trouble(s, "no types, and no modules");
	else if (modules_open(&s->modules, sp, s->ks, s->btf))
		trouble(s, "no modules");
	else if (s->modules.damaged)
		snprintf(s->trouble, sizeof s->trouble, "the list of modules is damaged: %zu "
			 "of them can be reached", s->modules.n);
	return 0;
}

int symbols_at(struct symbols *s, uint64_t address, struct symbol *sym, const struct module **m)
{
	*m = NULL;
	if (s->ks && kallsyms_at(s->ks, address, sym) == 1)
		return 1;
	*m = modules_of(&s->modules, address);
	if (*m && modules_at(&s->modules, *m, address, sym) == 1)
		return 1;
	*m = NULL;
	return 0;
}

char *symbols_print(struct symbols *s, uint64_t address, int back, char *text, size_t size)
{
	const struct module *m;
	struct symbol sym;

	if (!symbols_at(s, address - (back != 0), &sym, &m)) {
		snprintf(text, size, "0x%" PRIx64, address);
		return text;
	}
	/* what clang's link-time optimisation appends is not printed */
	char *suffix = strstr(sym.name, ".llvm.");

	if (suffix)
		*suffix = '\0';
	snprintf(text, size, "%s+0x%" PRIx64 "/0x%" PRIx64 "%s%s%s", sym.name,
		 address - sym.at, sym.size, m ? " [" : "", m ? m->name : "", m ? "]" : "");
	return text;
}

void symbols_close(struct symbols *s)
{
	modules_close(&s->modules);
	btf_close(s->btf);
	kallsyms_close(s->ks);
	*s = (struct symbols){ .sp = NULL };
}
