/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF core file, as the kernel's /proc/vmcore is one and makedumpfile -E writes it:
 *
 *	ELF header		e_flags bit 0: the dump is incomplete
 *	program headers		PT_NOTE, PT_LOADs by rising p_paddr, unused ones PT_NULL
 *	a section header	only with more than 65534 of them: sh_info is how many
 *	the notes
 *	pages
 *
 * A page that was left out lies behind its header's p_filesz, but not behind its
 * p_memsz. dumpfilter and makedumpfile know from that that it is not there; crash (9),
 * drgn (0.3) and gdb (13) read zeros, as they do of makedumpfile's files: who must see
 * the difference takes the kdump format. Pages of zeros are in the file: as holes,
 * where it can have any. So are those left out between two kept ones when there are too
 * many such places for a program header each, see elf-map.c.
 *
 * Pages do not lie at multiples of their size. If they did, makedumpfile (up to 1.7.9 at
 * least) would read the file by mmap, and die of SIGSEGV or SIGBUS: it maps p_memsz bytes,
 * past the end of the file, and uses mappings that it has given up. Its own files have
 * pages at odd places, too.
 *
 * How many headers there will be is counted before the first page is written, which
 * takes a walk over the plan: with a plan in windows, a scan of its own. A page that
 * turns out to be unreadable takes one of some spare headers.
 *
 * Honest at any time: headers are written after the pages that they tell of, piece by
 * piece of physical memory; until then they are PT_NULL. The incomplete bit is in the
 * header from the start, and cleared when all else is on the disk; in a flattened
 * stream, where nothing can be sent twice, e_flags comes last.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf-map.h"
#include "elf-mark.h"
#include "err.h"
#include "num.h"
#include "out.h"
#include "plan.h"
#include "stop.h"
#include "vmcore.h"
#include "writer.h"

enum {
	SPARE = 64,		/* headers for pages that cannot be read, and an eighth more */
	TABLE = 512,		/* headers written at once */
	DATA_ALIGN = 64,
	ZEROS = 64 << 10,
};

struct elf {
	struct elf_map map;
	struct elf_segment seg;		/* the one that pages are added to */
	uint64_t nslots;		/* room for so many program headers in the file, */
	uint64_t nused;			/* so many are written or in table */
	Elf64_Phdr table[TABLE];	/* in the dump's byte order */
	size_t ntable;
	uint64_t at;			/* file offset behind the last page, */
	uint64_t written;		/* and behind the last byte that is written; */
	uint64_t tail;			/* pages of this segment since then: zeros */
	bool closed;			/* the last segment has its headers */
};

static Elf64_Phdr swapped(const struct vmcore *vm, const Elf64_Phdr *ph)
{
	return (Elf64_Phdr){
		.p_type = vmcore_u32(vm, &ph->p_type),
		.p_flags = vmcore_u32(vm, &ph->p_flags),
		.p_offset = vmcore_u64(vm, &ph->p_offset),
		.p_vaddr = vmcore_u64(vm, &ph->p_vaddr),
		.p_paddr = vmcore_u64(vm, &ph->p_paddr),
		.p_filesz = vmcore_u64(vm, &ph->p_filesz),
		.p_memsz = vmcore_u64(vm, &ph->p_memsz),
	};
}

static uint16_t u16(const struct writer *w, uint16_t v)
{
	return vmcore_u16(w->vm, &v);
}

static uint32_t u32(const struct writer *w, uint32_t v)
{
	return vmcore_u32(w->vm, &v);
}

static uint64_t u64(const struct writer *w, uint64_t v)
{
	return vmcore_u64(w->vm, &v);
}

static int flush_table(struct writer *w)
{
	struct elf *e = w->priv;
	uint64_t at = sizeof(Elf64_Ehdr) + (e->nused - e->ntable) * sizeof *e->table;

	if (out_pwrite(w->out, e->table, e->ntable * sizeof *e->table, at))
		return -1;
	e->ntable = 0;
	return 0;
}

static int add_header(struct writer *w, const Elf64_Phdr *ph)
{
	struct elf *e = w->priv;

	if (e->ntable == TABLE && flush_table(w))
		return -1;
	if (e->nused == e->nslots)
		return fail(ERR_SYS, "more program headers than planned");
	e->table[e->ntable++] = swapped(w->vm, ph);
	e->nused++;
	return 0;
}

