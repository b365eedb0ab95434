/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "err.h"
#include "freelist.h"
#include "memmap.h"
#include "node.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

enum { ZONES_MAX = 8, ORDERS_MAX = 20, TYPES_MAX = 16 };

struct lists {
	struct space *sp;
	struct memmap *mm;
	freelist_block *block;
	void *arg;

	/* from VMCOREINFO, bytes unless they are counts */
	uint64_t node_zones, nr_zones, zone_len, free_area, free_area_len, free_list;
	uint64_t list_len, list_next, lru, orders, types;

	struct memmap_part *parts;	/* in the order of their addresses */
	size_t nparts, last;		/* last: where a page was found before */
	uint64_t steps;			/* lists are no longer than there are pages; walked twice */
};

/* 2.6.24 does not say how many lists there are: as many as leave room for nr_free */
static bool find_types(struct lists *l)
{
	const struct kinfo *ki = &l->sp->vm->info;

	if (kinfo_length(ki, "free_area.free_list", &l->types))
		return true;
	if (l->list_len == 0 || l->free_area_len < 8 || l->free_list > l->free_area_len - 8)
		return false;
	l->types = (l->free_area_len - 8 - l->free_list) / l->list_len;
	return l->types > 0;
}

static bool find_keys(struct lists *l)
{
	const struct kinfo *ki = &l->sp->vm->info;

	return kinfo_offset(ki, "pglist_data.node_zones", &l->node_zones) &&
	       kinfo_offset(ki, "pglist_data.nr_zones", &l->nr_zones) &&
	       kinfo_size(ki, "zone", &l->zone_len) &&
	       kinfo_offset(ki, "zone.free_area", &l->free_area) &&
	       kinfo_length(ki, "zone.free_area", &l->orders) &&
	       kinfo_size(ki, "free_area", &l->free_area_len) &&
	       kinfo_offset(ki, "free_area.free_list", &l->free_list) &&
	       kinfo_size(ki, "list_head", &l->list_len) &&
	       kinfo_offset(ki, "list_head.next", &l->list_next) &&
	       kinfo_offset(ki, "page.lru", &l->lru) &&
	       find_types(l) && l->orders <= ORDERS_MAX && l->types <= TYPES_MAX;
}

static int by_address(const void *a, const void *b)
{
	const struct memmap_part *x = a, *y = b;

	return (x->virt > y->virt) - (x->virt < y->virt);
}

static int find_parts(struct lists *l)
{
	struct memmap_part part;
	size_t room = 0;

	memmap_seek(l->mm, 0);
	while (memmap_next(l->mm, &part) == 1) {
		if (!part.virt)
			continue;
		if (l->nparts == room) {
			void *p = realloc(l->parts, (room + 256) * sizeof *l->parts);

			if (!p)
				return fail_sys("%zu sections", room);
			l->parts = p;
			room += 256;
		}
		l->parts[l->nparts++] = part;
	}
	if (l->nparts)
		qsort(l->parts, l->nparts, sizeof *l->parts, by_address);
	return 0;
}

static bool in_part(const struct lists *l, const struct memmap_part *part, uint64_t page,
		    uint64_t *pfn)
{
	uint64_t off = page - part->virt;

	if (off >= part->npages * l->mm->page_struct_len)
		return false;
	*pfn = part->pfn + off / l->mm->page_struct_len;
	return off % l->mm->page_struct_len == 0;
}

/* the pfn of a struct page; a list's pages are often neighbours */
static bool pfn_of(struct lists *l, uint64_t page, uint64_t *pfn)
{
	size_t low = 0, high = l->nparts;

	if (l->last < l->nparts && in_part(l, &l->parts[l->last], page, pfn))
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->parts[middle].virt <= page)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	l->last = low - 1;
	return in_part(l, &l->parts[l->last], page, pfn);
}

static int walk_list(struct lists *l, uint64_t head, unsigned order, bool tell)
{
	uint64_t at, pfn;

	if (space_read_u64(l->sp, head + l->list_next, &at))
		return -1;
	while (at != head) {
		if (++l->steps > 2 * l->sp->vm->npfns)
			return fail(ERR_CORRUPT, "free list at %#" PRIx64 " has no end", head);
		if (l->steps % 1024 == 0 && stop_check())
			return -1;
		if (!pfn_of(l, at - l->lru, &pfn) || pfn & ((UINT64_C(1) << order) - 1))
			return fail(ERR_CORRUPT, "free list at %#" PRIx64 ": %#" PRIx64
				    " is no page of order %u", head, at, order);
		if (tell)
			l->block(l->arg, pfn, order);
		if (space_read_u64(l->sp, at + l->list_next, &at))
			return -1;
	}
	return 0;
}

/* of a list that goes astray nothing is told: where it went, pages may be in use */
static int walk_zone(struct lists *l, uint64_t zone)
{
	for (unsigned order = 0; order < l->orders; order++)
		for (uint64_t type = 0; type < l->types; type++) {
			uint64_t head = zone + l->free_area + order * l->free_area_len +
					l->free_list + type * l->list_len;

			if (walk_list(l, head, order, false) || walk_list(l, head, order, true))
				return -1;
		}
	return 0;
}

static int walk_node(struct lists *l, uint64_t node)
{
	uint32_t nzones;

	if (space_read_u32(l->sp, node + l->nr_zones, &nzones))
		return -1;
	if (nzones > ZONES_MAX)
		return fail(ERR_CORRUPT, "node at %#" PRIx64 " has %u zones", node, nzones);
	for (uint32_t i = 0; i < nzones; i++)
		if (walk_zone(l, node + l->node_zones + i * l->zone_len))
			return -1;
	return 0;
}

static int walk_nodes(struct lists *l)
{
	uint64_t nodes[NODES_MAX];
	size_t n;

	if (node_list(l->sp, nodes, &n))
		return fail_in("free lists");
	for (size_t i = 0; i < n; i++)
		if (walk_node(l, nodes[i]))
			return -1;
	return 0;
}

int freelist_walk(struct space *sp, struct memmap *mm, freelist_block *block, void *arg)
{
	struct lists l = { .sp = sp, .mm = mm, .block = block, .arg = arg };
	int rc;

	if (!find_keys(&l))
		return fail(ERR_UNKNOWN, "free lists: VMCOREINFO lacks their keys");
	rc = find_parts(&l) || walk_nodes(&l) ? -1 : 0;
	free(l.parts);
	return rc;
}
