/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "options.h"
#include "say.h"
#include "size.h"
#include "terminal.h"
#include "usage.h"
#include "vmcore.h"

enum {
	TABLE_WIDTH = 66,	/* letters in a line of the first table, but for the bar */
	BAR_MIN = 10, BAR_MAX = 40,
};

/* "2,4": the bits of -d that leave a kind out, or another option that does */
static const char *bits_of(enum page_kind kind)
{
	static const char *const names[] = { "1", "2", "4", "8", "16" };
	static char text[16];
	size_t used = 0;

	if (class_kinds(0) >> kind & 1)
		return "always";
	if (kind == PAGE_VMEMMAP)
		return "-e";	/* those of them that tell of nothing that is kept */
	text[0] = '\0';
	for (unsigned bit = 0; bit < 5; bit++)
		if (class_kinds(1u << bit) >> kind & 1)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
						 used ? "," : "", names[bit]);
	return used ? text : "-";
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

/* how many of the kind are zeros, as far as the sample tells */
static void zeros_text(const struct sample *s, char *text, size_t len)
{
	if (s->n == 0 || s->unreadable == s->n)
		snprintf(text, len, "-");
	else
		snprintf(text, len, "%.0f%%",
			 percent((double)s->zeros, (double)(s->n - s->unreadable)));
}

static void print_kind(const struct usage *u, enum page_kind kind, const struct terminal *t,
		       unsigned bar_width)
{
	const struct vmcore *vm = u->survey.vm;
	double share = u->nram ? (double)u->ram[kind] / (double)u->nram : 0;
	char size[SIZE_TEXT], bar[TERMINAL_BAR], zeros[16];

	zeros_text(&u->sample[kind], zeros, sizeof zeros);
	printf("%-14s %-7s %13" PRIu64 " %12s %6.1f%% %6s", class_name(kind), bits_of(kind),
	       u->ram[kind], size_text(size, (double)u->ram[kind] * vm->page_size), 100 * share,
	       zeros);
	if (u->nheld != u->nram)
		printf(" %13" PRIu64, u->held[kind]);
	if (bar_width)
		printf("  %s", terminal_bar(t, bar, share, bar_width));
	putchar('\n');
}

/* without a terminal there are no bars: who reads it counts columns */
static void print_kinds(const struct usage *u)
{
	struct terminal t = terminal_of(STDOUT_FILENO);
	unsigned used = TABLE_WIDTH + (u->nheld != u->nram ? 14 : 0), bar = 0;
	char size[SIZE_TEXT];

	if (t.is_one && t.width >= used + BAR_MIN)
		bar = t.width - used < BAR_MAX ? t.width - used : BAR_MAX;
	printf("%-14s %-7s %13s %12s %7s %6s%s\n", "kind", "-d", "pages", "size", "share", "zeros",
	       u->nheld != u->nram ? "       in dump" : "");
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (u->ram[kind])
			print_kind(u, (enum page_kind)kind, &t, bar);
	printf("%-14s %-7s %13" PRIu64 " %12s %6.1f%% %6s", "all", "", u->nram,
	       size_text(size, (double)u->nram * u->survey.vm->page_size), 100.0, "");
	if (u->nheld != u->nram)
		printf(" %13" PRIu64, u->nheld);
	putchar('\n');
}

static void print_level(const struct usage *u, const char *name, uint32_t kinds,
			const char *what)
{
	const struct vmcore *vm = u->survey.vm;
	char size[SIZE_TEXT], dump[SIZE_TEXT], error[SIZE_TEXT];
	struct usage_dump d;

	usage_level(u, kinds, &d);
	printf("%5s %11" PRIu64 " %10s %10s %10s  %s\n", name, d.pages,
	       size_text(size, (double)d.pages * vm->page_size),
	       size_text(dump, (double)d.overhead + d.pages_size.bytes),
	       size_text(error, estimate_error(&d.pages_size)), what);
}

static const char *level_text(unsigned level)
{
	static const char *const names[] = { "zero", "cache", "private", "user", "free" };
	static char text[64];
	size_t used = 0;

	if (level == 0)
		return "nothing";
	for (unsigned bit = 0; bit < 5; bit++)
		if (level >> bit & 1)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
						 used ? "," : "", names[bit]);
	return text;
}

/* what every script asks for; all of them after -v */
static bool is_main_level(unsigned level)
{
	static const uint32_t levels = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 |
				       1u << 16 | 1u << 17 | 1u << 31;

	return levels >> level & 1;
}

static void print_levels(const struct usage *u, const struct options *o)
{
	const uint32_t kinds = options_kinds(o, o->level[0], u->survey.vm->header.dump_level);

	printf("\nA dump of each level, %s%s:\n", o->codec->flag ? "compressed with " : "",
	       o->codec->flag ? o->codec->name : "not compressed");
	printf("%5s %11s %10s %10s %10s  %s\n", "level", "pages", "size", "dump", "+-",
	       "leaves out");
	for (unsigned level = 0; level <= DUMP_ALL; level++) {
		char name[8];

		if (!say_is_verbose() && !is_main_level(level))
			continue;
		snprintf(name, sizeof name, "%u", level);
		print_level(u, name, usage_kinds(u, level), level_text(level));
	}
	if (kinds != usage_kinds(u, o->level[0]))
		print_level(u, "this", kinds, "what -d, --exclude and --keep ask for");
}

void usage_print_text(const struct usage *u, const struct options *o)
{
	const struct vmcore *vm = u->survey.vm;
	char size[SIZE_TEXT];

	printf("%s: Linux %s, %s of memory in pages of %" PRIu32 " bytes\n\n", vm->src.path,
	       vm->info.release[0] ? vm->info.release : "unknown",
	       size_text(size, (double)u->nram * vm->page_size), vm->page_size);
	print_kinds(u);
	print_levels(u, o);
}
