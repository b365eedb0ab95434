/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be known of a dump while a flattened stream of it is laid down as a
 * file, so that the file says honestly that it is incomplete (the status in the
 * kdump header, bit KDUMP_INCOMPLETE; e_flags of an ELF dump, bit ELF_INCOMPLETE) from
 * its first bytes until the stream's end marker has come. Other files pass untouched.
 */
#ifndef LAID_H
#define LAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kdump-format.h"

struct laid {
	uint8_t head[KDUMP_HEADER_LEN];	/* the file's first bytes, as far as they came */
	uint32_t codecs;		/* the flags of the first page descriptors */
	uint64_t seen;			/* the highest end of what laid_see() was shown, bytes */
	uint64_t end;			/* ... and was then written */
	bool marked;			/* the file says that it is incomplete, and its codecs */
};

/*
 * These bytes are about to be written at this offset: remember what matters of
 * them, and set the incomplete bit in them if they hold the status.
 */
void laid_see(struct laid *l, uint8_t *buf, size_t len, uint64_t at);

/* the file's offset of its status, of 4 bytes; 0: it has none, or that is not known yet */
uint64_t laid_status_at(const struct laid *l);

/*
 * After laid_see()'s bytes were written: is there a status to be written, too, at
 * laid_status_at(), to say that the file is incomplete? Then *status holds its 4
 * bytes, in the dump's order, and it is marked.
 */
bool laid_wants_mark(struct laid *l, uint8_t status[4]);

/* the status for a file that stays incomplete, marked before or not; false: it has none */
bool laid_mark(struct laid *l, uint8_t status[4]);

/* the status for the end: the stream's own; false: there is none to be written */
bool laid_final_status(const struct laid *l, uint8_t status[4]);

/* a whole stream can bring a dump that is not: its sender was stopped, or its vmcore cut */
bool laid_says_incomplete(const struct laid *l);

/* a kdump file without its first page cannot even be opened; of other files any byte counts */
bool laid_is_useful(const struct laid *l);

/*
 * How long a cut file must be made at least, so that a reader finds its bitmaps, or its
 * program headers (bytes); 0: as it is.
 */
uint64_t laid_least(const struct laid *l);

#endif
