/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kdump-compressed dumps, split or not: the reader's parts (kdump.h) put together.
 *
 * A block of the file is a page of the kernel, but not in what QEMU writes of arm64
 * machines: its blocks are 64 KiB whatever the kernel's pages are (QEMU 7.2,
 * target/arm/arch_dump.c). Then each block is several pages, and the kernel's VMCOREINFO
 * says how many; all below this file counts in blocks.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kdump.h"
#include "num.h"
#include "vmcore.h"

extern const struct vmcore_ops vmcore_kdump;
static const struct vmcore_ops of_several_pages;

/* as many pages in a block as there are, but not less than one */
static bool set_page_size(struct vmcore *vm, uint32_t size)
{
	const struct kdump_head *h = &((struct kdump *)vm->priv)->head;

	if (size > h->block_size || (size < h->block_size && h->split))
		return false;
	vm->page_size = size;
	vm->page_shift = (unsigned)__builtin_ctz(size);
	vm->npfns = h->npfns * (h->block_size / size);
	vm->ops = size < h->block_size ? &of_several_pages : &vmcore_kdump;
	return true;
}

/* the size of the kernel's pages, if VMCOREINFO has it */
static int find_page_size(struct vmcore *vm)
{
	struct note note;
	struct kinfo ki;
	uint32_t size;

	if (vmcore_note(vm, "VMCOREINFO", 0, &note) != 1)
		return 0;
	if (kinfo_open(&ki, note.desc, note.desclen))
		return err_code() == ERR_CORRUPT ? 0 : -1;
	size = ki.page_size;
	kinfo_close(&ki);
	if (size)
		set_page_size(vm, size);	/* or a block stays a page */
	return 0;
}

static int kdump_open(struct vmcore *vm)
{
	struct kdump_head h;
	struct kdump *k;
	int rc = kdump_head_read(&h, &vm->src);

	if (rc != 1)
		return rc;
	k = vm->priv = calloc(1, sizeof *k);
	if (!k)
		return fail_sys("kdump file");
	k->head = h;
	k->bits.copy = malloc(KDUMP_COPY + 8);
	if (!k->bits.copy)
		return fail_sys("kdump file");
	if (kdump_head_apply(vm, &h) || kdump_parts_open(vm, &h) ||
	    kdump_bits_open(vm, vm->memory) || kdump_pages_open(vm) || find_page_size(vm))
		return -1;
	return 1;
}

static int kdump_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	size_t block = ((struct kdump *)vm->priv)->head.block_size;
	uint8_t *p = buf;

	while (len > 0) {
		size_t in = phys & (block - 1);
		size_t n = block - in < len ? block - in : len;

		if (kdump_page_read(vm, phys / block, in, p, n))
			return -1;
		p += n;
		len -= n;
		phys += n;
	}
	return 0;
}

/* bitmap 1, and what is there existed, whatever a damaged bitmap 1 says */
static int kdump_ram(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	struct kdump *k = vm->priv;

	if (kdump_bits_load(vm, &vm->src, false, bm, first, 0, k->head.npfns))
		return -1;
	return kdump_bits_held(vm, bm, first);
}

/* a bit for each page, from one for each block */
static int spread(struct vmcore *vm, struct bitmap *bm, uint64_t first,
		  int (*get)(struct vmcore *vm, struct bitmap *bm, uint64_t first))
{
	struct kdump *k = vm->priv;
	uint64_t pages = k->head.block_size / vm->page_size, begin = first / pages, end;
	struct bitmap blocks;

	if (bitmap_open(&blocks, num_div_up(bm->nbits, pages)))
		return -1;
	if (get(vm, &blocks, begin)) {
		bitmap_close(&blocks);
		return -1;
	}
	for (uint64_t at = bitmap_next_set(&blocks, 0); at < blocks.nbits;
	     at = bitmap_next_set(&blocks, end)) {
		end = bitmap_next_clear(&blocks, at);
		bitmap_set_window(bm, first, (begin + at) * pages, (begin + end) * pages);
	}
	bitmap_close(&blocks);
	return 0;
}

static int several_ram(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	return spread(vm, bm, first, kdump_ram);
}

static int several_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	return spread(vm, bm, first, kdump_bits_held);
}

static int kdump_stored(struct vmcore *vm, uint64_t pfn, void *buf, struct vmcore_stored *stored)
{
	struct kdump_stored s;

	if (kdump_page_find(vm, pfn, &s))
		return -1;
	memcpy(buf, s.data, s.size);
	*stored = (struct vmcore_stored){ s.size, s.flags, s.page_flags };
	return 0;
}

static void kdump_close(struct vmcore *vm)
{
	struct kdump *k = vm->priv;

	if (!k)
		return;
	kdump_pages_close(&k->pages);
	kdump_bits_close(&k->bits);
	kdump_parts_close(vm);
	free(k);
	vm->priv = NULL;
}

const struct vmcore_ops vmcore_kdump = {
	.name = "kdump-compressed",
	.open = kdump_open,
	.read = kdump_read,
	.ram = kdump_ram,
	.held = kdump_bits_held,
	.stored = kdump_stored,
	.set_page_size = set_page_size,
	.close = kdump_close,
};

static const struct vmcore_ops of_several_pages = {
	.name = "kdump-compressed",
	.read = kdump_read,
	.ram = several_ram,
	.held = several_held,
	.set_page_size = set_page_size,
	.close = kdump_close,
};
