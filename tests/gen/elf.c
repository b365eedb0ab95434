/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file: an ELF core as /proc/vmcore gives it. A PT_NOTE, a PT_LOAD for the
 * kernel's image, then one or more for each range of RAM (which has the image once
 * more). "flat" puts the same bytes as records into the flattened format.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gen.h"

enum { FLAT_RECORD = 65536, PRSTATUS = 336, NT_DEVICE_DUMP = 0x700, IMAGE = 1 << 20 };

struct file {
	FILE *f;
	const struct desc *d;
	bool flat;
};

struct plan {
	struct load { uint64_t virt, phys, len, offset; } *loads;
	uint64_t nloads, room;
	char *notes;
	size_t notes_len;
	uint64_t notes_at, end;
};

static void put_bytes(struct file *f, const void *buf, size_t len)
{
	if (fwrite(buf, 1, len, f->f) != len)
		die(f->d, "the output cannot be written");
}

static void write_at(struct file *f, uint64_t at, const void *buf, size_t len)
{
	const char *p = buf;

	if (!f->flat) {
		if (fseeko(f->f, (off_t)at, SEEK_SET))
			die(f->d, "the output cannot be written");
		put_bytes(f, buf, len);
		return;
	}
	for (size_t n; len > 0; p += n, at += n, len -= n) {
		n = len < FLAT_RECORD ? len : FLAT_RECORD;
		uint64_t head[2] = { __builtin_bswap64(at), __builtin_bswap64(n) };

		put_bytes(f, head, sizeof head);
		put_bytes(f, p, n);
	}
}

static void add_note(struct plan *p, const char *name, uint32_t type, const void *desc,
		     size_t len)
{
	Elf64_Nhdr head = { (Elf64_Word)strlen(name) + 1, (Elf64_Word)len, type };
	size_t name_room = (head.n_namesz + 3) & ~3U, room = (len + 3) & ~(size_t)3;
	char *to;

	p->notes = realloc(p->notes, p->notes_len + sizeof head + name_room + room);
	if (!p->notes)
		die(NULL, "out of memory");
	to = p->notes + p->notes_len;
	memset(to, 0, sizeof head + name_room + room);
	memcpy(to, &head, sizeof head);
	memcpy(to + sizeof head, name, strlen(name));
	if (len)
		memcpy(to + sizeof head + name_room, desc, len);
	p->notes_len += sizeof head + name_room + room;
}

static void plan_notes(struct plan *p, const struct gen *g)
{
	char prstatus[PRSTATUS] = { 0 };

	if (g->d->device_dump) {
		char *dump = take(g->d->device_dump);

		memset(dump, 'd', g->d->device_dump);
		add_note(p, "LINUX", NT_DEVICE_DUMP, dump, g->d->device_dump);
		free(dump);
	}
	for (unsigned cpu = 0; cpu < g->d->cpus; cpu++) {
		uint32_t pid = 1 + cpu;

		memcpy(prstatus + 32, &pid, sizeof pid);
		add_note(p, "CORE", NT_PRSTATUS, prstatus, PRSTATUS);
	}
	if (g->info)
		add_note(p, "VMCOREINFO", 0, g->info, g->info_len);
}

static void add_load(struct plan *p, const struct desc *d, struct load l)
{
	if (l.len == 0)
		return;
	if (p->nloads == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->loads = realloc(p->loads, p->room * sizeof *p->loads);
		if (!p->loads)
			die(d, "out of memory");
	}
	if (d->loads == LOADS_PHYSICAL)
		l.virt = l.phys;
	else if (d->loads == LOADS_ZERO)
		l.virt = 0;
	p->loads[p->nloads++] = l;
}

/* one PT_LOAD, or the two on both sides of the hole */
static void plan_load(struct plan *p, const struct gen *g, uint64_t virt, uint64_t phys,
		      uint64_t len)
{
	uint64_t from = g->hole.from, to = g->hole.to, end = phys + len;

	if (from >= to || from >= end || to <= phys) {
		add_load(p, g->d, (struct load){ virt, phys, len, 0 });
		return;
	}
	if (from > phys)
		add_load(p, g->d, (struct load){ virt, phys, from - phys, 0 });
	if (to < end)
		add_load(p, g->d, (struct load){ virt + (to - phys), to, end - to, 0 });
}

