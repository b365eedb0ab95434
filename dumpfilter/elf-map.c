/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "elf-loads.h"
#include "elf-map.h"
#include "err.h"
#include "num.h"
#include "plan.h"
#include "vmcore.h"

enum {
	GAPS = 41,		/* holes of 2^0, 2^1, ... pages, and longer ones */
	/*
	 * A hole of a few pages becomes a header only as long as there are few enough of
	 * these to be counted in e_phnum: readers look at all of them, and not all know
	 * what PN_XNUM means. One of 2^8 pages always does, as far as readers go (we
	 * ourselves: 128 MiB of headers).
	 */
	HEADERS_FEW = 56 << 10,
	HEADERS_MAX = 2000000,
	GAP_ALWAYS = 8,
	PIECES = 256,		/* a dump that was cut loses at most one of so many, */
};
#define PIECE_MIN (UINT64_C(1) << 20)	/* or so many bytes */

/* the headers that segments take besides one for each load */
struct tally {
	uint64_t always, by_gap[GAPS];
	uint64_t seen;		/* where the last page ended, bytes; 0: none came yet */
};

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* loads that go on over the place at phys; places come in rising order */
static uint64_t cover(struct elf_map *m, uint64_t phys)
{
	while (m->begun < m->n && m->loads[m->begun].phys < phys)
		m->begun++;
	while (m->ended < m->n && m->ends[m->ended] <= phys)
		m->ended++;
	return m->begun - m->ended;
}

bool elf_map_cuts(const struct elf_map *m, uint64_t data_end, uint64_t phys)
{
	return data_end == 0 || phys / m->piece != (data_end - 1) / m->piece ||
	       (phys > data_end && phys - data_end >= m->min_gap);
}

/* a run of pages to be kept */
static void tally_run(struct elf_map *m, struct tally *t, uint64_t from, uint64_t to)
{
	uint64_t gap = (from - t->seen) / m->page_size;
	unsigned k = gap ? 63 - (unsigned)__builtin_clzll(gap) : 0;

	if (!t->seen || from / m->piece != (t->seen - 1) / m->piece)
		t->always += cover(m, from);
	else if (gap)
		t->by_gap[k < GAPS ? k : GAPS - 1] += cover(m, from);
	for (uint64_t at = (from / m->piece + 1) * m->piece; at < to; at += m->piece)
		t->always += cover(m, at);
	t->seen = to;
}

static int tally_plan(struct elf_map *m, struct plan *plan, struct tally *t)
{
	uint64_t first, at, end, size = m->page_size;
	int rc;

	for (first = 0; (rc = plan_window(plan, first)) == 1; first += plan->window)
		for (at = bitmap_next_set(&plan->keep, 0); at < plan->keep.nbits;
		     at = bitmap_next_set(&plan->keep, end)) {
			end = bitmap_next_clear(&plan->keep, at);
			tally_run(m, t, (first + at) * size, (first + end) * size);
		}
	m->begun = m->ended = 0;
	return rc;
}

/* the shortest hole that is worth a header */
static int choose_gap(struct elf_map *m, const struct tally *t)
{
	uint64_t total[GAPS + 1], least = m->n + t->always;
	/* if they are many anyhow, twice as many do not matter */
	uint64_t few = least > HEADERS_FEW ? 2 * least : HEADERS_FEW;

	total[GAPS] = least;
	for (int k = GAPS - 1; k >= 0; k--)
		total[k] = total[k + 1] + t->by_gap[k];
	for (int k = 0; k < GAPS; k++)
		if (total[k] <= (k < GAP_ALWAYS && few < HEADERS_MAX ? few : HEADERS_MAX)) {
			m->min_gap = (uint64_t)m->page_size << k;
			m->nheaders = total[k];
			return 0;
		}
	return fail(ERR_CORRUPT, "%zu program headers that overlap: too many for an ELF dump",
		    m->n);
}

int elf_map_open(struct elf_map *m, struct vmcore *vm, struct plan *plan)
{
	uint64_t memory = vm->npfns << vm->page_shift;
	struct tally t = { 0 };

	*m = (struct elf_map){ .page_size = vm->page_size };
	if (elf_loads(vm, plan, &m->loads, &m->n))
		return -1;
	m->ends = malloc((m->n + 1) * sizeof *m->ends);
	m->active = malloc((m->n + 1) * sizeof *m->active);
	if (!m->ends || !m->active)
		return fail_sys("%zu program headers", m->n);
	for (size_t i = 0; i < m->n; i++)
		m->ends[i] = m->loads[i].phys + m->loads[i].len;
	qsort(m->ends, m->n, sizeof *m->ends, by_value);
	m->piece = (memory / PIECES / PIECE_MIN + 1) * PIECE_MIN;
	if (tally_plan(m, plan, &t))
		return -1;
	return choose_gap(m, &t);
}

void elf_map_close(struct elf_map *m)
{
	free(m->loads);
	free(m->ends);
	free(m->active);
	*m = (struct elf_map){ 0 };
}

bool elf_map_fits(struct elf_map *m, uint64_t phys, uint64_t room)
{
	cover(m, phys);
	/* the segment that ends here, and one more to the end of memory */
	return (m->begun - m->gone) + (m->n - m->ended) <= room;
}

size_t elf_map_select(struct elf_map *m, const struct elf_segment *seg)
{
	size_t n = 0;

	if (seg->start >= seg->end)
		return 0;
	for (size_t i = 0; i < m->nactive; i++) {
		const struct vmcore_load *l = &m->loads[m->active[i]];

		if (l->phys + l->len > seg->start)
			m->active[n++] = m->active[i];
	}
	for (; m->entered < m->n && m->loads[m->entered].phys < seg->end; m->entered++)
		m->active[n++] = m->entered;
	m->nactive = n;
	cover(m, seg->end);
	m->gone = m->ended;
	return n;
}

void elf_map_header(const struct elf_map *m, const struct elf_segment *seg, size_t i,
		    Elf64_Phdr *ph)
{
	const struct vmcore_load *l = &m->loads[m->active[i]];
	uint64_t start = l->phys > seg->start ? l->phys : seg->start;
	uint64_t end = l->phys + l->len < seg->end ? l->phys + l->len : seg->end;
	uint64_t data_end = seg->data_end < end ? seg->data_end : end;
	uint64_t filesz = data_end > start ? data_end - start : 0;

	*ph = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		/* crash takes the least offset that is not 0 for the end of all headers */
		.p_offset = seg->offset + (filesz ? start - seg->start : 0),
		.p_vaddr = l->virt + (start - l->phys),
		.p_paddr = start,
		.p_filesz = filesz,
		.p_memsz = end - start,
	};
}
