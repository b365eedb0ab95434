/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF dumps: /proc/vmcore (fs/proc/vmcore.c), copies of it, makedumpfile -E and
 * QEMU's dump-guest-memory. A core file whose PT_NOTE has the CPUs' registers
 * and VMCOREINFO, and whose PT_LOADs are memory: p_filesz bytes at p_offset are
 * the memory at p_paddr; [p_filesz, p_memsz) was left out by whoever wrote it.
 * On x86_64 and arm64 the kernel image is there twice, as itself and as part of
 * the direct map.
 *
 * With paging, QEMU writes a PT_LOAD for every mapping of the processors; those of
 * device memory have p_offset -1. /proc/kcore (fs/proc/kcore.c), which is the running
 * system's memory, has PT_LOADs of all its virtual memory; p_paddr is -1 for what is
 * neither RAM nor the kernel's text (since Linux 4.11; before, it is 0 for all). Its
 * pages may be gone by the time they are read.
 *
 * More than 65534 program headers: e_phnum is PN_XNUM and section header 0 has
 * the count (System V ABI; makedumpfile and QEMU write that).
 *
 * libelf reads the headers, from a copy of the file's first part that is
 * bounded and holds no section but number 0; it never sees memory.
 */
#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "elf-mark.h"
#include "elf-notes.h"
#include "err.h"
#include "num.h"
#include "stop.h"
#include "vmcore.h"

enum { HEADERS_MAX = 128 << 20 };	/* two million program headers */
#define PHYS_MAX (UINT64_C(1) << 52)	/* what x86_64 and arm64 can address */

struct elf {
	struct ranges ram;	/* physical memory that the headers name */
	struct ranges held;	/* what of it the file holds, and where */
};

/* how many bytes the ELF header and the program headers take; 0 after fail() */
static uint64_t headers_len(struct vmcore *vm, const GElf_Ehdr *eh, const Elf *elf)
{
	uint64_t phentsize = gelf_fsize((Elf *)elf, ELF_T_PHDR, 1, EV_CURRENT);
	uint64_t shentsize = gelf_fsize((Elf *)elf, ELF_T_SHDR, 1, EV_CURRENT);
	uint64_t count = eh->e_phnum, end, sections = 0;

	if (count == PN_XNUM) {
		uint8_t sh[64];
		struct cursor c;

		if (!num_add(eh->e_shoff, shentsize, &sections) || sections > HEADERS_MAX ||
		    eh->e_shoff == 0 || eh->e_shentsize != shentsize) {
			fail(ERR_CORRUPT, "ELF header: section header 0 at %#" PRIx64
			     " cannot be used", (uint64_t)eh->e_shoff);
			return 0;
		}
		if (source_read(&vm->src, sh, shentsize, eh->e_shoff)) {
			fail_in("section header 0");
			return 0;
		}
		/* sh_info: offset 44 of 64 bytes, or 28 of 40 */
		c = cursor_over(sh + (shentsize == 64 ? 44 : 28), 4, vm->swap);
		count = cursor_u32(&c);
	}
	if (eh->e_phentsize != phentsize || eh->e_phoff > HEADERS_MAX ||
	    !num_mul(count, phentsize, &end) || !num_add(end, eh->e_phoff, &end) ||
	    end > HEADERS_MAX) {
		fail(ERR_CORRUPT, "ELF header: %" PRIu64 " program headers of %u bytes at %#"
		     PRIx64 " cannot be used", count, eh->e_phentsize, (uint64_t)eh->e_phoff);
		return 0;
	}
	return end > sections ? end : sections;
}

/*
 * In our copy of the header: no sections, or, when number 0 counts the program
 * headers, that one only. libelf would want all of them inside the copy.
 */
static void limit_sections(uint8_t *eh, bool is64, bool keep_first, bool swap)
{
	size_t shoff = is64 ? 40 : 32, shnum = is64 ? 60 : 48, offlen = is64 ? 8 : 4;
	bool big = swap == (__BYTE_ORDER == __LITTLE_ENDIAN);

	memset(eh + shnum, 0, 4);	/* e_shnum and e_shstrndx */
	if (keep_first)
		eh[shnum + big] = 1;
	else
		memset(eh + shoff, 0, offlen);
}

/* libelf's complaint; that memory is short is not the file's fault */
static int fail_elf(const char *what)
{
	const char *reason = elf_errmsg(-1);

	return fail(errno == ENOMEM ? ERR_MEMORY : ERR_CORRUPT, "%s: %s", what, reason);
}

/*
 * The file's headers in memory and libelf's view of them. 1: *buf is the
 * caller's to free after elf_end(*elf); 0: not an ELF file; -1.
 */
