/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "memory.h"
#include "vmcore.h"

enum { BITMAP_PAGE = 4096 };

/* MemAvailable, in bytes; UINT64_MAX where it is not told */
static uint64_t available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib;
	uint64_t bytes = UINT64_MAX;
	char line[128];

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			bytes = (uint64_t)kib << 10;
	if (f)
		fclose(f);
	return bytes;
}

uint64_t memory_for_bitmaps(uint64_t cap, unsigned n)
{
	uint64_t each = (cap ? cap : available() / 2) / n;

	/* where nothing is available, that is not "no bound" */
	return each ? each : 1;
}

uint64_t memory_of_bitmap(const struct vmcore *vm)
{
	uint64_t all = vm->npfns / 8, sum = 0;

	for (size_t i = 0; i < vm->nloads && sum < all; i++)
		sum += (vm->loads[i].len >> vm->page_shift) / 8 + BITMAP_PAGE;
	return vm->nloads && sum < all ? sum : all;
}
