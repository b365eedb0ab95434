/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture kernel and its initial RAM disk will need: the files behind an estimate. */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "bootimage.h"
#include "estimate.h"
#include "initrd.h"
#include "look.h"

struct needs {
	struct estimate_in in;		/* all of it is filled; borrows from what is below */
	char *kernel, *initrd;		/* paths, owned; initrd NULL: in a UKI, or none */
	char *cmdline;			/* the capture kernel's, owned; NULL: unknown */
	bool recorded;			/* these are the files that are loaded */
	bool general;			/* an initial RAM disk that was not made for captures */
	int kernel_fd;
	int initrd_fd;			/* -1: there is none */
	uint64_t initrd_size;
	struct bootimage image;
	struct initrd rd;
	uint64_t modules_loaded;	/* bytes, by /proc/modules; 0: unknown */
};

/*
 * Opens and reads both files through. kernel NULL: the one that kexec-load loaded, else
 * the running one in /boot; initrd NULL beside it: what was loaded with it, else what is
 * there under the names that distributions use for captures, else the one it boots with.
 * A kernel given without an initrd has the one inside it (UKI) or none. Warns of what
 * could not be looked at. -1 after fail(); needs_close() is due anyway. st must outlive n.
 */
int needs_open(struct needs *n, const struct state *st, const char *kernel,
	       const char *initrd);
void needs_close(struct needs *n);

#endif
