/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "share.h"
#include "vmcore.h"
#include "writer.h"

int share_open(struct share *s, struct vmcore *vm)
{
	*s = (struct share){ .vm = vm };
	if (vm->live)
		return 0;
	s->page = malloc(vm->page_size);
	s->earlier = malloc(vm->page_size);
	if (!s->page || !s->earlier) {
		fail_sys("pages to compare");
		share_close(s);
		return -1;
	}
	if (dedupe_open(&s->table, DEDUPE_BYTES)) {
		share_close(s);
		return -1;
	}
	return 0;
}

static bool read_page(struct share *s, uint8_t *page, uint64_t pfn)
{
	return vmcore_read(s->vm, page, s->vm->page_size, pfn << s->vm->page_shift) == 0;
}

/* often the same earlier page is the one to compare with again */
static bool read_earlier(struct share *s, uint64_t pfn)
{
	if (s->has_earlier && s->earlier_pfn == pfn)
		return true;
	s->earlier_pfn = pfn;
	s->has_earlier = read_page(s, s->earlier, pfn);
	return s->has_earlier;
}

const struct dedupe_page *share_find(struct share *s, const struct writer_page *page)
{
	const struct dedupe_page *found = dedupe_find(&s->table, page->hash);

	/* what cannot be read again is not shared: it is stored as it was read */
	if (!found || !read_earlier(s, found->pfn) || !read_page(s, s->page, page->pfn) ||
	    memcmp(s->page, s->earlier, s->vm->page_size) != 0)
		return NULL;
	dedupe_hit(&s->table, page->hash);
	return dedupe_find(&s->table, page->hash);
}

void share_add(struct share *s, const struct writer_page *page, uint64_t at)
{
	const struct dedupe_page stored = {
		.hash = page->hash, .pfn = page->pfn, .at = at,
		.size = page->size, .flags = page->flags,
	};

	dedupe_add(&s->table, &stored);
}

void share_close(struct share *s)
{
	dedupe_close(&s->table);
	free(s->page);
	free(s->earlier);
	*s = (struct share){ 0 };
}
