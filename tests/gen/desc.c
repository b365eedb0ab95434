/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a description; README.md lists its lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

static struct page_line *add_page_line(struct desc *d)
{
	struct page_line *l = take(sizeof *l), **end = &d->pages;

	while (*end)
		end = &(*end)->next;
	*end = l;
	return l;
}

static void add_text(struct text_list **list, const char *text)
{
	struct text_list *t = take(sizeof *t);

	while (*list)
		list = &(*list)->next;
	t->text = strdup(text);
	*list = t;
}

/* page PFNS KIND [order N] [bit N]... [zero|text|random] */
static void read_page(struct desc *d, char *line)
{
	struct page_line *l = add_page_line(d);
	char *w;

	l->content = TEXT;
	l->pfns = range(d, next_word(d, &line));
	w = next_word(d, &line);
	l->is = w ? page_kind_find(w) : NULL;
	if (!l->is)
		die(d, "no kind of page is called %s", w ? w : "nothing");
	while ((w = next_word(d, &line))) {
		if (content(w, &l->content))
			continue;
		if (!strcmp(w, "order"))
			l->order = (unsigned)number(d, next_word(d, &line));
		else if (!strcmp(w, "bit"))
			l->bits |= 1ULL << (number(d, next_word(d, &line)) & 63);
		else
			die(d, "page: what is %s?", w);
	}
	if (l->order > MAX_ORDER)
		die(d, "order %u is too large", l->order);
}

/* poison PFNS / set PFN FIELD VALUE / expect PFNS KIND */
static void read_other_page(struct desc *d, const char *what, char *line)
{
	struct page_line *l = add_page_line(d);
	char *w;

	l->what = what[0] == 'p' ? POISON_LINE : what[0] == 's' ? SET_LINE : EXPECT_LINE;
	l->pfns = range(d, next_word(d, &line));
	if (l->what == POISON_LINE)
		return;
	w = next_word(d, &line);
	if (!w)
		die(d, "%s: something is missing", what);
	if (l->what == SET_LINE) {
		snprintf(l->field, sizeof l->field, "%s", w);
		l->value = number(d, next_word(d, &line));
		return;
	}
	for (unsigned k = 0; k < NKINDS; k++)
		if (!strcmp(w, kind_name[k])) {
			l->kind = (enum kind)k;
			return;
		}
	die(d, "no kind of page is called %s", w);
}

static void read_fill(struct desc *d, char *line)
{
	struct fill_line *f = take(sizeof *f);

	if (!content(next_word(d, &line), &f->content))
		die(d, "fill with zero, text or random");
	f->phys = range(d, next_word(d, &line));
	f->next = d->fills;
	d->fills = f;
}

static void read_kernel(struct desc *d, char *line)
{
	unsigned part[3] = { 0 };
	char *w = next_word(d, &line);

	if (!w || sscanf(w, "%u.%u.%u", &part[0], &part[1], &part[2]) < 2)
		die(d, "kernel: a version is like 6.12 or 6.12.3");
	d->version = VERSION(part[0], part[1], part[2]);
	d->kernel = kernel_find(d->version);
	if (!d->kernel)
		die(d, "kernel %s is too old", w);
	snprintf(d->release, sizeof d->release, "%u.%u.%u-invented", part[0], part[1], part[2]);
}

static void read_ram(struct desc *d, char *line)
{
	char *w;

	while ((w = next_word(d, &line))) {
		if (d->nram == sizeof d->ram / sizeof *d->ram)
			die(d, "too many ranges of ram");
		struct range r = range(d, w);

		if (r.from % PAGE || r.to % PAGE ||
		    (d->nram && r.from < d->ram[d->nram - 1].to))
			die(d, "ram: whole pages, ascending");
		d->ram[d->nram++] = r;
	}
}

