/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO: what kernels say of themselves for those who read their dumps
 * (kernel/crash_core.c, arch/x86/kernel/crash_core_64.c and their predecessors). Each
 * line is there from one version on until another.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

#define V VERSION
typedef unsigned long long ull;

static bool omitted(const struct desc *d, const char *line)
{
	for (const struct text_list *o = d->omit; o; o = o->next) {
		size_t n = strlen(o->text);

		if (!strncmp(line, o->text, n) && line[n] == '=')
			return true;
	}
	return false;
}

static void append(struct gen *g, const char *line)
{
	size_t n = strlen(line);

	if (g->info_len + n + 2 > INFO_ROOM)
		die(g->d, "VMCOREINFO is too long");
	memcpy(g->info + g->info_len, line, n);
	g->info[g->info_len + n] = '\n';
	g->info_len += n + 1;
}

void key(struct gen *g, unsigned since, unsigned until, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (g->d->version < since || g->d->version >= until)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (!omitted(g->d, line))
		append(g, line);
}

static void symbol(struct gen *g, unsigned since, unsigned until, const char *name,
		   uint64_t phys)
{
	key(g, since, until, "SYMBOL(%s)=%llx", name, (ull)static_address(g->d, phys));
}

static void offset(struct gen *g, unsigned since, unsigned until, const char *name,
		   uint64_t at)
{
	key(g, since, until, "OFFSET(%s)=%llu", name, (ull)at);
}

/* a bit number of -1 or a type of 0 is one that this kernel does not have */
static void bit_number(struct gen *g, unsigned since, unsigned until, const char *name, int n)
{
	if (n >= 0)
		key(g, since, until, "NUMBER(%s)=%d", name, n);
}

static void type_value(struct gen *g, unsigned since, const char *name, int32_t value)
{
	if (value)
		key(g, since, NEVER, "NUMBER(%s)=%d", name, value);
}

static void info_machine(struct gen *g)
{
	const struct desc *d = g->d;

	symbol(g, 0, NEVER, "init_uts_ns", g->uts);
	offset(g, V(5, 11, 0), NEVER, "uts_namespace.name", 0);
	symbol(g, 0, NEVER, "node_online_map", g->online);
	symbol(g, 0, NEVER, "swapper_pg_dir", g->root);
	symbol(g, 0, NEVER, "_stext", g->kernel.from);
	key(g, V(6, 9, 0), NEVER, "NUMBER(VMALLOC_START)=0xffffc90000000000");
	if (!d->flat_memmap && !d->flatmem && !d->nnodes)
		key(g, V(6, 11, 0), NEVER, "SYMBOL(vmemmap)=%llx", (ull)d->vmemmap);
	key(g, V(4, 10, 0), NEVER, "NUMBER(phys_base)=%lld", (long long)phys_base(d));
	symbol(g, 0, V(4, 13, 0), "init_level4_pgt", g->root);
	symbol(g, V(4, 13, 0), NEVER, "init_top_pgt", g->root);
	key(g, V(4, 17, 0), NEVER, "NUMBER(pgtable_l5_enabled)=%d", d->levels == 5);
	if (d->flatmem) {
		symbol(g, 0, NEVER, "mem_map", g->mem_map);
		symbol(g, 0, NEVER, "contig_page_data", g->pgdat[0]);
	} else {
		symbol(g, 0, NEVER, "node_data", g->node_data);
		key(g, 0, NEVER, "LENGTH(node_data)=%d", NODE_DATA);
	}
	key(g, V(3, 15, 0), NEVER, "KERNELOFFSET=%llx", (ull)d->kaslr_virt);
	key(g, V(3, 15, 0), NEVER, "NUMBER(KERNEL_IMAGE_SIZE)=1073741824");
	key(g, V(5, 0, 0), NEVER, "NUMBER(sme_mask)=%lld", (long long)d->sme);
}

