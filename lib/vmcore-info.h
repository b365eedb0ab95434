/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO for a dump whose note is missing or damaged: from a file, from a vmlinux,
 * or from the dead kernel's own memory, which has the text that notes are made of.
 */
#ifndef VMCORE_INFO_H
#define VMCORE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kinfo;
struct space;
struct vmcore;

enum { UTSNAME_LEN = 390, UTSNAME_RELEASE = 130, UTSNAME_FIELD = 65 };	/* struct new_utsname */

/*
 * From now on this is the dump's VMCOREINFO: vm->info and what follows from it, and a note
 * for those who copy vm->notes, in place of the one there was. Done before anything else
 * is opened on vm. -1: text of no use (ERR_CORRUPT), and nothing has changed; ERR_MEMORY.
 */
int vmcore_give_info(struct vmcore *vm, const char *text, size_t len);

/*
 * Look for the text in the dump's memory, and give it: 1. 0: there is none that fits this
 * memory. -1: ERR_STOPPED, ERR_MEMORY, ERR_SYS. Reads, at worst, all that the dump holds.
 */
int vmcore_search_info(struct vmcore *vm);

/*
 * Text that somebody has for this kernel becomes text for this dump: *placed, *len bytes,
 * is the caller's to free. If it is of a kernel as it was linked, without KERNELOFFSET,
 * it is worked out where that kernel lay. -1 with ERR_USAGE: the dump is another kernel's,
 * or of another boot; ERR_CORRUPT: no such kernel can be found in the dump's memory.
 */
int vmcore_place_info(struct vmcore *vm, const char *text, size_t size, char **placed,
		      size_t *len);

/* is the kernel, and is it mapped, where this text says? -1: nothing can be read there */
int vmcore_fits_info(struct vmcore *vm, const struct kinfo *ki);

/*
 * Can a kernel that has something of its image at this virtual address have it there? Not
 * if a PT_LOAD has it elsewhere, or has the image of the kernel at other addresses: what
 * lies in memory is then what an earlier kernel has left.
 */
bool vmcore_loads_allow(const struct vmcore *vm, uint64_t virt, uint64_t phys);

/* init_uts_ns's struct new_utsname; false if it cannot be read */
bool utsname_read(struct space *sp, char utsname[UTSNAME_LEN]);
/* its virtual address; false if VMCOREINFO does not have it */
bool utsname_address(const struct kinfo *ki, uint64_t *virt);
/* is it one, of a kernel of this release? */
bool utsname_is(const char utsname[UTSNAME_LEN], const char *release);

/*
 * Call run for each stretch of memory that the dump holds, from lower to higher addresses:
 * len bytes at phys. What run returns ends it if it is not 0; -1 also as vmcore_held() fails.
 * A stretch ends at a window's end (VMCORE_WINDOW), though memory may go on in the next.
 */
typedef int vmcore_run(void *arg, uint64_t phys, uint64_t len);
int vmcore_runs(struct vmcore *vm, vmcore_run *run, void *arg);

/*
 * Call hit for each place in the memory that the dump holds where these bytes are, from
 * lower to higher ones: 1: hit returned 1; 0: it never did; -1: nor will it, see fail().
 * Bytes on two pages of which one is not held are not found. what: at most 4096 bytes.
 */
typedef int vmcore_hit(void *arg, uint64_t phys);
int vmcore_find(struct vmcore *vm, const void *what, size_t len, vmcore_hit *hit, void *arg);

#endif
