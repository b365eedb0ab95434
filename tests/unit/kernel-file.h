/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small kernel files of every kind. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bootimage.h"
#include "crc32.h"
#include "pack.h"
#include "unit.h"

enum {
	VMLINUX = 3000,		/* bytes of the ELF file */
	VMLINUX_START = 0x1000000, VMLINUX_ENTRY = 0x40,
	VMLINUX_FLAT = 0x3000 + 16, VMLINUX_SPAN = 0x5000,
	PHDR = 64, PHDR_SIZE = 56,
	SETUP = 4 * 512, BZ_PAYLOAD = 256, BZ_PE = 0x40,
	BZIMAGE_MAX = 16 << 10,
	ARM64_IMAGE = 4096, ARM64_SPAN = 0x20000,
	PE = 0x80, PE_OPTIONAL = 240,
	FILE_MAX = 64 << 10,
};

static inline void put(uint8_t *file, size_t at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		file[at + (size_t)i] = (uint8_t)(value >> 8 * i);
}

static inline int kernel_file(const void *bytes, size_t len)
{
	int fd = memfd_create("kernel", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	return fd;
}

/* offset, bytes in the file and in memory, addresses; what make_vmlinux() fills in */
static inline void put_load(uint8_t *file, size_t i, uint64_t offset, uint64_t filesz,
			    uint64_t memsz, uint64_t paddr, uint64_t vaddr)
{
	uint8_t *ph = file + PHDR + i * PHDR_SIZE;

	put(ph, 0, 1, 4);
	put(ph, 4, 7, 4);
	put(ph, 8, offset, 8);
	put(ph, 16, vaddr, 8);
	put(ph, 24, paddr, 8);
	put(ph, 32, filesz, 8);
	put(ph, 40, memsz, 8);
}

/* text with the banner, per-CPU variables at virtual 0, data and .bss; and a PT_NOTE */
static inline void make_vmlinux(uint8_t file[VMLINUX])
{
	memset(file, 0, VMLINUX);
	memcpy(file, "\x7f" "ELF\2\1\1", 7);
	put(file, 16, 2, 2);
	put(file, 18, 62, 2);
	put(file, 20, 1, 4);
	put(file, 24, VMLINUX_START + VMLINUX_ENTRY, 8);
	put(file, 32, PHDR, 8);
	put(file, 52, 64, 2);
	put(file, 54, PHDR_SIZE, 2);
	put(file, 56, 4, 2);
	put_load(file, 0, 1024, 1000, 1000, VMLINUX_START, 0xffffffff81000000);
	put_load(file, 1, 2048, 100, 100, VMLINUX_START + 0x2000, 0);
	put_load(file, 2, 2500, 16, 0x1ffe, VMLINUX_START + 0x3000, 0xffffffff81003000);
	put(file, PHDR + 3 * PHDR_SIZE, 4, 4);
	memset(file + 1024, 0x90, 1000);
	memcpy(file + 1024 + 200, "Linux version %s", 16);
	memcpy(file + 1024 + 300, "Linux version 6.1.0-elf (me@here) ", 34);
	memset(file + 2048, 0xcc, 100);
	memcpy(file + 2500, "0123456789abcdef", 16);
}

/* around payload, which is packed by p; returns its length. The checksum is last */
static inline size_t make_bzimage(uint8_t file[BZIMAGE_MAX], const char *version,
				  const struct pack *p, const uint8_t *payload, size_t len)
{
	size_t at = SETUP + BZ_PAYLOAD, n;

	memset(file, 0, BZIMAGE_MAX);
	memcpy(file, "MZ", 2);
	put(file, 0x3c, BZ_PE, 4);
	memcpy(file + BZ_PE, "PE", 2);
	put(file, BZ_PE + 24, 0x20b, 2);
	put(file, BZ_PE + 24 + 108, 6, 4);
	put(file, 0x1f1, SETUP / 512 - 1, 1);
	put(file, 0x1fe, 0xaa55, 2);
	memcpy(file + 0x202, "HdrS", 4);
	put(file, 0x206, 0x20f, 2);
	put(file, 0x20e, 0x400, 2);
	strcpy((char *)file + 0x600, version);
	put(file, 0x211, 1, 1);
	put(file, 0x230, 0x200000, 4);
	put(file, 0x234, 1, 1);
	put(file, 0x236, 0x3f, 2);
	put(file, 0x238, 2047, 4);
	put(file, 0x258, 0x1000000, 8);
	put(file, 0x260, 0x345000, 4);
	n = p->run(payload, len, file + at, BZIMAGE_MAX - at - 64);
	if (strcmp(p->name, "gzip") != 0)
		n += pack_le32(file + at + n, (uint32_t)len);
	put(file, 0x248, BZ_PAYLOAD, 4);
	put(file, 0x24c, n, 4);
	n = (at + n + 4 + 15) / 16 * 16;
	put(file, 0x1f4, (n - SETUP) / 16, 4);
	put(file, n - 4, ~crc32_of(file, n - 4), 4);
	return n;
}

static inline void make_arm64(uint8_t file[ARM64_IMAGE])
{
	memset(file, 0x11, ARM64_IMAGE);
	put(file, 0, 0x14000010, 8);
	put(file, 8, 0, 8);
	put(file, 16, ARM64_SPAN, 8);
	put(file, 24, 0xa, 8);
	memcpy(file + 56, "ARM\x64", 4);
	memcpy(file + 1000, "Linux version 6.1.0-arm (me)", 28);
}

/* a PE program without sections; at least 0x200 bytes */
static inline void make_pe(uint8_t *file)
{
	memset(file, 0, 0x200);
	memcpy(file, "MZ", 2);
	put(file, 0x3c, PE, 4);
	memcpy(file + PE, "PE", 2);
	put(file, PE + 4, 0x8664, 2);
	put(file, PE + 20, PE_OPTIONAL, 2);
	put(file, PE + 24, 0x20b, 2);
	put(file, PE + 24 + 108, 16, 4);
}

/* one more section, whose bytes begin at at and take 512 more than they are in the file */
static inline void add_section(uint8_t *file, const char *name, size_t at, size_t size)
{
	unsigned n = file[PE + 6];
	uint8_t *s = file + PE + 24 + PE_OPTIONAL + n * 40;

	memcpy(s, name, strlen(name));
	put(s, 8, size, 4);
	put(s, 12, at, 4);
	put(s, 16, (size + 511) / 512 * 512, 4);
	put(s, 20, at, 4);
	file[PE + 6] = (uint8_t)(n + 1);
}

/* a UKI around kernel, with what systemd's ukify adds; in zeros, FILE_MAX of them */
static inline size_t make_uki(uint8_t *file, const uint8_t *kernel, size_t len)
{
	make_pe(file);
	memcpy(file + 0x400, "ucode", 5);
	memcpy(file + 0x600, "initrd", 6);
	memcpy(file + 0x800, "root=/dev/x \tquiet\n\n", 20);
	memcpy(file + 0xa00, kernel, len);
	add_section(file, ".osrel", 0, 0);
	add_section(file, ".cmdline", 0x800, 20);
	add_section(file, ".ucode", 0x400, 5);
	add_section(file, ".initrd", 0x600, 6);
	add_section(file, ".linux", 0xa00, len);
	return 0xa00 + (len + 511) / 512 * 512;
}

#endif
