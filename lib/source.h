/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes at offsets: a plain file, /proc/vmcore, or a file in flattened clothes
 * (source-flat.c). One thread at a time may use a source.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

struct source {
	const char *path;	/* borrowed, for messages */
	int fd;
	uint64_t size;		/* of the file that is seen through this: rearranged, if flattened */
	bool flat;		/* flattened: bytes lie where records says, elsewhere are zeros */
	bool truncated;		/* flattened, and the end marker is missing */
	struct ranges records;

	/* /proc files: a window of the file mapped into memory, or NULL */
	uint8_t *window;
	uint64_t window_at;
	size_t window_len;
	bool use_window;
	uint64_t missed_at;	/* the last read beside the window, and how many */
	uint64_t missed;	/* bytes were read like that around there */
};

/*
 * "-" is standard input, when that is a file: a dump needs random access, which no pipe
 * has. Messages name the path here, but not in source_read(), whose caller knows better what was being read.
 */
int source_open(struct source *s, const char *path);
/*
 * Exactly len bytes, or -1: a short file is damage (ERR_CORRUPT), a read error
 * is ERR_SYS. Flattened gaps read as zeros, as they would once laid down.
 */
int source_read(struct source *s, void *buf, size_t len, uint64_t at);
void source_close(struct source *s);

#endif
