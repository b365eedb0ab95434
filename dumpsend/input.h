/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be sent: a file or a stream, which is taken as pieces with a
 * place in the file that shall arrive. A flattened stream is laid down: each
 * record's bytes at its offset. Everything else is one long piece.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kdump-format.h"
#include "source-flat.h"

enum { INPUT_HEAD = FLAT_HEADER + FLAT_RECORD + KDUMP_HEADER_LEN };

struct input {
	const char *path;	/* borrowed; "standard input" */
	int fd;
	bool seekable;		/* a file: it can be read again */
	uint64_t size;		/* of a file, bytes; 0 when unknown */
	bool flat;		/* a flattened stream ... */
	bool as_is;		/* ... that is kept as a stream all the same */
	bool ended;		/* all was read; a flattened stream had its end marker */

	uint8_t head[INPUT_HEAD];	/* the first bytes, read ahead to know what it is */
	size_t head_len, head_used;
	uint64_t pos;		/* bytes of the stream taken so far */

	/* a flattened stream: the record we are in */
	uint8_t raw[FLAT_RECORD];
	size_t raw_len;
	uint64_t at, left;	/* where its next byte belongs, and how many are to come */
	bool marker;		/* the end marker was seen */
};

/*
 * path NULL: standard input. Waits for the first bytes. -1: an empty input is
 * ERR_CORRUPT; whatever else goes wrong ERR_SYS or ERR_STOPPED.
 */
int input_open(struct input *in, const char *path, bool as_is);
void input_close(struct input *in);
/* from the start again; only for seekable ones */
int input_rewind(struct input *in);

/* the first bytes of the file that is being sent, for its names; *len of them */
const void *input_file_head(const struct input *in, size_t *len);

/*
 * Where do the next bytes belong? 1, *at, and in *len how many there are at most in one
 * piece. 0: nothing is there now, poll fd; or all was read, then ended is set. -1:
 * ERR_STOPPED for a flattened stream that ends too soon or is damaged, ERR_SYS for a
 * read error. Never waits.
 */
int input_next(struct input *in, uint64_t *at, size_t *len);
/*
 * Reads at most len bytes of the piece that input_next() has told: how many, or 0 and -1
 * as above. Never waits.
 */
ssize_t input_read(struct input *in, void *buf, size_t len);

#endif