static int read_headers(struct vmcore *vm, uint8_t **buf, Elf **elf)
{
	uint8_t first[sizeof(Elf64_Ehdr)];
	GElf_Ehdr eh;
	uint64_t len;
	Elf *small;

	if (vm->src.size < sizeof first || source_read(&vm->src, first, sizeof first, 0))
		return vm->src.size < sizeof first ? 0 : -1;
	if (memcmp(first, ELFMAG, SELFMAG) != 0)
		return 0;
	vm->swap = first[EI_DATA] != (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB);

	elf_version(EV_CURRENT);
	uint8_t copy[sizeof first];
	memcpy(copy, first, sizeof copy);
	limit_sections(copy, first[EI_CLASS] == ELFCLASS64, false, vm->swap);
	errno = 0;
	small = elf_memory((char *)copy, sizeof copy);
	if (!small || !gelf_getehdr(small, &eh)) {
		fail_elf("ELF header");
		elf_end(small);
		return -1;
	}
	/* the place of section header 0, which the copy does not have any more */
	bool is64 = first[EI_CLASS] == ELFCLASS64;
	struct cursor c = cursor_over(first + (is64 ? 40 : 32), is64 ? 8 : 4, vm->swap);
	eh.e_shoff = is64 ? cursor_u64(&c) : cursor_u32(&c);

	len = headers_len(vm, &eh, small);
	elf_end(small);
	if (len == 0)
		return -1;
	if (len < sizeof first)
		len = sizeof first;
	if (eh.e_type != ET_CORE)
		return fail(ERR_UNKNOWN, "an ELF file of type %u, not a core", eh.e_type);
	vm->machine = eh.e_machine;
	vm->cut_short |= elf_has_mark(eh.e_machine) && eh.e_flags & ELF_INCOMPLETE;

	*buf = malloc(len);
	if (!*buf)
		return fail_sys("program headers");
	if (source_read(&vm->src, *buf, len, 0))
		goto fail;
	limit_sections(*buf, is64, eh.e_phnum == PN_XNUM, vm->swap);
	errno = 0;
	*elf = elf_memory((char *)*buf, len);
	if (*elf)
		return 1;
	fail_elf("ELF headers");
fail:
	free(*buf);
	return fail_in("program headers");
}

static int add_load(struct vmcore *vm, const GElf_Phdr *ph)
{
	struct elf *e = vm->priv;
	uint64_t phys = ph->p_paddr, memsz = ph->p_memsz, filesz = ph->p_filesz, end, past;

	/* a mapping of what is not memory, or not in the file */
	if (ph->p_offset == UINT64_MAX || phys == UINT64_MAX)
		return 0;
	if (filesz > memsz)
		memsz = filesz;
	if (!num_add(phys, memsz, &end) || end > PHYS_MAX)
		return fail(ERR_CORRUPT, "program header: %#" PRIx64 " bytes at physical %#"
			    PRIx64, memsz, phys);
	vm->loads[vm->nloads++] = (struct vmcore_load){ ph->p_vaddr, phys, memsz };
	/* what stat() says of a file of /proc is not its size */
	if (vm->src.use_window && num_add(ph->p_offset, filesz, &past) && past <= INT64_MAX &&
	    past > vm->src.size)
		vm->src.size = past;
	if (filesz > 0 && (ph->p_offset >= vm->src.size ||
			   filesz > vm->src.size - ph->p_offset)) {
		filesz = ph->p_offset < vm->src.size ? vm->src.size - ph->p_offset : 0;
		vm->cut_short = true;
	}
	if (ranges_add(&e->ram, (struct range){ phys, end, phys }))
		return -1;
	return ranges_add(&e->held, (struct range){ phys, phys + filesz, ph->p_offset });
}

static int add_headers(struct vmcore *vm, Elf *elf)
{
	size_t n;

	errno = 0;
	if (elf_getphdrnum(elf, &n))
		return fail_elf("program headers");
	vm->loads = calloc(n ? n : 1, sizeof *vm->loads);
	if (!vm->loads)
		return fail_sys("%zu program headers", n);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (stop_check())
			return -1;
		if (!gelf_getphdr(elf, (int)i, &ph))
			return fail_elf("program headers");
		if (ph.p_type == PT_LOAD && add_load(vm, &ph))
			return -1;
		if (ph.p_type == PT_NOTE && elf_notes_add(vm, ph.p_offset, ph.p_filesz))
			return -1;
	}
	return 0;
}

/* what /proc/kcore has to say before it is used like any dump; its size says nothing */
static int check_kcore(struct vmcore *vm)
{
	uint64_t any = 0;

	vm->live = elf_notes_of_kcore(vm);
	for (size_t i = 0; i < vm->nloads; i++)
		any |= vm->loads[i].phys;
	if (vm->live && vm->nloads > 1 && any == 0)
		return fail(ERR_UNKNOWN, "does not say where memory is (no kernel before 4.11 "
			    "does)");
	return 0;
}

