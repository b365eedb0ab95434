/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as a crash leaves it, and what a reader must print of it. */
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "gen.h"

struct expect {
	const struct desc *d;
	FILE *log, *raw, *kmsg, *fresh;
	bool any;			/* a record has been printed */
	bool gap, unknown;		/* a gap has begun, of unknown length; why and how long */
	enum lost why;
	uint64_t lost;
};

static const struct log_kind log_kinds[] = {
	{ "ring", ring_make, ring_info },
	{ "records", records_make, records_info },
	{ "chars", chars_make, chars_info },
};

const struct log_kind *log_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof log_kinds / sizeof *log_kinds; i++)
		if (!strcmp(log_kinds[i].name, name))
			return &log_kinds[i];
	return NULL;
}

struct expect *expect_open(const struct desc *d, const char *out)
{
	struct expect *e = take(sizeof *e);

	e->d = d;
	e->log = create(out, ".log");
	e->raw = create(out, ".rawlog");
	e->kmsg = create(out, ".kmsg");
	e->fresh = create(out, ".newlog");
	return e;
}

static void print_hex(FILE *f, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "\\x%02x", (unsigned char)bytes[i]);
}

/*
 * As dmesg of util-linux prints it: further lines of a message are indented by the
 * width of what stands before the first; characters of UTF-8 as they are, what
 * cannot be printed in hexadecimal; an empty message is an empty line.
 */
static void print_text(FILE *f, const char *text, size_t len, int indent)
{
	mbstate_t state = { 0 };

	for (size_t i = 0; i < len;) {
		wchar_t wc = 0;
		size_t n = mbrtowc(&wc, text + i, len - i, &state);

		if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
			state = (mbstate_t){ 0 };
			print_hex(f, text + i, 1);
			n = 1;
		} else if (text[i] == '\n') {
			fprintf(f, "\n%*s", i + 1 < len ? indent : 0, "");
		} else if (iswprint((wint_t)wc) || iswspace((wint_t)wc)) {
			fwrite(text + i, 1, n, f);
		} else {
			print_hex(f, text + i, n);
		}
		i += n;
	}
	putc('\n', f);
}

/* T and a thread's number, C and a processor's */
static char *caller_name(uint32_t caller, char name[16])
{
	snprintf(name, 16, "%c%u", caller >> 31 ? 'C' : 'T', (unsigned)(caller << 1 >> 1));
	return name;
}

/* [seconds since boot][caller] and a space */
static void print_line(FILE *f, const struct line *l, bool caller, bool raw)
{
	char name[16];
	int indent = 0, n;

	if (l->len == 0) {
		putc('\n', f);
		return;
	}
	if (raw)
		indent = fprintf(f, "<%u>", l->level);
	n = indent;
	if (l->timed)
		n += fprintf(f, "[%5llu.%06llu]", (unsigned long long)l->usec / 1000000,
			     (unsigned long long)l->usec % 1000000);
	if (caller && l->has_caller)
		n += fprintf(f, "[%6s]", caller_name(l->caller, name));
	if (n > indent)
		n += fprintf(f, " ");
	print_text(f, l->text, l->len, n);
}

static void print_plain(FILE *f, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 32 && text[i] < 127 && text[i] != '\\')
			putc(text[i], f);
		else
			print_hex(f, text + i, 1);
	putc('\n', f);
}

/* as /dev/kmsg gives it */
static void print_kmsg(FILE *f, const struct line *l, bool caller)
{
	char name[16];

	fprintf(f, "%u,%llu,%llu,%c", l->level, (unsigned long long)l->seq,
		(unsigned long long)l->usec, l->mark);
	if (caller && l->has_caller)
		fprintf(f, ",caller=%s", caller_name(l->caller, name));
	putc(';', f);
	print_plain(f, l->text, l->len);
	if (l->subsystem) {
		fprintf(f, " SUBSYSTEM=");
		print_plain(f, l->subsystem, strlen(l->subsystem));
	}
	if (l->device) {
		fprintf(f, " DEVICE=");
		print_plain(f, l->device, strlen(l->device));
	}
}

static void end_gap(struct expect *e)
{
	static const char *const whys[] = { "pages not in the dump", "damaged" };
	char number[32] = "some", text[128];

	if (!e->gap)
		return;
	if (!e->unknown)
		snprintf(number, sizeof number, "%llu", (unsigned long long)e->lost);
	snprintf(text, sizeof text, "[... %s record%s lost: %s]\n", number,
		 !e->unknown && e->lost == 1 ? "" : "s", whys[e->why]);
	fprintf(e->log, "%s", text);
	fprintf(e->raw, "<4>%s", text);
	fprintf(e->fresh, "%s", text);
	if (e->any)
		fprintf(e->kmsg, " LOST_AFTER=%s\n LOST_WHY=%s\n", number, whys[e->why]);
	e->gap = false;
}

void expect_gap(struct expect *e, enum lost why, uint64_t n)
{
	if (e->gap && e->why != why)
		end_gap(e);
	if (!e->gap) {
		e->lost = 0;
		e->unknown = false;
	}
	e->gap = true;
	e->why = why;
	e->lost += n;
	e->unknown |= n == 0;
}

void expect_line(struct expect *e, const struct line *l, bool caller)
{
	end_gap(e);
	print_line(e->log, l, caller, false);
	print_line(e->raw, l, caller, true);
	print_kmsg(e->kmsg, l, caller);
	if (!l->cleared)
		print_line(e->fresh, l, caller, false);
	e->any = true;
}

void expect_close(struct expect *e)
{
	end_gap(e);
	finish(e->log);
	finish(e->raw);
	finish(e->kmsg);
	finish(e->fresh);
}
