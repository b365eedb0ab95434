/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why.c - the kernel rules that explain why two filters disagree about a page
 *
 * For x86_64 with SPARSEMEM. The struct page of a page frame is found from
 * VMCOREINFO alone: the page tables from init_top_pgt (or swapper_pg_dir), then
 * mem_section. Only differences that these rules allow are explained; whatever
 * else differs is a fault of one of the two filters, and is left for a person:
 *
 * hwpoison  DUMP leaves the page out because its own PG_hwpoison is set: it must
 *           not be read. makedumpfile does not look at the tails of a compound.
 * offline   DUMP leaves the page out because its type is PAGE_OFFLINE: a balloon has
 *           it, and nothing is there. makedumpfile does the same, but at levels 0
 *           and 1 it looks at struct pages only if the kernel exports PG_hwpoison.
 * waiters   An anonymous page has bit 7 set in its flags. Kernels from 6.10 on
 *           export no PG_slab, and there bit 7 is PG_waiters (Linux 6.12,
 *           include/linux/page-flags.h); makedumpfile takes it for PG_slab, and so
 *           the page for one that is not a user's: it is kept where user pages are
 *           asked to go (level 8), and goes with the page cache (levels 2 and 4).
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pagediff.h"

#define KERNEL_MAP 0xffffffff80000000ULL	/* __START_KERNEL_map */

enum {
	PRESENT = 0x01,
	LARGE = 0x80,
	SECTION_FLAGS = 0x3f,	/* the low bits of section_mem_map are no address */
	WAITERS = 7,
};

static bool number(const struct raw *raw, const char *key, int base, uint64_t *n)
{
	char value[32];

	if (!raw_info(raw, key, value, sizeof(value)))
		return false;
	if (value[0] == '-')
		*n = (uint64_t)strtoll(value, NULL, base);
	else
		*n = strtoull(value, NULL, base);
	return true;
}

static bool read_phys(const struct raw *raw, uint64_t phys, void *to, size_t size)
{
	size_t low = 0, high = raw->npieces;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (raw->pieces[mid].phys + raw->pieces[mid].len <= phys)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == raw->npieces || raw->pieces[low].phys > phys)
		return false;

	uint64_t at = phys - raw->pieces[low].phys;
	uint64_t offset = raw->pieces[low].offset + at;

	if (size > raw->pieces[low].len - at || offset > raw->file.size ||
	    size > raw->file.size - offset)
		return false;
	memcpy(to, raw->file.bytes + offset, size);
	return true;
}

/* `virt` through the page tables; 4 KiB, 2 MiB and 1 GiB pages */
static bool translate(const struct why *w, uint64_t virt, uint64_t *phys)
{
	uint64_t table = w->top;

	for (int shift = w->five ? 48 : 39; shift >= 12; shift -= 9) {
		uint64_t size = 1ULL << shift;
		uint8_t bytes[8];
		uint64_t entry;

		if (!read_phys(w->raw, table + (virt >> shift) % 512 * 8, bytes, 8))
			return false;
		entry = le64(bytes) & ~w->sme_mask;
		if (!(entry & PRESENT))
			return false;
		entry &= 0x000ffffffffff000ULL | (shift > 12 ? LARGE : 0);
		if (shift == 12 || (shift <= 30 && (entry & LARGE))) {
			*phys = (entry & ~(size - 1)) | (virt & (size - 1));
			return true;
		}
		table = entry & ~0xfffULL;
	}
	return false;
}

static bool read_virt(const struct why *w, uint64_t virt, uint8_t *to, size_t size)
{
	while (size > 0) {
		size_t part = 4096 - virt % 4096;
		uint64_t phys;

		if (part > size)
			part = size;
		if (!translate(w, virt, &phys) || !read_phys(w->raw, phys, to, part))
			return false;
		virt += part;
		to += part;
		size -= part;
	}
	return true;
}

int why_open(struct why *w, const struct raw *raw)
{
	uint64_t phys_base, five = 0, top;
	bool all = raw->machine == EM_X86_64;

	*w = (struct why){ .raw = raw, .section_bits = 27 };
	all &= number(raw, "NUMBER(phys_base)=", 10, &phys_base);
	all &= number(raw, "SYMBOL(init_top_pgt)=", 16, &top) ||
	       number(raw, "SYMBOL(swapper_pg_dir)=", 16, &top);
	all &= number(raw, "SYMBOL(mem_section)=", 16, &w->mem_section);
	all &= number(raw, "SIZE(mem_section)=", 10, &w->section_size);
	all &= number(raw, "OFFSET(mem_section.section_mem_map)=", 10, &w->section_map);
	all &= number(raw, "SIZE(page)=", 10, &w->page_size);
	all &= number(raw, "OFFSET(page.flags)=", 10, &w->flags);
	all &= number(raw, "OFFSET(page.mapping)=", 10, &w->mapping);
	all &= number(raw, "OFFSET(page.private)=", 10, &w->private);
	all &= number(raw, "OFFSET(page._mapcount)=", 10, &w->mapcount);
	all &= number(raw, "OFFSET(page.compound_head)=", 10, &w->compound) ||
	       number(raw, "OFFSET(page.compound_info)=", 10, &w->compound);
	if (!all || w->page_size < 32 || w->page_size > PAGE_STRUCT_MAX ||
	    w->flags > w->page_size - 8 || w->mapping > w->page_size - 8 ||
	    w->private > w->page_size - 8 || w->mapcount > w->page_size - 4 ||
	    w->compound > w->page_size - 8 || w->section_size == 0 ||
	    w->section_size > 4096) {
		fprintf(stderr, "pagediff: %s: its struct pages cannot be found\n",
			raw->file.name);
		return -1;
	}
	number(raw, "NUMBER(sme_mask)=", 0, &w->sme_mask);
	number(raw, "NUMBER(pgtable_l5_enabled)=", 10, &five);
	number(raw, "NUMBER(SECTION_SIZE_BITS)=", 10, &w->section_bits);
	if (w->section_bits < 13 || w->section_bits > 40)
		w->section_bits = 27;
	w->five = five;
	w->top = top - KERNEL_MAP + phys_base;
	return 0;
}

