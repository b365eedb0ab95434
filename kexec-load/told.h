/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the purgatory is told: a block at a fixed place of its image, which kexec-load
 * fills when it loads. Both sides are the same machine: native byte order.
 */
#ifndef TOLD_H
#define TOLD_H

#include <stdint.h>

enum {
	TOLD_AT = 4096,		/* where the block is: code is in the first page, data in another */
	TOLD_REGIONS = 16,	/* a call of kexec_load has no more segments */
	TOLD_NAME = 16,
};

/* ELF's numbers of machines; elf.h is not for programs without a C library */
enum { TOLD_X86_64 = 62, TOLD_AARCH64 = 183 };

#define TOLD_MAGIC 0x79726f7461677275u	/* "urgatory" */

enum purgatory_port {
	PURGATORY_NO_PORT,
	PURGATORY_8250_IO,	/* x86 I/O ports */
	PURGATORY_8250_MMIO,	/* registers of 8 bits in memory */
	PURGATORY_8250_MMIO32,	/* of 32 bits */
	PURGATORY_PL011,
};

struct told_region {
	uint64_t addr, len;	/* bytes, at a multiple of 16 */
	uint8_t digest[32];
	char name[TOLD_NAME];	/* terminated */
};

struct told {
	uint64_t magic;
	uint64_t machine;	/* whose code this is */
	uint8_t sum[32];	/* the SHA-256 of all that follows in this block */
	uint64_t kernel, argument;	/* as in struct purgatory_job */
	uint64_t port_addr;
	uint32_t port_kind, port_shift;
	uint32_t regions, talk;	/* talk: say so, too, when nothing has changed */
	struct told_region region[TOLD_REGIONS];
};

#endif
