/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flattened format, written by makedumpfile -F and by our tools to a pipe:
 * a file in pieces, each with the place where it belongs.
 */
#ifndef SOURCE_FLAT_H
#define SOURCE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

struct source;

enum {
	FLAT_HEADER = 4096,	/* signature, type and version, then zeros */
	FLAT_RECORD = 16,	/* offset and size, in front of the bytes */
};

/* buf holds FLAT_HEADER bytes: are they a flattened file's first? */
bool flat_is_header(const void *buf);
/* fill FLAT_HEADER bytes */
void flat_make_header(void *buf);
/* fill FLAT_RECORD bytes; both -1 (all ones) is the end marker */
void flat_make_record(void *buf, uint64_t offset, uint64_t size);

/*
 * Parse FLAT_RECORD bytes. 1: *offset and *size are filled; 0: the end marker;
 * -1: damaged (a negative offset or size, or an end beyond 2^63).
 */
int flat_parse_record(const void *buf, uint64_t *offset, uint64_t *size);

/* s->fd is a flattened file: index its records, set s->size and s->truncated */
int source_flat_index(struct source *s);

#endif
