/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture of memory: where its pages of each kind lie. Rows are written as the survey
 * goes by; the legend, which needs the counts, is at the bottom.
 */
#ifndef MAP_H
#define MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"
#include "layout.h"
#include "out.h"
#include "png.h"
#include "survey.h"

struct map {
	struct vmcore *vm;		/* borrowed */
	struct out out;
	struct png png;
	struct layout layout;
	uint32_t margin;		/* dots left of the rows, for addresses */
	uint8_t *line;			/* a row of dots */
	uint64_t *count;		/* pages by kind, for each block of the row at hand */
	uint64_t row;			/* that one; UINT64_MAX before the first */
	uint32_t left;			/* dots of height that rows and gaps have still to fill */
	struct canvas label;		/* the address that was drawn last, or is being drawn, */
	uint32_t label_y;		/* how many rows of dots ago that began, */
	bool after_gap;			/* and whether there was a gap since */
	uint64_t pages[PAGE_KINDS];	/* in the whole picture */
};

/* opens path (FILE.png) and writes the head of the picture. -1: nothing is left behind */
int map_open(struct map *m, struct vmcore *vm, const char *path, bool force);
int map_window(struct map *m, const struct survey_window *w);
/* the legend, and the file gets its name. -1: map_close() removes it */
int map_end(struct map *m);
void map_close(struct map *m);

#endif
