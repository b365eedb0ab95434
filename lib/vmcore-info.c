/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "err.h"
#include "num.h"
#include "space.h"
#include "vmcore-info.h"
#include "vmcore.h"

enum {
	NOTE_HEAD = 12,
	REGION_SHIFT = 30,	/* the image has this much address space to itself */
};
static const char note_name[12] = "VMCOREINFO";

static void put_u32(const struct vmcore *vm, uint8_t *p, uint32_t value)
{
	value = vmcore_u32(vm, &value);
	memcpy(p, &value, sizeof value);
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* all notes but VMCOREINFO's, up to where they are damaged, and then ours */
static int replace_note(struct vmcore *vm, const char *text, size_t len)
{
	size_t ours = NOTE_HEAD + sizeof note_name + padded(len), used = 0;
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	uint8_t *notes = calloc(1, vm->notes_len + ours + 8), *p;
	struct note note;

	if (!notes)
		return fail_sys("notes");
	for (;;) {
		const uint8_t *begin = c.pos;
		size_t n;

		if (note_next(&c, &note) != 1)
			break;
		n = (size_t)(c.pos - begin);
		if (note.namelen == sizeof note_name - 2 &&
		    memcmp(note.name, note_name, note.namelen) == 0)
			continue;
		memcpy(notes + used, begin, n);
		used += padded(n);
	}
	p = notes + used;
	put_u32(vm, p, sizeof note_name - 1);
	put_u32(vm, p + 4, (uint32_t)len);
	put_u32(vm, p + 8, 0);
	memcpy(p + NOTE_HEAD, note_name, sizeof note_name);
	memcpy(p + NOTE_HEAD + sizeof note_name, text, len);
	free(vm->notes);
	vm->notes = notes;
	vm->notes_len = used + ours;
	return 0;
}

/* a kdump file has pages of its own size; those of an ELF file are VMCOREINFO's */
static void count_pages(struct vmcore *vm)
{
	vm->page_size = vm->info.page_size;
	vm->page_shift = (unsigned)__builtin_ctz(vm->page_size);
	vm->npfns = 0;
	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];
		uint64_t npfns = num_div_up(l->phys + l->len, vm->page_size);

		vm->npfns = npfns > vm->npfns ? npfns : vm->npfns;
	}
}

int vmcore_give_info(struct vmcore *vm, const char *text, size_t len)
{
	struct kinfo ki;

	if (kinfo_open(&ki, text, len))
		return -1;
	if (!ki.release[0] || !ki.page_size) {
		fail(ERR_CORRUPT, "no VMCOREINFO: it lacks OSRELEASE or PAGESIZE");
		goto fail;
	}
	if (vm->header.known && ki.page_size != vm->page_size &&
	    !(vm->ops->set_page_size && vm->ops->set_page_size(vm, ki.page_size))) {
		fail(ERR_CORRUPT, "VMCOREINFO of a kernel with pages of %u bytes; the dump's have "
		     "%u", ki.page_size, vm->page_size);
		goto fail;
	}
	if (replace_note(vm, ki.text, ki.len))
		goto fail;
	kinfo_close(&vm->info);
	vm->info = ki;
	if (vm->machine == EM_NONE)
		vm->machine = arch_of_kernel(&ki);
	if (!vm->header.known)
		count_pages(vm);
	return 0;
fail:
	kinfo_close(&ki);
	return -1;
}

bool vmcore_loads_allow(const struct vmcore *vm, uint64_t virt, uint64_t phys)
{
	bool near = false;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];

		if (l->virt >> 63 == 0)
			continue;
		if (virt - l->virt < l->len)
			return l->phys + (virt - l->virt) == phys;
		near |= l->virt >> REGION_SHIFT == virt >> REGION_SHIFT;
	}
	return !near;
}

/* by the tables, too: a kernel of another boot may have lain at the same physical place */
static bool is_mapped(struct space *sp, uint64_t virt)
{
	uint64_t phys, walked;
	uint8_t entry[8];

	if (space_translate(sp, virt, &phys, NULL) || !vmcore_loads_allow(sp->vm, virt, phys))
		return false;
	if (space_walk(sp, virt, &walked, NULL) == 0)
		return walked == phys;
	return sp->vm->cut_short || !sp->root ||
	       vmcore_read(sp->vm, entry, sizeof entry, sp->root);
}

int vmcore_fits_info(struct vmcore *vm, const struct kinfo *ki)
{
	char utsname[UTSNAME_LEN];
	struct kinfo before = vm->info;
	uint16_t machine = vm->machine;
	struct space sp;
	uint64_t virt;
	int fits = -1;

	vm->info = *ki;
	if (machine == EM_NONE)
		vm->machine = arch_of_kernel(ki);
	if (utsname_address(ki, &virt) && space_open(&sp, vm) == 0 && utsname_read(&sp, utsname))
		fits = utsname_is(utsname, ki->release) && is_mapped(&sp, virt);
	vm->info = before;
	vm->machine = machine;
	return fits;
}

bool utsname_address(const struct kinfo *ki, uint64_t *virt)
{
	uint64_t name;

	if (!kinfo_symbol(ki, "init_uts_ns", virt))
		return false;
	/* behind a kref, until it was moved and the key came */
	if (!kinfo_offset(ki, "uts_namespace.name", &name))
		name = 4;
	return num_add(*virt, name, virt);
}

bool utsname_read(struct space *sp, char utsname[UTSNAME_LEN])
{
	uint64_t virt;

	return utsname_address(&sp->vm->info, &virt) &&
	       space_read(sp, utsname, UTSNAME_LEN, virt) == 0;
}

bool utsname_is(const char utsname[UTSNAME_LEN], const char *release)
{
	const char *its = utsname + UTSNAME_RELEASE;

	return memcmp(utsname, "Linux", sizeof "Linux") == 0 &&
	       strncmp(its, release, UTSNAME_FIELD) == 0;
}
