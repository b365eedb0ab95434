/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's physical memory, and its page tables. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "gen.h"

enum { PRESENT = 0x1, WRITE = 0x2, USED = 0x60, LARGE = 0x80 };

bool is_ram(const struct desc *d, uint64_t phys)
{
	for (unsigned i = 0; i < d->nram; i++)
		if (phys >= d->ram[i].from && phys < d->ram[i].to)
			return true;
	return false;
}

void memory_open(struct gen *g)
{
	const struct desc *d = g->d;
	uint64_t start = KERNEL_START + d->kaslr_phys;

	for (unsigned i = 0; i < d->nram; i++) {
		if (d->ram[i].to > g->size)
			g->size = d->ram[i].to;
		if (start >= d->ram[i].from && start < d->ram[i].to)
			g->kernel_limit = d->ram[i].to;
	}
	if (!g->kernel_limit)
		die(d, "no ram at 0x%llx, where the kernel is", (unsigned long long)start);
	/* pages that nobody touches take no memory */
	g->mem = mmap(NULL, g->size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (g->mem == MAP_FAILED)
		die(d, "out of memory");
	g->touched = take(g->size >> PAGE_SHIFT);
	g->kind = take(g->size >> PAGE_SHIFT);
	g->kernel.from = g->kernel.to = start;
}

void put(struct gen *g, uint64_t phys, const void *buf, size_t len)
{
	if (len == 0)
		return;
	if (!is_ram(g->d, phys) || !is_ram(g->d, phys + len - 1))
		die(g->d, "0x%llx is not ram", (unsigned long long)phys);
	memcpy(g->mem + phys, buf, len);
	for (uint64_t pfn = phys >> PAGE_SHIFT; pfn <= (phys + len - 1) >> PAGE_SHIFT; pfn++)
		g->touched[pfn] = 1;
}

void put8(struct gen *g, uint64_t phys, uint8_t value)
{
	put(g, phys, &value, sizeof value);
}

void put16(struct gen *g, uint64_t phys, uint16_t value)
{
	put(g, phys, &value, sizeof value);
}

void put32(struct gen *g, uint64_t phys, uint32_t value)
{
	put(g, phys, &value, sizeof value);
}

void put64(struct gen *g, uint64_t phys, uint64_t value)
{
	put(g, phys, &value, sizeof value);
}

uint64_t alloc(struct gen *g, uint64_t len, uint64_t align)
{
	uint64_t at = (g->kernel.to + align - 1) & ~(align - 1);

	if (at + len > g->kernel_limit)
		die(g->d, "the ram at 0x%llx is too small for the kernel's own things",
		    (unsigned long long)g->kernel.from);
	g->kernel.to = at + len;
	return at;
}

/* text compresses well, random bytes not at all; each page is unlike any other */
void fill(struct gen *g, uint64_t pfn, enum content content)
{
	uint8_t page[PAGE + 128] = { 0 };
	uint64_t x = (pfn + 1) * 0x9e3779b97f4a7c15;

	if (content == ZERO)
		return;
	for (size_t i = 0; i < PAGE;) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (content == RANDOM) {
			memcpy(page + i, &x, sizeof x);
			i += sizeof x;
		} else {
			i += (size_t)snprintf((char *)page + i, 128, "page %llx, word %x; ",
					      (unsigned long long)pfn, (unsigned)(x & 0xff));
		}
	}
	put(g, pfn << PAGE_SHIFT, page, PAGE);
}

uint64_t phys_base(const struct desc *d)
{
	return d->kaslr_phys - d->kaslr_virt;
}

uint64_t static_address(const struct desc *d, uint64_t phys)
{
	return KERNEL_MAP + phys - phys_base(d);
}

uint64_t linear_address(const struct desc *d, uint64_t phys)
{
	return d->page_offset + phys;
}

/* a confidential guest shares some of its memory with the host */
static uint64_t shared_bit(const struct desc *d, uint64_t phys, unsigned shift)
{
	return phys < d->shared_phys.to && phys + (1ULL << shift) > d->shared_phys.from ?
	       d->shared : 0;
}

/* one entry of the tables: level 1 is the last, with 4 KiB pages */
static void map_one(struct gen *g, uint64_t virt, uint64_t phys, unsigned shift)
{
	uint64_t table = g->root;
	unsigned level_shift = PAGE_SHIFT + 9 * (g->d->levels - 1);

	for (; level_shift > shift; level_shift -= 9) {
		uint64_t at = table + 8 * (virt >> level_shift & 511), entry;

		memcpy(&entry, g->mem + at, sizeof entry);
		if (!entry) {
			entry = alloc(g, PAGE, PAGE) | PRESENT | WRITE | USED | g->d->sme;
			put64(g, at, entry);
		}
		if (entry & LARGE)
			die(g->d, "0x%llx is mapped twice", (unsigned long long)virt);
		table = entry & ~g->d->sme & 0x000ffffffffff000;
	}
	put64(g, table + 8 * (virt >> shift & 511),
	      phys | PRESENT | WRITE | USED | (shift > PAGE_SHIFT ? LARGE : 0) | g->d->sme |
	      shared_bit(g->d, phys, shift));
}

void map(struct gen *g, uint64_t virt, uint64_t phys, uint64_t len, unsigned shift)
{
	for (uint64_t done = 0; done < len; done += 1ULL << shift)
		map_one(g, virt + done, phys + done, shift);
}

/* the kernel's image, and all RAM in the linear map */
void map_kernel(struct gen *g)
{
	const struct desc *d = g->d;
	const uint64_t large = 1 << 21, huge_size = 1 << 30;

	uint64_t len = (g->kernel.to - g->kernel.from + large - 1) & ~(large - 1);

	map(g, static_address(d, g->kernel.from), g->kernel.from, len, 21);
	for (unsigned i = 0; i < d->nram; i++) {
		uint64_t from = d->ram[i].from & ~(large - 1), shift;

		for (; from < d->ram[i].to; from += 1ULL << shift) {
			bool huge = !(from & (huge_size - 1)) && d->ram[i].to - from >= huge_size;

			shift = huge ? 30 : 21;
			/* two ranges may share a large page */
			if (i == 0 || from >= d->ram[i - 1].to)
				map(g, linear_address(d, from), from, 1ULL << shift,
				    (unsigned)shift);
		}
	}
}
