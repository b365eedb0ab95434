/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <byteswap.h>
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "err.h"
#include "num.h"
#include "vmcore.h"

extern const struct vmcore_ops vmcore_elf, vmcore_kdump;

static const struct vmcore_ops *const formats[] = { &vmcore_elf, &vmcore_kdump };
enum { NFORMATS = sizeof formats / sizeof formats[0] };

enum { PAGE_SIZE_DEFAULT = 4096 };

static int open_format(struct vmcore *vm)
{
	for (int i = 0; i < NFORMATS; i++) {
		vm->ops = formats[i];
		switch (vm->ops->open(vm)) {
		case 1:
			return 0;
		case -1:
			return -1;
		}
	}
	vm->ops = NULL;
	return fail(ERR_UNKNOWN, "neither an ELF core nor a kdump-compressed file");
}

/* of damaged notes, those that come before the damage */
static void keep_sound_notes(struct vmcore *vm)
{
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	struct note note;
	size_t left;

	do {
		left = cursor_left(&c);
	} while (note_next(&c, &note) == 1);
	vm->notes_damaged += left;
	vm->notes_len -= left;
}

/* VMCOREINFO if there is one: a dump without it can still be copied */
static int open_info(struct vmcore *vm)
{
	struct note note;
	int rc = vmcore_note(vm, "VMCOREINFO", 0, &note);

	if (rc < 0)
		keep_sound_notes(vm);
	if (rc == 1 && kinfo_open(&vm->info, note.desc, note.desclen) && err_code() != ERR_CORRUPT)
		return -1;
	if (vm->machine == EM_NONE)
		vm->machine = arch_of_kernel(&vm->info);
	return 0;
}

static int only_parts(const struct vmcore *vm)
{
	if (vm->npaths > 1 && !vm->ops->stored)
		return fail(ERR_USAGE, "is not a part of a split dump");
	return 0;
}

static void set_page_size(struct vmcore *vm, uint32_t size)
{
	vm->page_size = size;
	vm->page_shift = (unsigned)__builtin_ctz(size);
}

int vmcore_open(struct vmcore *vm, const char *path)
{
	return vmcore_open_parts(vm, &path, 1, 0);
}

int vmcore_open_parts(struct vmcore *vm, const char *const *paths, size_t n, uint64_t memory)
{
	*vm = (struct vmcore){ .src.fd = -1, .paths = paths, .npaths = n, .memory = memory };
	if (source_open(&vm->src, paths[0]))
		return -1;
	if (open_format(vm) || only_parts(vm) || open_info(vm)) {
		const char *name = vm->src.path;

		vmcore_close(vm);
		return fail_in(name);
	}
	vm->paths = NULL;
	/* a flattened file without its end marker: what is missing cannot be known */
	vm->cut_short |= vm->src.truncated;
	/* a kdump file knows its own; an ELF file has it in VMCOREINFO only */
	if (!vm->page_size)
		set_page_size(vm, vm->info.page_size ? vm->info.page_size : PAGE_SIZE_DEFAULT);
	else
		set_page_size(vm, vm->page_size);
	if (!vm->npfns)
		for (size_t i = 0; i < vm->nloads; i++) {
			const struct vmcore_load *l = &vm->loads[i];
			uint64_t npfns = num_div_up(l->phys + l->len, vm->page_size);

			vm->npfns = npfns > vm->npfns ? npfns : vm->npfns;
		}
	return 0;
}

void vmcore_close(struct vmcore *vm)
{
	if (vm->ops)
		vm->ops->close(vm);
	free(vm->loads);
	free(vm->notes);
	kinfo_close(&vm->info);
	source_close(&vm->src);
	*vm = (struct vmcore){ .src.fd = -1 };
}

int vmcore_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	return vm->ops->read(vm, buf, len, phys);
}

int vmcore_ram(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	return vm->ops->ram(vm, bm, first);
}

int vmcore_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	return vm->ops->held(vm, bm, first);
}

/* a PT_LOAD may claim any amount of memory, but the file has no more than its size */
bool vmcore_may_hold(const struct vmcore *vm, uint64_t first)
{
	uint64_t begin = first << vm->page_shift, len = VMCORE_WINDOW << vm->page_shift;

	for (size_t i = 0; i < vm->nloads; i++) {
		const struct vmcore_load *l = &vm->loads[i];
		uint64_t held = l->len < vm->src.size ? l->len : vm->src.size;

		if (l->phys < begin ? begin - l->phys < held : l->phys - begin < len)
			return true;
	}
	return vm->nloads == 0;
}

bool vmcore_has_stored(const struct vmcore *vm)
{
	return vm->ops->stored;
}

int vmcore_read_stored(struct vmcore *vm, uint64_t pfn, void *buf, struct vmcore_stored *stored)
{
	if (!vm->ops->stored)
		return fail(ERR_UNKNOWN, "%s files do not store pages one by one", vm->ops->name);
	return vm->ops->stored(vm, pfn, buf, stored);
}

int vmcore_note(const struct vmcore *vm, const char *name, uint32_t type, struct note *note)
{
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	size_t namelen = strlen(name);
	int rc;

	while ((rc = note_next(&c, note)) == 1)
		if (note->type == type && note->namelen == namelen &&
		    memcmp(note->name, name, namelen) == 0)
			return 1;
	return rc;
}

uint16_t vmcore_u16(const struct vmcore *vm, const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return vm->swap ? bswap_16(v) : v;
}

uint32_t vmcore_u32(const struct vmcore *vm, const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return vm->swap ? bswap_32(v) : v;
}

uint64_t vmcore_u64(const struct vmcore *vm, const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return vm->swap ? bswap_64(v) : v;
}
