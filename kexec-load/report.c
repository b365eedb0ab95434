/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "check.h"
#include "machine.h"
#include "memory-map.h"
#include "report.h"
#include "running.h"

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void head(const char *item)
{
	printf("%s:%*s", item, 13 - (int)strlen(item), "");
}

void report_item(const char *item, const char *fmt, ...)
{
	va_list ap;

	head(item);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void report_reservation(const struct machine *m)
{
	if (m->region.end)
		report_item("reserved", "%.1f MiB at %#" PRIx64 "-%#" PRIx64,
			    mib(m->region.end - m->region.start), m->region.start,
			    m->region.end - 1);
	else
		report_item("reserved", "%.1f MiB", mib(m->reserved));
}

static void kernel_text(const struct load *ld)
{
	const struct bootimage *im = &ld->image;

	printf("%s%s%s%s%s, %.1f MiB, %s, needs %.1f MiB", im->wrapper ? im->wrapper : "",
	       im->wrapper ? ": " : "", im->format, im->version[0] ? " " : "", im->version,
	       mib(im->file_size), im->is_signed ? "signed" : "not signed",
	       mib(im->init_size));
}

void report_kernel(const struct load *ld)
{
	head("kernel");
	kernel_text(ld);
	puts("; read and unpacked");
}

static void initrd_text(const struct load *ld)
{
	const struct initrd *rd = &ld->contents;

	printf("%s, %.1f MiB", rd->kinds[0] ? rd->kinds : "not read", mib(ld->initrd_size));
	if (rd->entries)
		printf(", %" PRIu64 " entries, %.1f MiB unpacked", rd->entries,
		       mib(rd->unpacked));
}

void report_initrd(const struct load *ld)
{
	head("initrd");
	if (load_has_initrd(ld)) {
		initrd_text(ld);
		puts(ld->contents.init_executable ? "; the program to start is there" : "");
	} else {
		puts("none");
	}
}

void report_placement(const struct attempt *a, const struct machine *m)
{
	uint64_t have = m->region.end ? m->region.end - m->region.start : m->reserved;

	report_item("command line", "%zu of %" PRIu64 " characters", strlen(a->ld.cmdline),
		    check_cmdline_max(&a->ld, m));
	report_item("placement", "%.1f of %.1f MiB are used", mib(a->ld.fit.used), mib(have));
}

void report_verdict(int status, const struct machine *m)
{
	report_item("loaded now", "%s", m->loaded ? "yes" : "no");
	report_item("verdict", "%s", status ? "a load would fail" : "a load would succeed");
}

static void print_segment(const char *what, uint64_t at, uint64_t size)
{
	printf("  %#014" PRIx64 "-%#014" PRIx64 " %9.1f KiB  %s\n", at, at + size - 1,
	       (double)size / 1024, what);
}

static const char *memory_kind(uint64_t kind)
{
	switch (kind) {
	case MEMORY_RAM: return "RAM";
	case MEMORY_RESERVED: return "reserved";
	case MEMORY_ACPI: return "ACPI tables";
	case MEMORY_NVS: return "ACPI NVS";
	case MEMORY_PMEM: return "persistent memory";
	case MEMORY_PRAM: return "persistent memory (legacy)";
	default: return "other";
	}
}

static void print_map(const struct ranges *map)
{
	report_item("memory map", "what the capture kernel is told of");
	for (size_t i = 0; i < map->n; i++)
		printf("  %#014" PRIx64 "-%#014" PRIx64 "  %s\n", map->r[i].start,
		       map->r[i].end - 1, memory_kind(map->r[i].at));
}

static void print_classic(const struct layout *ly)
{
	head("segments");
	printf("entry at %#" PRIx64 "\n", ly->entry);
	for (unsigned i = 0; i < ly->n; i++)
		print_segment(ly->seg[i].what, ly->seg[i].at, ly->seg[i].size);
	print_map(&ly->map);
}

/* the kernel makes it by the rule that we know */
static void print_predicted_map(const struct load *ld, const struct machine *m)
{
	const struct fit_place *headers = &ld->fit.place[0];
	const struct range taken = { headers->at, headers->at + headers->size, 0 };
	struct ranges map = { 0 };
	struct running rn = { 0 };

	if (ld->image.kind != BOOTIMAGE_ARM64 && m->region.end &&
	    running_look(&rn, m->root) == 0 && memory_map(&map, &rn, m->region, taken) == 0)
		print_map(&map);
	else
		report_item("memory map", "made by the kernel: the reservation without the"
			    " elfcorehdr, and what is firmware's");
	ranges_free(&map);
	running_close(&rn);
}

static void print_predicted(const struct load *ld, const struct machine *m)
{
	report_item("segments", "as the kernel will place them, as far as that can be foretold");
	for (unsigned i = 0; i < ld->fit.n; i++)
		print_segment(ld->fit.place[i].what, ld->fit.place[i].at,
			      ld->fit.place[i].size);
	print_predicted_map(ld, m);
}

void report_plan(const struct attempt *a, const struct machine *m)
{
	const struct load *ld = &a->ld;
	const char *cmdline = a->laid ? a->ly.cmdline : ld->cmdline;

	report_item("kernel", "%s", ld->kernel);
	printf("              ");
	kernel_text(ld);
	putchar('\n');
	report_item("initrd", "%s", load_has_initrd(ld) ? load_initrd_name(ld) : "none");
	if (load_has_initrd(ld)) {
		printf("              ");
		initrd_text(ld);
		putchar('\n');
	}
	report_item("call", "%s", attempt_name(a));
	report_item("command line", "%s", cmdline);
	printf("              %zu of %" PRIu64 " characters\n", strlen(ld->cmdline),
	       check_cmdline_max(ld, m));
	report_reservation(m);
	if (ld->fit.used)
		report_item("used", "%.1f MiB, headers of %.1f MiB among them",
			    mib(ld->fit.used), mib(m->headers));
	if (a->laid)
		print_classic(&a->ly);
	else if (ld->fit.fits)
		print_predicted(ld, m);
	report_item("loaded now", "%s", m->loaded ? "yes" : "no");
}
