/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "crc32.h"
#include "dedupe.h"
#include "err.h"
#include "noise.h"

/* stored pages lie anywhere in a file */
static uint64_t word(const uint8_t *page, size_t i)
{
	uint64_t v;

	memcpy(&v, page + i * sizeof v, sizeof v);
	return v;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	/* most pages that are not zero show it at once */
	if (word(p, 0) | word(p, 1))
		return false;
	for (size_t i = 0; i < len / sizeof(uint64_t); i += 8)
		if (word(p, i) | word(p, i + 1) | word(p, i + 2) | word(p, i + 3) |
		    word(p, i + 4) | word(p, i + 5) | word(p, i + 6) | word(p, i + 7))
			return false;
	return true;
}

static size_t room(const struct batch *b, const uint8_t *to)
{
	return b->packed_room - (size_t)(to - b->packed);
}

static void put_raw(struct writer_page *page, uint8_t *to, const void *from, uint32_t size,
		    uint32_t flags)
{
	page->size = size;
	page->flags = flags;
	memcpy(to, from, size);
}

static void compress_page(struct batch *b, struct batch_thread *t, struct writer_page *page,
			  uint8_t *to, const uint8_t *from)
{
	const struct batch_how *s = b->how;
	size_t n = 0;

	/* the room lets every codec work in place, even on a page that grows */
	if (s->codec->flag && !(s->codec->slow_on_noise && noise_is(from, s->page_size)))
		n = s->codec->compress(t->compressor, to, room(b, to), from, s->page_size);
	page->size = (uint32_t)n;
	page->flags = s->codec->flag;
	if (n == 0 || n >= s->page_size)
		put_raw(page, to, from, (uint32_t)s->page_size, 0);
}

/* the page that came as these bytes, or NULL: its data is damaged */
static const uint8_t *unpack(struct batch *b, struct batch_thread *t, struct raw_page *raw,
			     const uint8_t *from)
{
	const struct batch_how *s = b->how;

	if (!s->unpack || (raw->flags == 0 && raw->size == s->page_size))
		return from;
	if (codec_read(&t->readers, raw->flags, t->page, s->page_size, from, raw->size) == 0)
		return t->page;
	if (b->nbad++ == 0)
		snprintf(b->why, sizeof b->why, "%s", err_text());
	raw->bad = true;
	return NULL;
}

static void work_on_page(struct batch *b, struct batch_thread *t, size_t i, const uint8_t *from,
			 uint8_t *to)
{
	const struct batch_how *s = b->how;
	struct writer_page *page = &b->page[i];
	struct raw_page *raw = &b->raw[i];
	const uint8_t *whole = from;
	bool may_be_zero = s->zeros && (raw->flags == 0 || !s->as_stored || s->packed_zeros);

	*page = (struct writer_page){ .pfn = page->pfn, .has_sum = raw->has_sum, .sum = raw->sum };
	/* no packed page is empty: one that is came damaged */
	if (may_be_zero || raw->flags == 0 || raw->size == 0 || !s->as_stored || s->dedupe ||
	    (s->checksum && !raw->has_sum))
		whole = unpack(b, t, raw, from);
	if (!whole)
		return;
	/* one that is wrong stays wrong: a new one would hide the damage */
	if (s->checksum && !raw->has_sum) {
		page->has_sum = true;
		page->sum = crc32_of(whole, s->page_size);
	}
	if (may_be_zero && is_zero(whole, s->page_size))
		return;
	if (s->dedupe)
		page->hash = dedupe_hash(whole, s->page_size);
	if (s->as_stored || (s->keep_packed && raw->flags && raw->flags == s->codec->flag))
		put_raw(page, to, from, raw->size, raw->flags);
	else
		compress_page(b, t, page, to, whole);
}

void batch_work(struct batch *b, struct batch_thread *t)
{
	const uint8_t *from = b->in;
	uint8_t *to = b->packed;

	for (size_t i = 0; i < b->npages; i++) {
		work_on_page(b, t, i, from, to);
		from += b->raw[i].size;
		to += b->page[i].size;
	}
	b->packed_len = (size_t)(to - b->packed);
}

int batch_thread_open(struct batch_thread *t, const struct batch_how *how, int codec_level)
{
	*t = (struct batch_thread){ 0 };
	if (how->codec->flag) {
		t->compressor = how->codec->open(codec_level, how->page_size);
		if (!t->compressor)
			return -1;
	}
	if (!how->unpack)
		return 0;
	t->page = malloc(how->page_size);
	if (t->page && codec_open_readers(&t->readers, how->page_size) == 0)
		return 0;
	if (!t->page)
		fail_sys("page");
	batch_thread_close(t, how);
	return -1;
}

void batch_thread_close(struct batch_thread *t, const struct batch_how *how)
{
	if (t->compressor)
		how->codec->close(t->compressor);
	codec_close_readers(&t->readers);
	free(t->page);
	*t = (struct batch_thread){ 0 };
}

int batch_open(struct batch *b, const struct batch_how *how)
{
	*b = (struct batch){ .how = how, .packed_room = BATCH_BYTES + how->page_size };
	b->in = malloc(BATCH_BYTES);
	b->packed = malloc(b->packed_room);
	return b->in && b->packed ? 0 : fail_sys("batch of pages");
}

void batch_close(struct batch *b)
{
	free(b->in);
	free(b->packed);
}
