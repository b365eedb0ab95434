/* SPDX-License-Identifier: GPL-2.0-or-later */
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
		struct class_page c = class_of(cl, page, next, at);

		if (c.poisoned)
			add(l, PAGE_HWPOISON, at, c.one_piece ? c.npages : 1);
		add(l, c.kind, at, c.npages);
		told_to = at + c.npages;
		at = c.one_piece || l->whole_kinds >> c.kind & 1 ? told_to : at + 1;
	}
	l->skip_to = at;
	l->told_to = told_to;
}
