/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64 kernels with pages of 4, 16 and 64 KiB and addresses of 36 to 52 bits.
 *
 * VMCOREINFO (arch/arm64/kernel/vmcore_info.c, crash_core.c before 6.9) has VA_BITS,
 * what the kernel was configured for; TCR_EL1_T1SZ (5.9), from which what this very
 * machine can; kimage_voffset, by which the image is mapped; PHYS_OFFSET, the physical
 * address of PAGE_OFFSET, KASLR's offset in it, and so "negative" at times.
 *
 * Since 5.4 (arch/arm64/include/asm/memory.h) the linear map is the lower half of
 * the kernel's addresses and all else the upper one; before, the other way round. On a
 * machine that has fewer bits than VA_BITS it begins at the half of those fewer
 * bits, and PHYS_OFFSET is still that of the larger half's begin (5.11; 5.4 to 5.10
 * had it as of the smaller one). So there are a few ways to read the keys, and the page
 * tables, as far as they can be read, say which is right.
 *
 * Tables have an entry for each page_size / 8, and the first what remains. With 4 and
 * 16 KiB pages they are built for the bits the machine has; with 64 KiB for VA_BITS,
 * always. An entry with bits [1:0] = 3 is a table or, at the last level, a page; 1 is a
 * block. It has address bits up to 47 in place; bits 51 to 48 are in 15 to 12 with 64
 * KiB pages, and with the others, when all 52 bits are used (LPA2), bits 51 and 50
 * are in 9 and 8 and all below in place (Arm ARM, D8.3).
 */
#include <elf.h>
#include <stdbool.h>

#include "arch.h"
#include "err.h"
#include "space.h"
#include "vmcore.h"

enum {
	VA_BITS_MIN = 36, VA_BITS_MAX = 52,
	SHIFT_4K = 12, SHIFT_16K = 14, SHIFT_64K = 16,
	DESC_BLOCK = 1, DESC_TABLE = 3, DESC_TYPE = 3,
	IMAGE_ALIGN = 1 << 16,		/* of its parts: SEGMENT_ALIGN, 2 MiB before 4.0 */
	IMAGE_LEN_MAX = 1 << 28,
	LOADS_CHECKED = 64,
};
#define TAG	UINT64_C(0xff00000000000000)	/* top byte ignore: KASAN's tags */

/* what VMCOREINFO says of this kernel, in range */
struct keys {
	unsigned page_shift;
	unsigned va_bits, actual;	/* configured; used on this machine */
	uint64_t voffset, phys_offset;
	bool has_actual, has_voffset, has_phys_offset;
	bool flipped;			/* by the version: the linear map is the lower half */
};

/* addresses where a linear map can lie, and where physical address 0 would be in it */
struct layout {
	uint64_t start, len, zero;
};

static uint64_t low_bits(unsigned n)
{
	return (UINT64_C(1) << n) - 1;
}

static unsigned section_size_bits(const struct space *sp)
{
	const struct kinfo *ki = &sp->vm->info;

	/* arch/arm64/include/asm/sparsemem.h */
	if (ki->version < KINFO_VERSION(5, 12, 0))
		return 30;
	return ki->page_size == 1 << SHIFT_64K ? 29 : 27;
}

