/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list "modules" of struct module (include/linux/module.h), read as BTF says it is
 * laid out. The memory of a module is mem[] since 6.4, core_layout and init_layout before.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "err.h"
#include "kinfo.h"
#include "modules-parts.h"
#include "vmcore.h"

enum { STRUCT_MAX = 1 << 16, SYMBOLS_MAX = 1 << 20, PART_MAX = 1 << 30, UNFORMED = 3 };

static uint64_t number(const struct modules *ms, const uint8_t *raw, struct field f)
{
	switch (f.size) {
	case 4:
		return vmcore_u32(ms->sp->vm, raw + f.at);
	case 8:
		return vmcore_u64(ms->sp->vm, raw + f.at);
	default:
		return 0;
	}
}

/* a member within size bytes of its structure; 1, 0: there is none, -1 */
static int field(struct btf *b, const char *type, uint32_t size, const char *path,
		 struct field *f)
{
	struct btf_member m;
	int got = btf_member(b, type, path, &m);

	*f = (struct field){ 0 };
	if (got != 1)
		return got;
	if (m.bits || m.bit % 8 || m.size > size || m.bit / 8 > size - m.size)
		return fail(ERR_CORRUPT, "BTF: %s.%s is outside of its structure", type, path);
	*f = (struct field){ .at = (uint32_t)(m.bit / 8), .size = (uint32_t)m.size };
	return 1;
}

static int needed(struct btf *b, const char *type, uint32_t size, const char *path,
		  struct field *f)
{
	int got = field(b, type, size, path, f);

	if (got == 0)
		return fail(ERR_UNKNOWN, "BTF: struct %s has no %s", type, path);
	return got == 1 ? 0 : -1;
}

static int type_size(struct btf *b, const char *type, uint32_t *size)
{
	uint64_t bytes;
	int got = btf_size(b, type, &bytes);

	if (got == 0)
		return fail(ERR_UNKNOWN, "BTF: no struct %s", type);
	if (got < 0)
		return -1;
	if (bytes == 0 || bytes > STRUCT_MAX)
		return fail(ERR_CORRUPT, "BTF: struct %s of %" PRIu64 " bytes", type, bytes);
	*size = (uint32_t)bytes;
	return 0;
}

static int parts(struct modules *ms, struct btf *b, struct layout *l)
{
	static const char *const before[2][3] = {
		{ "core_layout.base", "core_layout.size", "core_layout.text_size" },
		{ "init_layout.base", "init_layout.size", "init_layout.text_size" },
	};
	static const char *const since[MODULE_PARTS][2] = {
		{ "mem[0].base", "mem[0].size" }, { "mem[1].base", "mem[1].size" },
		{ "mem[2].base", "mem[2].size" }, { "mem[3].base", "mem[3].size" },
		{ "mem[4].base", "mem[4].size" }, { "mem[5].base", "mem[5].size" },
		{ "mem[6].base", "mem[6].size" }, { "mem[7].base", "mem[7].size" },
	};
	int got = field(b, "module", l->size, since[0][0], &l->part[0].base);

	if (got < 0)
		return -1;
	ms->old = got == 0;
	for (int i = 0; ms->old && i < 2; i++)
		if (needed(b, "module", l->size, before[i][0], &l->part[i].base) ||
		    needed(b, "module", l->size, before[i][1], &l->part[i].size) ||
		    needed(b, "module", l->size, before[i][2], &l->part[i].named))
			return -1;
	for (int i = 0; !ms->old && i < MODULE_PARTS; i++) {
		got = field(b, "module", l->size, since[i][0], &l->part[i].base);
		if (got != 1)
			return got;
		if (needed(b, "module", l->size, since[i][1], &l->part[i].size))
			return -1;
		l->part[i].named = l->part[i].size;
	}
	return 0;
}

