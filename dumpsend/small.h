/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small file on a store, written in one go: a checksum, or a probe. */
#ifndef SMALL_H
#define SMALL_H

#include <stddef.h>

#include "store.h"

/*
 * Makes path, which must not be there yet, with these bytes, durable. The store must have
 * no file open that is still needed. At most 64 KiB. 0 or -1.
 */
int small_write(struct store *s, const char *path, const void *bytes, size_t len);

#endif