static void plan_loads(struct plan *p, const struct gen *g)
{
	const struct desc *d = g->d;
	uint64_t image = g->kernel.from, len = g->kernel_limit - image;

	if (d->loads == LOADS_VIRTUAL)
		plan_load(p, g, static_address(d, image), image, len < IMAGE ? len : IMAGE);
	for (unsigned i = 0; i < d->nram; i++) {
		uint64_t step = d->split ? d->split : d->ram[i].to - d->ram[i].from;

		for (uint64_t at = d->ram[i].from; at < d->ram[i].to; at += step) {
			uint64_t left = d->ram[i].to - at;

			plan_load(p, g, linear_address(d, at), at, left < step ? left : step);
		}
	}
}

static uint64_t aligned(const struct desc *d, uint64_t at)
{
	return d->unaligned ? at : (at + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void plan_offsets(struct plan *p, const struct desc *d)
{
	uint64_t at = sizeof(Elf64_Ehdr) + (p->nloads + 1) * sizeof(Elf64_Phdr);

	if (d->xnum)
		at += sizeof(Elf64_Shdr);
	p->notes_at = at = aligned(d, at);
	at = aligned(d, at + p->notes_len);
	for (uint64_t i = 0; i < p->nloads; i++) {
		p->loads[i].offset = at;
		at += p->loads[i].len;
	}
	p->end = at;
}

static void write_headers(struct file *f, const struct plan *p, const struct desc *d)
{
	Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_phoff = sizeof eh, .e_ehsize = sizeof eh,
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = (Elf64_Half)(p->nloads + 1),
	};
	Elf64_Phdr *ph = take((p->nloads + 1) * sizeof *ph);
	uint64_t ph_len = (p->nloads + 1) * sizeof *ph;

	if (p->nloads + 1 >= PN_XNUM && !d->xnum)
		die(d, "so many PT_LOADs need the line \"xnum\"");
	if (d->xnum) {
		Elf64_Shdr sh = { .sh_info = (Elf64_Word)(p->nloads + 1) };

		eh.e_phnum = PN_XNUM;
		eh.e_shoff = sizeof eh + ph_len;
		eh.e_shentsize = sizeof sh;
		eh.e_shnum = 1;
		write_at(f, eh.e_shoff, &sh, sizeof sh);
	}
	ph[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = p->notes_at,
			      .p_filesz = p->notes_len, .p_memsz = p->notes_len,
			      .p_align = 4 };
	for (uint64_t i = 0; i < p->nloads; i++)
		ph[i + 1] = (Elf64_Phdr){
			.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X,
			.p_offset = p->loads[i].offset, .p_vaddr = p->loads[i].virt,
			.p_paddr = p->loads[i].phys, .p_filesz = p->loads[i].len,
			.p_memsz = p->loads[i].len };
	write_at(f, 0, &eh, sizeof eh);
	write_at(f, sizeof eh, ph, ph_len);
	free(ph);
}

/* runs of pages that were written to; the rest are holes in the file */
static void write_load(struct file *f, const struct gen *g, const struct load *l)
{
	uint64_t end = l->phys + l->len;

	for (uint64_t at = l->phys, to; at < end; at = to) {
		bool data = g->touched[at >> PAGE_SHIFT];

		for (to = at; to < end && g->touched[to >> PAGE_SHIFT] == data; to += PAGE)
			;
		if (data)
			write_at(f, l->offset + (at - l->phys), g->mem + at, to - at);
	}
}

void elf_write(struct gen *g, const char *path)
{
	struct plan p = { 0 };
	struct file f = { fopen(path, "wb"), g->d, g->d->flat };

	if (!f.f)
		die(g->d, "%s cannot be written", path);
	if (f.flat) {
		char head[PAGE] = "makedumpfile";

		head[23] = head[31] = 1;	/* type 1, version 1 */
		put_bytes(&f, head, sizeof head);
	}
	plan_notes(&p, g);
	plan_loads(&p, g);
	plan_offsets(&p, g->d);
	/* in the flattened format order does not matter: the headers come last */
	for (uint64_t i = p.nloads; i > 0; i--)
		write_load(&f, g, &p.loads[i - 1]);
	if (!g->touched[(g->size - 1) >> PAGE_SHIFT])
		write_at(&f, p.end - 1, g->mem + g->size - 1, 1);
	write_at(&f, p.notes_at, p.notes, p.notes_len);
	write_headers(&f, &p, g->d);
	if (f.flat) {
		char end[16];

		memset(end, 0xff, sizeof end);
		put_bytes(&f, end, sizeof end);
	}
	if (fclose(f.f))
		die(g->d, "%s cannot be written", path);
	free(p.loads);
	free(p.notes);
}
