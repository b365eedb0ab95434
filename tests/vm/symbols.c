/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols - what lib/ reads out of a dump, beside what the kernel said of itself
 *
 *	symbols kallsyms VMCORE KALLSYMS MODULES    /proc/kallsyms and /proc/modules, copied before
 *	symbols types VMCORE < QUESTIONS            answers, for types-check.py to compare
 *
 * A question is "STRUCT", "STRUCT MEMBER" or "= ENUMERATOR". Exit 0: nothing differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "btf.h"
#include "err.h"
#include "space.h"
#include "symbols.h"
#include "vmcore.h"

struct line {
	uint64_t at;
	char type;
	char *name, *module;		/* module: "" in the image */
};

struct list {
	struct line *line;
	size_t n, image;		/* the first ones are the image's */
};

static unsigned long differences;

static void differs(const char *what, const char *expected, const char *got)
{
	if (++differences <= 10)
		printf("%s: the kernel says %s, we say %s\n", what, expected, got);
}

static void compare(const char *what, const char *expected, const char *got)
{
	if (strcmp(expected, got) != 0)
		differs(what, expected, got);
}

static char *copy(const char *text)
{
	char *c = strdup(text);

	if (!c)
		abort();
	return c;
}

/* what has been made since boot (BPF, trampolines) is no module's */
static int is_builtin(const char *module)
{
	return strcmp(module, "bpf") == 0 || strncmp(module, "__builtin__", 11) == 0;
}

/* assemblers make labels with a control character in them, which we do not print */
static void make_printable(char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~')
			*name = '?';
}

static int read_kallsyms(struct list *l, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[1024];

	if (!f)
		return -1;
	while (fgets(text, sizeof text, f)) {
		char name[600], module[64] = "";
		struct line line;

		if (sscanf(text, "%" SCNx64 " %c %599s [%63[^]]", &line.at, &line.type, name,
			   module) < 3)
			return -1;
		if (is_builtin(module))
			continue;
		if (l->n % 65536 == 0)
			l->line = realloc(l->line, (l->n + 65536) * sizeof line);
		if (!l->line)
			return -1;
		make_printable(name);
		line.name = copy(name);
		line.module = copy(module);
		l->line[l->n++] = line;
		if (!module[0])
			l->image = l->n;
	}
	fclose(f);
	return l->n > 0 ? 0 : -1;
}

static void show(char text[1200], uint64_t at, char type, const char *name)
{
	snprintf(text, 1200, "%016" PRIx64 " %c %s", at, type, name);
}

static void compare_line(const struct line *line, int got, const struct symbol *sym)
{
	char expected[1200], ours[1200];

	show(expected, line->at, line->type, line->name);
	if (got == 1)
		show(ours, sym->at, sym->type, sym->name);
	else
		snprintf(ours, sizeof ours, "%s", got ? err_text() : "nothing");
	compare(line->module[0] ? line->module : "image", expected, ours);
}

static size_t compare_lists(struct symbols *s, const struct list *l)
{
	struct symbol sym;
	size_t i = 0, m;

	for (; i < l->image; i++)
		compare_line(&l->line[i], kallsyms_get(s->ks, (uint32_t)i, &sym), &sym);
	if (kallsyms_count(s->ks) != i)
		differs("image", "that there are fewer symbols", "that there are more");
	for (m = 0; m < s->modules.n; m++) {
		const struct module *mod = &s->modules.module[m];

		for (uint32_t k = 0; k < mod->num_symtab; k++) {
			int got = modules_get(&s->modules, mod, k, &sym);

			/* no name: /proc/kallsyms leaves it out */
			if (got == 1 && !sym.name[0])
				continue;
			if (i == l->n || strcmp(l->line[i].module, mod->name) != 0) {
				differs(mod->name, "no more symbols", sym.name);
				break;
			}
			compare_line(&l->line[i++], got, &sym);
		}
	}
	if (i != l->n)
		differs("modules", l->line[i].name, "nothing");
	return i;
}

/* the first and the last byte of each symbol of the image that is from first to end */
static size_t compare_image(struct symbols *s, const struct list *l, uint64_t first, uint64_t end)
{
	size_t asked = 0;

	for (size_t i = 0, next; i < l->image; i = next) {
		char expected[1200], ours[1200], what[32];
		uint64_t at = l->line[i].at, size;

		for (next = i + 1; next < l->image && l->line[next].at == at; next++)
			;
		if (at < first || at >= end)
			continue;
		size = (next < l->image ? l->line[next].at : end) - at;
		for (int last = 0; last < 2; last++) {
			uint64_t off = last ? size - 1 : 0;

			snprintf(what, sizeof what, "%" PRIx64, at + off);
			snprintf(expected, sizeof expected, "%s+0x%" PRIx64 "/0x%" PRIx64,
				 l->line[i].name, off, size);
			if (at + off < end)
				compare(what, expected, symbols_print(s, at + off, 0, ours,
								      sizeof ours));
			snprintf(expected, sizeof expected, "%s+0x%" PRIx64 "/0x%" PRIx64,
				 l->line[i].name, off + 1, size);
			if (at + off < end)
				compare(what, expected, symbols_print(s, at + off + 1, 1, ours,
								      sizeof ours));
			asked++;
		}
	}
	return asked;
}

/* the kernel passes over symbols without a place, or with such a name */
static int is_seen(const struct line *l)
{
	return l->type != 'U' && l->at && l->name[0] != '$' && strncmp(l->name, ".L", 2) != 0;
}

