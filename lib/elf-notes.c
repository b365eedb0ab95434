/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cursor.h"
#include "elf-notes.h"
#include "err.h"
#include "note.h"
#include "stop.h"
#include "vmcore.h"

enum {
	NOTES_MAX = 8 << 20,		/* a CPU takes 368 bytes; device dumps can be huge */
	NOTE_DEVICE_DUMP = 0x700,	/* NT_VMCOREDD, include/uapi/linux/vmcore.h */
};

static int grow_notes(struct vmcore *vm, uint64_t more)
{
	void *p = realloc(vm->notes, vm->notes_len + more + 4);

	if (!p)
		return fail_sys("notes");
	vm->notes = p;
	return 0;
}

/* a segment too large to keep: its notes one by one, without the device dumps */
static int add_large_notes(struct vmcore *vm, uint64_t at, uint64_t len)
{
	uint64_t end = at + len;

	while (end - at >= 12) {
		uint8_t head[12];
		struct cursor c = cursor_over(head, sizeof head, vm->swap);
		uint64_t size;

		if (stop_check())
			return -1;
		if (source_read(&vm->src, head, sizeof head, at))
			return fail_in("notes");
		uint64_t namesz = cursor_u32(&c), descsz = cursor_u32(&c);
		uint32_t type = cursor_u32(&c);

		if (namesz == 0 && descsz == 0)
			break;
		size = 12 + ((namesz + 3) & ~UINT64_C(3)) + ((descsz + 3) & ~UINT64_C(3));
		if (size > end - at) {
			vm->notes_damaged += end - at;
			break;
		}
		if (type == NOTE_DEVICE_DUMP || vm->notes_len + size > NOTES_MAX) {
			vm->notes_dropped += size;
		} else {
			if (grow_notes(vm, size) ||
			    source_read(&vm->src, (char *)vm->notes + vm->notes_len, size, at))
				return fail_in("notes");
			vm->notes_len += size;
		}
		at += size;
	}
	return 0;
}

/*
 * A segment may end in zeros, which look like the end of all notes: they must
 * not hide the next segment's. Damaged notes are kept whole, to be complained of.
 */
static size_t used_by_notes(const struct vmcore *vm, const void *notes, size_t len)
{
	struct cursor c = cursor_over(notes, len, vm->swap);
	size_t left = len;
	struct note note;
	int rc;

	while ((rc = note_next(&c, &note)) == 1)
		left = cursor_left(&c);
	return rc < 0 ? len : len - left;
}

int elf_notes_add(struct vmcore *vm, uint64_t at, uint64_t len)
{
	if (len == 0)
		return 0;
	if (at > vm->src.size || len > vm->src.size - at)
		return fail(ERR_CORRUPT, "notes: %" PRIu64 " bytes at offset %#" PRIx64
			    " lie past the end of the file", len, at);
	if (len > NOTES_MAX - vm->notes_len)
		return add_large_notes(vm, at, len);
	if (grow_notes(vm, len) ||
	    source_read(&vm->src, (char *)vm->notes + vm->notes_len, len, at))
		return fail_in("notes");
	vm->notes_len += used_by_notes(vm, (char *)vm->notes + vm->notes_len, len);
	while (vm->notes_len & 3)
		((char *)vm->notes)[vm->notes_len++] = 0;
	return 0;
}

bool elf_notes_of_kcore(const struct vmcore *vm)
{
	struct note note;

	return vmcore_note(vm, "CORE", NT_TASKSTRUCT, &note) == 1;
}
