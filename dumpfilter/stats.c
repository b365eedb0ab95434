/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "codec.h"
#include "json.h"
#include "options.h"
#include "out.h"
#include "plan.h"
#include "size.h"
#include "stats.h"
#include "vmcore.h"

/* the most memory that we ever had, bytes; mapped parts of files are in it */
static uint64_t peak_memory(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : (uint64_t)usage.ru_maxrss << 10;
}

static double per(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void line(const char *name, uint64_t pages)
{
	fprintf(stderr, "%-30s: %13" PRIu64 "\n", name, pages);
}

/* the lines of makedumpfile's report under their names, and ours, which it has not */
static void print_left_out(const struct stats *s)
{
	const uint64_t *out = s->plan->left_out;
	const struct { const char *name; uint64_t pages; bool always; } rows[] = {
		{ "Pages filled with zero", s->nzero, true },
		{ "Non-private cache pages", out[PAGE_CACHE], true },
		{ "Private cache pages", out[PAGE_CACHE_PRIVATE], true },
		{ "User process data pages", out[PAGE_USER] + out[PAGE_HUGETLB], true },
		{ "Free pages", out[PAGE_FREE], true },
		{ "Unaccepted pages", out[PAGE_UNACCEPTED], false },
		{ "Hwpoison pages", out[PAGE_HWPOISON], true },
		{ "Offline pages", out[PAGE_OFFLINE], true },
		{ "Slab pages", out[PAGE_SLAB], false },
		{ "Page tables", out[PAGE_TABLE], false },
		{ "Zsmalloc pages", out[PAGE_ZSMALLOC], false },
		{ "Struct pages", out[PAGE_VMEMMAP], false },
		{ "Unreadable pages", s->unreadable, false },
		{ "Pages that the input lacks", s->plan->nram - s->plan->nheld, false },
	};
	char name[40];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!rows[i].always && rows[i].pages == 0)
			continue;
		snprintf(name, sizeof name, "    %s", rows[i].name);
		line(name, rows[i].pages);
	}
}

static void print_text(const struct stats *s)
{
	const struct plan *plan = s->plan;
	const struct vmcore *vm = plan->vm;
	uint64_t remain = s->npages - s->nzero;
	double memory = (double)s->npages * vm->page_size;
	char size[SIZE_TEXT], speed[SIZE_TEXT];

	line("Original pages", plan->nram);
	line("  Excluded pages", plan->nram - remain);
	print_left_out(s);
	line("  Remaining pages", remain);
	fprintf(stderr, "  (The number of pages is reduced to %.0f%%.)\n",
		100 * per((double)remain, (double)plan->nram));
	line("Memory Hole", vm->npfns - plan->nram);
	fputs("--------------------------------------------------\n", stderr);
	line("Total pages", vm->npfns);
	if (plan->unclassified)
		line("Pages of unknown kind, kept", plan->unclassified);
	if (s->nshared)
		line("Pages equal to another", s->nshared);
	fprintf(stderr, "%-30s: %13" PRIu64 "  (%s, %.1f%% of the pages kept)\n", "Write bytes",
		s->written, size_text(size, (double)s->written),
		100 * per((double)s->written, memory));
	fprintf(stderr, "%-30s: %13.2f s  scan, %.2f s copy (%s/s with %u threads)\n", "Time", s->scan,
		s->copy, size_text(speed, per(memory, s->copy)), s->o->threads);
	fprintf(stderr, "%-30s: %13s  at most\n", "Memory used",
		size_text(size, (double)peak_memory()));
}

void stats_put_left_out(struct json *j, const struct plan *plan)
{
	json_object(j, "left_out");
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (kind != PAGE_ZERO && kind != PAGE_UNKNOWN && kind != PAGE_NEEDED)
			json_u64(j, class_name((enum page_kind)kind), plan->left_out[kind]);
	json_close(j);
}

static void put_pages(struct json *j, const struct stats *s)
{
	const struct plan *plan = s->plan;

	json_object(j, "pages");
	json_u64(j, "total", plan->vm->npfns);
	json_u64(j, "hole", plan->vm->npfns - plan->nram);
	json_u64(j, "original", plan->nram);
	json_u64(j, "input", plan->nheld);
	json_u64(j, "kept", s->npages);
	json_u64(j, "zeros", s->nzero);
	json_u64(j, "shared", s->nshared);
	json_u64(j, "unreadable", s->unreadable);
	json_u64(j, "unknown", plan->unclassified);
	stats_put_left_out(j, plan);
	json_close(j);
}

static void print_json(const struct stats *s, bool to_stdout)
{
	const struct options *o = s->o;
	const struct vmcore *vm = s->plan->vm;
	double memory = (double)s->npages * vm->page_size;
	struct json j;

	json_begin(&j, to_stdout ? stdout : stderr);
	json_object(&j, NULL);
	json_text(&j, "report", "stats");
	json_text(&j, "version", VERSION);
	json_text(&j, "vmcore", vm->src.path);
	json_text(&j, "dumpfile", to_stdout ? s->output : NULL);
	json_text(&j, "format", o->format == FORMAT_ELF ? "ELF" : "kdump");
	json_text(&j, "release", vm->info.release[0] ? vm->info.release : NULL);
	json_u64(&j, "page_size", vm->page_size);
	json_u64(&j, "level", s->level);
	json_text(&j, "codec", o->codec->name);
	json_u64(&j, "threads", o->threads);
	json_u64(&j, "status", (uint64_t)s->status);
	json_bool(&j, "complete", s->complete);
	put_pages(&j, s);
	json_u64(&j, "bytes_kept", s->npages * vm->page_size);
	json_u64(&j, "bytes_written", s->written);
	json_fixed(&j, "ratio", per((double)s->written, memory), 4);
	json_fixed(&j, "seconds_scan", s->scan, 3);
	json_fixed(&j, "seconds_copy", s->copy, 3);
	json_fixed(&j, "bytes_per_second", per(memory, s->copy), 0);
	json_u64(&j, "memory_peak", peak_memory());
	json_bool(&j, "degraded", plan_is_degraded(s->plan));
	json_text(&j, "unknown_because", s->plan->scan.why[0] ? s->plan->scan.why : NULL);
	json_close(&j);
	json_end(&j);
}

void stats_print(const struct stats *s)
{
	if (s->o->json)
		print_json(s, !out_is_stdout(s->output));
	else
		print_text(s);
}