static void info_sections(struct gen *g)
{
	const struct desc *d = g->d;
	uint64_t total = 1ULL << (d->max_physmem_bits - SECTION_BITS);

	if (!g->mem_section)
		return;
	/* since 4.15 the array is allocated, and the symbol is its address */
	if (d->version >= V(4, 15, 0) && !d->plain)
		key(g, 0, NEVER, "SYMBOL(mem_section)=%llx",
		    (ull)linear_address(d, g->mem_section));
	else
		symbol(g, 0, NEVER, "mem_section", g->mem_section);
	key(g, 0, NEVER, "LENGTH(mem_section)=%llu", (ull)(d->plain ? total : total / 256));
	key(g, 0, NEVER, "SIZE(mem_section)=16");
	offset(g, 0, NEVER, "mem_section.section_mem_map", 0);
	key(g, V(5, 13, 0), NEVER, "NUMBER(SECTION_SIZE_BITS)=%d", SECTION_BITS);
	key(g, V(5, 9, 0), NEVER, "NUMBER(MAX_PHYSMEM_BITS)=%u", d->max_physmem_bits);
}

static void info_structs(struct gen *g)
{
	const struct kernel *k = g->d->kernel;
	const struct layout *p = k->page;
	bool bytes = k->compound == IN_BYTES;

	key(g, 0, NEVER, "SIZE(page)=%u", p->size);
	key(g, 0, NEVER, "SIZE(pglist_data)=4096");
	key(g, 0, NEVER, "SIZE(zone)=1536");
	key(g, 0, NEVER, "SIZE(free_area)=%d", FREE_AREA_LEN);
	key(g, 0, NEVER, "SIZE(list_head)=16");
	key(g, 0, NEVER, "SIZE(nodemask_t)=128");
	offset(g, 0, NEVER, "page.flags", 0);
	offset(g, 0, V(4, 7, 0), "page._count", p->count);
	offset(g, V(4, 7, 0), NEVER, "page._refcount", p->count);
	offset(g, 0, NEVER, "page.mapping", p->mapping);
	offset(g, 0, NEVER, "page.lru", p->lru);
	offset(g, V(3, 9, 0), NEVER, "page._mapcount", p->mapcount);
	offset(g, V(3, 9, 0), NEVER, "page.private", p->private);
	offset(g, V(4, 4, 0), V(6, 3, 0), "page.compound_dtor", p->lru + 8);
	offset(g, V(4, 4, 0), V(6, 3, 0), "page.compound_order", p->lru + (bytes ? 9 : 12));
	offset(g, V(6, 3, 0), V(6, 6, 0), "folio._folio_dtor", p->size + p->lru + 8);
	offset(g, V(6, 3, 0), V(6, 6, 0), "folio._folio_order", p->size + p->lru + 9);
	offset(g, V(4, 4, 0), V(7, 1, 0), "page.compound_head", p->lru);
	offset(g, V(7, 1, 0), NEVER, "page.compound_info", p->lru);
	offset(g, 0, NEVER, "pglist_data.node_zones", 0);
	offset(g, 0, NEVER, "pglist_data.nr_zones", PGDAT_NR_ZONES);
	offset(g, 0, NEVER, "pglist_data.node_start_pfn", PGDAT_START);
	offset(g, 0, NEVER, "pglist_data.node_spanned_pages", PGDAT_SPANNED);
	offset(g, 0, NEVER, "pglist_data.node_id", PGDAT_ID);
	if (g->mem_map)
		offset(g, 0, NEVER, "pglist_data.node_mem_map", PGDAT_MEM_MAP);
	offset(g, 0, NEVER, "zone.free_area", ZONE_FREE_AREA);
	offset(g, 0, NEVER, "zone.vm_stat", 1400);
	offset(g, 0, NEVER, "zone.spanned_pages", 120);
	offset(g, 0, NEVER, "free_area.free_list", 0);
	offset(g, 0, NEVER, "list_head.next", 0);
	offset(g, 0, NEVER, "list_head.prev", 8);
	key(g, 0, NEVER, "LENGTH(zone.free_area)=%u", g->d->orders);
	key(g, V(2, 6, 25), NEVER, "LENGTH(free_area.free_list)=%d", FREE_LISTS);
}

