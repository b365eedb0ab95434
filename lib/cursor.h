/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cursor over bytes that somebody else wrote.
 *
 * Every byte of a dump reaches the program through one of these. Reading past
 * the end yields zeros and sets ->bad, so a parser reads a whole header first
 * and asks cursor_ok() once.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *pos, *end;
	bool swap;	/* the bytes are in the other order than ours */
	bool bad;	/* something was read past the end */
};

static inline struct cursor cursor_over(const void *buf, size_t len, bool swap)
{
	const uint8_t *p = buf;

	return (struct cursor){ .pos = p, .end = len ? p + len : p, .swap = swap };
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->bad;
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->pos);
}

/* the next n bytes, or NULL (and ->bad) if there are fewer */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	if (n > cursor_left(c)) {
		c->pos = c->end;
		c->bad = true;
		return NULL;
	}
	const uint8_t *p = c->pos;
	c->pos += n;
	return p;
}

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);

#endif
