/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flattened stream laid down as the file that it stands for, as it comes. From its
 * first bytes until the stream's end marker that file says that it is incomplete (laid.h).
 * Where the bytes come from and go to is for the caller to say.
 */
#ifndef LAY_H
#define LAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "laid.h"

struct lay {
	const char *name;	/* of the stream, for messages */
	/* the stream's next bytes, len at most: how many; 0 at its end; -1 after fail() */
	ssize_t (*take)(void *arg, void *buf, size_t len);
	int (*put)(void *arg, const void *buf, size_t len, uint64_t at);
	void *arg;
	uint8_t *buf;		/* the caller's, of room bytes: FLAT_HEADER at least */
	size_t room;

	uint64_t pos;		/* bytes that were taken */
	struct laid laid;
};

/*
 * The first FLAT_HEADER bytes, in l->buf. 1: a flattened stream; 0: something else, or
 * shorter (l->pos bytes); -1.
 */
int lay_begin(struct lay *l);
/*
 * All records, up to the end marker. -1 with ERR_STOPPED: the stream ends before it, or a
 * record is damaged; what came before has been laid down.
 */
int lay_records(struct lay *l);
/* after that: the status that the stream ends with; ERR_STOPPED: it says incomplete */
int lay_end(struct lay *l);
/*
 * Instead of that: the file stays as it is, and says so. *least: bytes that it must have
 * at least, for a reader to find its bitmaps; those that did not come are zeros.
 */
int lay_mark(struct lay *l, uint64_t *least);

#endif