static int layout(struct modules *ms, struct btf *b, struct layout *l)
{
	*l = (struct layout){ 0 };
	if (type_size(b, "module", &l->size) ||
	    needed(b, "module", l->size, "list", &l->list) ||
	    needed(b, "module", l->size, "name", &l->name) ||
	    needed(b, "module", l->size, "state", &l->state) || parts(ms, b, l))
		return -1;
	if (l->list.size != 16)
		return fail(ERR_CORRUPT, "BTF: module.list of %" PRIu32 " bytes", l->list.size);
	/* what a kernel may be built without costs only itself */
	if (field(b, "module", l->size, "taints", &l->taints) < 0 ||
	    field(b, "module", l->size, "arch.num_orcs", &l->num_orcs) < 0 ||
	    field(b, "module", l->size, "arch.orc_unwind_ip", &l->orc_ip) < 0 ||
	    field(b, "module", l->size, "arch.orc_unwind", &l->orc) < 0 ||
	    field(b, "module", l->size, "kallsyms", &l->kallsyms) < 0)
		return -1;
	if (l->kallsyms.size == 0)
		return 0;
	if (type_size(b, "mod_kallsyms", &l->kallsyms_size) ||
	    needed(b, "mod_kallsyms", l->kallsyms_size, "symtab", &l->symtab) ||
	    needed(b, "mod_kallsyms", l->kallsyms_size, "num_symtab", &l->num_symtab) ||
	    needed(b, "mod_kallsyms", l->kallsyms_size, "strtab", &l->strtab) ||
	    field(b, "mod_kallsyms", l->kallsyms_size, "typetab", &l->typetab) < 0)
		return -1;
	return 0;
}

/* kernel/panic.c: the letters of those flags that a module can have; the others are '.' */
static void taints(struct module *m, uint64_t flags)
{
	static const char letters[] = "PF........C.OE.KXTNJ";
	size_t n = 0;

	for (unsigned i = 0; i < sizeof letters - 1; i++)
		if (flags >> i & 1 && letters[i] != '.')
			m->taints[n++] = letters[i];
	m->taints[n] = '\0';
}

static void symbols_of(struct modules *ms, const struct layout *l, uint64_t at,
		       uint8_t *raw, struct module *m)
{
	uint64_t n;

	if (!at || space_read(ms->sp, raw, l->kallsyms_size, at))
		return;
	n = number(ms, raw, l->num_symtab);
	if (n > SYMBOLS_MAX)
		return;
	m->num_symtab = (uint32_t)n;
	m->symtab = number(ms, raw, l->symtab);
	m->strtab = number(ms, raw, l->strtab);
	m->typetab = number(ms, raw, l->typetab);
}

int module_read(struct modules *ms, const struct layout *l, uint64_t at, uint8_t *raw,
		struct module *m)
{
	size_t len = l->name.size < MODULE_NAME ? l->name.size : MODULE_NAME - 1;
	uint64_t state;

	*m = (struct module){ .at = at };
	if (space_read(ms->sp, raw, l->size, at))
		return -1;
	len = strnlen((const char *)raw + l->name.at, len);
	kinfo_printable(m->name, (const char *)raw + l->name.at, len);
	state = number(ms, raw, l->state);
	if (state > UNFORMED || len == 0)
		return fail(ERR_CORRUPT, "no module at %#" PRIx64, at);
	if (state == UNFORMED)
		return 0;
	m->state = " +-"[state];
	for (int i = 0; i < MODULE_PARTS; i++) {
		uint64_t size = number(ms, raw, l->part[i].size);
		uint64_t base = number(ms, raw, l->part[i].base);
		uint64_t named = number(ms, raw, l->part[i].named);

		if (size == 0 || size > PART_MAX || base > UINT64_MAX - size)
			continue;
		m->part[i].base = base;
		m->part[i].size = (uint32_t)size;
		m->part[i].named = (uint32_t)(named > size ? size : named);
	}
	taints(m, number(ms, raw, l->taints));
	m->num_orcs = (uint32_t)number(ms, raw, l->num_orcs);
	m->orc_ip = number(ms, raw, l->orc_ip);
	m->orc = number(ms, raw, l->orc);
	symbols_of(ms, l, number(ms, raw, l->kallsyms), raw, m);
	return 1;
}

