/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>

#include "err.h"
#include "kinfo.h"
#include "node.h"
#include "space.h"
#include "vmcore.h"

/* false: no room, or it is there already, as in a list that runs in a circle */
static bool add(uint64_t *nodes, size_t *n, uint64_t node)
{
	for (size_t i = 0; i < *n; i++)
		if (nodes[i] == node)
			return false;
	if (*n == NODES_MAX)
		return false;
	nodes[(*n)++] = node;
	return true;
}

/* bits of node_online_map, in unsigned longs; where it cannot be read, all are online */
static bool is_online(struct space *sp, uint64_t nr)
{
	const struct kinfo *ki = &sp->vm->info;
	uint64_t map, len, word;

	if (!kinfo_symbol(ki, "node_online_map", &map) ||
	    !kinfo_size(ki, "nodemask_t", &len) || nr / 64 >= len / 8 ||
	    space_read_u64(sp, map + nr / 64 * 8, &word))
		return true;
	return word >> nr % 64 & 1;
}

static int from_array(struct space *sp, uint64_t array, uint64_t length, uint64_t *nodes,
		      size_t *n)
{
	bool unread = false;
	uint64_t node;

	if (length > NODES_MAX)
		return fail(ERR_UNKNOWN, "nodes: %" PRIu64 " of them", length);
	for (uint64_t i = 0; i < length; i++) {
		if (!is_online(sp, i))
			continue;
		if (space_read_u64(sp, array + i * 8, &node))
			unread = true;
		else if (node)
			add(nodes, n, node);
	}
	if (*n)
		return 0;
	return unread ? fail_in("nodes") : fail(ERR_CORRUPT, "nodes: none is online");
}

static int from_chain(struct space *sp, uint64_t list, uint64_t next, uint64_t *nodes,
		      size_t *n)
{
	uint64_t node;

	if (space_read_u64(sp, list, &node))
		return fail_in("nodes");
	while (node && add(nodes, n, node))
		if (space_read_u64(sp, node + next, &node))
			break;
	return *n ? 0 : fail(ERR_CORRUPT, "nodes: pgdat_list is empty");
}

int node_list(struct space *sp, uint64_t nodes[NODES_MAX], size_t *n)
{
	const struct kinfo *ki = &sp->vm->info;
	uint64_t at, length, next;

	*n = 0;
	if (kinfo_symbol(ki, "contig_page_data", &at)) {
		add(nodes, n, at);
		return 0;
	}
	if (kinfo_symbol(ki, "node_data", &at) && kinfo_length(ki, "node_data", &length))
		return from_array(sp, at, length, nodes, n);
	if (kinfo_symbol(ki, "pgdat_list", &at)) {
		if (kinfo_length(ki, "pgdat_list", &length))
			return from_array(sp, at, length, nodes, n);
		if (kinfo_offset(ki, "pglist_data.pgdat_next", &next))
			return from_chain(sp, at, next, nodes, n);
	}
	return fail(ERR_UNKNOWN, "nodes: VMCOREINFO names no nodes");
}