/* the section header that counts what e_phnum cannot */
static int write_section(const struct writer *w, uint64_t at)
{
	const struct elf *e = w->priv;
	Elf64_Shdr sh = { .sh_size = u64(w, 1), .sh_info = u32(w, (uint32_t)e->nslots) };

	return out_pwrite(w->out, &sh, sizeof sh, at);
}

static int write_header(const struct writer *w, uint64_t section_at)
{
	const struct elf *e = w->priv;
	bool little = w->vm->swap == (__BYTE_ORDER == __BIG_ENDIAN);
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     little ? ELFDATA2LSB : ELFDATA2MSB, EV_CURRENT },
		.e_type = u16(w, ET_CORE),
		.e_machine = u16(w, w->vm->machine),
		.e_version = u32(w, EV_CURRENT),
		.e_phoff = u64(w, sizeof eh),
		.e_shoff = u64(w, section_at),
		.e_flags = u32(w, ELF_INCOMPLETE),
		.e_ehsize = u16(w, sizeof eh),
		.e_phentsize = u16(w, sizeof(Elf64_Phdr)),
		.e_phnum = u16(w, section_at ? PN_XNUM : (uint16_t)e->nslots),
		.e_shentsize = u16(w, section_at ? sizeof(Elf64_Shdr) : 0),
		.e_shnum = u16(w, section_at ? 1 : 0),
	};
	size_t flags = offsetof(Elf64_Ehdr, e_flags), after = flags + sizeof eh.e_flags;

	if (w->out->kind != OUT_FLAT)
		return out_pwrite(w->out, &eh, sizeof eh, 0);
	if (out_pwrite(w->out, &eh, flags, 0))
		return -1;
	return out_pwrite(w->out, (char *)&eh + after, sizeof eh - after, after);
}

static int write_flags(const struct writer *w, uint32_t flags)
{
	flags = u32(w, flags);
	return out_pwrite(w->out, &flags, sizeof flags, offsetof(Elf64_Ehdr, e_flags));
}

/* all that comes before the pages; room for all headers, so that a full disk keeps them */
static int write_head(struct writer *w)
{
	struct elf *e = w->priv;
	const struct vmcore *vm = w->vm;
	uint64_t end = sizeof(Elf64_Ehdr) + e->nslots * sizeof(Elf64_Phdr);
	uint64_t section_at = e->nslots < PN_XNUM ? 0 : end;
	uint64_t notes_at = end + (section_at ? sizeof(Elf64_Shdr) : 0);
	Elf64_Phdr ph = { .p_type = PT_NOTE, .p_offset = notes_at,
			  .p_filesz = vm->notes_len, .p_memsz = vm->notes_len };

	/* at a multiple of the page size makedumpfile would die, see above */
	if (!num_round_up(notes_at + vm->notes_len, DATA_ALIGN, &e->at))
		return fail(ERR_CORRUPT, "notes of %zu bytes are too many", vm->notes_len);
	if (e->at % vm->page_size == 0)
		e->at += DATA_ALIGN;
	e->written = e->seg.offset = e->at;
	if (out_reserve(w->out, 0, e->at) || write_header(w, section_at) ||
	    (section_at && write_section(w, section_at)) ||
	    out_pwrite(w->out, vm->notes, vm->notes_len, notes_at) ||
	    add_header(w, &ph))
		return -1;
	return flush_table(w);
}

static int elf_begin(struct writer *w)
{
	struct elf *e = w->priv = calloc(1, sizeof *e);

	if (!e)
		return fail_sys("ELF dump");
	if (elf_map_open(&e->map, w->vm, w->plan))
		return -1;
	e->nslots = 1 + e->map.nheaders + e->map.nheaders / 8 + SPARE;
	return write_head(w);
}

/* the segment ends, the next one begins at phys with the file's next page */
static int close_segment(struct writer *w, uint64_t phys)
{
	struct elf *e = w->priv;
	bool piece = phys / e->map.piece != e->seg.start / e->map.piece;
	Elf64_Phdr ph;
	size_t n;

	e->seg.end = phys;
	n = elf_map_select(&e->map, &e->seg);
	for (size_t i = 0; i < n; i++) {
		elf_map_header(&e->map, &e->seg, i, &ph);
		if (add_header(w, &ph))
			return -1;
	}
	e->seg = (struct elf_segment){ phys, phys, 0, e->at };
	e->tail = 0;
	return piece ? flush_table(w) : 0;
}

