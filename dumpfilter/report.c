/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "copy.h"
#include "err.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "vmcore.h"
#include "writer.h"

/* "this kernel does not export how to tell ...": one line for all kinds that were asked for */
static void report_missing(const struct scan *scan, uint32_t wanted, const char *so)
{
	const struct vmcore *vm = scan->vm;
	const uint32_t always = class_kinds(0), zero = 1 << PAGE_ZERO;
	const uint32_t free = class_kinds(DUMP_FREE) & ~always;
	const struct { bool missing; uint32_t kinds; const char *what; } rows[] = {
		{ scan->no_free, 1 << PAGE_FREE, "free pages" },
		{ scan->class.no_user, class_kinds(DUMP_USER) & ~always, "user pages" },
		{ scan->class.no_cache, class_kinds(DUMP_CACHE_PRIVATE) & ~always, "page cache" },
		{ scan->class.no_compound, ~(always | zero | free), "the size of huge pages" },
	};
	char text[128];
	size_t used = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].missing && wanted & rows[i].kinds)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
						 used ? ", " : "", rows[i].what);
	if (used)
		warn("%s: kernel %s does not tell how to know %s%s%s%s; they are %s", vm->src.path,
		     vm->info.release, text, scan->why[0] ? " (" : "", scan->why,
		     scan->why[0] ? ")" : "", so);
}

void report_plan(const struct plan *plan)
{
	const struct scan *scan = &plan->scan;
	const struct vmcore *vm = plan->vm;
	const char *path = vm->src.path;

	if (vm->notes_damaged)
		warn("%s: notes: their last %" PRIu64 " bytes are damaged and left out", path,
		     vm->notes_damaged);
	if (vm->notes_dropped)
		warn("%s: notes: device dumps of %" PRIu64 " bytes are left out", path,
		     vm->notes_dropped);
	if (vm->cut_short)
		warn("%s: is cut short: %" PRIu64 " of %" PRIu64 " pages are there; they are "
		     "saved and the dump is marked as incomplete", path, plan->nheld, plan->nram);
	if (plan->no_vmemmap)
		warn("%s: -e needs a bitmap of all pages at once, and more memory than there "
		     "is; struct pages are kept", path);
	if (scan->no_memmap || (plan->nheld && plan->unclassified == plan->nheld))
		warn("%s: page kinds cannot be told (%s); %s", path, scan->why,
		     plan->rules.kinds >> PAGE_ZERO & 1 ? "only pages of zeros are left out" :
					       "all pages are kept");
	else if (plan->unclassified)
		warn("%s: struct pages of %" PRIu64 " pages cannot be read (%s); those are kept",
		     path, plan->unclassified, scan->why);
	else
		report_missing(scan, plan->rules.kinds, "kept");
}

void report_usage(const struct scan *scan, uint64_t unknown)
{
	const char *path = scan->vm->src.path;

	if (scan->no_memmap)
		warn("%s: page kinds cannot be told (%s)", path, scan->why);
	else if (unknown)
		warn("%s: struct pages of %" PRIu64 " pages cannot be read (%s)", path, unknown,
		     scan->why);
	else
		report_missing(scan, class_kinds(DUMP_ALL), "shown as the kernel's own");
}

void report_unreadable(const struct vmcore *vm, uint64_t pages)
{
	if (pages)
		warn("%s: %" PRIu64 " pages of the sample could not be read, and count as left "
		     "out; the last: %s", vm->src.path, pages, err_text());
}

/* ", left out 12 free, 3 cache" */
static void list_kinds(const struct plan *plan, char *text, size_t len)
{
	static const enum page_kind order[] = {
		PAGE_FREE, PAGE_CACHE, PAGE_CACHE_PRIVATE, PAGE_USER, PAGE_HUGETLB,
		PAGE_UNACCEPTED, PAGE_SLAB, PAGE_TABLE, PAGE_ZSMALLOC, PAGE_VMEMMAP,
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

void report_done(const struct plan *plan, const struct writer *w,
		 const struct copy_result *result, double seconds)
{
	const struct vmcore *vm = plan->vm;
	double mib = 1024 * 1024;
	char kinds[256], shared[64] = "";

	if (result->unreadable)
		warn("%s: %" PRIu64 " pages could not be read and are left out; the first: %s",
		     vm->src.path, result->unreadable, result->first);
	if (w->no_utsname)
		warn("%s: utsname could not be read; the dump's header has the release only",
		     vm->src.path);
	list_kinds(plan, kinds, sizeof kinds);
	if (w->nshared)
		snprintf(shared, sizeof shared, ", %" PRIu64 " equal to others and stored with them",
			 w->nshared);
	warn("%s: kept %" PRIu64 " of %" PRIu64 " pages (%.1f %%), %" PRIu64
	     " of them zeros stored once%s%s; %.1f MiB of %.1f MiB written in %.1f s",
	     vm->src.path, w->npages, plan->nram,
	     plan->nram ? 100.0 * (double)w->npages / (double)plan->nram : 0.0, w->nzero, shared, kinds,
	     (double)w->out->written / mib, (double)plan->nram * vm->page_size / mib, seconds);
}
