/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "err.h"
#include "kinfo.h"
#include "memmap.h"
#include "num.h"
#include "space.h"
#include "vmcore.h"

enum {
	PAGE_STRUCT_MIN = 32,
	PAGE_STRUCT_MAX = 512,
	VMEMMAP_PAGES = 1 << 15,	/* in a part, if nothing says how large sections are */
};

/* since 6.11 the address, by the name of a variable or as a number */
static uint64_t find_vmemmap(const struct kinfo *ki)
{
	uint64_t symbol;
	int64_t number;

	if (kinfo_symbol(ki, "vmemmap", &symbol))
		return symbol;
	return kinfo_number(ki, "vmemmap", &number) ? (uint64_t)number : 0;
}

int memmap_open(struct memmap *mm, struct space *sp)
{
	const struct kinfo *ki = &sp->vm->info;
	uint64_t ignored;
	int rc;

	*mm = (struct memmap){ .sp = sp };
	if (!kinfo_size(ki, "page", &mm->page_struct_len) ||
	    mm->page_struct_len < PAGE_STRUCT_MIN || mm->page_struct_len > PAGE_STRUCT_MAX)
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no usable SIZE(page)");
	mm->vmemmap = find_vmemmap(ki);
	/* kernels with sections may have a mem_map, too, which is empty */
	if (kinfo_symbol(ki, "mem_section", &ignored))
		rc = memmap_open_sections(mm);
	else
		rc = memmap_open_nodes(mm);
	if (rc == 0 || !mm->vmemmap)
		return rc;
	mm->model = MEMMAP_VMEMMAP;
	if (!mm->section_pages)
		mm->section_pages = VMEMMAP_PAGES;
	mm->nsections = num_div_up(sp->vm->npfns, mm->section_pages);
	return 0;
}

void memmap_seek(struct memmap *mm, uint64_t pfn)
{
	mm->next = mm->model == MEMMAP_NODES ? pfn : pfn / mm->section_pages;
}

int memmap_next(struct memmap *mm, struct memmap_part *part)
{
	if (mm->model == MEMMAP_NODES)
		return memmap_next_node(mm, part);
	if (mm->model == MEMMAP_SECTIONS)
		return memmap_next_section(mm, part);
	if (mm->next >= mm->nsections)
		return 0;
	part->pfn = mm->next++ * mm->section_pages;
	part->npages = mm->section_pages;
	part->virt = mm->vmemmap + part->pfn * mm->page_struct_len;
	return 1;
}
