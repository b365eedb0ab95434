/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "scan-look.h"

static void add(struct scan_look *l, enum page_kind kind, uint64_t pfn, uint64_t npages)
{
	struct scan_found *last = l->nfound ? &l->found[l->nfound - 1] : NULL;

	if (last && last->kind == kind && last->pfn + last->npages == pfn)
		last->npages += (uint32_t)npages;
	else
		l->found[l->nfound++] = (struct scan_found){ pfn, (uint32_t)npages, (uint8_t)kind };
}

/*
 * Most struct pages are like others in all that the rules ask for, but for the order of a
 * free block: what was found of such ones is remembered. The rare kinds are not.
 */
static inline struct class_page class_again(struct scan_look *l, const uint8_t *page,
					    const uint8_t *next, uint64_t pfn)
{
	const struct class *cl = l->class;
	struct class_words w = { 0 };

	memcpy(&w.flags, page + cl->flags, sizeof w.flags);
	memcpy(&w.mapping, page + cl->mapping, sizeof w.mapping);
	memcpy(&w.compound, page + cl->compound, sizeof w.compound);
	memcpy(&w.type, page + cl->mapcount, sizeof w.type);

	uint64_t bits = w.type | (w.mapping & CLASS_ANON) << 32 | (w.compound & cl->tail) << 33;
	struct scan_memo *m = &l->memo[(w.type ^ w.flags >> 2 ^ w.flags >> 16) % SCAN_MEMOS];

	if (!m->known || m->flags != w.flags || m->bits != bits)
		*m = (struct scan_memo){ w.flags, bits, cl->verdict[class_facts(cl, &w)], true };
	if (m->verdict & (VERDICT_COMPOUND | VERDICT_MAX_ORDER) || w.flags & cl->hwpoison)
		return class_of(cl, page, next, pfn);
	if (!(m->verdict & VERDICT_ORDER))
		return (struct class_page){ .npages = 1, .kind = m->verdict };

	uint64_t order;

	memcpy(&order, page + cl->private, sizeof order);
	if (order >= cl->max_order || pfn & ((UINT64_C(1) << order) - 1))
		return class_of(cl, page, next, pfn);
	return (struct class_page){ .npages = UINT64_C(1) << order,
				    .kind = m->verdict & VERDICT_KIND };
}

/*
 * Inside a block of which all was said, a page may still be poisoned, unless nobody
 * wants to know.
 */
void scan_look(struct scan_look *l)
{
	const struct class *cl = l->class;
	uint64_t at = l->skip_to > l->pfn ? l->skip_to : l->pfn, end = l->pfn + l->n;
	uint64_t told_to = l->told_to;

	l->nfound = 0;
	while (at < end) {
		const uint8_t *page = l->data + (at - l->pfn) * cl->len;
		const uint8_t *next = at + 1 < end || l->more ? page + cl->len : NULL;

		if (at < told_to) {
			if (class_poisoned(cl, page))
				add(l, PAGE_HWPOISON, at, 1);
			at++;
			continue;
		}
		struct class_page c = cl->swap ? class_of(cl, page, next, at) :
						 class_again(l, page, next, at);

		if (c.poisoned)
			add(l, PAGE_HWPOISON, at, c.one_piece ? c.npages : 1);
		add(l, c.kind, at, c.npages);
		told_to = at + c.npages;
		at = c.one_piece || l->whole_kinds >> c.kind & 1 ? told_to : at + 1;
	}
	l->skip_to = at;
	l->told_to = told_to;
}