static void info_pages(struct gen *g)
{
	const struct kernel *k = g->d->kernel;

	key(g, 0, NEVER, "NUMBER(NR_FREE_PAGES)=0");
	bit_number(g, 0, NEVER, "PG_lru", k->lru);
	bit_number(g, 0, NEVER, "PG_private", k->private);
	bit_number(g, 0, NEVER, "PG_swapcache", k->swapcache);
	bit_number(g, V(4, 15, 0), NEVER, "PG_swapbacked", k->swapbacked);
	bit_number(g, V(3, 9, 0), NEVER, "PG_slab", k->slab);
	bit_number(g, V(3, 9, 0), NEVER, "PG_hwpoison", k->hwpoison);
	bit_number(g, V(6, 6, 0), V(6, 9, 0), "PG_hugetlb", k->hugetlb);
	key(g, V(3, 17, 0), NEVER, "NUMBER(PG_head_mask)=%llu", 1ULL << k->head);
	type_value(g, V(6, 10, 0), "PAGE_SLAB_MAPCOUNT_VALUE", k->t_slab);
	type_value(g, V(3, 9, 0), "PAGE_BUDDY_MAPCOUNT_VALUE", k->t_buddy);
	type_value(g, V(6, 9, 0), "PAGE_HUGETLB_MAPCOUNT_VALUE", k->t_hugetlb);
	type_value(g, V(5, 1, 0), "PAGE_OFFLINE_MAPCOUNT_VALUE", k->t_offline);
	type_value(g, V(6, 16, 0), "PAGE_UNACCEPTED_MAPCOUNT_VALUE", k->t_unaccepted);
	symbol(g, V(3, 17, 0), V(4, 5, 0), "free_huge_page", g->dtor_pointer);
	key(g, V(4, 5, 0), V(6, 6, 0), "NUMBER(HUGETLB_PAGE_DTOR)=2");
}

void info_make(struct gen *g)
{
	if (g->d->no_vmcoreinfo)
		return;
	g->info = take(INFO_ROOM);
	key(g, 0, NEVER, "OSRELEASE=%s", g->d->release);
	key(g, V(5, 9, 0), NEVER, "BUILD-ID=%s", "0123456789abcdef0123456789abcdef01234567");
	key(g, 0, NEVER, "PAGESIZE=%d", PAGE);
	info_machine(g);
	info_sections(g);
	info_structs(g);
	info_pages(g);
	if (g->d->log)
		g->d->log->info(g);
	for (const struct text_list *k = g->d->keys; k; k = k->next)
		append(g, k->text);
	key(g, 0, NEVER, "CRASHTIME=1700000000");
}

/* what only a running kernel knows */
static bool is_of_boot(const char *line)
{
	static const char *const keys[] = {
		"KERNELOFFSET=", "NUMBER(phys_base)=", "NUMBER(pgtable_l5_enabled)=",
		"NUMBER(VMALLOC_START)=", "SYMBOL(vmemmap)=", "CRASHTIME=",
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strncmp(line, keys[i], strlen(keys[i])))
			return true;
	return false;
}

void info_linked(const struct gen *g, FILE *f)
{
	char *copy = take(g->info_len + 1), *rest, *equals;
	ull at;

	memcpy(copy, g->info, g->info_len);
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (is_of_boot(line))
			continue;
		equals = strchr(line, '=');
		if (!strncmp(line, "SYMBOL(", 7) && equals &&
		    sscanf(equals + 1, "%llx", &at) == 1 && at >= KERNEL_MAP)
			fprintf(f, "%.*s=%llx\n", (int)(equals - line), line,
				(ull)(at - g->d->kaslr_virt));
		else
			fprintf(f, "%s\n", line);
	}
}
