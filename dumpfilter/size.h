/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of bytes as people read them. */
#ifndef SIZE_H
#define SIZE_H

#include <stdint.h>

enum { SIZE_TEXT = 24 };	/* bytes: the longest text, its end included */

/* "512 B", "1.5 KiB", "37.0 GiB"; to has room for SIZE_TEXT, and is returned */
char *size_text(char *to, double bytes);
/* a power of two: "4 KiB" */
char *size_whole(char *to, uint64_t bytes);

#endif
