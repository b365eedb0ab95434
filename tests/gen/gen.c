/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen - make a small dump of an invented kernel
 *
 * usage: gen DESCRIPTION OUT
 *
 * Besides OUT, an ELF vmcore, it writes what must be read from it:
 *   OUT.expect	a line for each run of pages: FROM TO KIND zero|data (pfns, TO is
 *		not part of it; all of ram is listed)
 *   OUT.log	what dumpmsg must print
 *   OUT.rawlog	what dumpmsg --raw must print
 *   OUT.kmsg	what dumpmsg --kmsg must print
 *   OUT.newlog	what dumpmsg --since-clear must print
 *   OUT.info	VMCOREINFO, unless there is none at all
 *   OUT.linked	the same as the kernel's own file has it, before KASLR
 *
 * It runs for a moment and gives no memory back before it ends.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

const char *const kind_name[NKINDS] = {
	"kept", "slab", "table", "zsmalloc", "free", "user", "hugetlb", "cache", "private",
	"hwpoison", "offline", "unaccepted",
};

FILE *create(const char *out, const char *suffix)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s%s", out, suffix);
	f = fopen(path, "w");
	if (!f)
		die(NULL, "%s: %s", path, strerror(errno));
	return f;
}

void finish(FILE *f)
{
	if (fclose(f))
		die(NULL, "%s", strerror(errno));
}

static bool is_zero(const struct gen *g, uint64_t pfn)
{
	static const char zeros[PAGE];

	return !g->touched[pfn] || !memcmp(g->mem + (pfn << PAGE_SHIFT), zeros, PAGE);
}

static bool in_hole(const struct gen *g, uint64_t pfn)
{
	return pfn << PAGE_SHIFT >= g->hole.from && pfn << PAGE_SHIFT < g->hole.to;
}

static void write_expect(const struct gen *g, const char *out)
{
	FILE *f = create(out, ".expect");

	for (unsigned i = 0; i < g->d->nram; i++) {
		uint64_t pfn = g->d->ram[i].from >> PAGE_SHIFT, to;

		for (; pfn < g->d->ram[i].to >> PAGE_SHIFT; pfn = to) {
			bool zero = is_zero(g, pfn), gone = in_hole(g, pfn);

			for (to = pfn + 1; to < g->d->ram[i].to >> PAGE_SHIFT; to++)
				if (g->kind[to] != g->kind[pfn] ||
				    is_zero(g, to) != zero || in_hole(g, to) != gone)
					break;
			if (gone)
				continue;
			fprintf(f, "0x%llx 0x%llx %s %s\n", (unsigned long long)pfn,
				(unsigned long long)to, kind_name[g->kind[pfn]],
				zero ? "zero" : "data");
		}
	}
	finish(f);
}

/* init_uts_ns: six names of 65 bytes; a reference count stands before them until 5.11 */
static void make_uts(struct gen *g)
{
	const char *const names[] = { "Linux", "invented", g->d->release, "#1 SMP PREEMPT",
				      "x86_64", "(none)" };
	uint64_t at;

	g->uts = alloc(g, 512, 8);
	at = g->uts + (g->d->version < VERSION(5, 11, 0) ? 4 : 0);
	for (unsigned i = 0; i < 6; i++)
		put(g, at + 65 * i, names[i], strlen(names[i]));
}

/* constants of kernel/printk/printk.c, which say whether it prints callers */
static void make_strings(struct gen *g)
{
	static const char header[] = "%u,%llu,%llu,%c%s;", caller[] = ",caller=%c%u";
	uint64_t at = alloc(g, 64, 8);

	put(g, at, header, sizeof header);
	if (g->d->log_caller)
		put(g, at + sizeof header, caller, sizeof caller);
}

/* nothing that a filter may leave out, or that the description fills, is the kernel's own */
static void check_kernel(const struct gen *g)
{
	uint64_t from = g->kernel.from, to = g->kernel.to;

	for (uint64_t pfn = from >> PAGE_SHIFT; pfn <= (to - 1) >> PAGE_SHIFT; pfn++)
		if (g->kind[pfn] != KEPT)
			die(g->d, "pfn 0x%llx is the kernel's own (up to 0x%llx)",
			    (unsigned long long)pfn, (unsigned long long)to >> PAGE_SHIFT);
	for (const struct fill_line *f = g->d->fills; f; f = f->next)
		if (f->phys.from < to && f->phys.to > from)
			die(g->d, "fill at 0x%llx: the kernel's own memory ends at 0x%llx",
			    (unsigned long long)f->phys.from, (unsigned long long)to);
}

static void write_info(struct gen *g, const char *out)
{
	FILE *f;

	if (!g->info)
		return;
	if (g->info_page)
		put(g, g->info_page, g->info, g->info_len);
	f = create(out, ".info");
	fwrite(g->info, 1, g->info_len, f);
	finish(f);
	f = create(out, ".linked");
	info_linked(g, f);
	finish(f);
}

int main(int argc, char *argv[])
{
	struct desc d;
	struct gen g = { .d = &d };

	if (argc != 3) {
		fprintf(stderr, "usage: gen DESCRIPTION OUT\n");
		return 2;
	}
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		die(NULL, "the locale C.UTF-8 is missing");
	desc_read(&d, argv[1]);
	memory_open(&g);
	struct expect *e = expect_open(&d, argv[2]);

	g.root = alloc(&g, PAGE, PAGE);
	if (d.log && d.version >= VERSION(5, 10, 0))
		make_strings(&g);
	g.dtor_pointer = alloc(&g, 128, 8);
	make_uts(&g);
	memmap_make(&g);
	nodes_make(&g);
	pages_make(&g);
	if (d.log)
		d.log->make(&g, e);
	if (d.info_in_memory)
		g.info_page = alloc(&g, INFO_ROOM, PAGE);
	map_kernel(&g);
	check_kernel(&g);
	info_make(&g);
	write_info(&g, argv[2]);
	elf_write(&g, argv[2]);
	write_expect(&g, argv[2]);
	expect_close(e);
	return 0;
}
