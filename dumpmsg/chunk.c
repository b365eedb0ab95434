/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "chunk.h"
#include "err.h"
#include "log.h"
#include "num.h"

int chunk_open(struct chunk *c, struct log *log, uint64_t base, uint64_t len)
{
	uint64_t last;

	if (len == 0 || !num_add(base, len - 1, &last))
		return fail(ERR_CORRUPT, "%" PRIu64 " bytes at %#" PRIx64, len, base);
	c->log = log;
	c->base = base;
	c->len = len;
	c->at = c->end = 0;
	c->missing = false;
	return 0;
}

/* keep the piece that has this place in it */
static void load(struct chunk *c, uint64_t at)
{
	uint64_t before = (c->base + at) % CHUNK_BYTES;

	c->at = at > before ? at - before : 0;
	c->end = at - before + CHUNK_BYTES;
	if (c->end > c->len)
		c->end = c->len;
	c->missing = log_read(c->log, c->bytes, c->end - c->at, c->base + c->at);
}

int chunk_read(struct chunk *c, void *buf, uint64_t at, size_t n)
{
	uint8_t *to = buf;
	size_t part;

	if (n > c->len || at > c->len - n)
		return fail(ERR_CORRUPT, "behind the end");
	for (; n > 0; n -= part, at += part, to += part) {
		if (at < c->at || at >= c->end)
			load(c, at);
		if (c->missing)
			return -1;
		part = c->end - at < n ? c->end - at : n;
		memcpy(to, c->bytes + (at - c->at), part);
	}
	return 0;
}
