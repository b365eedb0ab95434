/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How out's bytes reach the kernel: whole, whatever interrupts; for out*.c only. */
#ifndef OUT_WRITE_H
#define OUT_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct out;

/* at a file's offset; nothing is counted in o->written */
int out_put_at(struct out *o, const void *buf, size_t len, uint64_t at);
/* at the end of a stream; counts, and changes iov */
int out_put(struct out *o, struct iovec *iov, int n);

#endif
