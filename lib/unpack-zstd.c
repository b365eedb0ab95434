/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd, RFC 8878: one frame; its checksum, where it has one, is compared by libzstd. */
#include "unpack-parts.h"

#ifdef HAVE_libzstd
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "err.h"

enum { OUT = 256 << 10, WINDOW_LOG_MAX = 27 };

static int run(struct unpack *u, ZSTD_DCtx *z, uint8_t *out)
{
	size_t left = 1;
	bool full = false;	/* more may come out without more going in */

	while (left) {
		int more = unpack_more(u);
		ZSTD_inBuffer in = { u->buf, u->len, u->from };
		ZSTD_outBuffer to = { out, OUT, 0 };

		if (more < 0)
			return -1;
		if (!more && !full)
			return unpack_bad(u, "zstd", "cut short");
		left = ZSTD_decompressStream(z, &to, &in);
		u->from = in.pos;
		if (ZSTD_isError(left))
			return unpack_bad(u, "zstd", ZSTD_getErrorName(left));
		full = to.pos == OUT;
		if (u->put(u->arg, out, to.pos))
			return -1;
	}
	return 0;
}

int unpack_zstd(struct unpack *u)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	uint8_t *out = malloc(OUT);
	int result = -1;

	if (!z || !out || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax,
							      WINDOW_LOG_MAX)))
		fail(ERR_MEMORY, "unpacking zstd");
	else
		result = run(u, z, out);
	ZSTD_freeDCtx(z);
	free(out);
	return result;
}
#endif