static int insert(struct modules *ms, size_t where, const struct module *m)
{
	/* room is a power of two */
	if ((ms->n & (ms->n - 1)) == 0) {
		struct module *more = realloc(ms->module, (ms->n ? 2 * ms->n : 1) * sizeof *more);

		if (!more)
			return fail_sys("modules");
		ms->module = more;
	}
	memmove(ms->module + where + 1, ms->module + where, (ms->n - where) * sizeof *m);
	ms->module[where] = *m;
	ms->n++;
	return 0;
}

static bool known(const struct modules *ms, uint64_t at)
{
	for (size_t i = 0; i < ms->n; i++)
		if (ms->module[i].at == at)
			return true;
	return false;
}

/* the module whose list head is at node; 1, 0: it is damaged, -1 */
static int take(struct modules *ms, const struct layout *l, uint64_t node, uint8_t *raw,
		size_t where)
{
	struct module m;
	int got;

	if (known(ms, node - l->list.at))
		return 0;
	got = module_read(ms, l, node - l->list.at, raw, &m);
	if (got < 0)
		return err_code() == ERR_STOPPED ? -1 : 0;
	if (got && insert(ms, where, &m))
		return -1;
	return 1;
}

/*
 * Follow the list from head, forwards or (link is 8) backwards, putting what is found at
 * the end or (where modules that are newer end) before what was found. 0: to its end, or
 * it is damaged; -1.
 */
static int follow(struct modules *ms, const struct layout *l, uint64_t head, unsigned link,
		  uint8_t *raw)
{
	size_t where = ms->n;
	uint64_t node = head;

	for (int i = 0; i < MODULES_MAX && ms->n < MODULES_MAX; i++) {
		int got;

		if (space_read_u64(ms->sp, node + link, &node)) {
			if (err_code() == ERR_STOPPED)
				return -1;
			break;
		}
		if (node == head)
			return 0;
		got = take(ms, l, node, raw, link ? where : ms->n);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
	}
	ms->damaged = 1;
	return 0;
}

/* where the list begins */
static int find_head(struct modules *ms, const struct layout *l, struct kallsyms *ks,
		     uint8_t *raw, uint64_t *head)
{
	static const char *const name[] = { "modules" };
	int found = kallsyms_find(ks, name, head, 1);

	if (found == 0)
		return modules_search(ms, l, ks, raw, head);
	return found == 1 ? 0 : -1;
}

int modules_open(struct modules *ms, struct space *sp, struct kallsyms *ks, struct btf *b)
{
	struct layout l;
	uint64_t head;
	uint8_t *raw;
	int got;

	*ms = (struct modules){ .sp = sp };
	peek_open(&ms->peek_symbols, sp);
	peek_open(&ms->peek_names, sp);
	if (layout(ms, b, &l))
		return fail_in("modules");
	raw = malloc(l.size > l.kallsyms_size ? l.size : l.kallsyms_size);
	if (!raw)
		return fail_sys("modules");
	got = find_head(ms, &l, ks, raw, &head);
	if (got == 0)
		got = follow(ms, &l, head, 0, raw);
	if (got == 0 && ms->damaged)
		got = follow(ms, &l, head, 8, raw);
	free(raw);
	if (got)
		modules_close(ms);
	return got;
}

int module_part(const struct module *m, uint64_t address)
{
	for (int i = 0; i < MODULE_PARTS; i++)
		if (address - m->part[i].base < m->part[i].size)
			return i;
	return -1;
}

const struct module *modules_of(const struct modules *ms, uint64_t address)
{
	for (size_t i = 0; i < ms->n; i++)
		if (module_part(&ms->module[i], address) >= 0)
			return &ms->module[i];
	return NULL;
}

void modules_close(struct modules *ms)
{
	free(ms->module);
	*ms = (struct modules){ .sp = NULL };
}