/* zeros at the end of what is in the file: a hole, if that reads as zeros */
static int add_zeros(struct writer *w, uint64_t len)
{
	static const uint8_t zeros[ZEROS];
	struct elf *e = w->priv;

	if (w->out->kind == OUT_FLAT || out_has_holes(w->out)) {
		if (w->out->limit && e->at + len > w->out->limit)
			return out_extend(w->out, e->at + len);
		e->at += len;
		return 0;
	}
	while (len > 0) {
		size_t n = len < ZEROS ? (size_t)len : ZEROS;

		if (stop_check() || out_pwrite(w->out, zeros, n, e->at))
			return -1;
		e->written = e->at += n;
		len -= n;
	}
	return 0;
}

/* the next page is the one at phys: in this segment, or a new one */
static int go_to(struct writer *w, uint64_t phys)
{
	struct elf *e = w->priv;
	bool fresh = e->seg.data_end == e->seg.start;

	if (!fresh && phys == e->seg.data_end && phys % e->map.piece)
		return 0;
	if (fresh || (elf_map_cuts(&e->map, e->seg.data_end, phys) &&
		      elf_map_fits(&e->map, phys, e->nslots - e->nused)))
		return close_segment(w, phys);
	if (add_zeros(w, phys - e->seg.data_end))
		return -1;
	e->seg.data_end = phys;
	return 0;
}

/* how many of the pages follow one another, are of the same kind and in one piece */
static size_t run_of(const struct writer *w, const struct writer_page *pages, size_t n)
{
	const struct elf *e = w->priv;
	uint64_t per_piece = e->map.piece >> w->vm->page_shift;
	size_t i = 1;

	while (i < n && pages[i].pfn == pages[0].pfn + i && !pages[i].size == !pages[0].size &&
	       pages[i].pfn % per_piece)
		i++;
	return i;
}

static int elf_pages(struct writer *w, const struct writer_page *pages, size_t n,
		     const void *data, size_t len)
{
	struct elf *e = w->priv;
	const uint8_t *p = data;

	(void)len;
	for (size_t i = 0, run; i < n; i += run) {
		run = run_of(w, pages + i, n - i);
		uint64_t bytes = (uint64_t)run * w->vm->page_size;

		if (go_to(w, pages[i].pfn << w->vm->page_shift))
			return -1;
		if (pages[i].size == 0) {
			if (add_zeros(w, bytes))
				return -1;
			w->nzero += run;
			e->tail += run;
		} else {
			if (out_pwrite(w->out, p, bytes, e->at))
				return -1;
			p += bytes;
			e->written = e->at += bytes;
			e->tail = 0;
		}
		e->seg.data_end += bytes;
		w->npages += run;
		w->next_pfn = pages[i].pfn + run;
	}
	return 0;
}

static int elf_settle(struct writer *w, uint64_t pfn)
{
	if (pfn > w->next_pfn)
		w->next_pfn = pfn;
	return 0;
}

/*
 * The file must not end before its last page. If that is a hole and cannot be had, a
 * dump that is incomplete anyway does without the zeros at its end.
 */
static int reach_end(struct writer *w, bool complete)
{
	struct elf *e = w->priv;
	uint64_t holes = e->at - e->written, len = e->seg.data_end - e->seg.start;

	if (holes == 0 || out_extend(w->out, e->at) == 0)
		return 0;
	if (complete)
		return -1;
	e->seg.data_end -= holes < len ? holes : len;
	w->npages -= e->tail;
	w->nzero -= e->tail;
	w->next_pfn = e->seg.data_end >> w->vm->page_shift;
	e->tail = 0;
	return 0;
}

static int elf_end(struct writer *w, bool complete)
{
	struct elf *e = w->priv;

	if (!e->closed && (reach_end(w, complete) || close_segment(w, UINT64_MAX)))
		return -1;
	e->closed = true;
	if (flush_table(w))
		return -1;
	/* all else must be on the disk before the header may claim it */
	if (complete && out_flush(w->out))
		return -1;
	return write_flags(w, complete ? 0 : ELF_INCOMPLETE);
}

static void elf_close(struct writer *w)
{
	struct elf *e = w->priv;

	if (!e)
		return;
	elf_map_close(&e->map);
	free(e);
	w->priv = NULL;
}

const struct writer_ops writer_elf = {
	.name = "ELF",
	.codecs = false,
	.begin = elf_begin,
	.pages = elf_pages,
	.settle = elf_settle,
	.end = elf_end,
	.close = elf_close,
};
