/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window: what was read from the input and is not yet safe on the other
 * side. It is a ring of bytes of a fixed size, cut into extents, each with its
 * place in the file. Extents leave in the order they came, once the store has
 * said that they are durable; after a broken connection all that is left is sent
 * again.
 *
 *	dropped | durable ... acked ... sent ... being sent ... ready | being filled | room
 *	        ^first                  ^next
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WINDOW_EXTENT = 1 << 20,	/* bytes: the longest extent */
	WINDOW_EXTENTS = 4096,		/* as many at a time */
	WINDOW_MIN = 2 << 20,		/* bytes: the smallest ring: two whole extents */
	WINDOW_ROOM = 64 << 10,		/* less room than this is none */
	WINDOW_LAST = 4096,		/* bytes */
};

struct extent {
	uint64_t seq;		/* counts from 0 */
	uint64_t at;		/* offset in the file */
	uint32_t len;		/* bytes */
	uint32_t sent;		/* how many of them were given to the store */
	uint32_t acked;		/* ... taken by it */
	uint32_t safe;		/* ... and are durable there */
	bool late;		/* begins below the end of one before: may overlap it */
	uint8_t *data;		/* in the ring */
};

/* a piece of an extent: what a store is given to write */
struct part {
	uint64_t seq;		/* of the extent */
	uint32_t epoch;
	uint32_t len;		/* bytes */
	uint64_t at;		/* offset in the file */
	const uint8_t *data;	/* in the ring; stays until the extent is dropped */
};

/* all that was acknowledged when it was taken, and so what a commit covers */
struct mark {
	uint64_t seq;		/* every extent before this one */
	uint32_t epoch;
};

struct window {
	uint8_t *ring;
	size_t size;		/* bytes */
	struct extent *extents;	/* a ring of WINDOW_EXTENTS */
	uint64_t first, next, end;	/* seqs: oldest kept, first not wholly sent, one past the last */
	size_t head;		/* offset in the ring where the next byte goes */
	uint8_t *room;		/* what window_room() said last */
	bool filling;		/* the last extent may still grow */
	bool ordered;		/* set by the sender: the store does all in order, overlaps need no care */
	uint64_t high;		/* the end of the extent that reaches farthest, bytes in the file */
	uint32_t epoch;		/* grows whenever all must be sent again */
	uint64_t acked;		/* bytes acknowledged so far; never goes back: a sign of life */
	uint64_t dropped;	/* bytes that are durable and gone from the window */
	uint64_t unsynced;	/* bytes acknowledged but not yet durable */
	uint8_t last[WINDOW_LAST];	/* how the extent begins that was dropped last */
	uint32_t last_len;	/* so many of them; 0: none was */
	uint64_t last_at;	/* offset in the file */
};

/* size is rounded down to a page and at least WINDOW_MIN; -1: ERR_MEMORY */
int window_open(struct window *w, size_t size);
void window_close(struct window *w);
/* forget all that it holds */
void window_empty(struct window *w);

/* filling */

/*
 * Room for the next bytes, which belong at this offset of the file: a pointer, and in
 * *len how many bytes may be put there (at most WINDOW_EXTENT, never 0), or NULL when
 * the window is full. They are appended to the last extent if they follow it.
 */
uint8_t *window_room(struct window *w, uint64_t at, size_t *len);
/* len bytes were put where window_room() said; they may be sent once the extent is closed */
void window_filled(struct window *w, uint64_t at, size_t len);
/* what came so far may be sent; done by itself when an extent is full */
void window_push(struct window *w);
/* nothing in it that is not durable */
bool window_is_empty(const struct window *w);
/* does it hold any of these bytes of the file? */
bool window_holds(const struct window *w, uint64_t at, uint64_t len);

/* sending */

/*
 * The next piece of at most max bytes that the store can be given now: 1 and *p, or 0.
 * One that overlaps an extent before it waits until that is acknowledged, so that a
 * store may finish its pieces in any order.
 */
int window_next(struct window *w, uint32_t max, struct part *p);
/* the store did not take the piece that window_next() gave last */
void window_undo(struct window *w, const struct part *p);
/* the store has these bytes; durable: it has them for good. Pieces of an older epoch do not count */
void window_acked(struct window *w, const struct part *p, bool durable);
/* what a commit that is sent now will cover */
struct mark window_mark(const struct window *w);
/* all that the mark covers is durable; extents at the front are dropped */
void window_durable(struct window *w, struct mark m);
/* the other side has forgotten what was not durable: all of it must be sent again */
void window_again(struct window *w);

#endif
