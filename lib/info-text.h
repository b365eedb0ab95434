/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO that somebody has in a file. */
#ifndef INFO_TEXT_H
#define INFO_TEXT_H

#include <stddef.h>

struct vmcore;

/*
 * The text of a file, "-" for standard input; *text is the caller's to free. -1 with
 * ERR_CORRUPT: it is no VMCOREINFO; ERR_SYS, ERR_MEMORY, ERR_STOPPED.
 */
int info_text_read(const char *path, char **text, size_t *len);
/*
 * Give a dump that was just opened this text, in place of what it says of itself; errors
 * are those of vmcore_place_info() and vmcore_give_info().
 */
int info_text_give(struct vmcore *vm, const char *text, size_t len);

#endif
