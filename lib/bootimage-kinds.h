/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of kernel file, for bootimage.c. Each is told nothing but fd and size. */
#ifndef BOOTIMAGE_KINDS_H
#define BOOTIMAGE_KINDS_H

#include <stdint.h>

struct bootimage;

/* fill im from the headers; as bootimage_open() */
int bootimage_bzimage(struct bootimage *im, int fd, uint64_t size);

#endif