static int read_keys(const struct space *sp, struct keys *k)
{
	const struct kinfo *ki = &sp->vm->info;
	uint32_t page = ki->page_size ? ki->page_size : sp->vm->page_size;
	int64_t bits, t1sz, n;

	*k = (struct keys){ .page_shift = (unsigned)__builtin_ctz(page) };
	if (k->page_shift != SHIFT_4K && k->page_shift != SHIFT_16K && k->page_shift != SHIFT_64K)
		return fail(ERR_UNKNOWN, "arm64: pages of %u bytes", page);
	if (!kinfo_number(ki, "VA_BITS", &bits) || bits < VA_BITS_MIN || bits > VA_BITS_MAX)
		return fail(ERR_UNKNOWN, "arm64: VMCOREINFO has no usable NUMBER(VA_BITS)");
	k->va_bits = k->actual = (unsigned)bits;
	if (kinfo_number(ki, "TCR_EL1_T1SZ", &t1sz) && t1sz >= 64 - bits &&
	    t1sz <= 64 - VA_BITS_MIN) {
		k->actual = (unsigned)(64 - t1sz);
		k->has_actual = true;
	}
	k->has_voffset = kinfo_number(ki, "kimage_voffset", &n);
	k->voffset = k->has_voffset ? (uint64_t)n : 0;
	k->has_phys_offset = kinfo_number(ki, "PHYS_OFFSET", &n);
	k->phys_offset = k->has_phys_offset ? (uint64_t)n : 0;
	k->flipped = ki->version == 0 || ki->version >= KINFO_VERSION(5, 4, 0);
	return 0;
}

static void set_geometry(struct space *sp, const struct keys *k)
{
	unsigned va = k->page_shift == SHIFT_64K ? k->va_bits : k->actual;
	unsigned bits = k->page_shift - 3, shift = k->page_shift;
	int64_t pac;

	for (sp->top = 0; sp->top < SPACE_LEVELS; sp->top++, shift += bits) {
		sp->level[sp->top].shift = (uint8_t)shift;
		sp->level[sp->top].bits = (uint8_t)bits;
		if (va <= shift + bits)
			break;
	}
	sp->level[sp->top].bits = (uint8_t)(va - shift);
	sp->upper = ~low_bits(va);
	sp->frame_mask = low_bits(48) & ~low_bits(k->page_shift);
	if (k->page_shift == SHIFT_64K) {
		sp->high_mask = 0xf000;
		sp->high_shift = 48 - 12;
	} else if (k->actual == VA_BITS_MAX) {
		sp->frame_mask |= low_bits(50) & ~low_bits(48);
		sp->high_mask = 0x300;
		sp->high_shift = 50 - 8;
	}
	sp->tag = TAG;
	if (kinfo_number(&sp->vm->info, "KERNELPACMASK", &pac))
		sp->tag |= (uint64_t)pac & ~low_bits(k->actual);
}

static uint64_t memory_end(const struct space *sp)
{
	return sp->vm->npfns << sp->vm->page_shift;
}

/* 4.12 and later say it; before, a PT_LOAD of the image does */
static void find_voffset(const struct space *sp, struct keys *k)
{
	const struct vmcore *vm = sp->vm;
	uint64_t stext;

	if (k->has_voffset || !kinfo_symbol(&vm->info, "_stext", &stext))
		return;
	for (size_t i = 0; i < vm->nloads && !k->has_voffset; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (stext - l->virt < l->len && l->len <= IMAGE_LEN_MAX) {
			k->voffset = l->virt - l->phys;
			k->has_voffset = true;
		}
	}
}

/* one past the image, as its PT_LOAD has it or at least the symbols we know */
static uint64_t image_end(const struct space *sp, uint64_t start, uint64_t voffset)
{
	static const char *const symbols[] = {
		"_stext", "swapper_pg_dir", "init_uts_ns", "node_online_map", "prb",
		"printk_rb_static", "log_buf", "log_buf_len", "clear_seq", "kallsyms_names",
	};
	const struct vmcore *vm = sp->vm;
	uint64_t end = start, at;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (l->virt - l->phys == voffset && l->len <= IMAGE_LEN_MAX &&
		    start - l->virt < l->len)
			return l->virt + l->len;
	}
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (kinfo_symbol(&vm->info, symbols[i], &at) && at >= start &&
		    at - start < IMAGE_LEN_MAX && at >= end)
			end = (at | (IMAGE_ALIGN - 1)) + 1;
	return end;
}

