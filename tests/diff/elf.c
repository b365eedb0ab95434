/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf.c - an ELF dump, checked against the raw vmcore
 *
 * Its program headers may cut memory into more pieces than the raw vmcore's do, and a
 * piece may end with memory that is not in the file (p_memsz > p_filesz). Physical
 * memory must be the same as the raw one's, every virtual address must lead to where it
 * did, and what is in the file must be the same bytes, wherever it is named. Memory that
 * is named twice may be in the file once.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pagediff.h"

enum { INCOMPLETE = 1 };

typedef unsigned long long ull;

/* the program headers of a file, raw_open() has found them inside it */
struct headers {
	const uint8_t *first;
	uint64_t n;
};

static struct headers headers_of(const struct file *file)
{
	const uint8_t *p = file->bytes;
	struct headers h = { p + le64(p + offsetof(Elf64_Ehdr, e_phoff)),
			     le16(p + offsetof(Elf64_Ehdr, e_phnum)) };

	if (h.n == PN_XNUM)
		h.n = le32(p + le64(p + offsetof(Elf64_Ehdr, e_shoff)) +
			   offsetof(Elf64_Shdr, sh_info));
	return h;
}

static Elf64_Phdr header(struct headers h, uint64_t i)
{
	const uint8_t *p = h.first + i * sizeof(Elf64_Phdr);

	return (Elf64_Phdr){
		.p_type = le32(p + offsetof(Elf64_Phdr, p_type)),
		.p_offset = le64(p + offsetof(Elf64_Phdr, p_offset)),
		.p_vaddr = le64(p + offsetof(Elf64_Phdr, p_vaddr)),
		.p_paddr = le64(p + offsetof(Elf64_Phdr, p_paddr)),
		.p_filesz = le64(p + offsetof(Elf64_Phdr, p_filesz)),
		.p_memsz = le64(p + offsetof(Elf64_Phdr, p_memsz)),
		.p_align = le64(p + offsetof(Elf64_Phdr, p_align)),
	};
}

static void check_header(struct kdump *k, const struct raw *raw, bool incomplete)
{
	const uint8_t *p = k->file.bytes;
	uint32_t flags = le32(p + offsetof(Elf64_Ehdr, e_flags));
	uint64_t n = headers_of(&k->file).n;

	if (le16(p + offsetof(Elf64_Ehdr, e_machine)) != raw->machine)
		kdump_fault(k, "e_machine is not the raw vmcore's");
	if (p[EI_VERSION] != EV_CURRENT || le32(p + offsetof(Elf64_Ehdr, e_version)) != EV_CURRENT)
		kdump_fault(k, "e_version is not 1");
	if (le16(p + offsetof(Elf64_Ehdr, e_ehsize)) != sizeof(Elf64_Ehdr) ||
	    le64(p + offsetof(Elf64_Ehdr, e_phoff)) != sizeof(Elf64_Ehdr))
		kdump_fault(k, "the program headers do not follow the ELF header");
	if (flags & ~(uint32_t)INCOMPLETE)
		kdump_fault(k, "e_flags is 0x%x", flags);
	if (le16(p + offsetof(Elf64_Ehdr, e_phnum)) == PN_XNUM && n < PN_XNUM)
		kdump_fault(k, "e_phnum is PN_XNUM for %llu program headers", (ull)n);
	k->incomplete = flags & INCOMPLETE;
	if (k->incomplete != incomplete)
		kdump_fault(k, k->incomplete ? "it is marked incomplete"
					     : "it is not marked incomplete");
}

static void set_bits(uint8_t *bitmap, uint64_t phys, uint64_t len, const struct kdump *k)
{
	uint64_t last = len ? (phys + len - 1) / k->block : 0;

	for (uint64_t pfn = phys / k->block; len && pfn <= last && pfn < k->npages; pfn++)
		bitmap[pfn >> 3] |= (uint8_t)(1 << (pfn & 7));
}

