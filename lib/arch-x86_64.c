/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64 kernels, 4 and 5 levels of page tables.
 *
 * Kernel text is mapped at 0xffffffff80000000, from phys_base on, for
 * KERNEL_IMAGE_SIZE bytes (arch/x86/include/asm/page_64_types.h); symbols in
 * VMCOREINFO have KASLR's offset in them. Physical memory is mapped in one
 * piece from page_offset_base, which KASLR moves and no key tells; the PT_LOADs
 * of an ELF dump do (arch/x86/kernel/crash.c). Everything else is found in the
 * tables from init_top_pgt (init_level4_pgt before 4.13).
 */
#include <elf.h>
#include <stdbool.h>

#include "arch.h"
#include "err.h"
#include "space.h"
#include "vmcore.h"

enum { PRESENT = 1 << 0, LARGE = 1 << 7, LOADS_CHECKED = 64 };
#define FRAME		UINT64_C(0x000ffffffffff000)
#define KERNEL_HALF	UINT64_C(0xff00000000000000)	/* with 5 levels; above it with 4 */
#define TEXT_BASE	UINT64_C(0xffffffff80000000)
#define TEXT_LEN_MAX	UINT64_C(0x40000000)		/* KERNEL_IMAGE_SIZE with KASLR */
#define DIRECT_ALIGN	UINT64_C(0x40000000)
#define TEXT_LEN_OLD	UINT64_C(0x20000000)		/* and where VMCOREINFO lacks it */

static unsigned section_size_bits(const struct space *sp)
{
	(void)sp;
	return 27;	/* SECTION_SIZE_BITS, arch/x86/include/asm/sparsemem.h, 2.6.24 to today */
}

/* phys_base: VMCOREINFO has it since 4.10, a kdump header always, a PT_LOAD of the text */
static bool find_phys_base(struct space *sp)
{
	const struct vmcore *vm = sp->vm;

	if (kinfo_number(&vm->info, "phys_base", &sp->phys_base))
		return true;
	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (l->virt >= TEXT_BASE && l->virt - TEXT_BASE < TEXT_LEN_MAX &&
		    l->len <= TEXT_LEN_MAX) {
			sp->phys_base = (int64_t)(l->phys - (l->virt - TEXT_BASE));
			return true;
		}
	}
	sp->phys_base = vm->header.phys_base;
	return vm->header.known;
}

static bool map_text(struct space *sp)
{
	int64_t len;

	if (!find_phys_base(sp))
		return false;
	if (!kinfo_number(&sp->vm->info, "KERNEL_IMAGE_SIZE", &len) || len <= 0 ||
	    (uint64_t)len > TEXT_LEN_MAX)
		len = TEXT_LEN_OLD;
	/* phys_base may be negative; the sum wraps back into range */
	space_add_linear(sp, TEXT_BASE, (uint64_t)len, (uint64_t)sp->phys_base);
	return true;
}

/* a PT_LOAD that can be a part of the direct map; KASLR moves it by whole GiB */
static bool is_direct(const struct vmcore_load *l)
{
	uint64_t offset = l->virt - l->phys;

	return l->virt >= KERNEL_HALF && l->virt < TEXT_BASE && l->virt >= l->phys &&
	       offset >= KERNEL_HALF && offset % DIRECT_ALIGN == 0;
}

/*
 * PAGE_OFFSET as most of the memory in PT_LOADs has it: QEMU also writes some for
 * vmalloc and vmemmap, and without paging all of them have no virtual addresses
 * worth the name. 0 if there is none.
 */
static uint64_t direct_offset(const struct vmcore *vm)
{
	uint64_t offset = 0, votes = 0;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (!is_direct(l))
			continue;
		if (l->virt - l->phys == offset) {
			votes += l->len;
		} else if (l->len > votes) {
			offset = l->virt - l->phys;
			votes = l->len - votes;
		} else {
			votes -= l->len;
		}
	}
	return offset;
}

