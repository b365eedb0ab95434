/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel wrote to its log while we were at work. */
#ifndef KMSG_H
#define KMSG_H

#include <stdbool.h>
#include <stddef.h>

/* the log's end as it is now: a descriptor to be closed, or -1 if it may not be read */
int kmsg_mark(void);
/* the next line since then that has to do with loading kernels; false: no more */
bool kmsg_next(int fd, char *text, size_t size);

#endif
