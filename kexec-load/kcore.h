/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's own view of its memory: the headers of /proc/kcore. */
#ifndef KCORE_H
#define KCORE_H

#include "kinfo.h"
#include "range.h"

struct kcore {
	struct range text;	/* of the kernel: physical, .at the virtual address; or empty */
	struct ranges direct;	/* the direct mapping: physical, .at the virtual address */
};

/*
 * Reads them; no memory is read. 1; 0: there is no such file, or an empty one; -1: ERR_SYS or
 * ERR_CORRUPT. kcore_close() is due in any case.
 */
int kcore_look(struct kcore *kc, const char *root);
void kcore_close(struct kcore *kc);
/*
 * VMCOREINFO, of which the notes of /proc/kcore have a copy (since 4.19). 1; 0: it is not
 * there; -1 after fail(). kinfo_close() is due after 1.
 */
int kcore_info(struct kinfo *info, const char *root);

#endif
