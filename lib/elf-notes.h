/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes of an ELF dump, from its PT_NOTE segments into struct vmcore. */
#ifndef ELF_NOTES_H
#define ELF_NOTES_H

#include <stdbool.h>
#include <stdint.h>

struct vmcore;

/*
 * Append the notes of the segment of len bytes at file offset at. Of segments that are
 * too large to keep, device dumps are left out (vm->notes_dropped).
 */
int elf_notes_add(struct vmcore *vm, uint64_t at, uint64_t len);
/* the notes are those of /proc/kcore: with the task_struct of who opened it */
bool elf_notes_of_kcore(const struct vmcore *vm);

#endif
