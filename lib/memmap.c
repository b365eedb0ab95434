/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "arch.h"
#include "err.h"
#include "memmap.h"
#include "num.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

enum {
	SECTION_PRESENT = 1 << 0,
	SECTION_HAS_MAP = 1 << 1,
	SECTION_FLAGS = 0x3f,	/* all that the coded pointer's low bits were ever used for */
	PAGE_STRUCT_MIN = 32,
	PAGE_STRUCT_MAX = 512,
	SECTION_STRUCT_MAX = 256,
	SECTION_BITS_MIN = 24,	/* ppc64's; all others are larger */
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

/* a damaged dump may have very many sections; the caller asks again why we stopped */
static bool should_stop(uint64_t nr)
{
	return nr % 1024 == 0 && stop_check();
}

static bool any_present(struct memmap *mm)
{
	for (uint64_t nr = 0; nr < mm->nsections && !should_stop(nr); nr++) {
		uint64_t coded;

		if (read_section(mm, nr, &coded) == 1 && has_map(coded))
			return true;
	}
	return false;
}

/*
 * SPARSEMEM or SPARSEMEM_EXTREME: the array's length tells, given how many
 * sections the machine could have. Kernels before 5.9 do not say how many.
 */
static int find_model(struct memmap *mm, uint64_t section_bits)
{
	static const int64_t usual[] = { 46, 44, 52, 40 };
	const struct vmcore *vm = mm->sp->vm;
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
		if (length == num_div_up(sections, per_root)) {
			mm->per_root = per_root;
			return 0;
		}
		if (length == sections) {
			mm->per_root = 0;
			return 0;
		}
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

int memmap_open(struct memmap *mm, struct space *sp)
{
	const struct vmcore *vm = sp->vm;
	const struct kinfo *ki = &vm->info;
	int64_t bits;

	*mm = (struct memmap){ .sp = sp };
	if (!kinfo_symbol(ki, "mem_section", &mm->array))
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no SYMBOL(mem_section); only "
			    "the sparse memory models are known");
	if (!kinfo_size(ki, "page", &mm->page_struct_len) ||
	    mm->page_struct_len < PAGE_STRUCT_MIN || mm->page_struct_len > PAGE_STRUCT_MAX)
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no usable SIZE(page)");
	if (!kinfo_size(ki, "mem_section", &mm->entry_len) || mm->entry_len < 8 ||
	    mm->entry_len > SECTION_STRUCT_MAX ||
	    !kinfo_offset(ki, "mem_section.section_mem_map", &mm->map_offset) ||
	    mm->map_offset > mm->entry_len - 8)
		return fail(ERR_UNKNOWN, "mem_map: VMCOREINFO has no usable struct mem_section");
	if (!kinfo_number(ki, "SECTION_SIZE_BITS", &bits))
		bits = sp->arch->section_size_bits(sp);
	if (bits < SECTION_BITS_MIN || bits <= vm->page_shift || bits > 40)
		return fail(ERR_UNKNOWN, "mem_map: sections of 2^%" PRId64 " bytes", bits);
	mm->section_pages = UINT64_C(1) << (bits - vm->page_shift);
	mm->nsections = num_div_up(vm->npfns, mm->section_pages);
	return find_model(mm, (uint64_t)bits) || find_array(mm) ? -1 : 0;
}

void memmap_seek(struct memmap *mm, uint64_t pfn)
{
	mm->next = pfn / mm->section_pages;
}

int memmap_next(struct memmap *mm, struct memmap_part *part)
{
	while (mm->next < mm->nsections && !should_stop(mm->next)) {
		uint64_t nr = mm->next++, coded;
		int rc = read_section(mm, nr, &coded);

		if (rc == 0 || (rc == 1 && !has_map(coded)))
			continue;
		part->pfn = nr * mm->section_pages;
		part->npages = mm->section_pages;
		part->virt = 0;
		/* the coded pointer is where pfn 0's struct page would be */
		if (rc == 1)
			part->virt = (coded & ~(uint64_t)SECTION_FLAGS) +
				     part->pfn * mm->page_struct_len;
		return 1;
	}
	return 0;
}
