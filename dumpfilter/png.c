/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "err.h"
#include "out.h"
#include "png.h"

enum {
	CHUNK = 32 << 10,	/* bytes of data in an IDAT */
	LEVEL = 6,
	TRUECOLOUR = 2,		/* IHDR's colour type */
	UP = 2,			/* the filter: each byte less the one above it */
};

struct png_stream {
	z_stream z;
	uint8_t data[CHUNK];
};

static void put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static int write_chunk(struct png *p, const char *type, const uint8_t *data, uint32_t len)
{
	uint8_t head[8], sum[4];
	uLong crc;

	put_be32(head, len);
	memcpy(head + 4, type, 4);
	crc = crc32(crc32(0, NULL, 0), head + 4, 4);
	if (len)	/* crc32() starts anew when there is no buffer */
		crc = crc32(crc, data, len);
	put_be32(sum, (uint32_t)crc);
	if (out_write(p->out, head, sizeof head) || out_write(p->out, data, len) ||
	    out_write(p->out, sum, sizeof sum))
		return -1;
	return 0;
}

int png_open(struct png *p, struct out *out, uint32_t width, uint32_t height)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	uint8_t header[13] = { [8] = 8, [9] = TRUECOLOUR };	/* 8 bits; not interlaced */

	assert(width > 0 && width <= PNG_MAX && height > 0 && height <= PNG_MAX);
	*p = (struct png){ .out = out, .width = width, .height = height };
	p->line = malloc(1 + 3 * (size_t)width);
	p->above = calloc(3, width);
	p->stream = calloc(1, sizeof *p->stream);
	if (!p->line || !p->above || !p->stream) {
		fail_sys("picture");
		goto fail;
	}
	if (deflateInit(&p->stream->z, LEVEL) != Z_OK) {
		free(p->stream);
		p->stream = NULL;
		fail(ERR_MEMORY, "picture: zlib: out of memory");
		goto fail;
	}
	p->stream->z.next_out = p->stream->data;
	p->stream->z.avail_out = CHUNK;
	put_be32(header, width);
	put_be32(header + 4, height);
	if (out_write(out, signature, sizeof signature) == 0 &&
	    write_chunk(p, "IHDR", header, sizeof header) == 0)
		return 0;
fail:
	png_close(p);
	return -1;
}

/* compress what is in next_in; a chunk for each time that the room is full */
static int squeeze(struct png *p, int flush)
{
	struct png_stream *s = p->stream;
	int rc;

	do {
		/* cannot fail: the state is sound, and there always is room */
		rc = deflate(&s->z, flush);
		if (rc == Z_STREAM_ERROR)
			return fail(ERR_SYS, "picture: zlib gave up");
		if (s->z.avail_out && rc != Z_STREAM_END)
			continue;
		if (write_chunk(p, "IDAT", s->data, CHUNK - s->z.avail_out))
			return -1;
		s->z.next_out = s->data;
		s->z.avail_out = CHUNK;
	} while (flush == Z_FINISH ? rc != Z_STREAM_END : s->z.avail_in > 0);
	return 0;
}

int png_row(struct png *p, const uint8_t *rgb)
{
	size_t len = 3 * (size_t)p->width;

	assert(p->y < p->height);
	p->line[0] = UP;
	for (size_t i = 0; i < len; i++)
		p->line[1 + i] = (uint8_t)(rgb[i] - p->above[i]);
	memcpy(p->above, rgb, len);
	p->y++;
	p->stream->z.next_in = p->line;
	p->stream->z.avail_in = (uInt)(1 + len);
	return squeeze(p, Z_NO_FLUSH);
}

int png_end(struct png *p)
{
	assert(p->y == p->height);
	if (squeeze(p, Z_FINISH))
		return -1;
	return write_chunk(p, "IEND", NULL, 0);
}

void png_close(struct png *p)
{
	if (p->stream)
		deflateEnd(&p->stream->z);
	free(p->stream);
	free(p->line);
	free(p->above);
	*p = (struct png){ 0 };
}
