/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zlib streams (RFC 1950, 1951) of single pages, made fast: a general library prepares
 * for streams of any length, which takes longer than a page does.
 */
#ifndef DEFLATE_H
#define DEFLATE_H

#include <stddef.h>

struct deflate;

enum { DEFLATE_MAX = 1 << 16 };

/* for pages of up to maxlen bytes, at most DEFLATE_MAX; NULL after fail() */
struct deflate *deflate_open(size_t maxlen);
/* the size of the stream at dst; 0 if it does not fit in cap bytes, or is no gain */
size_t deflate_page(struct deflate *d, void *dst, size_t cap, const void *src, size_t len);
void deflate_close(struct deflate *d);

#endif
