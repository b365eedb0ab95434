/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cargo: the input on its way into the window, with all that must be known of it
 * whichever store it goes to: checksums, and the status of a dump that is laid down.
 */
#ifndef CARGO_H
#define CARGO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"
#include "input.h"
#include "laid.h"
#include "window.h"

struct cargo {
	struct input in;
	struct window window;
	struct digest digest;
	struct laid laid;

	bool with_sha256;
	uint8_t mark[4];	/* a status word that says "incomplete" ... */
	bool marking;		/* ... and is still to be put into the window */
	bool filled;		/* all of the input is in the window, or nothing more can come */
	bool cut;		/* ... because it ended too soon: */
	enum err reason_code;
	char reason[ERR_TEXT];
	bool ended;		/* the last bytes, which make the file whole or honest, are in, too */
};

/* path NULL: standard input; size of the window in bytes. -1: see input_open() */
int cargo_open(struct cargo *c, const char *path, bool as_is, size_t window_size,
	       bool with_sha256);
void cargo_close(struct cargo *c);

/* is it a flattened stream that is laid down? */
bool cargo_is_laid(const struct cargo *c);

/*
 * From input to window, as much as there is and as there is room for, but not for long.
 * -1 only for ERR_MEMORY; an input that fails is cut, and what came of it still counts.
 */
enum cargo_fill { CARGO_MORE, CARGO_EMPTY, CARGO_FULL };
int cargo_fill(struct cargo *c);

/*
 * All of the input is durable: put the last bytes into the window, the status that says
 * that a dump is whole. One that was cut gets at least as long as its header says, so
 * that it can be opened. 0 or -1.
 */
int cargo_end(struct cargo *c);

/*
 * These bytes of the input lie where window_room() said: remember their checksum, keep
 * the status in them honest; not yet window_filled(). 0, or -1.
 */
int cargo_see(struct cargo *c, uint8_t *buf, size_t len, uint64_t at);

/* can all of it be sent once more, to another store? */
bool cargo_is_replayable(const struct cargo *c);
/* begin again with the first byte: from the window, or else from the file */
int cargo_replay(struct cargo *c);
/* the file from its start, whatever the window holds */
int cargo_rewind(struct cargo *c);

#endif
