/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/iomem: who owns which physical addresses, as the kernel tells it.
 * Lines as kernel/resource.c (r_show) writes them: two blanks for each level,
 * first and last address in hexadecimal, " : ", a name. Readers without
 * CAP_SYS_ADMIN get the lines, with zeros for every address.
 */
#ifndef IOMEM_H
#define IOMEM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "range.h"

struct iomem_line {
	uint64_t start, end;	/* end is not part of it */
	unsigned depth;		/* 0 for the outermost */
	const char *name;	/* valid until the next line is read */
};

struct iomem_reader {
	FILE *in;
	char *line;		/* owned */
	size_t room;
	unsigned lineno;
};

/* the lines one by one: 1, 0 at the end, -1 after ERR_CORRUPT or ERR_SYS */
int iomem_begin(struct iomem_reader *rd, const char *root);
int iomem_next(struct iomem_reader *rd, struct iomem_line *line);
void iomem_end(struct iomem_reader *rd);

/* the two things most callers want; each range's at is its own address */
struct iomem {
	struct ranges ram;	/* "System RAM" of every kind, sealed */
	struct ranges crash;	/* "Crash kernel", ascending: segments go into the last */
	bool hidden;		/* addresses were all zeros: both of the above are empty */
};

int iomem_open(struct iomem *im, const char *root);
void iomem_close(struct iomem *im);

#endif
