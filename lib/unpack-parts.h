/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What unpack.c and its packers (unpack-gzip.c ...) share. */
#ifndef UNPACK_PARTS_H
#define UNPACK_PARTS_H

#include <stddef.h>
#include <stdint.h>

/* the packed stream: a window of the file, and where the unpacked bytes go */
struct unpack {
	int fd;
	uint64_t at, end;	/* of the file: what was not read into buf yet */
	uint8_t *buf;		/* UNPACK_BUF bytes */
	size_t from, len;	/* buf[from, len): read, and not used yet */
	int (*put)(void *arg, const uint8_t *bytes, size_t len);
	void *arg;
};

enum { UNPACK_BUF = 256 << 10 };
enum { UNPACK_WINDOW_MAX = 128 << 20 };	/* what the kernel's own build asks for at most */

/* where the next unused byte lies in the file */
uint64_t unpack_place(const struct unpack *u);
/* buf has at least one unused byte: 1; the stream's end: 0; -1 */
int unpack_more(struct unpack *u);
/* exactly n bytes; a stream that ends before is ERR_CORRUPT */
int unpack_take(struct unpack *u, void *bytes, size_t n);
/* ERR_CORRUPT at the place of the next unused byte */
int unpack_bad(const struct unpack *u, const char *packer, const char *why);

int unpack_gzip(struct unpack *u);
int unpack_xz(struct unpack *u);
int unpack_lzma(struct unpack *u);
int unpack_zstd(struct unpack *u);
int unpack_lz4(struct unpack *u);
int unpack_lzo(struct unpack *u);

#endif
