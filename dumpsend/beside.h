/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files that are written beside NAME once it has its name: what belongs to a dump
 * (a description, a record, logs) goes over the connection that is there already.
 */
#ifndef BESIDE_H
#define BESIDE_H

#include <stddef.h>

enum { BESIDE_MOST = 8, BESIDE_BYTES = 1 << 20 };

struct store;

struct beside {
	char *name;	/* within the folder of NAME; "../NAME": in the folder above it */
	void *bytes;
	size_t len;
};

/*
 * FILE:NAME, or FILE, which keeps its name. The file is read now: of one that is longer, the
 * last BESIDE_BYTES. beside_close() releases.
 */
int beside_open(struct beside *b, const char *text);
void beside_close(struct beside *b);
/* written beside path, in the place of what is called so; -1: it is not there */
int beside_write(const struct beside *b, struct store *s, const char *path);

#endif
