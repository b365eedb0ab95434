/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "copy.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "vmcore.h"
#include "writer-kdump.h"

/* "this kernel does not export how to tell ...": one line for all kinds */
static void report_missing(const struct plan *plan, const struct vmcore *vm)
{
	const struct { bool missing; unsigned levels; const char *what; } kinds[] = {
		{ plan->no_free, DUMP_FREE, "free pages" },
		{ plan->no_user, DUMP_USER, "user pages" },
		{ plan->no_cache, DUMP_CACHE | DUMP_CACHE_PRIVATE, "page cache" },
		{ plan->no_compound, DUMP_CACHE | DUMP_CACHE_PRIVATE | DUMP_USER,
		  "the size of huge pages" },
	};
	char text[128];
	size_t used = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].missing && plan->level & kinds[i].levels)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
						 used ? ", " : "", kinds[i].what);
	if (used)
		warn("%s: kernel %s does not tell how to know %s%s%s%s; they are kept", vm->src.path,
		     vm->info.release, text, plan->why[0] ? " (" : "", plan->why,
		     plan->why[0] ? ")" : "");
}

void report_plan(const struct plan *plan, const struct vmcore *vm)
{
	const char *path = vm->src.path;

	if (vm->notes_dropped)
		warn("%s: notes: device dumps of %" PRIu64 " bytes are left out", path,
		     vm->notes_dropped);
	if (vm->cut_short)
		warn("%s: is cut short: %" PRIu64 " of %" PRIu64 " pages are there; they are "
		     "saved and the dump is marked as incomplete", path, plan->nheld, plan->nram);
	if (plan->no_memmap)
		warn("%s: page kinds cannot be told (%s); %s", path, plan->why,
		     plan->level & DUMP_ZERO ? "only pages of zeros are left out" :
					       "all pages are kept");
	else if (plan->unclassified)
		warn("%s: struct pages of %" PRIu64 " pages cannot be read (%s); those are kept",
		     path, plan->unclassified, plan->why);
	else
		report_missing(plan, vm);
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
	if (w->no_utsname)
		warn("%s: utsname could not be read; the dump's header has the release only",
		     vm->src.path);
	list_kinds(plan, kinds, sizeof kinds);
	warn("%s: kept %" PRIu64 " of %" PRIu64 " pages (%.1f %%), %" PRIu64
	     " of them zeros stored once%s; %.1f MiB of %.1f MiB written in %.1f s",
	     vm->src.path, w->npages, plan->nram,
	     plan->nram ? 100.0 * (double)w->npages / (double)plan->nram : 0.0, w->nzero, kinds,
	     (double)w->out->written / mib, (double)plan->nram * vm->page_size / mib, seconds);
}
