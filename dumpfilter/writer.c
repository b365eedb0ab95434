/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

int writer_begin(struct writer *w, const struct writer_ops *ops, const struct writer_how *how,
		 struct out *out, struct vmcore *vm, struct plan *plan)
{
	*w = (struct writer){ .ops = ops, .how = *how, .out = out, .vm = vm, .plan = plan };
	return ops->begin(w);
}

int writer_pages(struct writer *w, const struct writer_page *pages, size_t n,
		 const void *data, size_t len)
{
	return w->ops->pages(w, pages, n, data, len);
}

int writer_settle(struct writer *w, uint64_t pfn)
{
	return w->ops->settle(w, pfn);
}

int writer_end(struct writer *w, bool complete)
{
	return w->ops->end(w, complete);
}

void writer_close(struct writer *w)
{
	w->ops->close(w);
}