/* do the page tables, as far as they can be read, agree on the ends of each PT_LOAD? */
static bool tables_agree(struct space *sp, uint64_t offset)
{
	const struct vmcore *vm = sp->vm;

	for (size_t i = 0; i < vm->nloads && i < LOADS_CHECKED; i++) {
		const struct vmcore_load *l = &vm->loads[i];
		uint64_t phys;

		if (l->virt - l->phys == offset && l->len > 0 &&
		    space_walk(sp, l->virt, &phys, NULL) == 0 && phys != l->phys)
			return false;
	}
	return true;
}

static void map_direct(struct space *sp)
{
	const struct vmcore *vm = sp->vm;
	uint64_t offset = direct_offset(vm), end = vm->npfns << vm->page_shift;

	if (offset && end <= TEXT_BASE - offset && tables_agree(sp, offset))
		space_add_linear(sp, offset, end, 0);
}

/*
 * The address bits of an entry. With memory encryption one bit above the memory is none:
 * of SME and SEV the C bit, which sme_mask tells since 5.0; of TDX the one that shared
 * pages have, 47 or 51, which nothing tells.
 */
static uint64_t frame_mask(const struct vmcore *vm, bool five)
{
	static const unsigned shared[] = { 47, 51 };
	uint64_t mask = FRAME, end = vm->npfns << vm->page_shift;
	int64_t sme, bits;

	if (kinfo_number(&vm->info, "sme_mask", &sme))
		mask &= ~(uint64_t)sme;
	if (!kinfo_number(&vm->info, "MAX_PHYSMEM_BITS", &bits) || bits < 36 || bits > 52)
		bits = five ? 52 : 46;
	mask &= (UINT64_C(1) << bits) - 1;
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if (end <= UINT64_C(1) << shared[i])
			mask &= ~(UINT64_C(1) << shared[i]);
	return mask;
}

static void set_tables(struct space *sp, bool text)
{
	const struct kinfo *ki = &sp->vm->info;
	int64_t five = 0;
	uint64_t root;

	if (!kinfo_number(ki, "pgtable_l5_enabled", &five))
		five = 0;
	sp->frame_mask = frame_mask(sp->vm, five == 1);
	sp->top = five == 1 ? 4 : 3;
	for (int l = 0; l <= sp->top; l++) {
		sp->level[l].shift = (uint8_t)(12 + 9 * l);
		sp->level[l].bits = 9;
	}
	sp->upper = ~UINT64_C(0) << (sp->level[sp->top].shift + 8);
	if (text && (kinfo_symbol(ki, "init_top_pgt", &root) ||
		     kinfo_symbol(ki, "init_level4_pgt", &root) ||
		     kinfo_symbol(ki, "swapper_pg_dir", &root)) &&
	    space_translate(sp, root, &sp->root, NULL))
		sp->root = 0;
}

static int setup(struct space *sp)
{
	bool text = map_text(sp);

	set_tables(sp, text);
	map_direct(sp);
	if (!text && sp->nlinear == 0)
		return fail(ERR_UNKNOWN, "x86_64: neither phys_base nor a PT_LOAD with the "
			    "kernel's virtual addresses");
	return 0;
}

static enum pte entry(const struct space *sp, int level, uint64_t pte, uint64_t *to)
{
	if (!(pte & PRESENT))
		return PTE_NONE;
	*to = pte & sp->frame_mask;
	if (level == 0)
		return PTE_PAGE;
	if (!(pte & LARGE))
		return PTE_TABLE;
	if (level > 2)
		return PTE_NONE;	/* no such thing as a large page of 512 GiB */
	*to &= ~((UINT64_C(4096) << 9 * level) - 1);	/* a large page's low bits are flags */
	return PTE_PAGE;
}

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.machine = EM_X86_64,
	.number = "phys_base",
	.section_size_bits = section_size_bits,
	.physmem_bits = { 46, 44, 52, 40 },	/* 40 and 44: before 2.6.31; 52: 5 levels */
	.setup = setup,
	.entry = entry,
};
