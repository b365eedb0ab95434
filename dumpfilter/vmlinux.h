/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -x: VMCOREINFO from a kernel's vmlinux with debug information. */
#ifndef VMLINUX_H
#define VMLINUX_H

#include <stddef.h>

/*
 * The text of the kernel as it was linked: without what KASLR decides at boot, see
 * vmcore_place_info(). *text is the caller's to free. -1 with ERR_USAGE: this program was
 * built without libdw; ERR_UNKNOWN: not a vmlinux, or one without debug information;
 * ERR_CORRUPT, ERR_SYS, ERR_MEMORY, ERR_STOPPED.
 */
int vmlinux_info(const char *path, char **text, size_t *len);

#endif
