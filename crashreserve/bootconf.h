/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of boot loaders will put on the kernel's command line next time. Only a
 * hint: which of them is used, with which entry, is not known here.
 */
#ifndef BOOTCONF_H
#define BOOTCONF_H

#include <stdbool.h>

enum { BOOTCONF_MOST = 8, BOOTCONF_PATH = 200, BOOTCONF_TOKEN = 120 };

struct bootconf_hit {
	char path[BOOTCONF_PATH];	/* without the root */
	char token[BOOTCONF_TOKEN];	/* "crashkernel=256M", printable */
};

struct bootconf {
	unsigned n;
	struct bootconf_hit hits[BOOTCONF_MOST];	/* the first of each file */
};

/*
 * Looks at /etc/default/grub, /etc/default/grub.d/?*.cfg, /etc/kernel/cmdline, and the
 * entries of systemd-boot and of the Boot Loader Specification in /boot, /efi, /boot/efi.
 * Files that cannot be read are as good as none. root: as in sysfs.h.
 */
void bootconf_read(struct bootconf *bc, const char *root);

#endif
