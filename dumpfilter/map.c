/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "map.h"
#include "num.h"
#include "size.h"
#include "vmcore.h"

enum {
	BORDER = 12,
	HEAD = 2 * BORDER + TEXT_HEIGHT,
	LEGEND_COLUMNS = 4, LEGEND_LINE = TEXT_HEIGHT + 6,
	LEGEND_ROWS = (PAGE_KINDS + LEGEND_COLUMNS) / LEGEND_COLUMNS,
	LEGEND = 2 * BORDER + LEGEND_ROWS * LEGEND_LINE,
	LABEL_EVERY = 3 * TEXT_HEIGHT,	/* dots from one address to the next, at least */
};

static const struct colour paper = { 16, 16, 20 }, ink = { 224, 224, 224 },
			   hole = { 40, 40, 46 }, gap = { 88, 88, 96 };

static const struct colour colours[PAGE_KINDS] = {
	[PAGE_NEEDED] = { 222, 64, 54 },	/* what a dump is about is red and orange, */
	[PAGE_SLAB] = { 245, 146, 30 },
	[PAGE_TABLE] = { 250, 208, 44 },
	[PAGE_ZSMALLOC] = { 176, 112, 60 },
	[PAGE_VMEMMAP] = { 236, 112, 160 },
	[PAGE_CACHE] = { 64, 132, 222 },	/* files blue, */
	[PAGE_CACHE_PRIVATE] = { 40, 190, 212 },
	[PAGE_USER] = { 76, 175, 80 },		/* programs green, */
	[PAGE_HUGETLB] = { 168, 206, 64 },
	[PAGE_FREE] = { 196, 200, 206 },	/* and what nobody uses grey */
	[PAGE_UNACCEPTED] = { 138, 144, 156 },
	[PAGE_HWPOISON] = { 255, 0, 255 },
	[PAGE_OFFLINE] = { 96, 84, 148 },
	[PAGE_UNKNOWN] = { 255, 255, 255 },
};

/* the dots of a canvas, row by row */
static int write_canvas(struct map *m, const struct canvas *c)
{
	for (uint32_t y = 0; y < c->height; y++)
		if (png_row(&m->png, c->rgb + 3 * (size_t)c->width * y))
			return -1;
	return 0;
}

static void put(uint8_t *p, struct colour c)
{
	p[0] = c.r;
	p[1] = c.g;
	p[2] = c.b;
}

static void fill_line(struct map *m, struct colour c)
{
	for (uint32_t x = 0; x < m->png.width; x++)
		put(m->line + 3 * (size_t)x, c);
}

/* "1024 MiB of memory, Linux 6.1.0; a dot is 4 KiB, a row 4 MiB" */
static int write_head(struct map *m, uint64_t nram)
{
	const struct vmcore *vm = m->vm;
	char all[SIZE_TEXT], block[SIZE_TEXT], row[SIZE_TEXT], text[256];
	struct canvas c;
	int rc;

	size_text(all, (double)nram * vm->page_size);
	size_whole(block, (uint64_t)vm->page_size << m->layout.block_order);
	size_whole(row, (uint64_t)vm->page_size << m->layout.row_order);
	snprintf(text, sizeof text, "%s  Linux %s  %s = %s, row = %s", all,
		 vm->info.release[0] ? vm->info.release : "unknown",
		 m->layout.scale > 1 ? "square" : "dot", block, row);
	if (canvas_open(&c, m->png.width, HEAD))
		return -1;
	canvas_fill(&c, paper);
	canvas_text(&c, BORDER, BORDER, text, ink);
	rc = write_canvas(m, &c);
	canvas_close(&c);
	return rc;
}

