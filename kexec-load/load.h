/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be loaded: two files and a command line. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "bootimage.h"
#include "fit.h"
#include "initrd.h"

struct load {
	const char *kernel, *initrd;	/* paths, borrowed; initrd NULL: none */
	char *cmdline;			/* owned; set after load_open(), which leaves it NULL */
	int kernel_fd;			/* the file; image.fd is what is loaded of it. -1: not open */
	int initrd_fd;			/* the file, or what a UKI brought along; -1: none */
	struct stat kernel_stat, initrd_stat;	/* as they were when opened */
	struct bootimage image;
	uint64_t initrd_size;
	struct initrd contents;		/* of the initial RAM disk; filled by check_initrd() */
	bool classic;			/* by kexec_load, not by kexec_file_load */
	struct fit fit;			/* filled by check_load(), or from the classical layout */
};

/*
 * Open both files and test all that can be seen in the kernel's headers. type is -t's, or
 * NULL. Without initrd a UKI's own is taken. -1 names the file and the fault;
 * load_close() is due in any case.
 */
int load_open(struct load *ld, const char *kernel, const char *initrd, const char *type);
/* does it bring an initial RAM disk? what to call it in a message: its path, or whose it is */
bool load_has_initrd(const struct load *ld);
const char *load_initrd_name(const struct load *ld);
/* read both files through once: what the disk does not give must be known before the call */
int load_read(const struct load *ld);
/*
 * Has nobody written to the files since load_open(), or opened them for it? The last
 * thing to ask before the call, which would find out only after throwing the old panic
 * kernel away. -1: ERR_AGAIN.
 */
int load_unchanged(const struct load *ld);
void load_close(struct load *ld);

#endif