/* what the header says is in the file: the same bytes? */
static void compare_load(struct kdump *k, struct raw *raw, const Elf64_Phdr *ph)
{
	for (uint64_t done = 0, n; done < ph->p_filesz; done += n) {
		uint64_t phys = ph->p_paddr + done;
		long at;

		n = k->block - phys % k->block;
		if (n > ph->p_filesz - done)
			n = ph->p_filesz - done;
		if (raw_presence(raw, phys / k->block, k->block) == CUT) {
			kdump_fault(k, "pfn 0x%llx: kept, but the raw vmcore ends before it",
				    (ull)(phys / k->block));
			continue;
		}
		at = raw_differs_at(raw, phys, k->file.bytes + ph->p_offset + done, n);
		if (at >= 0)
			kdump_fault(k, "pfn 0x%llx: differs from the raw vmcore at byte %ld",
				    (ull)(phys / k->block), at);
	}
}

static void check_load(struct kdump *k, struct raw *raw, const Elf64_Phdr *ph,
		       uint64_t headers_end)
{
	uint64_t size = k->file.size;

	if (ph->p_align || ph->p_filesz > ph->p_memsz || ph->p_paddr + ph->p_memsz < ph->p_paddr)
		kdump_fault(k, "PT_LOAD of 0x%llx: %llu of %llu bytes, alignment %llu",
			    (ull)ph->p_paddr, (ull)ph->p_filesz, (ull)ph->p_memsz,
			    (ull)ph->p_align);
	/* crash takes the least p_offset that is not 0 for the end of all headers */
	else if (ph->p_offset < headers_end || ph->p_offset > size ||
		 ph->p_filesz > size - ph->p_offset)
		kdump_fault(k, "PT_LOAD of 0x%llx: %llu bytes at offset %llu", (ull)ph->p_paddr,
			    (ull)ph->p_filesz, (ull)ph->p_offset);
	else
		compare_load(k, raw, ph);
	set_bits(k->own, ph->p_paddr, ph->p_memsz, k);
	set_bits(k->own + k->bitmap_size, ph->p_paddr, ph->p_filesz, k);
}

static void check_notes(struct kdump *k, const struct raw *raw, const Elf64_Phdr *ph,
			uint64_t table_end)
{
	if (ph->p_offset < table_end || ph->p_offset > k->file.size ||
	    ph->p_filesz > k->file.size - ph->p_offset)
		kdump_fault(k, "the notes lie over the headers or outside the file");
	else if (ph->p_filesz != raw->notes_size ||
		 memcmp(k->file.bytes + ph->p_offset, raw->notes, raw->notes_size) != 0)
		kdump_fault(k, "its notes are not those of the raw vmcore");
}

static void check_loads(struct kdump *k, struct raw *raw)
{
	struct headers h = headers_of(&k->file);
	uint64_t table_end = sizeof(Elf64_Ehdr) + h.n * sizeof(Elf64_Phdr);
	Elf64_Phdr note = header(h, 0);

	if (h.n == 0 || note.p_type != PT_NOTE) {
		kdump_fault(k, "the first program header is not PT_NOTE, as crash wants it");
		return;
	}
	check_notes(k, raw, &note, table_end);
	for (uint64_t i = 1; i < h.n; i++) {
		Elf64_Phdr ph = header(h, i), none = { 0 };

		if (ph.p_type == PT_LOAD)
			check_load(k, raw, &ph, note.p_offset + note.p_filesz);
		else if (memcmp(&ph, &none, sizeof(ph)) != 0)
			kdump_fault(k, "program header %llu: of type %u", (ull)i, ph.p_type);
	}
}

static int by_address(const void *a, const void *b)
{
	const Elf64_Phdr *x = a, *y = b;
	uint64_t p = x->p_vaddr - x->p_paddr, q = y->p_vaddr - y->p_paddr;

	if (p != q)
		return p < q ? -1 : 1;
	return (x->p_vaddr > y->p_vaddr) - (x->p_vaddr < y->p_vaddr);
}

