/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagediff - compare a kdump-compressed or ELF dump with the raw vmcore it came from
 *
 * usage: pagediff [-iw] [-l FILE] [-n RUNS] RAW DUMP [OTHER]
 *        pagediff [-i] -s RAW PART...
 *
 * Every header, bitmap and descriptor of DUMP is checked, and every page kept
 * is compared with the raw vmcore's. OTHER is a second dump of the same vmcore
 * (from makedumpfile, say); of that the headers and bitmaps are checked, and the
 * pages that only one of the two keeps are listed as runs of page frame numbers. The
 * PARTs are all those of one split dump, in their order.
 *
 *   -i       DUMP must be marked incomplete, instead of must not
 *   -l FILE  write each page that only one keeps, "a PFN" (DUMP) or "b PFN" (OTHER)
 *   -s       the dump is split: PARTs follow
 *   -n RUNS  how many runs to print (20)
 *   -w       a page about which a kernel rule proves DUMP right (they are written down
 *            in why.c) is counted for that rule and is no difference; of each run
 *            that remains the first struct page is printed
 *
 * The findings go to standard output, each fault as a line to standard error.
 * Exit: 0 equal and sound, 1 not, 2 usage or an input that cannot be read at all.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pagediff.h"

enum { NRULES = 8 };

struct options {
	bool incomplete;
	bool why;
	bool split;
	const char *list;
	unsigned long runs;
	const char *raw, *dump, *other;
	char **parts;
	int nparts;
};

struct counts {
	uint64_t exist;
	uint64_t kept;
	uint64_t equal;
	uint64_t missing;	/* promised by bitmap 2, without data; only when incomplete */
};

typedef unsigned long long ull;

static void compare_page(struct kdump *k, struct raw *raw, uint64_t pfn, uint8_t *page,
			 struct counts *n)
{
	enum page_state state = kdump_page(k, n->kept++, pfn, page);

	if (state == PAGE_MISSING)
		n->missing++;
	if (state != PAGE_OK)
		return;
	switch (raw_presence(raw, pfn, k->block)) {
	case ABSENT:	/* a fault already, of the bitmaps */
		return;
	case CUT:
		kdump_fault(k, "pfn 0x%llx: kept, but the raw vmcore ends before it", (ull)pfn);
		return;
	case PARTIAL:
	case WHOLE:
		break;
	}

	long at = raw_differs(raw, pfn, page, k->block);

	if (at < 0)
		n->equal++;
	else
		kdump_fault(k, "pfn 0x%llx: differs from the raw vmcore at byte %ld", (ull)pfn, at);
}

static int compare_pages(struct kdump *k, struct raw *raw)
{
	struct counts n = { 0 };
	uint8_t *page;

	if (k->is_elf) {
		elf_report(k);
		return 0;
	}
	page = malloc(k->block);
	if (!page) {
		fprintf(stderr, "pagediff: out of memory\n");
		return -1;
	}
	for (uint64_t pfn = 0; pfn < k->npages; pfn++) {
		n.exist += bit(k->exists, pfn);
		if (bit(k->kept, pfn) && pfn >= k->start && pfn < k->end)
			compare_page(k, raw, pfn, page, &n);
	}
	free(page);
	if (!k->incomplete && k->faults == 0 && k->data_end != k->file.size)
		kdump_fault(k, "%llu bytes after the last page's data",
			    (ull)(k->file.size - k->data_end));
	printf("%s: level %u, codec 0x%02x, %llu pages, %llu kept, %llu left out, "
	       "%llu equal, %llu missing, %llu faults\n", k->file.name, k->level, k->codec,
	       (ull)n.exist, (ull)n.kept, (ull)(n.exist - n.kept), (ull)n.equal,
	       (ull)n.missing, (ull)k->faults);
	return 0;
}

struct side {
	char mark;
	const char *name;
	uint64_t npages;	/* that only this side keeps */
	unsigned long nruns;
	uint64_t first;		/* of the run that is open */
	uint64_t len;		/* its pages; 0 when none is open */
};

/* the comparison of two dumps */
struct sets {
	struct side sides[2];
	const struct why *why;	/* NULL: explain nothing */
	FILE *list;		/* NULL: write no list */
	unsigned long runs_shown;
	uint32_t level;		/* of DUMP */
	struct {
		const char *name;
		uint64_t npages;
	} rules[NRULES];
};

