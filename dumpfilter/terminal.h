/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What standard output can show. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

struct terminal {
	bool is_one;		/* else: a file, a pipe */
	unsigned width;		/* letters in a line; 80 if that is not to be known */
	bool utf8;		/* the user's locale says so */
};

enum { TERMINAL_BAR = 3 * 64 + 1 };	/* bytes: the longest bar, its end included */

struct terminal terminal_of(int fd);
/*
 * A bar for share (0 to 1) of so many letters (at most 64), in to, which is returned:
 * eighths of blocks, or # where there is no UTF-8. What is more than nothing can be seen.
 */
char *terminal_bar(const struct terminal *t, char *to, double share, unsigned width);

#endif
