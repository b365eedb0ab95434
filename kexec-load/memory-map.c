/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "memory-map.h"
#include "running.h"

enum { MIB = 1 << 20 };

static int add_range(struct ranges *map, uint64_t start, uint64_t end, uint64_t kind)
{
	return ranges_add(map, (struct range){ start, end, kind });
}

static int by_address(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* the elfcorehdr is the only thing in the region that must outlive the boot */
int memory_map(struct ranges *map, const struct running *rn, struct range region,
	       struct range headers)
{
	int result = 0;

	for (size_t i = 0; i < rn->ram.n && !result; i++) {
		const struct range *r = &rn->ram.r[i];

		if (r->start < MIB)
			result = add_range(map, r->start, r->end < MIB ? r->end : MIB,
					   MEMORY_RAM);
	}
	for (size_t i = 0; i < rn->other.n && !result; i++)
		result = ranges_add(map, rn->other.r[i]);
	for (size_t i = 0; i + 1 < rn->crash.n && !result; i++)
		result = add_range(map, rn->crash.r[i].start, rn->crash.r[i].end, MEMORY_RAM);
	for (size_t i = 0; i < rn->cma.n && !result; i++)
		result = add_range(map, rn->cma.r[i].start, rn->cma.r[i].end, MEMORY_RAM);
	if (!result)
		result = add_range(map, region.start, headers.start, MEMORY_RAM) ||
			 add_range(map, headers.end, region.end, MEMORY_RAM);
	if (result)
		return -1;
	qsort(map->r, map->n, sizeof *map->r, by_address);
	return 0;
}
