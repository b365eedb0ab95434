/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark of an ELF dump that is cut short: bit 0 of e_flags, as makedumpfile -E sets it
 * (DUMP_ELF_INCOMPLETE in makedumpfile.c) and crash knows it (netdump.h). The kernel's own
 * /proc/vmcore has e_flags 0 on these machines; on others the bits tell of the ABI.
 */
#ifndef ELF_MARK_H
#define ELF_MARK_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

enum { ELF_INCOMPLETE = 1 };

static inline bool elf_has_mark(uint16_t machine)
{
	return machine == EM_X86_64 || machine == EM_AARCH64 || machine == EM_386;
}

#endif