/* how many of the bytes at these addresses the n sorted headers name at the same place */
static uint64_t covered(const Elf64_Phdr *ph, uint64_t n, const Elf64_Phdr *want)
{
	uint64_t low = 0, high = n, sum = 0, end = want->p_vaddr + want->p_memsz;

	while (low < high) {
		uint64_t mid = (low + high) / 2;

		if (by_address(&ph[mid], want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	/* one that begins before may reach into it */
	for (low -= low > 0; low < n; low++) {
		uint64_t from = ph[low].p_vaddr, to = from + ph[low].p_memsz;

		if (ph[low].p_vaddr - ph[low].p_paddr != want->p_vaddr - want->p_paddr)
			continue;
		if (from >= end)
			break;
		from = from > want->p_vaddr ? from : want->p_vaddr;
		to = to < end ? to : end;
		sum += from < to ? to - from : 0;
		if (ph[low].p_vaddr + ph[low].p_memsz >= end)
			break;
	}
	return sum;
}

/* does every address of the raw vmcore lead to the same memory? */
static int check_addresses(struct kdump *k, const struct raw *raw)
{
	struct headers theirs = headers_of(&raw->file), ours = headers_of(&k->file);
	Elf64_Phdr *sorted = calloc(ours.n + 1, sizeof(*sorted));
	uint64_t n = 0;

	if (!sorted)
		return -1;
	for (uint64_t i = 0; i < ours.n; i++) {
		sorted[n] = header(ours, i);
		n += sorted[n].p_type == PT_LOAD && sorted[n].p_memsz > 0;
	}
	qsort(sorted, n, sizeof(*sorted), by_address);
	for (uint64_t i = 0; i < theirs.n; i++) {
		Elf64_Phdr ph = header(theirs, i);

		if (ph.p_type != PT_LOAD || ph.p_vaddr == 0 || ph.p_vaddr == ph.p_paddr)
			continue;
		if (covered(sorted, n, &ph) != ph.p_memsz)
			kdump_fault(k, "0x%llx bytes at 0x%llx are not all there, or twice",
				    (ull)ph.p_memsz, (ull)ph.p_vaddr);
	}
	free(sorted);
	return 0;
}

int elf_open(struct kdump *k, struct raw *raw, bool incomplete)
{
	struct raw self;
	char value[65];
	int rc = raw_open(&self, k->file.name);

	raw_close(&self);
	if (rc < 0) {
		k->faults++;
		k->unusable = true;
		return 0;
	}
	k->block = raw_info(raw, "PAGESIZE=", value, sizeof(value)) ?
		   (uint32_t)strtoul(value, NULL, 10) : 4096;
	k->npages = (raw->end + k->block - 1) / k->block;
	k->bitmap_size = (k->npages / 64 + 1) * 8;
	k->own = calloc(2, k->bitmap_size);
	if (!k->own)
		return -1;
	k->exists = k->own;
	k->kept = k->own + k->bitmap_size;
	k->is_elf = true;
	check_header(k, raw, incomplete);
	check_loads(k, raw);
	/* of a stream that was cut, the rest of the headers never came */
	if (!incomplete) {
		if (check_addresses(k, raw) < 0)
			return -1;
		check_bitmaps(k, raw);
	}
	return 0;
}

void elf_report(const struct kdump *k)
{
	uint64_t n = 0, kept = 0;

	for (uint64_t pfn = 0; pfn < k->npages; pfn++) {
		n += bit(k->exists, pfn);
		kept += bit(k->kept, pfn);
	}
	printf("%s: ELF, %llu program headers, %llu pages, %llu kept, %llu left out, "
	       "%llu faults\n", k->file.name, (ull)headers_of(&k->file).n, (ull)n, (ull)kept,
	       (ull)(n - kept), (ull)k->faults);
}
