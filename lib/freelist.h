/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Free memory by the buddy allocator's own lists: node, zone, order, migrate
 * type, and from there from struct page to struct page by page.lru
 * (include/linux/mmzone.h). Only for kernels that do not export how to tell a
 * free page by its struct page: before 3.9.
 */
#ifndef FREELIST_H
#define FREELIST_H

#include <stdint.h>

struct memmap;
struct space;

/* 2^order pages from pfn on are free */
typedef void freelist_block(void *arg, uint64_t pfn, unsigned order);

/*
 * Calls block() for every block on the lists; mm gives its sections from the
 * first one on. -1: VMCOREINFO lacks a key, or a list is damaged: of that
 * one nothing is told; what was found before stands.
 */
int freelist_walk(struct space *sp, struct memmap *mm, freelist_block *block, void *arg);

#endif
