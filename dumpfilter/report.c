/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "copy.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "vmcore.h"
#include "writer-kdump.h"

void report_plan(const struct plan *plan, const struct vmcore *vm)
{
	const char *path = vm->src.path;
	unsigned level = plan->level;

	if (vm->notes_dropped)
		warn("%s: notes: device dumps of %" PRIu64 " bytes are left out", path,
		     vm->notes_dropped);
	if (vm->cut_short)
		warn("%s: is cut short: %" PRIu64 " of %" PRIu64 " pages are there; they are "
		     "saved and the dump is marked as incomplete", path, plan->nheld, plan->nram);
	if (plan->no_memmap)
		warn("%s: page kinds cannot be told (%s); %s", path, plan->why,
		     level & DUMP_ZERO ? "only pages of zeros are left out" :
					 "all pages are kept");
	else if (plan->unclassified)
		warn("%s: struct pages of %" PRIu64 " pages cannot be read (%s); those are kept",
		     path, plan->unclassified, plan->why);
	if (plan->no_memmap || plan->unclassified)
		return;
	if (plan->no_free && level & DUMP_FREE)
		warn("%s: free pages of this kernel (%s) cannot be told (%s); they are kept",
		     path, vm->info.release, plan->why);
	if (plan->no_user && level & DUMP_USER)
		warn("%s: this kernel (%s) does not export how to tell user pages; they are kept",
		     path, vm->info.release);
}

/* ", left out 12 free, 3 cache" */
static void list_kinds(const struct plan *plan, char *text, size_t len)
{
	static const enum page_kind order[] = {
		PAGE_FREE, PAGE_CACHE, PAGE_CACHE_PRIVATE, PAGE_USER, PAGE_UNACCEPTED,
		PAGE_HWPOISON, PAGE_OFFLINE,
	};
	const char *between = "; left out ";
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof order / sizeof order[0] && used < len; i++) {
		uint64_t n = plan->left_out[order[i]];

		if (n == 0)
			continue;
		used += (size_t)snprintf(text + used, len - used, "%s%" PRIu64 " %s", between, n,
					 class_name(order[i]));
		between = ", ";
	}
}

void report_done(const struct plan *plan, const struct vmcore *vm, const struct writer *w,
		 const struct copy_result *result, double seconds)
{
	double mib = 1024 * 1024;
	char kinds[256];

	if (result->unreadable)
		warn("%s: %" PRIu64 " pages could not be read and are left out; the first: %s",
		     vm->src.path, result->unreadable, result->first);
	list_kinds(plan, kinds, sizeof kinds);
	warn("%s: kept %" PRIu64 " of %" PRIu64 " pages (%.1f %%), %" PRIu64
	     " of them zeros stored once%s; %.1f MiB of %.1f MiB written in %.1f s",
	     vm->src.path, w->npages, plan->nram,
	     plan->nram ? 100.0 * (double)w->npages / (double)plan->nram : 0.0, w->nzero, kinds,
	     (double)w->out->written / mib, (double)plan->nram * vm->page_size / mib, seconds);
}
