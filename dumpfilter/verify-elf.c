/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF dump has no descriptors and nothing compressed: its program headers must be
 * possible, what they point to must be in the file and readable, and where two of them
 * name the same memory (the kernel's image is also part of all memory) they must agree.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "elf-mark.h"
#include "err.h"
#include "num.h"
#include "stop.h"
#include "verify-part.h"
#include "vmcore.h"

enum {
	PIECE = 256 << 10,	/* bytes read at once */
	HEADERS = 512,		/* program headers read at once */
};

struct seg {
	uint64_t phys;
	uint64_t end;		/* of what the header names, and not part of it */
	uint64_t held;		/* of what the file has of that */
	uint64_t at;		/* file offset */
};

struct elf {
	struct verify_part *v;
	struct vmcore vm;	/* what the reader makes of the file */
	bool wide;		/* 64-bit */
	uint64_t headers_at, nheaders, headers_end;
	struct seg *seg;
	size_t nsegs;
	uint8_t *a, *b;		/* PIECE bytes each */
	uint64_t compared;	/* bytes, of memory that is there twice */
};

#define layout(e, ...) verify_fault((e)->v->result, VERIFY_LAYOUT, VERIFY_NO_PFN, __VA_ARGS__)

static uint64_t number(const struct elf *e, const uint8_t *p, size_t at, size_t len)
{
	struct cursor c = cursor_over(p + at, len, e->vm.swap);

	return len == 8 ? cursor_u64(&c) : len == 4 ? cursor_u32(&c) : cursor_u16(&c);
}

/* where the program headers are; the reader has found them possible already */
static int find_headers(struct elf *e)
{
	uint8_t h[sizeof(Elf64_Ehdr)], sh[sizeof(Elf64_Shdr)];
	uint64_t shoff, size;

	if (source_read(&e->v->src, h, sizeof h, 0))
		return fail_in("ELF header");
	e->wide = h[EI_CLASS] == ELFCLASS64;
	e->headers_at = e->wide ? number(e, h, 32, 8) : number(e, h, 28, 4);
	e->nheaders = number(e, h, e->wide ? 56 : 44, 2);
	e->v->result->incomplete |= elf_has_mark(e->vm.machine) &&
				    number(e, h, e->wide ? 48 : 36, 4) & ELF_INCOMPLETE;
	if (e->nheaders == PN_XNUM) {
		shoff = e->wide ? number(e, h, 40, 8) : number(e, h, 32, 4);
		size = e->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
		if (source_read(&e->v->src, sh, (size_t)size, shoff))
			return fail_in("section header 0");
		e->nheaders = number(e, sh, e->wide ? 44 : 28, 4);
	}
	size = e->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	if (!num_mul(e->nheaders, size, &size) || !num_add(size, e->headers_at, &e->headers_end))
		return fail(ERR_CORRUPT, "ELF header: %" PRIu64 " program headers", e->nheaders);
	e->seg = calloc(e->nheaders ? e->nheaders : 1, sizeof *e->seg);
	return e->seg ? 0 : fail_sys("%" PRIu64 " program headers", e->nheaders);
}

static void add_load(struct elf *e, size_t i, struct seg s, uint64_t filesz, uint64_t memsz)
{
	uint64_t size = e->v->src.size, there;

	if (filesz > memsz)
		layout(e, "program header %zu: %#" PRIx64 " bytes in the file, %#" PRIx64
		       " in memory", i, filesz, memsz);
	/* QEMU: memory that is not in the file */
	if (filesz == 0 || s.at == UINT64_MAX)
		return;
	if (s.at < e->headers_end)
		layout(e, "program header %zu: data at offset %#" PRIx64 ", in the headers", i,
		       s.at);
	there = s.at < size ? size - s.at : 0;
	if (filesz > there && !e->v->result->incomplete)
		layout(e, "program header %zu: %#" PRIx64 " bytes of data at offset %#" PRIx64
		       ", past the end of the file at %#" PRIx64, i, filesz, s.at, size);
	s.end = s.phys + filesz;
	s.held = s.phys + (filesz < there ? filesz : there);
	e->seg[e->nsegs++] = s;
}

static int check_headers(struct elf *e)
{
	size_t size = e->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t done = 0;

	while (done < e->nheaders) {
		uint64_t left = e->nheaders - done;
		size_t n = left < HEADERS ? (size_t)left : HEADERS;

		if (source_read(&e->v->src, e->a, n * size, e->headers_at + done * size))
			return fail_in("program headers");
		for (size_t i = 0; i < n; i++) {
			const uint8_t *p = e->a + i * size;
			struct seg s = {
				.phys = e->wide ? number(e, p, 24, 8) : number(e, p, 12, 4),
				.at = e->wide ? number(e, p, 8, 8) : number(e, p, 4, 4),
			};
			uint64_t filesz = e->wide ? number(e, p, 32, 8) : number(e, p, 16, 4);
			uint64_t memsz = e->wide ? number(e, p, 40, 8) : number(e, p, 20, 4);

			if (number(e, p, 0, 4) == PT_LOAD)
				add_load(e, (size_t)done + i, s, filesz, memsz);
		}
		done += n;
	}
	return 0;
}

static int by_phys(const void *p, const void *q)
{
	const struct seg *a = p, *b = q;

	return a->phys < b->phys ? -1 : a->phys > b->phys;
}

static int by_place(const void *p, const void *q)
{
	const struct seg *a = p, *b = q;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* [phys, end) is in both: does the file have the same twice? */
static int compare(struct elf *e, const struct seg *s, const struct seg *t, uint64_t end)
{
	struct verify_result *r = e->v->result;
	uint32_t page = e->vm.page_size;

	for (uint64_t phys = t->phys; phys < end; ) {
		size_t n = end - phys < page ? (size_t)(end - phys) : page;
		uint64_t at = s->at + (phys - s->phys), again = t->at + (phys - t->phys);

		if (stop_check())
			return -1;
		if (source_read(&e->v->src, e->a, n, at) == 0 &&
		    source_read(&e->v->src, e->b, n, again) == 0 && memcmp(e->a, e->b, n) != 0)
			verify_fault(r, VERIFY_TWICE, phys >> e->vm.page_shift, "pfn %#" PRIx64
				     ": not the same at offsets %#" PRIx64 " and %#" PRIx64,
				     phys >> e->vm.page_shift, at, again);
		phys += n;
	}
	return 0;
}

/* how many pages the headers name, or (held) the file has */
static uint64_t count_pages(const struct elf *e, bool held)
{
	uint64_t next = 0, n = 0;	/* next: the first page that was not counted */

	for (size_t i = 0; i < e->nsegs; i++) {
		const struct seg *s = &e->seg[i];
		uint64_t end = held ? s->held : s->end, from = s->phys >> e->vm.page_shift;
		uint64_t past = num_div_up(end, e->vm.page_size);

		/* a page that is cut is not there */
		if (held && s->held < s->end)
			past = end >> e->vm.page_shift;
		from = from > next ? from : next;
		if (end > s->phys && past > from) {
			n += past - from;
			next = past;
		}
	}
	return n;
}

/* compare memory that is there twice; the segments are sorted by it */
static int check_overlaps(struct elf *e)
{
	const struct seg *wide = NULL;	/* of those before, the one that reaches furthest */

	for (size_t i = 0; i < e->nsegs; i++) {
		const struct seg *t = &e->seg[i];

		if (wide && t->phys < wide->held && t->phys - wide->phys != t->at - wide->at) {
			uint64_t end = t->held < wide->held ? t->held : wide->held;

			/* an honest file has every byte of it in one header, or two */
			e->compared += end - t->phys;
			if (e->compared > e->v->src.size) {
				layout(e, "program headers: more memory named twice than the file "
				       "has");
				return 0;
			}
			if (compare(e, wide, t, end))
				return -1;
		}
		if (!wide || t->held > wide->held)
			wide = t;
	}
	return 0;
}

static int check_memory(struct elf *e)
{
	struct verify_result *r = e->v->result;
	uint64_t missing;

	qsort(e->seg, e->nsegs, sizeof *e->seg, by_phys);
	r->npages = count_pages(e, false);
	missing = r->npages - count_pages(e, true);
	if (r->incomplete)
		r->nmissing += missing;
	else
		r->fault[VERIFY_PLACE] += missing;
	return check_overlaps(e);
}

/* the bytes at [at, at + len) of the segment cannot all be read: which pages? */
static int find_unreadable(struct elf *e, const struct seg *s, uint64_t at, size_t len)
{
	size_t page = e->vm.page_size;

	for (size_t done = 0; done < len; done += page) {
		size_t n = len - done < page ? len - done : page;
		uint64_t pfn = (s->phys + (at + done - s->at)) >> e->vm.page_shift;

		if (stop_check())
			return -1;
		if (!verify_has(&e->v->src, at + done, n))
			e->v->result->nmissing++;	/* in a gap of a cut stream */
		else if (source_read(&e->v->src, e->a, n, at + done))
			verify_fault(e->v->result, VERIFY_READ, pfn, "pfn %#" PRIx64 ": %s", pfn,
				     err_text());
	}
	return 0;
}

/* every byte once, in the order of the file */
static int read_all(struct elf *e)
{
	uint64_t at = 0;	/* all before it was read */

	progress_open(&e->v->progress, e->v->opts->progress, "verifying pages",
		      e->v->result->npages);
	qsort(e->seg, e->nsegs, sizeof *e->seg, by_place);
	for (size_t i = 0; i < e->nsegs; i++) {
		const struct seg *s = &e->seg[i];
		uint64_t end = s->at + (s->held - s->phys);

		for (at = s->at > at ? s->at : at; at < end; ) {
			size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;

			if (stop_check())
				return -1;
			if ((!verify_has(&e->v->src, at, n) ||
			     source_read(&e->v->src, e->a, n, at)) &&
			    find_unreadable(e, s, at, n))
				return -1;
			at += n;
			e->v->ndone += n >> e->vm.page_shift;
			progress_step(&e->v->progress, e->v->ndone);
		}
	}
	return 0;
}

static int check_file(struct elf *e)
{
	e->a = malloc(PIECE);
	e->b = malloc(PIECE);
	if (!e->a || !e->b)
		return fail_sys("ELF file");
	if (e->vm.notes_damaged)
		layout(e, "notes: the last %" PRIu64 " bytes of them are damaged",
		       e->vm.notes_damaged);
	else
		verify_notes(e->v->result, e->vm.notes, e->vm.notes_len, e->vm.swap);
	return find_headers(e) || check_headers(e) || check_memory(e) || read_all(e) ? -1 : 0;
}

int verify_elf(struct verify_part *v)
{
	struct elf e = { .v = v };
	uint8_t magic[SELFMAG];
	int rc;

	if (v->src.size < sizeof magic)
		return 0;
	if (source_read(&v->src, magic, sizeof magic, 0))
		return fail_in(v->src.path);
	if (memcmp(magic, ELFMAG, SELFMAG) != 0)
		return 0;
	v->result->format = "ELF";
	if (vmcore_open(&e.vm, v->src.path))
		return -1;
	rc = check_file(&e);
	free(e.seg);
	free(e.a);
	free(e.b);
	vmcore_close(&e.vm);
	return rc ? fail_in(v->src.path) : 1;
}
