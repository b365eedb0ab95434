/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the classical call, kexec_load, is given: segments and where they go. Made in
 * full before anything is loaded; -n prints it.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

struct load;
struct machine;

enum { LAYOUT_SEGMENTS = 16 };	/* KEXEC_SEGMENT_MAX in include/uapi/linux/kexec.h */

struct layout_segment {
	const char *what;	/* "kernel", "initrd", "boot parameters", "elfcorehdr", ... */
	uint8_t *bytes;		/* owned; what the kernel copies there, zeros follow up to size */
	uint64_t len, at, size;	/* at and size are multiples of a page; len <= size */
	bool changes;		/* the running kernel may rewrite it (hotplug): not in the digest */
};

struct layout {
	struct layout_segment seg[LAYOUT_SEGMENTS];
	unsigned n;
	uint64_t entry;		/* physical */
	struct ranges map;	/* the memory the capture kernel is told of: .at is the MEMORY_ kind */
	char *cmdline;		/* final, with elfcorehdr= where that is how it is told; owned */
	uint64_t used;		/* bytes of the region that segments take */
	uint64_t missing;	/* after ERR_SYS: what the region lacks, in whole MiB (bytes); or 0 */
	const char *doubt;	/* one line on what the dump or the capture kernel will lack; or NULL */
};

struct layout_wish {
	bool hotplug;		/* room for, and no digest over, an elfcorehdr that the kernel updates */
	bool no_checks;		/* the purgatory compares nothing */
	bool no_efi;		/* EFI is not handed over */
	bool talk;		/* the purgatory says so, too, when nothing has changed */
	const char *serial;	/* where the purgatory reports: "ttyS0", "none"; NULL: by the cmdline */
};

/*
 * For the machine's own architecture; layout_close() is due in any case. -1: what is
 * missing, or by how much the region is too small.
 */
int layout_make(struct layout *ly, const struct load *ld, const struct machine *m,
		const struct layout_wish *wish);
int layout_x86_64(struct layout *ly, const struct load *ld, const struct machine *m,
		  const struct layout_wish *wish);
int layout_arm64(struct layout *ly, const struct load *ld, const struct machine *m,
		 const struct layout_wish *wish);
/*
 * Adds a segment; takes bytes (of malloc, or NULL for zeros only). size is rounded up to
 * a page. NULL after fail(): too many, or out of memory (bytes are freed).
 */
struct layout_segment *layout_add(struct layout *ly, const char *what, uint8_t *bytes,
				  uint64_t len, uint64_t size, uint64_t at);
/* len bytes of a file, from its beginning, to be freed: -1 after fail() */
int layout_read(int fd, uint64_t len, uint8_t **bytes);
/* what the kernel will look at; layout_make() asks this last. -1 after fail() */
int layout_check(const struct layout *ly, const struct machine *m);
void layout_close(struct layout *ly);

#endif