/*
 * The image is mapped in one piece. How far it reaches is not told by all dumps: as
 * long as the tables work they are asked for the rest, else it may be this long.
 */
static void map_image(struct space *sp, const struct keys *k)
{
	const struct kinfo *ki = &sp->vm->info;
	uint64_t at, start, phys, len, room, table, found;

	if (!k->has_voffset || (!kinfo_symbol(ki, "_stext", &at) &&
				!kinfo_symbol(ki, "swapper_pg_dir", &at)))
		return;
	start = at & ~(uint64_t)(IMAGE_ALIGN - 1);
	phys = start - k->voffset;
	if (phys >= memory_end(sp) || (start & sp->upper) != sp->upper)
		return;
	room = memory_end(sp) - phys;
	if (kinfo_symbol(ki, "swapper_pg_dir", &table) && table - k->voffset < memory_end(sp))
		sp->root = table - k->voffset;
	len = image_end(sp, start, k->voffset) - start;
	if (space_walk(sp, at, &found, NULL))
		len = IMAGE_LEN_MAX;
	if (len > -start && start != 0)
		len = -start;
	space_add_linear(sp, start, len < room ? len : room, phys);
}

/* the part of memory that a layout maps; false if that is nothing */
static bool place(const struct space *sp, const struct layout *y, uint64_t *virt,
		  uint64_t *len, uint64_t *phys)
{
	uint64_t end = memory_end(sp);

	if (y->zero - y->start < y->len) {
		*virt = y->zero;
		*phys = 0;
	} else {
		*virt = y->start;
		*phys = y->start - y->zero;
	}
	if (*phys >= end)
		return false;
	*len = y->len - (*virt - y->start);
	if (*len > end - *phys)
		*len = end - *phys;
	/* the tables are memory, too */
	return sp->root == 0 || sp->root - *phys < *len;
}

/*
 * Do the tables agree that the begin of each PT_LOAD, and the first table itself, are
 * where the layout has them? 1: yes; 0: they say nothing of them; -1: no.
 */
static int tables_agree(struct space *sp, const struct layout *y)
{
	const struct vmcore *vm = sp->vm;
	uint64_t found;
	int agree = 0;

	if (sp->root && space_walk(sp, y->zero + sp->root, &found, NULL) == 0) {
		if (found != sp->root)
			return -1;
		agree = 1;
	}
	for (size_t i = 0; i < vm->nloads && i < LOADS_CHECKED; i++) {
		uint64_t phys = vm->loads[i].phys;

		if (y->zero + phys - y->start >= y->len ||
		    space_walk(sp, y->zero + phys, &found, NULL))
			continue;
		if (found != phys)
			return -1;
		agree = 1;
	}
	return agree;
}

/* PT_LOADs of the linear map as the kernel's own vmcore has them, for want of PHYS_OFFSET */
static uint64_t zero_of_loads(const struct space *sp, const struct layout *half)
{
	const struct vmcore *vm = sp->vm;
	uint64_t longest = 0, zero = 0;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (l->virt - half->start < half->len && l->len > longest) {
			longest = l->len;
			zero = l->virt - l->phys;
		}
	}
	return zero;
}

/* the ways to read the keys, the likeliest first; how many */
static int layouts(const struct space *sp, const struct keys *k, struct layout y[5])
{
	uint64_t all = -low_bits(k->va_bits) - 1, some = -low_bits(k->actual) - 1;
	uint64_t old = -low_bits(k->va_bits - 1) - 1;
	struct layout lower = { .start = some, .len = low_bits(k->actual - 1) + 1 };
	struct layout upper = { .start = old, .len = low_bits(k->va_bits - 1) + 1 };
	int n = 0;

	if (k->has_phys_offset) {
		struct layout now = lower, between = lower, before = upper;

		now.zero = all - k->phys_offset;
		between.zero = some - k->phys_offset;
		before.zero = old - k->phys_offset;
		if (!k->flipped)
			y[n++] = before;
		y[n++] = now;
		y[n++] = between;
		if (k->flipped)
			y[n++] = before;
	}
	for (int i = 0; i < 2; i++) {
		struct layout *half = k->flipped == (i == 0) ? &lower : &upper;

		half->zero = zero_of_loads(sp, half);
		if (half->zero)
			y[n++] = *half;
	}
	return n;
}

