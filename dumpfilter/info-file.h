/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i, -g, -x: VMCOREINFO that does not come from the dump. */
#ifndef INFO_FILE_H
#define INFO_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct vmcore;

/* -g: the text of this vmlinux to a file, "-" for standard output */
int info_file_make(const char *vmlinux, const char *path, bool force);

/*
 * Give a dump that was just opened the VMCOREINFO of a file (-i) or of a vmlinux (-x); the
 * other is NULL. What the dump says of itself is replaced. -1 with ERR_USAGE: it is of
 * another kernel, or of another boot; others as vmcore_place_info().
 */
int info_give(struct vmcore *vm, const char *vmlinux, const char *file);

#endif