/* of a module's own code, the nearest symbol, as a search through all of them finds it */
static size_t compare_modules(struct symbols *s, const struct list *l)
{
	size_t asked = 0;

	for (size_t i = l->image; i < l->n; i++) {
		const struct line *best = &l->line[i];
		uint64_t address = best->at + 1;
		char expected[700], ours[1200];

		if ((best->type != 't' && best->type != 'T') || !is_seen(best) ||
		    !modules_of(&s->modules, address))
			continue;
		for (size_t k = l->image; k < l->n; k++) {
			const struct line *c = &l->line[k];

			if (strcmp(c->module, best->module) == 0 && is_seen(c) &&
			    c->at <= address && (c->at > best->at ||
						 (c->at == best->at && k < (size_t)(best - l->line))))
				best = c;
		}
		snprintf(expected, sizeof expected, "%s+0x%" PRIx64, best->name,
			 address - best->at);
		symbols_print(s, address, 0, ours, sizeof ours);
		if (!strstr(ours, " [") || strncmp(strstr(ours, " [") + 2, best->module,
						   strlen(best->module)) != 0)
			differs(expected, best->module, ours);
		ours[strcspn(ours, "/")] = '\0';
		compare(best->module, expected, ours);
		asked++;
	}
	return asked;
}

/* "name size users needs state address (taints)" */
static size_t compare_list(struct symbols *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[4096], expected[300], ours[300];
	size_t n = 0;

	for (; f && fgets(text, sizeof text, f); n++) {
		char name[64], needs[2048], state[32], flags[32] = "";
		unsigned long long size, at, total = 0;
		const struct module *m = &s->modules.module[n];

		if (sscanf(text, "%63s %llu %*d %2047s %31s %llx (%31[^)]", name, &size, needs,
			   state, &at, flags) < 5)
			abort();
		snprintf(expected, sizeof expected, "%s of %llu bytes at %llx, %s", name, size,
			 at, flags);
		if (n >= s->modules.n) {
			differs("modules", expected, "nothing");
			continue;
		}
		for (int i = 0; i < MODULE_PARTS; i++)
			total += m->part[i].size;
		snprintf(ours, sizeof ours, "%s of %llu bytes at %llx, %s", m->name, total,
			 (unsigned long long)m->part[0].base, m->taints);
		compare("modules", expected, ours);
	}
	if (!f || n != s->modules.n)
		differs("modules", "another number of them", s->trouble);
	return n;
}

static uint64_t address_of(const struct list *l, const char *name)
{
	for (size_t i = 0; i < l->image; i++)
		if (strcmp(l->line[i].name, name) == 0)
			return l->line[i].at;
	return 0;
}

static int kallsyms(struct symbols *s, char *files[])
{
	struct list l = { 0 };
	struct timespec t[2];
	size_t listed, asked, of_modules, modules;

	if (!files[0] || !files[1] || read_kallsyms(&l, files[0]))
		return 2;
	listed = compare_lists(s, &l);
	clock_gettime(CLOCK_MONOTONIC, &t[0]);
	if (address_of(&l, "_end"))
		asked = compare_image(s, &l, address_of(&l, "_stext"), address_of(&l, "_end"));
	else
		asked = compare_image(s, &l, address_of(&l, "_stext"), address_of(&l, "_etext")) +
			compare_image(s, &l, address_of(&l, "_sinittext"),
				      address_of(&l, "_einittext"));
	clock_gettime(CLOCK_MONOTONIC, &t[1]);
	of_modules = compare_modules(s, &l);
	modules = compare_list(s, files[1]);
	printf("%zu symbols, %zu addresses of the image (%.1f us each), %zu of modules, %zu "
	       "modules: %lu differ\n", listed, asked,
	       ((double)(t[1].tv_sec - t[0].tv_sec) * 1e6 +
		(double)(t[1].tv_nsec - t[0].tv_nsec) / 1e3) / 2 / (double)(asked + !asked),
	       of_modules, modules, differences);
	return differences > 0;
}

static int types(struct symbols *s)
{
	char text[600], name[256], path[256];

	while (s->btf && fgets(text, sizeof text, stdin)) {
		int words = sscanf(text, "%255s %255s", name, path);
		struct btf_member m = { 0 };
		uint64_t size = 0;
		int64_t value = 0;

		if (words == 1) {
			printf("%d ", btf_size(s->btf, name, &size));
			printf("%" PRIu64 "\n", size);
		} else if (strcmp(name, "=") == 0) {
			printf("%d ", btf_enumerator(s->btf, path, &value));
			printf("%" PRId64 "\n", value);
		} else {
			printf("%d ", btf_member(s->btf, name, path, &m));
			printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", m.bit, m.bits,
			       m.size, m.count);
		}
	}
	return s->btf ? 0 : 1;
}

int main(int argc, char *argv[])
{
	struct vmcore vm;
	struct space sp;
	struct symbols s;
	int status;

	if (argc < 3)
		return 2;
	if (vmcore_open(&vm, argv[2]) || space_open(&sp, &vm) || symbols_open(&s, &sp)) {
		printf("%s\n", err_text());
		return 1;
	}
	if (s.trouble[0])
		fprintf(stderr, "%s\n", s.trouble);
	status = strcmp(argv[1], "types") == 0 ? types(&s) : kallsyms(&s, argv + 3);
	symbols_close(&s);
	vmcore_close(&vm);
	return status;
}
