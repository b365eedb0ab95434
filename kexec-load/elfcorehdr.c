/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As the kernel makes it for kexec_file_load (crash_prepare_elf64_headers in
 * kernel/crash_core.c, kernel/kexec_file.c before 6.5; prepare_elf_headers in
 * arch/x86/kernel/crash.c): an ELF core file without its data. The capture kernel takes
 * notes and memory from p_offset, which is a physical address here
 * (fs/proc/vmcore.c); programs that read /proc/vmcore want p_vaddr and p_paddr.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elfcorehdr.h"
#include "err.h"
#include "put.h"
#include "running.h"

enum { HEADER = 64, PROGRAM_HEADER = 56, HEADERS_MAX = 65534 };

struct maker {
	uint8_t *bytes;
	size_t n;	/* program headers written */
};

static void put_program_header(struct maker *mk, uint32_t type, uint32_t flags,
			       uint64_t virt, uint64_t phys, uint64_t size)
{
	uint8_t *p = mk->bytes + HEADER + mk->n++ * PROGRAM_HEADER;

	put_u32(p, type);
	put_u32(p + 4, flags);
	put_u64(p + 8, phys);
	put_u64(p + 16, virt);
	put_u64(p + 24, phys);
	put_u64(p + 32, size);
	put_u64(p + 40, size);
	put_u64(p + 48, 0);
}

static void put_header(uint8_t *p, uint16_t machine, size_t count)
{
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
					 EV_CURRENT, ELFOSABI_NONE };

	memcpy(p, ident, sizeof ident);
	put_u16(p + 16, ET_CORE);
	put_u16(p + 18, machine);
	put_u32(p + 20, EV_CURRENT);
	put_u64(p + 32, HEADER);
	put_u16(p + 52, HEADER);
	put_u16(p + 54, PROGRAM_HEADER);
	put_u16(p + 56, (uint16_t)count);
}

/* what of r is in none of holes, which are sealed */
static int add_without(struct ranges *rs, struct range r, const struct ranges *holes)
{
	const struct range *hole, *end = holes->r + holes->n;

	for (hole = ranges_above(holes, r.start); hole && hole < end && hole->start < r.end;
	     hole++) {
		struct range before = { r.start, hole->start, r.start };

		if (ranges_add(rs, before))
			return -1;
		r.start = hole->end < r.end ? hole->end : r.end;
	}
	r.at = r.start;
	return ranges_add(rs, r);
}

int elfcorehdr_ram(const struct running *rn, uint64_t lowest, struct ranges *ram)
{
	struct ranges holes = { 0 };
	int result = ranges_add(&holes, (struct range){ .end = lowest });

	*ram = (struct ranges){ 0 };
	for (size_t i = 0; i < rn->crash.n && !result; i++)
		result = ranges_add(&holes, rn->crash.r[i]);
	for (size_t i = 0; i < rn->cma.n && !result; i++)
		result = ranges_add(&holes, rn->cma.r[i]);
	result = result || ranges_seal(&holes);
	for (size_t i = 0; i < rn->ram.n && !result; i++)
		result = add_without(ram, rn->ram.r[i], &holes);
	ranges_free(&holes);
	return result ? -1 : 0;
}

static void put_memory(struct maker *mk, const struct running *rn, const struct ranges *ram)
{
	const struct range *text = &rn->text;

	if (text->end > text->start)
		put_program_header(mk, PT_LOAD, PF_R | PF_W | PF_X, text->at, text->start,
				   text->end - text->start);
	for (size_t i = 0; i < ram->n; i++) {
		const struct range *r = &ram->r[i];
		uint64_t virt = 0;

		running_virtual(rn, r->start, &virt);
		put_program_header(mk, PT_LOAD, PF_R | PF_W | PF_X, virt, r->start,
				   r->end - r->start);
	}
}

int elfcorehdr_make(const struct running *rn, uint16_t machine, uint64_t lowest,
		    uint8_t **bytes, size_t *len)
{
	struct maker mk = { 0 };
	struct ranges ram;

	*bytes = NULL;
	if (elfcorehdr_ram(rn, lowest, &ram)) {
		ranges_free(&ram);
		return -1;
	}
	size_t count = rn->cpus + 1 + (rn->text.end > rn->text.start) + ram.n;

	if (count > HEADERS_MAX) {
		ranges_free(&ram);
		return fail(ERR_UNKNOWN, "%zu processors and ranges of memory: an ELF header"
			    " holds %d", count, HEADERS_MAX);
	}
	*len = HEADER + count * PROGRAM_HEADER;
	mk.bytes = calloc(1, *len);
	if (!mk.bytes) {
		ranges_free(&ram);
		return fail_sys("the ELF header of memory");
	}
	put_header(mk.bytes, machine, count);
	for (size_t i = 0; i < rn->cpus; i++)
		put_program_header(&mk, PT_NOTE, 0, 0, rn->cpu[i].addr, rn->cpu[i].size);
	put_program_header(&mk, PT_NOTE, 0, 0, rn->vmcoreinfo.addr, rn->vmcoreinfo.size);
	put_memory(&mk, rn, &ram);
	ranges_free(&ram);
	*bytes = mk.bytes;
	return 0;
}
