/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel file that can be booted: what it says of itself, and what of it is to be loaded.
 *
 * Three kinds are loaded: bzImage (x86_64), ELF vmlinux (x86_64), Image (arm64). Each may
 * come wrapped: in a unified kernel image (UKI: a PE program with the sections .linux,
 * .initrd, .cmdline), an arm64 Image packed by gzip, or as an EFI program that unpacks
 * itself (zboot). What was wrapped is unpacked into a file in memory.
 */
#ifndef BOOTIMAGE_H
#define BOOTIMAGE_H

#include <stdbool.h>
#include <stdint.h>

enum bootimage_kind { BOOTIMAGE_BZIMAGE, BOOTIMAGE_ELF, BOOTIMAGE_ARM64 };

struct bootimage {
	enum bootimage_kind kind;
	const char *format;	/* "bzImage", "ELF vmlinux", "arm64 Image" */
	const char *wrapper;	/* "UKI", "gzip", "zboot"; NULL: none */
	const char *arch;	/* as uname -m says it: "x86_64", "aarch64" */
	char version[96];	/* what the file calls itself, printable; "" if it does not */

	int fd;			/* the kernel without its wrapper: the caller's, or a memfd of ours */
	uint64_t size;		/* of what fd holds */
	uint64_t file_size;	/* of the file that was opened */
	int initrd_fd;		/* a memfd of the UKI's .initrd, or -1 */
	uint64_t initrd_size;
	char *cmdline;		/* the UKI's .cmdline, or NULL */
	bool owns_fd;

	/* what is put at the load address, for the classical call */
	uint64_t code_at, code_size;	/* bytes of fd; an ELF file's are gathered by bootimage_read() */
	uint64_t entry;		/* offset of the first instruction from the load address */

	uint64_t init_size;	/* memory it needs from its load address on, until it runs */
	uint64_t align;		/* of the load address, a power of 2 */
	uint64_t offset;	/* the load address is this above a multiple of align (arm64 text_offset) */
	uint64_t lowest;	/* load address it accepts at least */
	uint64_t cmdline_max;	/* characters, without the NUL */
	/* of the kernel inside a bzImage, known once bootimage_prove() has unpacked it; or 0 */
	uint64_t unpacked_size;	/* of its file */
	uint64_t kernel_size;	/* memory it takes once it runs; other kinds say it at once */
	bool five_level;	/* x86_64: can start while 5-level paging is on */
	bool is_signed;		/* a PE certificate table is there; who signed is not looked at */
	uint32_t page_size;	/* arm64: 4096, 16384 or 65536; 0 if it does not say */
};

/*
 * Reads the headers of the file open at fd. type is what kexec's -t knows ("bzImage64",
 * "bzImage", "elf-x86_64", "elf", "Image", "uki", "vmlinuz"), or NULL to find out. Applies
 * every test the kernel applies, and more: is the file whole, is the payload inside. -1
 * names the test that failed and its offset: ERR_UNKNOWN when it is another kind of file,
 * ERR_CORRUPT when it is a damaged one. The file name is the caller's to add. Borrows fd.
 */
int bootimage_open(struct bootimage *im, int fd, uint64_t size, const char *type);
/*
 * Reads all of it, unpacks what is packed in it and compares its checksums; the result is
 * thrown away. doubt() hears of what could not be tested. -1: ERR_CORRUPT, or ERR_STOPPED
 * after a signal.
 */
int bootimage_prove(struct bootimage *im,
		    void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))));
/* the bytes at the load address: at most init_size, *len of them; to be freed. -1 after fail() */
int bootimage_read(const struct bootimage *im, uint8_t **bytes, uint64_t *len);
/* what was never opened, all zeros with both fds -1, can be closed too */
void bootimage_close(struct bootimage *im);

#endif
