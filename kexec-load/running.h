/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel leaves to the one that will capture it, for the classical
 * call, where user space tells the capture kernel all of it.
 */
#ifndef RUNNING_H
#define RUNNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

/* a kind of memory as E820 numbers it: include/uapi/asm/bootparam.h, asm/e820/types.h */
enum { MEMORY_RAM = 1, MEMORY_RESERVED = 2, MEMORY_ACPI = 3, MEMORY_NVS = 4,
       MEMORY_UNUSABLE = 5, MEMORY_PMEM = 7, MEMORY_PRAM = 12 };

struct note_place {
	uint64_t addr, size;	/* physical, bytes */
};

struct running {
	const char *root;	/* borrowed; as in sysfs.h */
	struct note_place *cpu;	/* crash_notes of each present CPU, owned */
	size_t cpus;
	struct note_place vmcoreinfo;
	uint64_t headers_size;	/* what hotplug needs: crash_elfcorehdr_size and the ELF header; 0: no */

	bool has_kcore;		/* without /proc/kcore the next two are empty */
	struct range text;	/* of the kernel: physical, .at the virtual address; empty if unknown */
	struct ranges direct;	/* the direct mapping: physical, .at the virtual address; sealed */
	struct ranges ram;	/* System RAM, sealed; .at is the physical address */
	struct ranges crash;	/* reserved, ascending; segments go into the last */
	struct ranges cma;	/* crash_cma_ranges */
	struct ranges other;	/* ACPI tables, NVS, reserved...: .at is the MEMORY_ kind; ascending */
};

/* -1: ERR_SYS or ERR_CORRUPT names the file and what is missing in it */
int running_look(struct running *rn, const char *root);
void running_close(struct running *rn);
/* the direct mapping's address of this physical one; false if kcore does not tell */
bool running_virtual(const struct running *rn, uint64_t phys, uint64_t *virt);

#endif
