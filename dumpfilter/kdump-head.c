/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a kdump-compressed file: who crashed, when, and where all else is. */
#include <elf.h>
#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "kdump-format.h"
#include "out.h"
#include "plan.h"
#include "space.h"
#include "vmcore.h"
#include "writer-kdump.h"
#include "writer.h"

void kdump_put_u32(const struct writer *w, uint8_t *p, size_t at, uint32_t v)
{
	v = vmcore_u32(w->vm, &v);
	memcpy(p + at, &v, sizeof v);
}

void kdump_put_u64(const struct writer *w, uint8_t *p, size_t at, uint64_t v)
{
	v = vmcore_u64(w->vm, &v);
	memcpy(p + at, &v, sizeof v);
}

static bool read_utsname(struct writer *w, char *uts, size_t len)
{
	const struct kinfo *ki = &w->vm->info;
	uint64_t at, name;

	if (!kinfo_offset(ki, "uts_namespace.name", &name))
		name = 4;	/* before 5.11 the key is missing and a kref comes first */
	return w->plan->scan.has_space && kinfo_symbol(ki, "init_uts_ns", &at) &&
	       space_read(&w->plan->scan.space, uts, len, at + name) == 0 &&
	       memcmp(uts, "Linux", 6) == 0;
}

/* the dead kernel's own utsname, or as much of it as is known otherwise */
static void put_utsname(struct writer *w, uint8_t *header)
{
	const struct vmcore *vm = w->vm;
	const char *machine = arch_utsname(vm->machine);
	char uts[6 * KDUMP_UTSNAME_LEN];
	uint64_t at;

	if (read_utsname(w, uts, sizeof uts)) {
		for (int i = 1; i <= 6; i++)
			uts[i * KDUMP_UTSNAME_LEN - 1] = '\0';
		memcpy(header + KDUMP_UTSNAME, uts, sizeof uts);
		return;
	}
	if (vm->header.known) {
		memcpy(header + KDUMP_UTSNAME, vm->header.utsname, sizeof vm->header.utsname);
		return;
	}
	w->no_utsname = kinfo_symbol(&vm->info, "init_uts_ns", &at);
	memcpy(header + KDUMP_UTSNAME, "Linux", 6);
	memcpy(header + KDUMP_UTSNAME_RELEASE, vm->info.release, strlen(vm->info.release));
	memcpy(header + KDUMP_UTSNAME_MACHINE, machine, strlen(machine));
}

static uint32_t count_cpus(const struct vmcore *vm)
{
	struct cursor c = cursor_over(vm->notes, vm->notes_len, vm->swap);
	struct note note;
	uint32_t n = 0;

	while (note_next(&c, &note) == 1)
		n += note.type == NT_PRSTATUS && note.namelen == 4 &&
		     memcmp(note.name, "CORE", 4) == 0;
	return n ? n : vm->header.ncpus;
}

/* fields that were too small, once: saturated */
static uint32_t clip32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* the status is left out of a stream until the end: nothing may be sent twice */
int kdump_write_header(struct writer *w, uint32_t sub_blocks)
{
	const struct kdump_writer *k = w->priv;
	const struct vmcore *vm = w->vm;
	uint8_t h[KDUMP_HEADER_LEN] = KDUMP_SIGNATURE;
	uint32_t after = KDUMP_STATUS + 4;

	kdump_put_u32(w, h, KDUMP_HEADER_VERSION, KDUMP_VERSION);
	put_utsname(w, h);
	/* tv_usec stays 0: libkdumpfile could take the header for a 32-bit one */
	kdump_put_u64(w, h, KDUMP_TIME_SEC,
		(uint64_t)(vm->info.crash_time ? vm->info.crash_time : vm->header.time_sec));
	kdump_put_u32(w, h, KDUMP_STATUS, kdump_status(w) | KDUMP_INCOMPLETE);
	kdump_put_u32(w, h, KDUMP_BLOCK_SIZE, vm->page_size);
	kdump_put_u32(w, h, KDUMP_SUB_BLOCKS, sub_blocks);
	kdump_put_u32(w, h, KDUMP_BITMAP_BLOCKS, (uint32_t)(2 * k->bitmap_len / vm->page_size));
	kdump_put_u32(w, h, KDUMP_MAX_MAPNR, clip32(vm->npfns));
	kdump_put_u32(w, h, KDUMP_NR_CPUS, count_cpus(vm));

	if (w->out->kind != OUT_FLAT)
		return out_pwrite(w->out, h, sizeof h, 0);
	if (out_pwrite(w->out, h, KDUMP_STATUS, 0))
		return -1;
	return out_pwrite(w->out, h + after, sizeof h - after, after);
}

uint32_t kdump_status(const struct writer *w)
{
	return w->how.codec_flag |
	       (w->plan->left_out[PAGE_VMEMMAP] ? KDUMP_EXCLUDED_VMEMMAP : 0);
}

int kdump_write_status(struct writer *w, uint32_t status)
{
	uint8_t raw[4];

	kdump_put_u32(w, raw, 0, status);
	return out_pwrite(w->out, raw, sizeof raw, KDUMP_STATUS);
}

int kdump_write_sub_header(struct writer *w)
{
	const struct vmcore *vm = w->vm;
	uint64_t notes_at = vm->page_size + (uint64_t)KDUMP_SUB_LEN;
	uint8_t s[KDUMP_SUB_LEN] = { 0 };
	struct note info;

	kdump_put_u64(w, s, KDUMP_PHYS_BASE,
		(uint64_t)(w->plan->scan.has_space ? w->plan->scan.space.phys_base :
						   vm->header.phys_base));
	kdump_put_u32(w, s, KDUMP_DUMP_LEVEL, w->plan->rules.level);
	if (vmcore_note(vm, "VMCOREINFO", 0, &info) == 1) {
		kdump_put_u64(w, s, KDUMP_OFFSET_VMCOREINFO,
			notes_at + (uint64_t)(info.desc - (const uint8_t *)vm->notes));
		kdump_put_u64(w, s, KDUMP_SIZE_VMCOREINFO, info.desclen);
	}
	if (vm->notes_len) {
		kdump_put_u64(w, s, KDUMP_OFFSET_NOTE, notes_at);
		kdump_put_u64(w, s, KDUMP_SIZE_NOTE, vm->notes_len);
	}
	if (w->how.split) {
		kdump_put_u32(w, s, KDUMP_SPLIT, 1);
		kdump_put_u64(w, s, KDUMP_START_PFN, clip32(w->how.start));
		kdump_put_u64(w, s, KDUMP_END_PFN, clip32(w->how.end));
		kdump_put_u64(w, s, KDUMP_START_PFN_64, w->how.start);
		kdump_put_u64(w, s, KDUMP_END_PFN_64, w->how.end);
	}
	kdump_put_u64(w, s, KDUMP_MAX_MAPNR_64, vm->npfns);
	if (out_pwrite(w->out, s, sizeof s, vm->page_size))
		return -1;
	return out_pwrite(w->out, vm->notes, vm->notes_len, notes_at);
}

