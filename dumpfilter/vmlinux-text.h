/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO of a kernel that is not running, from its vmlinux. */
#ifndef VMLINUX_TEXT_H
#define VMLINUX_TEXT_H

#include <stddef.h>

enum { VMLINUX_TEXT_MAX = 65536 };

/*
 * Trusts the libraries that read the file: damage may crash them. At most
 * VMLINUX_TEXT_MAX bytes are put into text. -1 after ERR_UNKNOWN, ERR_CORRUPT, ERR_SYS.
 */
int vmlinux_text(const char *path, char *text, size_t *len);

#endif
