/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: what a boot loader tells a kernel, all in one segment. */
#ifndef BOOT_PARAMS_H
#define BOOT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

struct bootimage;
struct efi;

enum { BOOT_PARAMS_SIZE = 4096, BOOT_PARAMS_SEED = 32 };

struct boot_params {
	const struct bootimage *image;
	const uint8_t *running;		/* BOOT_PARAMS_SIZE bytes that the running kernel was told, or NULL */
	const char *cmdline;
	const struct ranges *map;	/* .at is the MEMORY_ kind */
	struct range initrd;		/* physical; empty: none */
	uint64_t rsdp;			/* physical address of ACPI's root pointer, or 0 */
	const struct efi *efi;		/* to be handed over (then running is there), or NULL */
	uint64_t at;			/* where the segment will be */
};

/* bytes it will take; the values of addresses do not matter */
size_t boot_params_len(const struct boot_params *bp);
/*
 * The segment: the boot parameters at its beginning, behind them what they point to. To
 * be freed; NULL after fail().
 */
uint8_t *boot_params_make(const struct boot_params *bp);
/* the root pointer that the running kernel was told of; 0: of none */
uint64_t boot_params_rsdp(const uint8_t *running);
/* can the firmware that the running kernel was told of be handed on? */
bool boot_params_has_efi(const uint8_t *running);
/* is the running kernel a guest whose memory its host cannot read (SEV-SNP)? */
bool boot_params_is_encrypted(const uint8_t *running);

#endif
