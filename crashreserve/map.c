/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "map.h"
#include "num.h"

static const struct {
	uint64_t bytes;
	const char *name;
} units[] = {
	{ 1ULL << 60, "EiB" }, { 1ULL << 50, "PiB" }, { 1ULL << 40, "TiB" },
	{ 1ULL << 30, "GiB" }, { 1ULL << 20, "MiB" }, { 1ULL << 10, "KiB" },
};

char *map_size(char text[MAP_SIZE], uint64_t bytes)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (bytes < units[i].bytes)
			continue;
		/* 1536 MiB says more than 1.5 GiB, but 1.5 GiB is what people write */
		uint64_t tenths = bytes % units[i].bytes / (units[i].bytes / 10);

		if (bytes % units[i].bytes == 0)
			snprintf(text, MAP_SIZE, "%" PRIu64 " %s", bytes / units[i].bytes, units[i].name);
		else if (units[i].bytes > 1 << 20 && bytes % (1 << 20) == 0 &&
			 bytes / (1 << 20) < 10000)
			snprintf(text, MAP_SIZE, "%" PRIu64 " MiB", bytes / (1 << 20));
		else
			snprintf(text, MAP_SIZE, "%" PRIu64 ".%" PRIu64 " %s", bytes / units[i].bytes,
				 tenths > 9 ? 9 : tenths, units[i].name);
		return text;
	}
	snprintf(text, MAP_SIZE, "%" PRIu64 " bytes", bytes);
	return text;
}

/* does any range have a byte in [start, end)? */
static bool touches(const struct ranges *rs, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < rs->n; i++)
		if (rs->r[i].start < end && rs->r[i].end > start)
			return true;
	return false;
}

void map_draw(char map[MAP_MAX], const struct ranges *ram, const struct ranges *crash)
{
	uint64_t end = ranges_end(ram), cell, start, next;
	char cells[MAP_CELLS + 1] = "", size[MAP_SIZE];

	map[0] = '\0';
	for (size_t i = 0; i < crash->n; i++)
		if (crash->r[i].end > end)
			end = crash->r[i].end;
	if (end == 0)
		return;
	cell = num_div_up(end, MAP_CELLS);
	for (unsigned i = 0; i < MAP_CELLS; i++) {
		if (!num_mul(cell, i, &start) || start >= end)
			break;
		if (!num_add(start, cell, &next))
			next = end;
		cells[i] = touches(crash, start, next) ? 'C' : touches(ram, start, next) ? '#' : '.';
	}
	snprintf(map, MAP_MAX, "0 [%s] %s", cells, map_size(size, end));
}