int map_open(struct map *m, struct vmcore *vm, const char *path, bool force)
{
	char last[24];
	uint32_t width, height;
	uint64_t nram;

	*m = (struct map){ .vm = vm, .row = UINT64_MAX, .after_gap = true, .out.fd = -1 };
	if (layout_of(vm, &m->layout, &nram))
		return -1;
	m->margin = 2 * BORDER + TEXT_WIDTH *
		    (uint32_t)snprintf(last, sizeof last, "%#" PRIx64, vm->npfns << vm->page_shift);
	width = m->margin + m->layout.columns * m->layout.scale + BORDER;
	height = HEAD + m->layout.height + LEGEND;
	m->left = m->layout.height;
	m->label_y = LABEL_EVERY;	/* the last one was long ago */
	m->line = malloc(3 * (size_t)width);
	m->count = calloc((size_t)m->layout.columns * PAGE_KINDS, sizeof *m->count);
	if (!m->line || !m->count) {
		fail_sys("picture");
		goto fail;
	}
	if (canvas_open(&m->label, m->margin, TEXT_HEIGHT) == 0 &&
	    out_open_stream(&m->out, path, force) == 0 &&
	    png_open(&m->png, &m->out, width, height) == 0 && write_head(m, nram) == 0)
		return 0;
fail:
	map_close(m);
	return -1;
}

/* the whole root of a number below 65536 */
static uint8_t root(uint64_t square)
{
	uint64_t r = 0;

	for (uint64_t bit = 128; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= square)
			r += bit;
	return (uint8_t)r;
}

/*
 * The colour of a block: its pages' mixed. Light adds up, and the numbers are about its
 * square root: so their squares are mixed. What is no memory has no part in it.
 */
static struct colour mix(const uint64_t *count)
{
	uint64_t r = 0, g = 0, b = 0, n = 0;

	for (unsigned k = 0; k < PAGE_KINDS; k++) {
		r += count[k] * colours[k].r * colours[k].r;
		g += count[k] * colours[k].g * colours[k].g;
		b += count[k] * colours[k].b * colours[k].b;
		n += count[k];
	}
	if (n == 0)
		return hole;
	return (struct colour){ root(r / n), root(g / n), root(b / n) };
}

/* the margin of one row of dots: a part of an address, or nothing */
static void draw_margin(struct map *m)
{
	size_t len = 3 * (size_t)m->margin;

	if (m->label_y < TEXT_HEIGHT)
		memcpy(m->line, m->label.rgb + len * m->label_y, len);
	else
		for (uint32_t x = 0; x < m->margin; x++)
			put(m->line + 3 * (size_t)x, paper);
	m->label_y++;
}

/* the row at hand is the next to be drawn: does it get its address? */
static void begin_label(struct map *m)
{
	char text[24];

	uint64_t step = 1;

	/* round numbers, and what follows a gap */
	while (step * m->layout.scale < LABEL_EVERY)
		step *= 2;
	if ((m->row % step && !m->after_gap) || m->label_y < TEXT_HEIGHT + TEXT_SCALE ||
	    m->left < TEXT_HEIGHT)
		return;
	snprintf(text, sizeof text, "%#" PRIx64,
		 m->row << m->layout.row_order << m->vm->page_shift);
	canvas_fill(&m->label, paper);
	canvas_text(&m->label, m->margin - BORDER - TEXT_WIDTH * (uint32_t)strlen(text), 0, text,
		    ink);
	m->label_y = 0;
	m->after_gap = false;
}

/* the row at hand is complete. What the layout has no room for was not there before */
static int write_row(struct map *m)
{
	uint32_t scale = m->layout.scale;
	uint8_t *p = m->line + 3 * (size_t)m->margin;

	if (m->row == UINT64_MAX)
		return 0;
	begin_label(m);
	fill_line(m, paper);
	for (uint32_t i = 0; i < m->layout.columns; i++) {
		struct colour c = mix(m->count + (size_t)i * PAGE_KINDS);

		for (uint32_t dot = 0; dot < scale; dot++, p += 3)
			put(p, c);
	}
	for (uint32_t y = 0; y < scale && m->left > 0; y++, m->left--) {
		draw_margin(m);
		if (png_row(&m->png, m->line))
			return -1;
	}
	memset(m->count, 0, (size_t)m->layout.columns * PAGE_KINDS * sizeof *m->count);
	return 0;
}

