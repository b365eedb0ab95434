/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The format is described in source-flat.c. */
#include "err.h"
#include "out-flat.h"
#include "out-write.h"
#include "out.h"
#include "source-flat.h"

/* the header waits for the first record, so that a failed start leaves no bytes */
static int put_record(struct out *o, uint64_t offset, uint64_t size, const void *buf,
		      size_t len)
{
	uint8_t header[FLAT_HEADER], record[FLAT_RECORD];
	struct iovec iov[] = {
		{ .iov_base = header, .iov_len = o->written ? 0 : sizeof header },
		{ .iov_base = record, .iov_len = sizeof record },
		{ .iov_base = (void *)buf, .iov_len = len },
	};

	if (!o->written)
		flat_make_header(header);
	flat_make_record(record, offset, size);
	return out_put(o, iov, 3);
}

int out_flat_pwrite(struct out *o, const void *buf, size_t len, uint64_t at)
{
	if (o->ended)
		return fail(ERR_SYS, "%s: written to after its end", o->path);
	return put_record(o, at, len, buf, len);
}

int out_flat_end(struct out *o)
{
	if (o->ended)
		return 0;
	if (put_record(o, UINT64_MAX, UINT64_MAX, NULL, 0))
		return -1;
	o->ended = true;
	return 0;
}
