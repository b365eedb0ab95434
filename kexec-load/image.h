/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel file says of itself, and whether the system call will take it. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stdint.h>

struct image {
	const char *format;	/* "bzImage" */
	char version[96];	/* what the file calls itself, printable; "" if it does not */
	uint64_t size;		/* of the file */
	uint64_t init_size;	/* memory it needs from its load address on, while it unpacks */
	uint64_t align;		/* of the load address, a power of 2 */
	uint64_t lowest;	/* load address it accepts at least */
	uint64_t cmdline_max;	/* characters, without the NUL */
	bool five_level;	/* can start while 5-level paging is on */
	bool is_signed;		/* a PE certificate table is there; who signed is not looked at */
};

/*
 * Reads the headers of the x86_64 bzImage open at fd. Applies every test the kernel
 * applies, and two it does not: is the file whole, is the payload inside. -1 names the
 * test that failed and its offset: ERR_UNKNOWN when it is another kind of file,
 * ERR_CORRUPT when it is a damaged bzImage. The file name is the caller's to add.
 */
int image_bzimage_open(struct image *im, int fd, uint64_t size);

#endif
