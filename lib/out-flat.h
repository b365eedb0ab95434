/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flattened format on its way out; for out.c only. */
#ifndef OUT_FLAT_H
#define OUT_FLAT_H

#include <stddef.h>
#include <stdint.h>

struct out;

/* one record; the header of the stream goes before the first */
int out_flat_pwrite(struct out *o, const void *buf, size_t len, uint64_t at);
/* the end marker, unless it was written before */
int out_flat_end(struct out *o);

#endif
