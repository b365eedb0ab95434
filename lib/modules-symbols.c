/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module's symbols: those of its ELF file that kernel/module/kallsyms.c keeps, in no
 * order, so that all of them are looked at.
 */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "modules.h"
#include "vmcore.h"

struct elf_symbol {
	uint32_t name;			/* in strtab */
	uint16_t section;
	uint64_t value;
};

static int read_symbol(struct modules *ms, const struct module *m, uint32_t i,
		       struct elf_symbol *e)
{
	uint64_t at = m->symtab + (uint64_t)i * sizeof(Elf64_Sym);
	const uint8_t *p = peek(&ms->peek_symbols, at, sizeof(Elf64_Sym));

	if (!p)
		return fail_in(m->name);
	e->name = vmcore_u32(ms->sp->vm, p + offsetof(Elf64_Sym, st_name));
	e->section = vmcore_u16(ms->sp->vm, p + offsetof(Elf64_Sym, st_shndx));
	e->value = vmcore_u64(ms->sp->vm, p + offsetof(Elf64_Sym, st_value));
	return 0;
}

/* no name, or one that only says what kind of bytes follow ("$x") */
static int is_unnamed(struct modules *ms, const struct module *m, const struct elf_symbol *e)
{
	char c[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		const uint8_t *p = peek(&ms->peek_names, m->strtab + e->name + i, 1);

		if (!p)
			return fail_in(m->name);
		c[i] = (char)*p;
		if (!c[i])
			return i == 0;
	}
	/* local labels: since 6.4 "L0" as well */
	return c[0] == '$' || (c[0] == '.' && c[1] == 'L') ||
	       (!ms->old && c[0] == 'L' && c[1] == '0');
}

static int take_name(struct modules *ms, const struct module *m, const struct elf_symbol *e,
		     char name[KALLSYMS_NAME])
{
	memset(name, 0, KALLSYMS_NAME);
	for (int i = 0; i < KALLSYMS_NAME - 1; i++) {
		const uint8_t *p = peek(&ms->peek_names, m->strtab + e->name + i, 1);

		if (!p)
			return fail_in(m->name);
		if (!*p)
			break;
		kinfo_printable(name + i, (const char *)p, 1);
	}
	return 0;
}

static int take_symbol(struct modules *ms, const struct module *m, uint32_t i,
		       const struct elf_symbol *e, struct symbol *s)
{
	const uint8_t *type = m->typetab ? peek(&ms->peek_symbols, m->typetab + i, 1) : NULL;

	s->type = type && *type > ' ' && *type <= '~' ? (char)*type : '?';
	s->at = e->value;
	s->size = 0;
	return take_name(ms, m, e, s->name);
}

int modules_get(struct modules *ms, const struct module *m, uint32_t i, struct symbol *s)
{
	struct elf_symbol e;

	if (!m->symtab || !m->strtab || i >= m->num_symtab)
		return 0;
	return read_symbol(ms, m, i, &e) || take_symbol(ms, m, i, &e, s) ? -1 : 1;
}

/* where the symbols that can be meant begin and end: false: address is in no part of m */
static bool limits(const struct modules *ms, const struct module *m, uint64_t address,
		   uint64_t *first, uint64_t *end)
{
	for (int i = 0; i < MODULE_PARTS; i++) {
		if (address - m->part[i].base >= m->part[i].size)
			continue;
		/* before 6.4 a symbol of another part could be taken, and so we do */
		*first = ms->old ? 1 : m->part[i].base;
		*end = m->part[i].base + m->part[i].named;
		return true;
	}
	return false;
}

int modules_at(struct modules *ms, const struct module *m, uint64_t address, struct symbol *s)
{
	struct elf_symbol e, best = { 0 };
	uint64_t first, end;
	uint32_t found = 0;

	if (!m->symtab || !m->strtab || !limits(ms, m, address, &first, &end))
		return 0;
	/* symbol 0 of an ELF file is none */
	for (uint32_t i = 1; i < m->num_symtab; i++) {
		bool before, after;
		int unnamed;

		if (read_symbol(ms, m, i, &e))
			return -1;
		before = e.value <= address && e.value >= first &&
			 (!found || e.value > best.value);
		after = e.value > address && e.value < end;
		if (e.section == SHN_UNDEF || (!before && !after))
			continue;
		unnamed = is_unnamed(ms, m, &e);
		if (unnamed < 0)
			return -1;
		if (unnamed)
			continue;
		if (after)
			end = e.value;
		else {
			best = e;
			found = i;
		}
	}
	if (!found)
		return 0;
	if (take_symbol(ms, m, found, &best, s))
		return -1;
	/* as the kernel reckons it, who wraps around when an old one is in the data */
	s->size = end - best.value;
	return 1;
}
