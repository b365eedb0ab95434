/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree that an arm64 capture kernel starts with: the running one, with what
 * concerns the capture written into /chosen. Machines with ACPI have one too, with
 * nothing but /chosen in it.
 */
#ifndef DEVICE_TREE_H
#define DEVICE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "range.h"

/* the arm64 kernel maps no more: Documentation/arm64/booting.rst, Linux 6.1 */
enum { DEVICE_TREE_MAX = 2 << 20 };

struct device_tree {
	const char *cmdline;
	struct range initrd;		/* physical; empty: none */
	struct range elfcorehdr;
	struct range usable[2];		/* memory the capture kernel may use: the first is where
					   it is itself; an empty one is left out */
};

/*
 * The running machine's, /sys/firmware/fdt, of *len bytes; to be freed. -1: ERR_SYS (it
 * is root's to read), ERR_CORRUPT, ERR_UNKNOWN in a build without libfdt.
 */
int device_tree_read(const char *root, uint8_t **bytes, size_t *len);
/*
 * A copy of old with all that dt says, and without what told the running kernel of its
 * own start; to be freed. At most DEVICE_TREE_MAX bytes. -1 after fail().
 */
int device_tree_make(const struct device_tree *dt, const uint8_t *old, size_t oldlen,
		     uint8_t **bytes, size_t *len);

#endif
