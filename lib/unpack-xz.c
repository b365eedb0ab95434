/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xz, and lzma as the program of that name wrote it. Of xz's checks the kernel knows none
 * and CRC-32 only (lib/xz/xz_dec_stream.c): what "xz" packs without --check=crc32 has
 * CRC-64, which we can read and the kernel refuses.
 */
#include "unpack-parts.h"

#ifdef HAVE_lzma
#include <lzma.h>
#include <stdlib.h>

#include "err.h"

enum { OUT = 256 << 10, OVERHEAD = 8 << 20 };

static int fail_code(const struct unpack *u, const char *name, lzma_ret rc)
{
	switch (rc) {
	case LZMA_MEM_ERROR:
		return fail(ERR_MEMORY, "unpacking %s", name);
	case LZMA_MEMLIMIT_ERROR:
		return unpack_bad(u, name, "it asks for a window above 128 MiB");
	case LZMA_OPTIONS_ERROR:
		return unpack_bad(u, name, "it asks for what no version of xz knows");
	case LZMA_FORMAT_ERROR:
		return unpack_bad(u, name, "its header is wrong");
	default:
		return unpack_bad(u, name, "it contradicts itself");
	}
}

/* the check is known after the stream's header */
static int known_to_kernel(lzma_check check)
{
	if (check == LZMA_CHECK_NONE || check == LZMA_CHECK_CRC32)
		return 0;
	return fail(ERR_CORRUPT, "xz data with a check that the kernel cannot compare: pack it"
		    " with xz --check=crc32");
}

static int run(struct unpack *u, lzma_stream *z, const char *name, uint8_t *out)
{
	lzma_ret rc = LZMA_OK;

	while (rc != LZMA_STREAM_END) {
		int more = unpack_more(u);

		if (more < 0)
			return -1;
		z->next_in = u->buf + u->from;
		z->avail_in = u->len - u->from;
		z->next_out = out;
		z->avail_out = OUT;
		rc = lzma_code(z, more ? LZMA_RUN : LZMA_FINISH);
		u->from = u->len - z->avail_in;
		if (rc == LZMA_GET_CHECK) {
			if (known_to_kernel(lzma_get_check(z)))
				return -1;
			continue;
		}
		if (rc == LZMA_BUF_ERROR && !more)
			return unpack_bad(u, name, "cut short");
		if (rc != LZMA_OK && rc != LZMA_STREAM_END && rc != LZMA_BUF_ERROR)
			return fail_code(u, name, rc);
		if (u->put(u->arg, out, OUT - z->avail_out))
			return -1;
	}
	return 0;
}

static int unpack(struct unpack *u, lzma_stream *z, const char *name, lzma_ret ready)
{
	uint8_t *out = malloc(OUT);
	int result = -1;

	if (!out || ready != LZMA_OK)
		fail(ERR_MEMORY, "unpacking %s", name);
	else
		result = run(u, z, name, out);
	lzma_end(z);
	free(out);
	return result;
}

int unpack_xz(struct unpack *u)
{
	lzma_stream z = LZMA_STREAM_INIT;

	return unpack(u, &z, "xz", lzma_stream_decoder(&z, UNPACK_WINDOW_MAX + OVERHEAD,
						       LZMA_TELL_ANY_CHECK));
}

int unpack_lzma(struct unpack *u)
{
	lzma_stream z = LZMA_STREAM_INIT;

	return unpack(u, &z, "lzma", lzma_alone_decoder(&z, UNPACK_WINDOW_MAX + OVERHEAD));
}
#endif
