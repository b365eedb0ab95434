/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory there is for bitmaps, and how much they take. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdint.h>

struct vmcore;

/*
 * Bytes that each of n bitmaps may take, at least 1. Together they may take cap if that is
 * not 0, else half of what the system has available (MemAvailable), so that the rest of
 * us and the page cache have room.
 */
uint64_t memory_for_bitmaps(uint64_t cap, unsigned n);
/* bytes that one bitmap of all pages takes: only parts that have bits take memory */
uint64_t memory_of_bitmap(const struct vmcore *vm);

#endif
