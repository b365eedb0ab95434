/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the capture kernel needs to know of the firmware, when it is EFI. */
#ifndef EFI_H
#define EFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EFI_DESCRIPTOR = 40, EFI_SETUP_DATA = 96 };

struct efi {
	bool there;		/* the machine was booted by EFI */
	uint64_t rsdp;		/* physical address of ACPI's root pointer, 0: unknown */
	uint64_t vendor, tables, smbios;	/* what struct efi_setup_data has; 0: unknown */
	uint8_t *map;		/* descriptors of the runtime services, as EFI has them; owned */
	size_t map_len;		/* bytes; 0: runtime services cannot be handed over */
};

/* efi_close() is due in any case; -1 after fail(): what is there is nonsense */
int efi_look(struct efi *efi, const char *root);
void efi_close(struct efi *efi);

#endif
