/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF header of the dead machine's memory, which /proc/vmcore is made from. */
#ifndef ELFCOREHDR_H
#define ELFCOREHDR_H

#include <stddef.h>
#include <stdint.h>

struct ranges;
struct running;

/*
 * Builds it: a note a CPU, VMCOREINFO, the kernel's text, then all RAM that is the dead
 * kernel's. lowest: RAM below it is left out (1 MiB on x86_64, 0 elsewhere). machine is
 * EM_X86_64 or EM_AARCH64. *bytes is to be freed; -1 after fail().
 */
int elfcorehdr_make(const struct running *rn, uint16_t machine, uint64_t lowest,
		    uint8_t **bytes, size_t *len);

/* the RAM in it, sealed; ranges_free() is due in any case. -1 after fail() */
int elfcorehdr_ram(const struct running *rn, uint64_t lowest, struct ranges *ram);

#endif