static void print_facts(const struct why *w, uint64_t pfn)
{
	struct page_facts page, head, second;

	if (!why_facts(w, pfn, &page, &head, &second)) {
		printf("  0x%llx: its struct page cannot be read\n", (ull)pfn);
		return;
	}
	printf("  0x%llx: flags 0x%llx mapping 0x%llx private 0x%llx mapcount %d\n", (ull)pfn,
	       (ull)page.flags, (ull)page.mapping, (ull)page.private, page.mapcount);
	if (head.virt != page.virt)
		printf("  its head: flags 0x%llx mapping 0x%llx mapcount %d\n",
		       (ull)head.flags, (ull)head.mapping, head.mapcount);
}

static void end_run(struct sets *sets, struct side *s)
{
	if (s->len > 0 && s->nruns++ < sets->runs_shown) {
		printf("%c 0x%llx-0x%llx (%llu)\n", s->mark, (ull)s->first,
		       (ull)(s->first + s->len - 1), (ull)s->len);
		if (sets->why)
			print_facts(sets->why, s->first);
	}
	s->len = 0;
}

static void count_rule(struct sets *sets, const char *rule)
{
	int i = 0;

	while (i < NRULES - 1 && sets->rules[i].name && strcmp(sets->rules[i].name, rule) != 0)
		i++;
	sets->rules[i].name = rule;
	sets->rules[i].npages++;
}

/* a page that only that side keeps */
static void one_sided(struct sets *sets, struct side *s, uint64_t pfn)
{
	const char *rule = NULL;

	if (sets->why)
		rule = why_differs(sets->why, pfn, sets->level, s == &sets->sides[0]);
	if (sets->list)
		fprintf(sets->list, "%c 0x%llx%s%s\n", s->mark, (ull)pfn, rule ? " " : "",
			rule ? rule : "");
	if (rule) {
		count_rule(sets, rule);
		end_run(sets, s);
		return;
	}
	if (s->len == 0)
		s->first = pfn;
	s->len++;
	s->npages++;
}

static bool keeps(const struct kdump *k, uint64_t pfn)
{
	return pfn < k->npages && bit(k->kept, pfn);
}

static void walk_sets(struct sets *sets, const struct kdump *a, const struct kdump *b)
{
	uint64_t npages = a->npages > b->npages ? a->npages : b->npages;

	for (uint64_t pfn = 0; pfn < npages; pfn++) {
		bool in[2] = { keeps(a, pfn), keeps(b, pfn) };

		for (int i = 0; i < 2; i++) {
			if (in[i] && !in[!i])
				one_sided(sets, &sets->sides[i], pfn);
			else
				end_run(sets, &sets->sides[i]);
		}
	}
}

/* 1 when the two keep different pages, 0 when not, -1 when that cannot be told */
static int compare_sets(const struct kdump *a, const struct kdump *b,
			const struct raw *raw, const struct options *o)
{
	struct why why;
	struct sets sets = {
		.sides = { { .mark = 'a', .name = a->file.name },
			   { .mark = 'b', .name = b->file.name } },
		.runs_shown = o->runs, .level = a->level,
	};

	if (o->why && why_open(&why, raw) < 0)
		return -1;
	if (o->why)
		sets.why = &why;
	if (o->list && !(sets.list = fopen(o->list, "w"))) {
		fprintf(stderr, "pagediff: %s: %s\n", o->list, strerror(errno));
		return -1;
	}
	walk_sets(&sets, a, b);
	for (int i = 0; i < 2; i++) {
		end_run(&sets, &sets.sides[i]);
		printf("only in %s: %llu pages, %lu runs\n", sets.sides[i].name,
		       (ull)sets.sides[i].npages, sets.sides[i].nruns);
	}
	for (int i = 0; i < NRULES && sets.rules[i].name; i++)
		printf("explained, %s: %llu pages\n", sets.rules[i].name,
		       (ull)sets.rules[i].npages);
	if (sets.list && (ferror(sets.list) | fclose(sets.list))) {
		fprintf(stderr, "pagediff: %s: cannot be written\n", o->list);
		return -1;
	}
	return sets.sides[0].npages + sets.sides[1].npages > 0;
}

