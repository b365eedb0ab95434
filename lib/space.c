/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>

#include "arch.h"
#include "err.h"
#include "space.h"
#include "vmcore.h"

static uint64_t mask(unsigned bits)
{
	return ((uint64_t)1 << bits) - 1;
}

int space_open(struct space *sp, struct vmcore *vm)
{
	*sp = (struct space){ .vm = vm, .arch = arch_find(vm->machine) };
	if (!sp->arch)
		return fail(ERR_UNKNOWN, "kernels of machine type %u cannot be read by this "
			    "version", vm->machine);
	if (!vm->info.text)
		return fail(ERR_UNKNOWN, "no VMCOREINFO note");
	return sp->arch->setup(sp);
}

void space_add_linear(struct space *sp, uint64_t virt, uint64_t len, uint64_t phys)
{
	if (sp->nlinear == SPACE_LINEAR || len == 0)
		return;
	sp->linear[sp->nlinear].virt = virt;
	sp->linear[sp->nlinear].len = len;
	sp->linear[sp->nlinear].phys = phys;
	sp->nlinear++;
}

/* without its tag; bit 55 tells a kernel address from a user's on machines that have tags */
static uint64_t untag(const struct space *sp, uint64_t virt)
{
	return virt >> 55 & 1 ? virt | sp->tag : virt;
}

static bool linear(const struct space *sp, uint64_t virt, uint64_t *phys, uint64_t *len)
{
	for (int i = 0; i < sp->nlinear; i++) {
		uint64_t off = virt - sp->linear[i].virt;

		if (off < sp->linear[i].len) {
			*phys = sp->linear[i].phys + off;
			if (len)
				*len = sp->linear[i].len - off;
			return true;
		}
	}
	return false;
}

int space_walk(struct space *sp, uint64_t virt, uint64_t *phys, uint64_t *len)
{
	uint64_t table = sp->root;

	virt = untag(sp, virt);
	if ((virt & sp->upper) != sp->upper)
		return fail(ERR_CORRUPT, "%#" PRIx64 " is no kernel address", virt);
	if (!table)
		return fail(ERR_CORRUPT, "%#" PRIx64 ": no page tables", virt);
	for (int l = sp->top; l >= 0; l--) {
		unsigned shift = sp->level[l].shift;
		uint64_t index = virt >> shift & mask(sp->level[l].bits);
		uint8_t raw[8];

		if (vmcore_read(sp->vm, raw, sizeof raw, table + index * sizeof raw))
			return fail_in("page table");
		switch (sp->arch->entry(sp, l, vmcore_u64(sp->vm, raw), &table)) {
		case PTE_TABLE:
			continue;
		case PTE_PAGE:
			*phys = table + (virt & mask(shift));
			if (len)
				*len = mask(shift) + 1 - (virt & mask(shift));
			return 0;
		case PTE_NONE:
			return fail(ERR_CORRUPT, "%#" PRIx64 " is not mapped", virt);
		}
	}
	return fail(ERR_CORRUPT, "%#" PRIx64 ": page table without end", virt);
}

int space_translate(struct space *sp, uint64_t virt, uint64_t *phys, uint64_t *len)
{
	if (linear(sp, untag(sp, virt), phys, len))
		return 0;
	return space_walk(sp, virt, phys, len);
}

/* through the linear map if that works, else through the tables, a mapping at a time */
int space_read(struct space *sp, void *buf, size_t len, uint64_t virt)
{
	uint8_t *p = buf;

	while (len > 0) {
		uint64_t phys, room;
		size_t n;

		if (space_translate(sp, virt, &phys, &room))
			return -1;
		n = room < len ? (size_t)room : len;
		if (vmcore_read(sp->vm, p, n, phys)) {
			uint64_t other;

			if (err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN)
				return -1;	/* the file cannot be read */
			/* a PT_LOAD may have lied about the linear map */
			if (space_walk(sp, virt, &other, &room) || other == phys)
				return -1;
			n = room < len ? (size_t)room : len;
			if (vmcore_read(sp->vm, p, n, other))
				return -1;
		}
		p += n;
		len -= n;
		virt += n;
	}
	return 0;
}

int space_read_u32(struct space *sp, uint64_t virt, uint32_t *value)
{
	uint8_t raw[4];

	if (space_read(sp, raw, sizeof raw, virt))
		return -1;
	*value = vmcore_u32(sp->vm, raw);
	return 0;
}

int space_read_u64(struct space *sp, uint64_t virt, uint64_t *value)
{
	uint8_t raw[8];

	if (space_read(sp, raw, sizeof raw, virt))
		return -1;
	*value = vmcore_u64(sp->vm, raw);
	return 0;
}
