/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bitmap.h"
#include "layout.h"
#include "stop.h"
#include "survey.h"
#include "vmcore.h"

enum {
	COLUMN_BITS_MIN = 5, COLUMN_BITS_MAX = 10,
	WIDTH = 1 << COLUMN_BITS_MAX,
	HEIGHT = 1800,			/* of rows and gaps */
};

void layout_begin(struct layout_rows *r)
{
	*r = (struct layout_rows){ 0 };
	for (unsigned i = 0; i < LAYOUT_ORDERS; i++)
		r->last[i] = UINT64_MAX;
}

void layout_add(struct layout_rows *r, uint64_t from, uint64_t to)
{
	if (from >= to)
		return;
	r->pages += to - from;
	for (unsigned i = 0; i < LAYOUT_ORDERS; i++) {
		uint64_t first = from >> i, last = (to - 1) >> i;

		if (r->last[i] != UINT64_MAX && first > r->last[i] + 1)
			r->gaps[i]++;
		r->rows[i] += last - first + (first != r->last[i]);
		r->last[i] = last;
	}
}

/* a square is best; where blocks must be larger than a page, all the width is used */
void layout_choose(const struct layout_rows *r, struct layout *l)
{
	/* of a machine without memory */
	*l = (struct layout){ .columns = WIDTH, .scale = 1, .row_order = COLUMN_BITS_MAX };
	for (unsigned block = 0; block + COLUMN_BITS_MAX < LAYOUT_ORDERS; block++) {
		unsigned bits = block ? COLUMN_BITS_MAX : COLUMN_BITS_MIN;

		for (; bits <= COLUMN_BITS_MAX; bits++) {
			uint64_t rows = r->rows[block + bits], gaps = r->gaps[block + bits];
			uint32_t scale = WIDTH >> bits;

			if (rows > HEIGHT || gaps > HEIGHT ||
			    rows * scale + gaps * LAYOUT_GAP > HEIGHT)
				continue;
			l->block_order = block;
			l->row_order = block + bits;
			l->columns = UINT32_C(1) << bits;
			l->scale = scale;
			l->height = (uint32_t)(rows * scale + gaps * LAYOUT_GAP);
			return;
		}
	}
}

static void add_window(struct layout_rows *r, const struct bitmap *ram, uint64_t first)
{
	uint64_t at = 0, end;

	while ((at = bitmap_next_set(ram, at)) < ram->nbits) {
		end = bitmap_next_clear(ram, at);
		layout_add(r, first + at, first + end);
		at = end;
	}
}

int layout_of(struct vmcore *vm, struct layout *l, uint64_t *nram)
{
	struct layout_rows r;
	uint64_t first = 0;

	layout_begin(&r);
	while ((first = survey_next(vm, first)) < vm->npfns) {
		struct bitmap ram;
		int rc;

		if (stop_check() || bitmap_open(&ram, VMCORE_WINDOW))
			return -1;
		rc = vmcore_ram(vm, &ram, first);
		if (rc == 0)
			add_window(&r, &ram, first);
		bitmap_close(&ram);
		if (rc)
			return -1;
		first += VMCORE_WINDOW;
	}
	layout_choose(&r, l);
	*nram = r.pages;
	return 0;
}
