/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "size.h"

static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

char *size_text(char *to, double bytes)
{
	size_t unit = 0;

	/* 1023.96 KiB would be written as 1024.0 KiB */
	while (bytes >= (unit ? 1023.95 : 1023.5) && unit + 1 < sizeof units / sizeof units[0]) {
		bytes /= 1024;
		unit++;
	}
	snprintf(to, SIZE_TEXT, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
	return to;
}

char *size_whole(char *to, uint64_t bytes)
{
	size_t unit = 0;

	for (; bytes % 1024 == 0 && bytes && unit + 1 < sizeof units / sizeof units[0]; unit++)
		bytes /= 1024;
	snprintf(to, SIZE_TEXT, "%llu %s", (unsigned long long)bytes, units[unit]);
	return to;
}
