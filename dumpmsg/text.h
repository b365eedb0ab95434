/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of kernels before 3.5 (kernel/printk.c): a ring of characters. log_end counts all
 * that were ever written; modulo log_buf_len it is the place of the next one. Lines begin
 * with <N>, facility times 8 plus level, and with the time, "[%5lu.%06lu] ", if the kernel
 * was told to. logged_chars of them were written since somebody last said dmesg --clear.
 *
 * A line is a record. The oldest one has lost its beginning once the ring is full.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "chunk.h"

enum { LINE_MAX_BYTES = 65536 };	/* longer ones are split */
/* what printk() takes for a message without a level: DEFAULT_MESSAGE_LOGLEVEL */
enum { LEVEL_DEFAULT = 4 };

/* the state of an open log */
struct text {
	uint64_t size;			/* of the ring, in bytes */
	uint64_t at, end;		/* the next character, and behind the last one: modulo size */
	uint64_t clear;			/* the first one that was written after a clear */
	uint64_t seq;
	unsigned prefix;		/* the last line's: facility and level */
	struct chunk chunk;
	size_t len;
	char line[LINE_MAX_BYTES];
};

/* "<N>": how many characters it has, or 0 */
size_t text_prefix(const char *s, size_t len, unsigned *prefix);
/* "[%5lu.%06lu] ", and something behind it: how many characters it has, or 0 */
size_t text_time(const char *s, size_t len, uint64_t *ts_nsec);

#endif
