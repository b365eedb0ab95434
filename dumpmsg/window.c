/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stddef.h>

#include "err.h"
#include "log.h"
#include "num.h"
#include "space.h"
#include "vmcore.h"
#include "window.h"

int window_open(struct window *w, struct log *log, uint64_t base, uint64_t count,
		uint32_t size)
{
	uint64_t bytes, end;

	if (size == 0 || size > WINDOW_BYTES || count == 0 ||
	    !num_mul(count, size, &bytes) || !num_add(base, bytes - 1, &end))
		return fail(ERR_CORRUPT, "an array of %" PRIu64 " elements of %" PRIu32
			    " bytes at %#" PRIx64, count, size, base);
	w->log = log;
	w->base = base;
	w->count = count;
	w->size = size;
	w->first = w->n = 0;
	w->bad_first = w->bad_end = 0;
	w->careful_first = w->careful_end = 0;
	return 0;
}

static int load(struct window *w, uint64_t i, uint64_t n)
{
	w->n = 0;
	if (log_read(w->log, w->bytes, n * w->size, w->base + i * w->size))
		return -1;
	w->first = i;
	w->n = n;
	return 0;
}

/* how many bytes from that address on are in its page */
static uint64_t page_left(const struct window *w, uint64_t virt)
{
	uint64_t size = w->log->sp->vm->page_size;

	return size - (virt & (size - 1));
}

/* i cannot be read: nor can the others that begin in the same page, if it is that one */
static void give_up(struct window *w, uint64_t i)
{
	uint64_t at = w->base + i * w->size;
	uint64_t rest = page_left(w, at);
	uint8_t byte;

	w->bad_first = i;
	w->bad_end = i + 1;
	if (log_read(w->log, &byte, 1, at))
		w->bad_end = i + num_div_up(rest, w->size);
}

/* how many elements from i on end in the page where i begins; i always counts */
static uint64_t in_page(const struct window *w, uint64_t i)
{
	uint64_t n = page_left(w, w->base + i * w->size) / w->size;

	return n > 0 ? n : 1;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

const uint8_t *window_at(struct window *w, uint64_t i)
{
	uint64_t n = least(least(WINDOW_BYTES / w->size, WINDOW_ELEMENTS), w->count - i);

	if (i - w->first < w->n)
		return w->bytes + (i - w->first) * w->size;
	if (i - w->bad_first < w->bad_end - w->bad_first)
		return NULL;
	if (i - w->careful_first >= w->careful_end - w->careful_first) {
		if (load(w, i, n) == 0)
			return w->bytes;
		w->careful_first = i;
		w->careful_end = i + n;
	}
	/* a page is missing: do without its elements, but without no others */
	if (load(w, i, least(n, in_page(w, i))) && load(w, i, 1)) {
		give_up(w, i);
		return NULL;
	}
	return w->bytes;
}
