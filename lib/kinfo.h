/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO: what the dead kernel says of itself, as key=value lines.
 * Written by kernel/vmcore_info.c (kernel/crash_core.c before 6.9); present in
 * a note of that name since 2.6.24. The text comes from a kernel that crashed.
 */
#ifndef KINFO_H
#define KINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KINFO_MAX = 1 << 20 };	/* the kernel's limit is a page; ours is generous */

struct kinfo {
	char *text;		/* NUL terminated, owned; NULL if the dump has none */
	size_t len;
	char release[65];	/* OSRELEASE, "" if unknown */
	unsigned version;	/* KINFO_VERSION() of the release, 0 if unknown */
	uint32_t page_size;	/* bytes, 0 if unknown */
	int64_t crash_time;	/* CRASHTIME, seconds since 1970, 0 if unknown */
};

#define KINFO_VERSION(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))
/* "6.12.117-cloud" is version 6.12.117; numbers above 255 are cut to 255 */
unsigned kinfo_version(const char *release);
/* n bytes as they may be printed: what a terminal could take for an order becomes '?' */
void kinfo_printable(char *to, const char *from, size_t n);

/* copies text; -1 after ERR_CORRUPT or ERR_MEMORY */
int kinfo_open(struct kinfo *ki, const void *text, size_t len);
void kinfo_close(struct kinfo *ki);

/*
 * Each is false, and leaves *value alone, when the key is missing or its value
 * malformed. A symbol of 0 counts as missing.
 */
bool kinfo_symbol(const struct kinfo *ki, const char *name, uint64_t *value);
bool kinfo_size(const struct kinfo *ki, const char *name, uint64_t *value);
bool kinfo_offset(const struct kinfo *ki, const char *name, uint64_t *value);
bool kinfo_length(const struct kinfo *ki, const char *name, uint64_t *value);
bool kinfo_number(const struct kinfo *ki, const char *name, int64_t *value);	/* decimal or 0x */
bool kinfo_hex(const struct kinfo *ki, const char *key, uint64_t *value);	/* KERNELOFFSET= */
/* the value of "KEY=" and its length, or NULL; not terminated */
const char *kinfo_string(const struct kinfo *ki, const char *key, size_t *len);

#endif
