/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel says that decides whether it will load a panic kernel. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "range.h"

struct machine {
	const char *root;	/* borrowed; NULL: the running machine */
	char arch[32];		/* "x86_64" */

	/* the panic kernel */
	bool has_kexec;		/* the kernel was built with it */
	bool loaded;
	uint64_t reserved;	/* bytes, 0: none; a low part beside a high one is counted since 6.12 */
	struct range region;	/* where segments go; empty if the addresses are hidden */
	bool asked;		/* crashkernel= is on the kernel's command line */

	/* who may load one */
	bool has_capability;	/* CAP_SYS_BOOT; true when another machine's tree is read */
	bool disabled;		/* kernel.kexec_load_disabled */
	bool limited;		/* kernel.kexec_load_limit_panic is not -1 (6.3) */
	uint64_t limit;		/* how many attempts are left, when limited */
	bool no_file_call;	/* the kernel's configuration says that it lacks kexec_file_load */

	/* the kernel of kexec's ordinary reboot: is there one, and how many attempts are left? */
	bool reboot_loaded, reboot_limited;
	uint64_t reboot_limit;
	char lockdown[20];	/* "none", "integrity", "confidentiality"; "" if unknown */
	char demand[40];	/* what demands a signed image: lockdown, configuration; "" if nothing */
	bool demand_sure;	/* false: the configuration that would tell was not found */
	bool ima;		/* IMA's policy demands a signature of its own kind */

	/* what the image must cope with */
	bool five_level;	/* 5-level paging is on */
	bool efi32;		/* 32-bit firmware */
	bool gib_pages;		/* x86_64: page tables may have pages of 1 GiB */
	uint64_t headers;	/* bytes the ELF header of memory takes at least */
	uint64_t device_tree;	/* bytes, 0: there is none */
	bool crypt_keys;	/* dm-crypt keys are to be handed on: a longer command line (6.16) */

	/* bytes, 0 if unknown */
	uint64_t memory, available;
};

/* what is missing is left at "unknown"; -1 only when the files contradict themselves */
int machine_look(struct machine *m, const char *root);
/*
 * Another program holds kexec's lock: wait a little. tries counts up from 0; false when
 * it has been some seconds, or when a signal asked us to stop.
 */
bool machine_wait(int tries);
/* is a panic kernel loaded? 1, 0, or -1 after fail() */
int machine_loaded(const char *root);

#endif
