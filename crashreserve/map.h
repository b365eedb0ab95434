/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of a machine's memory in one line, with the reservation drawn in it. */
#ifndef MAP_H
#define MAP_H

#include <stddef.h>

#include "range.h"

enum { MAP_CELLS = 64, MAP_SIZE = 48, MAP_MAX = MAP_CELLS + MAP_SIZE + 8 };

/*
 * "0 [####CC##..######] 8.5 GiB": a cell is an equal part of the addresses from 0 to the
 * end of RAM; 'C' where any byte of it is reserved, else '#' where any is RAM, else '.'.
 * "" when there is no RAM to draw. Both lists are sealed (crash at least ascending).
 * map has MAP_MAX bytes.
 */
void map_draw(char map[MAP_MAX], const struct ranges *ram, const struct ranges *crash);
/* "256 MiB", "1536 MiB", "95.3 MiB"; returns text */
char *map_size(char text[MAP_SIZE], uint64_t bytes);

#endif
