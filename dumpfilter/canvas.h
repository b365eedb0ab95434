/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small picture in memory, for text and boxes. What lies outside of it is not drawn. */
#ifndef CANVAS_H
#define CANVAS_H

#include <stddef.h>
#include <stdint.h>

struct colour {
	uint8_t r, g, b;
};

struct canvas {
	uint32_t width, height;
	uint8_t *rgb;		/* 3 bytes a pixel, row by row */
};

enum {
	TEXT_SCALE = 2,				/* pixels a dot of the font, each way */
	TEXT_WIDTH = 6 * TEXT_SCALE,		/* of a letter with the space after it */
	TEXT_HEIGHT = 7 * TEXT_SCALE,
};

int canvas_open(struct canvas *c, uint32_t width, uint32_t height);
void canvas_fill(struct canvas *c, struct colour colour);
void canvas_box(struct canvas *c, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
		struct colour colour);
/* ASCII; what the font does not have is drawn as a box */
void canvas_text(struct canvas *c, uint32_t x, uint32_t y, const char *text,
		 struct colour colour);
void canvas_close(struct canvas *c);

/* seven rows of five dots, the leftmost the highest of five bits; NULL: the font lacks it */
const uint8_t *font_glyph(char letter);

#endif
