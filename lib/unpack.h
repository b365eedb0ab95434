/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams packed as the kernel's build packs kernels and initial RAM disks: gzip, xz,
 * lzma, zstd, lz4 (legacy frames), lzo (lzop), bzip2. Told by their first bytes, as in
 * lib/decompress.c of the kernel.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <stdint.h>

enum { UNPACK_MAGIC = 8 };	/* bytes that unpack_kind() wants to see */

/* "gzip", "xz", ...; NULL when these first bytes belong to none of them */
const char *unpack_kind(const uint8_t *head, size_t len);

/*
 * Unpacks one stream that begins at offset at of fd and ends before end. put() gets the
 * bytes in order; what it returns but 0 ends all with -1 (it has called fail()). *used is
 * how many packed bytes the stream had. No more than 64 MiB of memory, whatever the
 * stream asks for, except a window up to 128 MiB where the format needs it. -1:
 * ERR_CORRUPT with the offset, ERR_UNKNOWN for a format this build lacks (its name in the
 * text), ERR_STOPPED after a signal.
 */
int unpack_stream(int fd, uint64_t at, uint64_t end, uint64_t *used,
		  int (*put)(void *arg, const uint8_t *bytes, size_t len), void *arg);
/* for --version: what this build can unpack */
const char *unpack_features(void);

#endif
