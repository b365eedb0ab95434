/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec-zlib.h"

#ifdef HAVE_libisal
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "err.h"

/*
 * igzip numbers its levels otherwise: its 1 is about as dense as zlib's 1, and
 * its 2 and 3 gain next to nothing on pages. So it makes level 1, the one that
 * dumps are written with, and leaves the others to zlib.
 */
enum { IGZIP_LEVEL = 1 };

struct igzip {
	struct isal_zstream z;
	uint8_t work[ISAL_DEF_LVL1_DEFAULT];
};

static void *igzip_open(int level, size_t maxlen)
{
	struct igzip *g = calloc(1, sizeof *g);

	(void)level;
	(void)maxlen;
	if (!g)
		fail_sys("igzip");
	return g;
}

static size_t igzip_compress(void *state, void *dst, size_t cap, const void *src, size_t len)
{
	struct igzip *g = state;
	struct isal_zstream *z = &g->z;

	isal_deflate_stateless_init(z);
	z->level = IGZIP_LEVEL;
	z->level_buf = g->work;
	z->level_buf_size = sizeof g->work;
	z->gzip_flag = IGZIP_ZLIB;
	z->end_of_stream = 1;
	z->flush = NO_FLUSH;
	z->next_in = (uint8_t *)src;
	z->avail_in = (uint32_t)len;
	z->next_out = dst;
	z->avail_out = (uint32_t)cap;
	return isal_deflate_stateless(z) == COMP_OK && z->avail_in == 0 ? z->total_out : 0;
}

static void igzip_close(void *state)
{
	free(state);
}

const struct deflater deflater_isal = {
	.name = "isa-l",
	.level_min = 1,
	.level_max = 1,
	.open = igzip_open,
	.compress = igzip_compress,
	.close = igzip_close,
};
#endif