/* the address of a page frame's struct page, by SPARSEMEM_EXTREME's two levels */
static bool page_address(const struct why *w, uint64_t pfn, uint64_t *virt)
{
	uint64_t section = pfn >> (w->section_bits - 12);
	uint64_t per_root = 4096 / w->section_size;
	uint8_t bytes[8];

	if (!read_virt(w, w->mem_section + section / per_root * 8, bytes, 8))
		return false;

	uint64_t entry = le64(bytes) + section % per_root * w->section_size;

	if (!read_virt(w, entry + w->section_map, bytes, 8))
		return false;
	*virt = (le64(bytes) & ~(uint64_t)SECTION_FLAGS) + pfn * w->page_size;
	return true;
}

static bool read_page(const struct why *w, uint64_t virt, struct page_facts *f)
{
	if (!read_virt(w, virt, f->bytes, w->page_size))
		return false;
	f->virt = virt;
	f->flags = le64(f->bytes + w->flags);
	f->mapping = le64(f->bytes + w->mapping);
	f->private = le64(f->bytes + w->private);
	f->mapcount = (int32_t)le32(f->bytes + w->mapcount);
	f->compound = le64(f->bytes + w->compound);
	return true;
}

/*
 * The head a tail belongs to. The word's bit 0 marks a tail; the rest is the
 * head's address, or from Linux 7.1 on may be a mask for the tail's own address.
 */
static uint64_t head_address(uint64_t tail, uint64_t word)
{
	word -= 1;
	return word >> 32 == 0xffffffff ? tail & word : word;
}

bool why_facts(const struct why *w, uint64_t pfn, struct page_facts *page,
	       struct page_facts *head, struct page_facts *second)
{
	uint64_t virt, at;

	if (!page_address(w, pfn, &virt) || !read_page(w, virt, page))
		return false;
	at = page->compound & 1 ? head_address(virt, page->compound) : virt;
	if (!read_page(w, at, head) || !read_page(w, at + w->page_size, second))
		return false;
	/* a tail in a shared page of struct pages looks like a head: the next one knows */
	if (!(page->compound & 1) && (second->compound & 1)) {
		uint64_t true_head = head_address(at + w->page_size, second->compound);

		if (true_head < at && (!read_page(w, true_head, head) ||
				       !read_page(w, true_head + w->page_size, second)))
			return false;
	}
	return true;
}

static bool flag(const struct why *w, const char *key, uint64_t flags)
{
	uint64_t n;

	return number(w->raw, key, 10, &n) && n < 64 && ((flags >> n) & 1);
}

/* a page type; from Linux 6.12 on it is the top byte, and the rest is the owner's */
static bool has_type(const struct why *w, const char *key, int32_t mapcount)
{
	uint64_t n;

	if (!number(w->raw, key, 10, &n))
		return false;
	if (((uint32_t)n & 0xffffff) == 0)
		return (uint32_t)n >> 24 == (uint32_t)mapcount >> 24;
	return (int32_t)n == mapcount;
}

const char *why_differs(const struct why *w, uint64_t pfn, uint32_t level, bool kept)
{
	struct page_facts page, head, second;
	uint64_t n;

	if (!why_facts(w, pfn, &page, &head, &second))
		return NULL;
	if (!kept && flag(w, "NUMBER(PG_hwpoison)=", page.flags))
		return "hwpoison";
	if (!kept && level <= 1 && !number(w->raw, "NUMBER(PG_hwpoison)=", 10, &n) &&
	    has_type(w, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=", page.mapcount))
		return "offline";
	if ((kept ? (level & (2 | 4)) && !(level & 8) : level & 8) &&
	    !number(w->raw, "NUMBER(PG_slab)=", 10, &n) &&
	    ((head.flags >> WAITERS) & 1) && (head.mapping & 1) &&
	    !has_type(w, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=", head.mapcount))
		return "waiters";
	return NULL;
}