static bool read_flag(struct desc *d, const char *what)
{
	const struct { const char *name; bool *flag; } flags[] = {
		{ "plain-sections", &d->plain }, { "no-vmemmap", &d->flat_memmap },
		{ "big", &d->big }, { "xnum", &d->xnum }, { "unaligned", &d->unaligned },
		{ "flat", &d->flat }, { "flatmem", &d->flatmem }, { "no-vmcoreinfo", &d->no_vmcoreinfo },
		{ "info-in-memory", &d->info_in_memory },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!strcmp(flags[i].name, what)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

static bool read_value(struct desc *d, const char *what, char **line)
{
	uint64_t value;
	const struct { const char *name; uint64_t *value; } values[] = {
		{ "page-offset", &d->page_offset }, { "vmemmap", &d->vmemmap },
		{ "sme", &d->sme }, { "device-dump", &d->device_dump }, { "split", &d->split },
	};
	const struct { const char *name; unsigned *value; } small[] = {
		{ "paging", &d->levels }, { "max-physmem-bits", &d->max_physmem_bits },
		{ "orders", &d->orders }, { "cpus", &d->cpus },
	};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (!strcmp(values[i].name, what)) {
			*values[i].value = number(d, next_word(d, line));
			return true;
		}
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		if (!strcmp(small[i].name, what)) {
			value = number(d, next_word(d, line));
			if (value == 0 || value > 64)
				die(d, "%s: not between 1 and 64", what);
			*small[i].value = (unsigned)value;
			return true;
		}
	return false;
}

static void read_loads(struct desc *d, const char *how)
{
	if (how && !strcmp(how, "virtual"))
		d->loads = LOADS_VIRTUAL;
	else if (how && !strcmp(how, "physical"))
		d->loads = LOADS_PHYSICAL;
	else if (how && !strcmp(how, "zero"))
		d->loads = LOADS_ZERO;
	else
		die(d, "loads: virtual, physical or zero");
}

/* node PFNS */
static void read_node(struct desc *d, char *line)
{
	if (d->nnodes == sizeof d->node / sizeof *d->node)
		die(d, "too many nodes");
	d->node[d->nnodes++] = range(d, next_word(d, &line));
}

/* section NUMBER VALUE */
static void read_section(struct desc *d, char *line)
{
	struct section_line *l = take(sizeof *l);

	l->number = number(d, next_word(d, &line));
	l->value = number(d, next_word(d, &line));
	l->next = d->sections;
	d->sections = l;
}

static void read_include(struct desc *d, const char *name);

static void read_line(struct desc *d, char *line)
{
	char *what = next_word(d, &line), *w;

	if (!what || read_flag(d, what) || read_value(d, what, &line))
		return;
	if (!strcmp(what, "include")) {
		read_include(d, next_word(d, &line));
	} else if (!strcmp(what, "kernel")) {
		read_kernel(d, line);
	} else if (!strcmp(what, "ram")) {
		read_ram(d, line);
	} else if (!strcmp(what, "page")) {
		read_page(d, line);
	} else if (!strcmp(what, "poison") || !strcmp(what, "set") || !strcmp(what, "expect")) {
		read_other_page(d, what, line);
	} else if (!strcmp(what, "fill")) {
		read_fill(d, line);
	} else if (!strcmp(what, "node")) {
		read_node(d, line);
	} else if (!strcmp(what, "section")) {
		read_section(d, line);
	} else if (!strcmp(what, "shared")) {
		d->shared = number(d, next_word(d, &line));
		d->shared_phys = range(d, next_word(d, &line));
	} else if (!strcmp(what, "log")) {
		log_read(d, line);
	} else if (!strcmp(what, "msg")) {
		msg_read(d, line);
	} else if (!strcmp(what, "kaslr")) {
		d->kaslr_virt = number(d, next_word(d, &line));
		d->kaslr_phys = number(d, next_word(d, &line));
	} else if (!strcmp(what, "loads")) {
		read_loads(d, next_word(d, &line));
	} else if (!strcmp(what, "omit-key") || !strcmp(what, "key")) {
		w = next_word(d, &line);
		if (!w)
			die(d, "%s: which?", what);
		add_text(what[0] == 'k' ? &d->keys : &d->omit, w);
	} else {
		die(d, "what is \"%s\"?", what);
	}
}

static void read_file(struct desc *d, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		die(NULL, "%s: %s", path, strerror(errno));
	d->file = path;
	d->line = 0;
	while (getline(&line, &room, f) >= 0) {
		d->line++;
		read_line(d, line);
	}
	free(line);
	fclose(f);
}

/* the name is relative to the including file's folder */
static void read_include(struct desc *d, const char *name)
{
	const char *file = d->file, *slash = strrchr(file, '/');
	unsigned line = d->line;
	char path[4096];

	if (!name)
		die(d, "include: what?");
	snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - file) : 0, file, name);
	read_file(d, path);
	d->file = file;
	d->line = line;
}

void desc_read(struct desc *d, const char *path)
{
	*d = (struct desc){ .levels = 4, .orders = 11, .cpus = 2 };
	read_file(d, path);
	if (!d->kernel || !d->nram)
		die(d, "the lines \"kernel\" and \"ram\" are needed");
	if (d->levels != 4 && d->levels != 5)
		die(d, "paging: 4 or 5");
	if (!d->page_offset)
		d->page_offset = d->levels == 5 ? 0xff11000000000000 :
				 d->version < VERSION(4, 20, 0) ? 0xffff880000000000 :
								  0xffff888000000000;
	if (!d->vmemmap)
		d->vmemmap = d->levels == 5 ? 0xffd4000000000000 : 0xffffea0000000000;
	if (!d->max_physmem_bits)
		d->max_physmem_bits = d->levels == 5 ? 52 : 46;
	if (d->flatmem || d->nnodes)
		d->flat_memmap = true;
	if (d->max_physmem_bits < SECTION_BITS + 8)
		die(d, "max-physmem-bits: 35 or more");
}
