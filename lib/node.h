/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dead kernel's NUMA nodes: struct pglist_data (include/linux/mmzone.h). There is
 * one, contig_page_data, or an array of pointers (node_data; pgdat_list on ia64), or, in
 * a kernel older than VMCOREINFO, a chain from pgdat_list on.
 */
#ifndef NODE_H
#define NODE_H

#include <stddef.h>
#include <stdint.h>

struct space;

enum { NODES_MAX = 1024 };	/* the kernel's limit: NODES_SHIFT is 10 at most */

/*
 * Virtual addresses of the online nodes, each once; at most NODES_MAX. -1: VMCOREINFO
 * names no nodes, or none can be read; what cannot be read of several is passed over.
 */
int node_list(struct space *sp, uint64_t nodes[NODES_MAX], size_t *n);

#endif
