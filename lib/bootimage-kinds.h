/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of kernel file and of what they are wrapped in, for bootimage.c. */
#ifndef BOOTIMAGE_KINDS_H
#define BOOTIMAGE_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bootimage;

/* exactly len bytes of the file, or -1: a file that ends before is ERR_CORRUPT */
int bootimage_pread(int fd, void *buf, size_t len, uint64_t at);
/* all of [at, at + len), in order; look() may be NULL. -1 also after a signal */
int bootimage_read_through(int fd, uint64_t at, uint64_t len,
			   void (*look)(void *arg, const uint8_t *bytes, size_t n), void *arg);
/* im->version out of the kernel's banner, "Linux version 6.1.0 ...", if that is there */
int bootimage_find_version(struct bootimage *im, uint64_t at, uint64_t len);

/* fill im from the headers; as bootimage_open() */
int bootimage_bzimage(struct bootimage *im, int fd, uint64_t size);
int bootimage_elf(struct bootimage *im, int fd, uint64_t size);
int bootimage_arm64(struct bootimage *im, int fd, uint64_t size);

enum { BOOTIMAGE_ELF_HEAD = 8192 };	/* bytes in which an ELF kernel has all its headers */

/*
 * The same tests of the vmlinux inside a bzImage, size bytes, of which these are the
 * first; they may be changed. *kernel_size is the memory it will take.
 */
int bootimage_elf_inside(uint8_t *bytes, size_t len, uint64_t size, uint64_t *kernel_size);
/* as bootimage_prove() */
int bootimage_bzimage_prove(struct bootimage *im, void (*doubt)(const char *fmt, ...)
			    __attribute__((format(printf, 1, 2))));
/* all segments at their distance from the lowest; bytes is code_size long, and zeros */
int bootimage_elf_gather(const struct bootimage *im, uint8_t *bytes);

/* what was inside: files in memory, the caller's to close and free even after -1 */
struct unwrapped {
	int fd, initrd_fd;	/* -1: none */
	uint64_t size, initrd_size;
	char *cmdline;
	const char *packer;	/* "gzip"; NULL if not packed */
};

int bootimage_packed(struct unwrapped *u, int fd, uint64_t size);
int bootimage_zboot(struct unwrapped *u, int fd, uint64_t size);
int bootimage_uki(struct unwrapped *u, int fd, uint64_t size);

/* a new file in memory, or -1 */
int bootimage_memory_file(const char *name);
/* at its end, *size, which grows; 1 GiB at most */
int bootimage_append(int fd, uint64_t *size, const uint8_t *bytes, size_t len);
int bootimage_copy(int to, uint64_t *size, int fd, uint64_t at, uint64_t len);

/* the sections of a PE program, in their order */
struct pe {
	int fd;
	uint64_t size, at;	/* of the file; of the next section's header */
	size_t left;
};

struct pe_section {
	char name[9];
	uint64_t at, size;	/* inside the file */
};

/* a certificate table is there, inside the file; no PE program: false */
bool pe_is_signed(int fd, uint64_t size);
int pe_open(struct pe *pe, int fd, uint64_t size);
/* 1, 0 after the last, -1 */
int pe_section_next(struct pe *pe, struct pe_section *s);

#endif
