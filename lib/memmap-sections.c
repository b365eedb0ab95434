/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPARSEMEM and SPARSEMEM_EXTREME. */
#include <inttypes.h>

#include "arch.h"
#include "err.h"
#include "kinfo.h"
#include "memmap.h"
#include "num.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

enum {
	SECTION_PRESENT = 1 << 0,
	SECTION_HAS_MAP = 1 << 1,
	SECTION_FLAGS = 0x3f,	/* all that the coded pointer's low bits were ever used for */
	SECTION_STRUCT_MAX = 256,
	SECTION_BITS_MIN = 24,	/* ppc64's; all others are larger */
	SUBSECTION_BITS = 21,	/* since 5.3 vmemmap may lack the struct pages of so much */
	SECTIONS_TRIED = 64,
};

static bool has_map(uint64_t coded)
{
	const uint64_t both = SECTION_PRESENT | SECTION_HAS_MAP;

	/* kernel addresses have their top bit set on every 64-bit machine but s390x */
	return (coded & both) == both && coded & ~(uint64_t)SECTION_FLAGS;
}

/* section_mem_map of a section: 1; 0: its root is not there; -1 */
static int read_section(struct memmap *mm, uint64_t nr, uint64_t *coded)
{
	uint64_t array = mm->array, index = nr;

	if (mm->per_root) {
		if (space_read_u64(mm->sp, mm->array + nr / mm->per_root * 8, &array))
			return -1;
		if (array == 0)
			return 0;
		index = nr % mm->per_root;
	}
	if (space_read_u64(mm->sp, array + index * mm->entry_len + mm->map_offset, coded))
		return -1;
	return 1;
}

/* the section after nr; if that could not be read, the one after all of its root's */
static uint64_t after(const struct memmap *mm, uint64_t nr, bool read)
{
	return read || !mm->per_root ? nr + 1 : (nr / mm->per_root + 1) * mm->per_root;
}

/* a damaged dump may have very many sections; the caller asks again why we stopped */
static bool should_stop(uint64_t tried)
{
	return tried % 1024 == 0 && stop_check();
}

/* the coded pointer is where pfn 0's struct page would be, which is what vmemmap is */
static uint64_t base_of(const struct memmap *mm, uint64_t coded)
{
	return mm->vmemmap ? mm->vmemmap : coded & ~(uint64_t)SECTION_FLAGS;
}

/* some struct page of the section is mapped */
static bool is_mapped(struct memmap *mm, uint64_t nr, uint64_t coded)
{
	uint64_t first = nr * mm->section_pages, phys;
	uint64_t step = (UINT64_C(1) << SUBSECTION_BITS) >> mm->sp->vm->page_shift;

	for (uint64_t pfn = first; pfn < first + mm->section_pages; pfn += step)
		if (space_translate(mm->sp, base_of(mm, coded) + pfn * mm->page_struct_len,
				    &phys, NULL) == 0)
			return true;
	return false;
}

static bool any_present(struct memmap *mm)
{
	uint64_t nr = 0, tried = 0;
	int present = 0;

	while (nr < mm->nsections && !should_stop(tried++) && present < SECTIONS_TRIED) {
		uint64_t coded;
		int rc = read_section(mm, nr, &coded);

		if (rc == 1 && has_map(coded)) {
			if (is_mapped(mm, nr, coded))
				return true;
			present++;
		}
		nr = after(mm, nr, rc == 1);
	}
	return false;
}

/*
 * SPARSEMEM or SPARSEMEM_EXTREME: the array's length tells, given how many
 * sections the machine could have. Kernels before 5.9 do not say how many.
 */
static int find_model(struct memmap *mm, uint64_t section_bits)
{
	const struct vmcore *vm = mm->sp->vm;
	const uint8_t *usual = mm->sp->arch->physmem_bits;
	uint64_t per_root = vm->page_size / mm->entry_len, length;
	int64_t bits[4], n = 0;

	if (!kinfo_length(&vm->info, "mem_section", &length))
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no LENGTH(mem_section)");
	if (kinfo_number(&vm->info, "MAX_PHYSMEM_BITS", &bits[0]))
		n = 1;
	else
		for (; n < 4; n++)
			bits[n] = usual[n];
	for (int i = 0; i < n; i++) {
		uint64_t sections;

		if (bits[i] <= (int64_t)section_bits || bits[i] > 63)
			continue;
		sections = UINT64_C(1) << (bits[i] - (int64_t)section_bits);
		if (length == num_div_up(sections, per_root))
			mm->per_root = per_root;
		else if (length == sections)
			mm->per_root = 0;
		else
			continue;
		if (mm->nsections > sections)
			mm->nsections = sections;
		return 0;
	}
	return fail(ERR_UNKNOWN, "mem_map: %" PRIu64 " is no length of mem_section we know",
		    length);
}

/*
 * Since 4.15 mem_section of SPARSEMEM_EXTREME is a pointer and VMCOREINFO has
 * its value; some kernels of that time exported the pointer's own address.
 */
static int find_array(struct memmap *mm)
{
	uint64_t behind;

	if (any_present(mm))
		return 0;
	if (mm->per_root && space_read_u64(mm->sp, mm->array, &behind) == 0) {
		mm->array = behind;
		if (any_present(mm))
			return 0;
	}
	return fail(ERR_CORRUPT, "mem_map: no present section in mem_section at %#" PRIx64,
		    mm->array);
}

int memmap_open_sections(struct memmap *mm)
{
	const struct vmcore *vm = mm->sp->vm;
	const struct kinfo *ki = &vm->info;
	int64_t bits;

	mm->model = MEMMAP_SECTIONS;
	if (!kinfo_number(ki, "SECTION_SIZE_BITS", &bits))
		bits = mm->sp->arch->section_size_bits(mm->sp);
	if (bits < SECTION_BITS_MIN || bits <= vm->page_shift || bits > 40)
		return fail(ERR_UNKNOWN, "mem_map: sections of 2^%" PRId64 " bytes", bits);
	mm->section_pages = UINT64_C(1) << (bits - vm->page_shift);
	mm->nsections = num_div_up(vm->npfns, mm->section_pages);
	if (!kinfo_symbol(ki, "mem_section", &mm->array))
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no SYMBOL(mem_section)");
	if (!kinfo_size(ki, "mem_section", &mm->entry_len) || mm->entry_len < 8 ||
	    mm->entry_len > SECTION_STRUCT_MAX ||
	    !kinfo_offset(ki, "mem_section.section_mem_map", &mm->map_offset) ||
	    mm->map_offset > mm->entry_len - 8)
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no usable struct mem_section");
	return find_model(mm, (uint64_t)bits) || find_array(mm) ? -1 : 0;
}

int memmap_next_section(struct memmap *mm, struct memmap_part *part)
{
	uint64_t tried = 0;

	while (mm->next < mm->nsections && !should_stop(tried++)) {
		uint64_t nr = mm->next, coded = 0;
		int rc = read_section(mm, nr, &coded);

		mm->next = after(mm, nr, rc == 1);
		if (rc == 0 || (rc == 1 && !has_map(coded)))
			continue;
		part->pfn = nr * mm->section_pages;
		part->npages = (mm->next - nr) * mm->section_pages;
		part->virt = 0;
		if (rc == 1 || mm->vmemmap)
			part->virt = base_of(mm, coded) + part->pfn * mm->page_struct_len;
		return 1;
	}
	return 0;
}
