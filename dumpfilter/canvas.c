/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "canvas.h"
#include "err.h"

int canvas_open(struct canvas *c, uint32_t width, uint32_t height)
{
	*c = (struct canvas){ .width = width, .height = height };
	c->rgb = calloc(3 * (size_t)width, height);
	return c->rgb ? 0 : fail_sys("picture");
}

void canvas_close(struct canvas *c)
{
	free(c->rgb);
	c->rgb = NULL;
}

void canvas_box(struct canvas *c, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
		struct colour colour)
{
	for (uint32_t row = y; row < c->height && row - y < height; row++)
		for (uint32_t col = x; col < c->width && col - x < width; col++) {
			uint8_t *p = c->rgb + 3 * ((size_t)row * c->width + col);

			p[0] = colour.r;
			p[1] = colour.g;
			p[2] = colour.b;
		}
}

void canvas_fill(struct canvas *c, struct colour colour)
{
	canvas_box(c, 0, 0, c->width, c->height, colour);
}

void canvas_text(struct canvas *c, uint32_t x, uint32_t y, const char *text,
		 struct colour colour)
{
	static const uint8_t box[7] = { 0x1f, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1f };

	for (; *text; text++, x += TEXT_WIDTH) {
		const uint8_t *glyph = font_glyph(*text);

		if (!glyph)
			glyph = box;
		for (uint32_t dot = 0; dot < 35; dot++) {
			uint32_t row = dot / 5, col = dot % 5;

			if (glyph[row] >> (4 - col) & 1)
				canvas_box(c, x + col * TEXT_SCALE, y + row * TEXT_SCALE,
					   TEXT_SCALE, TEXT_SCALE, colour);
		}
	}
}
