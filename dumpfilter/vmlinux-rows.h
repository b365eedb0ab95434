/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of VMCOREINFO that are plain facts of a kernel's symbols and structures. */
#ifndef VMLINUX_ROWS_H
#define VMLINUX_ROWS_H

#include "debug-types.h"

struct vmlinux_row {
	enum debug_ask ask;	/* ASK_NOTHING: the symbol key */
	const char *key;	/* in the brackets; NULL: type.member, or only asked for */
	const char *type, *member;
	unsigned since, until;	/* KINFO_VERSION(); 0: always, for ever */
};

enum { VMLINUX_ROWS = 144 };

extern const struct vmlinux_row *const vmlinux_rows;	/* VMLINUX_ROWS of them */

#endif
