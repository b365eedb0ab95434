/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture, 8 bits for each of red, green and blue, written row by row as PNG (W3C's
 * Portable Network Graphics Specification): a signature, then chunks of length, type,
 * data and CRC. IDAT chunks carry one zlib stream of all rows, each with a filter's
 * number in front. Memory does not depend on the picture's height.
 *
 *	png_open(&png, &out, width, height);
 *	for (y = 0; y < height; y++)
 *		png_row(&png, rgb);
 *	png_end(&png);
 *	png_close(&png);
 */
#ifndef PNG_H
#define PNG_H

#include <stddef.h>
#include <stdint.h>

struct out;
struct png_stream;

enum { PNG_MAX = 1 << 16 };	/* the widest and highest that we make, pixels */

struct png {
	struct out *out;		/* borrowed; bytes go to out_write() */
	uint32_t width, height, y;	/* y: rows written */
	struct png_stream *stream;
	uint8_t *line, *above;		/* a filter's number and a row, and the row before it */
};

/* -1 after fail(); width and height are 1 to PNG_MAX */
int png_open(struct png *p, struct out *out, uint32_t width, uint32_t height);
/* the next row: 3 * width bytes */
int png_row(struct png *p, const uint8_t *rgb);
/* after the last row */
int png_end(struct png *p);
void png_close(struct png *p);

#endif
