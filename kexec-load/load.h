/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be loaded: two files and a command line. */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>
#include <sys/stat.h>

#include "fit.h"
#include "bootimage.h"

struct load {
	const char *kernel, *initrd;	/* paths, borrowed; initrd NULL: none */
	char *cmdline;			/* owned */
	int kernel_fd, initrd_fd;	/* -1: not open */
	struct stat kernel_stat, initrd_stat;	/* as they were when opened */
	struct bootimage image;
	uint64_t initrd_size;
	const char *initrd_kind;	/* "cpio", "zstd", ...; NULL if it is none we know */
	struct fit fit;			/* filled by check_load() */
};

/*
 * Open both files and test all that can be seen in them alone. Takes cmdline. -1 names
 * the file and the fault; load_close() is due in any case.
 */
int load_open(struct load *ld, const char *kernel, const char *initrd, char *cmdline);
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
