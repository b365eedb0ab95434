/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory that an ELF dump describes. */
#ifndef ELF_LOADS_H
#define ELF_LOADS_H

#include <stddef.h>

struct plan;
struct vmcore;
struct vmcore_load;

/*
 * The loads of the input, as they are, if its writer knew the kernel's virtual
 * addresses. Otherwise (a kdump file, QEMU's dump without paging) one for each range of
 * RAM, with the address that the direct map has for it if that can be found, else with
 * the physical one; and one for the kernel's text, if it has a map of its own.
 * *loads is the caller's to free, by rising phys, without empty ones.
 */
int elf_loads(struct vmcore *vm, struct plan *plan, struct vmcore_load **loads, size_t *n);

#endif