/* the exit status */
static int compare_with_other(struct kdump *dump, struct kdump *other, struct raw *raw,
			      const struct options *o)
{
	if (kdump_open(other, o->other, raw, false, false) < 0)
		return 2;
	if (dump->unusable || other->unusable)
		return 1;

	int differs = compare_sets(dump, other, raw, o);

	if (differs < 0)
		return 2;
	return differs || dump->faults > 0 || other->faults > 0;
}

/* does this part follow the one before, with the same main header and the same bitmaps? */
static void compare_parts(struct kdump *part, const struct kdump *before, const struct raw *raw,
			  bool last)
{
	uint64_t end = before ? before->end : 0;
	uint64_t size = part->bitmap_size * 2;

	if (part->start != end)
		kdump_fault(part, "begins at pfn 0x%llx, not 0x%llx", (ull)part->start, (ull)end);
	if (last && part->end != (raw->end + part->block - 1) / part->block)
		kdump_fault(part, "is the last one, and ends at pfn 0x%llx", (ull)part->end);
	if (!before)
		return;
	if (memcmp(part->file.bytes, before->file.bytes, part->block) != 0)
		kdump_fault(part, "its main header is not that of the part before");
	else if (!part->incomplete && memcmp(part->exists, before->exists, size) != 0)
		kdump_fault(part, "its bitmaps are not those of the part before");
}

static int run_parts(const struct options *o)
{
	struct raw raw;
	struct kdump parts[2] = { 0 };
	int status = 2, bad = 0;

	if (raw_open(&raw, o->raw) < 0)
		goto out;
	for (int i = 0; i < o->nparts; i++) {
		struct kdump *k = &parts[i & 1], *before = &parts[!(i & 1)];

		kdump_close(k);
		if (kdump_open(k, o->parts[i], &raw, o->incomplete, true) < 0)
			goto out;
		if (k->unusable || k->is_elf || compare_pages(k, &raw) < 0) {
			status = 1;
			goto out;
		}
		compare_parts(k, i > 0 ? before : NULL, &raw, i + 1 == o->nparts);
		bad |= k->faults > 0;
	}
	status = bad;
out:
	kdump_close(&parts[0]);
	kdump_close(&parts[1]);
	raw_close(&raw);
	return status;
}

static int run(const struct options *o)
{
	struct raw raw;
	struct kdump dump = { 0 }, other = { 0 };
	int status = 2;

	if (raw_open(&raw, o->raw) < 0 ||
	    kdump_open(&dump, o->dump, &raw, o->incomplete, false) < 0)
		goto out;
	if (!dump.unusable && compare_pages(&dump, &raw) < 0)
		goto out;
	status = dump.faults > 0;
	if (o->other)
		status = compare_with_other(&dump, &other, &raw, o);
out:
	kdump_close(&other);
	kdump_close(&dump);
	raw_close(&raw);
	return status;
}

/* reading a mapped file failed: it shrank, the disk is bad, or it lies with holes in a
 * tmpfs that is full (then a copy of it elsewhere can be compared) */
static void unreadable(int signo)
{
	static const char text[] = "pagediff: a mapped file cannot be read to its end\n";

	(void)signo;

	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	_exit(2);
}

static int usage(void)
{
	fprintf(stderr, "usage: pagediff [-iw] [-l FILE] [-n RUNS] RAW DUMP [OTHER]\n"
			"       pagediff [-i] -s RAW PART...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct options o = { .runs = 20 };
	char *end;
	int option;

	while ((option = getopt(argc, argv, "il:n:sw")) != -1) {
		switch (option) {
		case 'i':
			o.incomplete = true;
			break;
		case 'l':
			o.list = optarg;
			break;
		case 'n':
			o.runs = strtoul(optarg, &end, 10);
			if (*end != '\0' || end == optarg)
				return usage();
			break;
		case 's':
			o.split = true;
			break;
		case 'w':
			o.why = true;
			break;
		default:
			return usage();
		}
	}
	if (argc - optind < 2 || (argc - optind > 3 && !o.split))
		return usage();
	o.parts = argv + optind + 1;
	o.nparts = argc - optind - 1;
	o.raw = argv[optind];
	o.dump = argv[optind + 1];
	o.other = argv[optind + 2];
	signal(SIGBUS, unreadable);
	if (unpack_init() < 0) {
		fprintf(stderr, "pagediff: a codec library cannot be started\n");
		return 2;
	}

	int status = o.split ? run_parts(&o) : run(&o);

	if (fflush(stdout) != 0 || ferror(stdout))
		return 2;
	return status;
}
