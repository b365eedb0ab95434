/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF file of a kernel as it was linked: symbols, and the bytes at an address. */
#ifndef IMAGE_H
#define IMAGE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
	Elf *elf;		/* NULL until opened */
	int fd;
	uint16_t machine;	/* EM_X86_64, ... */
	bool swap;		/* its byte order is not ours */
	size_t names;		/* index of the section with the symbols' names */
	Elf_Data *symbols;	/* NULL if it was stripped */
};

enum { BUILD_ID_MAX = 20 };	/* bytes: what VMCOREINFO has room for */

/* -1 after ERR_SYS; ERR_UNKNOWN: not a 64-bit ELF file; ERR_CORRUPT */
int image_open(struct image *im, const char *path);
void image_close(struct image *im);

/* its address and size in bytes; global ones win over static ones of the same name */
bool image_symbol(const struct image *im, const char *name, uint64_t *addr, uint64_t *size);
/* the bytes at an address, if one section of the file has all of them */
bool image_read(const struct image *im, void *buf, size_t len, uint64_t addr);
/* the NT_GNU_BUILD_ID note: its length, 0 if there is none */
size_t image_build_id(const struct image *im, uint8_t id[BUILD_ID_MAX]);

#endif