static int elf_open(struct vmcore *vm)
{
	struct elf *e;
	uint8_t *buf;
	Elf *elf;
	int rc = read_headers(vm, &buf, &elf);

	if (rc != 1)
		return rc;
	e = vm->priv = calloc(1, sizeof *e);
	rc = e ? add_headers(vm, elf) : fail_sys("ELF file");
	elf_end(elf);
	free(buf);
	if (rc || check_kcore(vm) || ranges_seal(&e->ram) || ranges_seal(&e->held))
		return -1;
	if (e->ram.n == 0)
		return fail(ERR_CORRUPT, "no memory: none of the program headers is a PT_LOAD");
	return 1;
}

/* of a running system: a page that went offline, say, is like one that never was */
static int fail_gone(uint64_t phys)
{
	char why[200];

	snprintf(why, sizeof why, "%s", err_text());
	return fail(ERR_CORRUPT, "memory at physical %#" PRIx64 " is gone: %s", phys, why);
}

/*
 * A page that the headers name in part is a page: the rest of it reads as
 * zeros. A part that they name but the file does not hold is an error.
 */
static int elf_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	struct elf *e = vm->priv;
	uint8_t *p = buf;

	while (len > 0) {
		const struct range *r = ranges_find(&e->held, phys);
		uint64_t page = phys & ~(uint64_t)(vm->page_size - 1);
		size_t n = vm->page_size - (size_t)(phys - page);

		if (r) {
			uint64_t left = r->end - phys;

			n = left < len ? (size_t)left : len;
			if (source_read(&vm->src, p, n, r->at + (phys - r->start)))
				return vm->live ? fail_gone(phys) : -1;
		} else {
			const struct range *next = ranges_above(&e->ram, page);

			if (!next || next->start >= page + vm->page_size)
				return fail(ERR_CORRUPT, "no memory at physical %#" PRIx64, phys);
			if (ranges_find(&e->ram, phys))
				return fail(ERR_CORRUPT, "memory at physical %#" PRIx64
					    " is not in the file", phys);
			next = ranges_above(&e->ram, phys);
			if (next && next->start > phys && next->start - phys < n)
				n = (size_t)(next->start - phys);
			if (n > len)
				n = len;
			memset(p, 0, n);
		}
		p += n;
		len -= n;
		phys += n;
	}
	return 0;
}

/* the ranges that end above page first; the caller stops at the one past the window */
static size_t first_range(const struct vmcore *vm, const struct ranges *rs, uint64_t first)
{
	const struct range *r = ranges_above(rs, first << vm->page_shift);

	return r ? (size_t)(r - rs->r) : rs->n;
}

static int elf_ram(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	const struct ranges *ram = &((struct elf *)vm->priv)->ram;

	for (size_t i = first_range(vm, ram, first); i < ram->n; i++) {
		uint64_t from = ram->r[i].start >> vm->page_shift;

		if (from >= first + bm->nbits)
			break;
		bitmap_set_window(bm, first, from, num_div_up(ram->r[i].end, vm->page_size));
	}
	return 0;
}

/* of RAM that is not held, every page that it is a part of; end: past the window */
static void clear_gaps(struct vmcore *vm, struct bitmap *bm, uint64_t first, uint64_t end)
{
	const struct elf *e = vm->priv;
	size_t h = first_range(vm, &e->held, first);

	for (size_t i = first_range(vm, &e->ram, first); i < e->ram.n; i++) {
		uint64_t at = e->ram.r[i].start, stop = e->ram.r[i].end;

		if (at >= end)
			return;
		while (at < stop && at < end) {
			while (h < e->held.n && e->held.r[h].end <= at)
				h++;
			bool inside = h < e->held.n && e->held.r[h].start < stop;
			uint64_t gap_end = inside ? e->held.r[h].start : stop;

			if (gap_end > at)
				bitmap_clear_window(bm, first, at >> vm->page_shift,
						    num_div_up(gap_end, vm->page_size));
			at = inside ? e->held.r[h].end : stop;
		}
	}
}

/* all of RAM but for what the file ends before, or was left out by its writer */
static int elf_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	elf_ram(vm, bm, first);
	clear_gaps(vm, bm, first, (first + bm->nbits) << vm->page_shift);
	return 0;
}

static void elf_close(struct vmcore *vm)
{
	struct elf *e = vm->priv;

	if (!e)
		return;
	ranges_free(&e->ram);
	ranges_free(&e->held);
	free(e);
	vm->priv = NULL;
}

extern const struct vmcore_ops vmcore_elf;

const struct vmcore_ops vmcore_elf = {
	.name = "ELF",
	.open = elf_open,
	.read = elf_read,
	.ram = elf_ram,
	.held = elf_held,
	.close = elf_close,
};