static bool map_memory(struct space *sp, const struct keys *k)
{
	struct layout y[5];
	int n = layouts(sp, k, y), best = -1;
	uint64_t virt, len, phys;

	for (int i = 0; i < n; i++) {
		int agree = place(sp, &y[i], &virt, &len, &phys) ? tables_agree(sp, &y[i]) : -1;

		if (agree > 0 || (agree == 0 && best < 0))
			best = i;
		if (agree > 0)
			break;
	}
	if (best < 0 || !place(sp, &y[best], &virt, &len, &phys))
		return false;
	space_add_linear(sp, virt, len, phys);
	return true;
}

/* is the image where it should be by the tables of this geometry? */
static bool maps_image(struct space *sp, const struct keys *k)
{
	uint64_t at, phys;

	return sp->root && kinfo_symbol(&sp->vm->info, "_stext", &at) &&
	       space_walk(sp, at, &phys, NULL) == 0 && phys == at - k->voffset;
}

/* without TCR_EL1_T1SZ a kernel made for 52 bits may run with fewer: VA_BITS_MIN */
static void map_all(struct space *sp, struct keys *k)
{
	unsigned fewer = k->page_shift == SHIFT_16K ? 47 : 48;
	bool guess = !k->has_actual && k->va_bits == VA_BITS_MAX;

	set_geometry(sp, k);
	map_image(sp, k);
	if (guess && !maps_image(sp, k)) {
		k->actual = fewer;
		sp->nlinear = 0;
		set_geometry(sp, k);
		map_image(sp, k);
	}
	if (!map_memory(sp, k) && guess) {
		k->actual = fewer;
		map_memory(sp, k);
	}
}

static int setup(struct space *sp)
{
	struct keys k;

	if (read_keys(sp, &k))
		return -1;
	find_voffset(sp, &k);
	map_all(sp, &k);
	/* readers of kdump files take their header's phys_base for PHYS_OFFSET */
	sp->phys_base = (int64_t)k.phys_offset;
	if (!sp->root && sp->nlinear == 0)
		return fail(ERR_UNKNOWN, "arm64: neither kimage_voffset nor PHYS_OFFSET nor a "
			    "PT_LOAD with the kernel's virtual addresses");
	return 0;
}

/* is there such a thing as a block at this level? Those of 512 GiB, 64 GiB and 4 TiB
 * came with addresses of 52 bits */
static bool can_be_block(const struct space *sp, int level)
{
	bool wide = sp->high_mask != 0;

	switch (sp->level[0].shift) {
	case SHIFT_4K:
		return level <= 2 + wide;
	default:
		return level <= 1 + wide;
	}
}

static enum pte entry(const struct space *sp, int level, uint64_t desc, uint64_t *to)
{
	uint64_t type = desc & DESC_TYPE;

	*to = (desc & sp->frame_mask) | (desc & sp->high_mask) << sp->high_shift;
	if (type == DESC_TABLE)
		return level == 0 ? PTE_PAGE : PTE_TABLE;
	if (type != DESC_BLOCK || level == 0 || !can_be_block(sp, level))
		return PTE_NONE;
	*to &= ~low_bits(sp->level[level].shift);
	return PTE_PAGE;
}

const struct arch arch_arm64 = {
	.name = "aarch64",
	.machine = EM_AARCH64,
	.number = "kimage_voffset",
	.section_size_bits = section_size_bits,
	.physmem_bits = { 48, 52 },
	.setup = setup,
	.entry = entry,
};