static int write_gap(struct map *m)
{
	uint32_t width = m->layout.columns * m->layout.scale;

	m->after_gap = true;
	for (uint32_t y = 0; y < LAYOUT_GAP && m->left > 0; y++, m->left--) {
		fill_line(m, paper);
		if (y == LAYOUT_GAP / 2)
			for (uint32_t x = 0; x < width; x += 4)
				put(m->line + 3 * (size_t)(m->margin + x), gap);
		draw_margin(m);
		if (png_row(&m->png, m->line))
			return -1;
	}
	return 0;
}

/* pages [pfn, end), all of one kind */
static int add_pages(struct map *m, enum page_kind kind, uint64_t pfn, uint64_t end)
{
	const struct layout *l = &m->layout;

	m->pages[kind] += end - pfn;
	while (pfn < end) {
		uint64_t row = pfn >> l->row_order;
		uint64_t block = pfn >> l->block_order, next = (block + 1) << l->block_order;
		uint64_t n = (next < end ? next : end) - pfn;

		if (row != m->row) {
			uint64_t before = m->row;

			if (write_row(m))
				return -1;
			if (before != UINT64_MAX && row > before + 1 && write_gap(m))
				return -1;
			m->row = row;
		}
		m->count[(block & (l->columns - 1)) * PAGE_KINDS + kind] += n;
		pfn += n;
	}
	return 0;
}

int map_window(struct map *m, const struct survey_window *w)
{
	struct survey_run r = { 0 };

	while (survey_next_run(w, &r))
		if (add_pages(m, survey_kind(r.kinds), w->first + r.from, w->first + r.to))
			return -1;
	return 0;
}

static void share_text(char *text, size_t len, const char *name, double percent)
{
	if (percent < 0.001)
		snprintf(text, len, "%s <0.001%%", name);
	else
		snprintf(text, len, "%s %.*f%%", name, percent < 0.1 ? 3 : 1, percent);
}

static void draw_legend(const struct map *m, struct canvas *c)
{
	uint32_t n = 0, column = (c->width - 2 * BORDER) / LEGEND_COLUMNS;
	uint64_t all = 0;

	for (unsigned k = 0; k < PAGE_KINDS; k++)
		all += m->pages[k];
	canvas_fill(c, paper);
	for (unsigned k = 0; k <= PAGE_KINDS; k++) {
		uint32_t x = BORDER + n % LEGEND_COLUMNS * column;
		uint32_t y = BORDER + n / LEGEND_COLUMNS * LEGEND_LINE;
		bool none = k == PAGE_KINDS;
		char text[48];

		if (!none && m->pages[k] == 0)
			continue;
		if (none)
			snprintf(text, sizeof text, "no memory");
		else
			share_text(text, sizeof text, class_name(k),
				   100.0 * (double)m->pages[k] / (double)all);
		canvas_box(c, x, y, TEXT_HEIGHT, TEXT_HEIGHT, none ? hole : colours[k]);
		canvas_text(c, x + 2 * TEXT_WIDTH, y, text, ink);
		n++;
	}
}

int map_end(struct map *m)
{
	struct canvas legend;
	int rc;

	if (write_row(m))
		return -1;
	for (; m->left > 0; m->left--) {
		fill_line(m, paper);
		draw_margin(m);
		if (png_row(&m->png, m->line))
			return -1;
	}
	if (canvas_open(&legend, m->png.width, LEGEND))
		return -1;
	draw_legend(m, &legend);
	rc = write_canvas(m, &legend);
	canvas_close(&legend);
	if (rc || png_end(&m->png))
		return -1;
	return out_commit(&m->out);
}

void map_close(struct map *m)
{
	/* half a picture is of no use; after out_commit() it has its name, and stays */
	out_discard(&m->out);
	out_close(&m->out);
	png_close(&m->png);
	canvas_close(&m->label);
	free(m->line);
	free(m->count);
	m->line = NULL;
	m->count = NULL;
}
