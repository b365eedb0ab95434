/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "judge.h"
#include "map.h"
#include "say.h"
#include "show.h"

enum { TOKEN_SHOWN = 100, CMDLINE_SHOWN = 300 };

/* a line with its title, or with blanks under the one above when title is NULL */
static void begin(const char *title)
{
	printf("%-11s ", title ? title : "");
}

/* foreign text: no control characters on somebody's terminal */
static void put(const char *text, size_t len, size_t most)
{
	for (size_t i = 0; i < len && i < most; i++)
		putchar(isprint((unsigned char)text[i]) ? text[i] : '?');
	if (len > most)
		fputs("...", stdout);
}

static void put_line(const char *text)
{
	put(text, strlen(text), 4096);
	putchar('\n');
}

/* what a token is to be read beside: the parsed tokens, else the bare words */
static void show_asked(const struct judgement *jd, const struct state *st)
{
	const char *title = "asked:";

	if (!st->has_cmdline) {
		begin(title);
		puts("not known: /proc/cmdline is not there or not readable");
		return;
	}
	if (!jd->evaluated || jd->asked.ntokens == 0) {
		const char *at = strstr(st->cmdline, "crashkernel=");

		begin(title);
		if (at)
			put(at, strcspn(at, " "), TOKEN_SHOWN);
		else
			fputs("nothing: no crashkernel= on the command line", stdout);
		putchar('\n');
		return;
	}
	for (size_t i = 0; i < jd->asked.ntokens; i++) {
		const struct eval_token *token = &jd->asked.tokens[i];

		begin(title);
		title = NULL;
		put(st->cmdline + token->at, token->len, TOKEN_SHOWN);
		fputs("   ", stdout);
		put_line(token->why[0] ? token->why : token->used ? "counts" : "does not count");
	}
	if (jd->asked.nfound > jd->asked.ntokens)
		printf("%-11s and %zu more\n", "", jd->asked.nfound - jd->asked.ntokens);
}

static void show_region(const char *title, const struct range *r, const char *what)
{
	char size[MAP_SIZE];

	begin(title);
	printf("%s at %#" PRIx64 "-%#" PRIx64 "%s\n", map_size(size, r->end - r->start),
	       r->start, r->end - 1, what);
}

static void show_regions(const struct state *st)
{
	const char *title = "reserved:";
	uint64_t bytes = 0;
	char size[MAP_SIZE];

	if (!look_reserved(st, &bytes)) {
		begin(title);
		puts("not known");
		return;
	}
	for (size_t i = st->iomem.crash.n; i-- > 0; title = NULL)
		show_region(title, &st->iomem.crash.r[i],
			    i + 1 == st->iomem.crash.n ? "" : ", a low region");
	if (st->iomem.crash.n > 0)
		return;
	begin(title);
	if (bytes == 0)
		puts("nothing");
	else
		printf("%s%s\n", map_size(size, bytes), !st->has_iomem || !st->iomem.hidden ? "" :
		       "; /proc/iomem hides the addresses: run it as root (CAP_SYS_ADMIN)");
}

static void show_reserved(const struct state *st)
{
	char size[MAP_SIZE];

	show_regions(st);
	if (st->cma == 0)
		return;
	begin(NULL);
	printf("%s more that this kernel goes on using (,cma)\n", map_size(size, st->cma));
}

static void show_time(uint64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[64];

	if (when >= 0 && (uint64_t)when == seconds && localtime_r(&when, &tm) &&
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &tm) > 0)
		printf(" at %s", text);
}

static const char *state_text(enum file_state state)
{
	switch (state) {
	case FILE_CHANGED:
		return ", CHANGED since";
	case FILE_GONE:
		return ", GONE since";
	case FILE_UNKNOWN:
		return ", whether it has changed is not known";
	default:
		return "";
	}
}

static void show_file(const char *title, const struct record_file *file, enum file_state state)
{
	char size[MAP_SIZE];

	if (!file->path)
		return;
	begin(title);
	put(file->path, strlen(file->path), 4096);
	printf(" (%s)%s\n", map_size(size, file->size), state_text(state));
}

static void show_record(const struct judgement *jd, const struct state *st)
{
	const struct record *rec = &st->record;
	char used[MAP_SIZE], least[MAP_SIZE], wanted[MAP_SIZE];

	show_file("", &rec->kernel, st->kernel);
	show_file("", &rec->initrd, st->initrd);
	if (rec->cmdline) {
		begin(NULL);
		put(rec->cmdline, strlen(rec->cmdline), CMDLINE_SHOWN);
		putchar('\n');
	}
	if (rec->used) {
		begin(NULL);
		printf("takes %s of the reservation", map_size(used, rec->used));
		if (jd->room.verdict != ESTIMATE_UNKNOWN)
			printf("; to boot it needs %s at least, %s are recommended",
			       map_size(least, jd->room.least), map_size(wanted, jd->room.wanted));
		putchar('\n');
	}
}

static void show_loaded(const struct judgement *jd, const struct state *st)
{
	begin("loaded:");
	if (!st->loaded.known) {
		puts("not known");
		return;
	}
	fputs(st->loaded.value ? "yes" : "no", stdout);
	if (!st->loaded.value || st->has_record != 1) {
		putchar('\n');
		return;
	}
	if (st->record.call) {
		fputs(", by ", stdout);
		put(st->record.call, strlen(st->record.call), TOKEN_SHOWN);
	}
	show_time(st->record.time);
	putchar('\n');
	show_record(jd, st);
}

static void show_log(const struct state *st)
{
	const char *title = "log:";

	for (unsigned i = 0; i < st->log.n; i++, title = NULL) {
		begin(title);
		puts(st->log.lines[i].text);
	}
	if (st->log.n > 0)
		return;
	begin(title);
	switch (st->log.state) {
	case KLOG_READ:
		printf("%s says nothing of crashkernel\n", st->log.source);
		break;
	case KLOG_CUT:
		printf("%s has lost its first lines\n", st->log.source);
		break;
	case KLOG_NONE:
		printf("%s is not there or not readable\n", st->log.source);
		break;
	}
}

static void show_map(const struct state *st)
{
	char map[MAP_MAX];

	map_draw(map, &st->iomem.ram, &st->iomem.crash);
	if (!map[0])
		return;
	begin("memory:");
	puts(map);
	begin(NULL);
	puts("C reserved, # RAM, . no RAM");
}

static void show_weight(const struct judgement *jd, enum weight weight, const char *title,
			unsigned skip)
{
	for (unsigned i = 0; i < jd->npoints; i++) {
		if (jd->points[i].weight != weight)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		begin(title);
		put_line(jd->points[i].text);
	}
}

/* the first that decides is the answer itself */
static void show_points(const struct judgement *jd)
{
	show_weight(jd, POINT_DECIDES, "besides:", 1);
	show_weight(jd, POINT_WARNS, "warning:", 0);
	show_weight(jd, POINT_TELLS, "note:", 0);
}

void show_text(const struct judgement *jd, const struct state *st)
{
	put_line(jd->answer);
	show_asked(jd, st);
	show_reserved(st);
	show_loaded(jd, st);
	show_log(st);
	show_map(st);
	show_points(jd);
	if (jd->ram_guessed) {
		char size[MAP_SIZE];

		begin("note:");
		printf("how much RAM there is, is hidden: about %s was assumed\n",
		       map_size(size, jd->asked_in.ram));
	}
}
