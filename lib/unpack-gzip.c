/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip, RFC 1952: one member. zlib compares its CRC-32 and length. */
#include <stdlib.h>
#include <zlib.h>

#include "err.h"
#include "unpack-parts.h"

enum { OUT = 256 << 10, GZIP_ONLY = 16 + MAX_WBITS };

static int run(struct unpack *u, z_stream *z, uint8_t *out)
{
	int rc = Z_OK;

	while (rc != Z_STREAM_END) {
		int more = unpack_more(u);

		if (more <= 0)
			return more < 0 ? -1 : unpack_bad(u, "gzip", "cut short");
		z->next_in = u->buf + u->from;
		z->avail_in = (uInt)(u->len - u->from);
		z->next_out = out;
		z->avail_out = OUT;
		rc = inflate(z, Z_NO_FLUSH);
		u->from = u->len - z->avail_in;
		if (rc == Z_MEM_ERROR)
			return fail(ERR_MEMORY, "unpacking gzip");
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return unpack_bad(u, "gzip", z->msg ? z->msg : "unusable");
		if (u->put(u->arg, out, OUT - z->avail_out))
			return -1;
	}
	return 0;
}

int unpack_gzip(struct unpack *u)
{
	z_stream z = { 0 };
	uint8_t *out = malloc(OUT);
	int result;

	if (!out || inflateInit2(&z, GZIP_ONLY) != Z_OK) {
		free(out);
		return fail(ERR_MEMORY, "unpacking gzip");
	}
	result = run(u, &z, out);
	inflateEnd(&z);
	free(out);
	return result;
}
