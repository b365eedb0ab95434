/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/summary-log.c dumpmsg/summary-notable.c dumpmsg/summary-line.c dumpmsg/summary-call.c dumpmsg/summary-kind.c dumpmsg/summary-calls.c dumpmsg/summary-signature.c dumpmsg/summary-choose.c dumpmsg/summary-taint.c dumpmsg/summary-print.c dumpmsg/summary-json.c dumpmsg/summary-facts.c dumpmsg/summary-dump.c dumpmsg/regs.c dumpmsg/unwind.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c */
/* A log, whatever it says: a summary safe for a terminal, facts safe for a shell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "../../dumpmsg/summary.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* a record a line; its first byte says who wrote it */
static void feed(struct summary *s, const unsigned char *data, size_t len)
{
	struct record r = { .timed = true };

	while (len > 0) {
		const unsigned char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;

		r.ts_nsec += n << (n & 31);
		r.has_caller = n > 0 && data[0] < 'x';
		r.caller = n > 0 ? data[0] & 7 : 0;
		r.text = (const char *)data + (n > 0);
		r.len = n > 0 ? n - 1 : 0;
		/* now and then lines of one record */
		for (size_t i = 0; i < r.len && data[0] == '+'; i++)
			if (r.text[i] == '|')
				((char *)(uintptr_t)r.text)[i] = '\n';
		summary_take(s, &r);
		n += end != NULL;
		data += n;
		len -= n;
	}
}

static void check_terminal(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 0x7f)
			abort();
}

static void check_facts(const char *text)
{
	static const char *const letters =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+@-";

	while (*text) {
		text += strcspn(text, "=\n");
		if (text[0] != '=' || text[1] == '-' || text[1] == '.' || text[1] == '\n')
			abort();
		text += 1 + strspn(text + 1, letters);
		if (*text++ != '\n')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct summary *s = summary_open();
	unsigned char *copy = malloc(len + 1);
	char *text = NULL;
	size_t n = 0;
	FILE *f;

	if (!s || !copy)
		abort();
	memcpy(copy, data, len);
	feed(s, copy, len);
	f = open_memstream(&text, &n);
	summary_print(s, "x", f, true);
	summary_json(s, "x", f);
	fclose(f);
	check_terminal(text, n);
	free(text);
	text = NULL;
	f = open_memstream(&text, &n);
	summary_facts(s, f);
	fclose(f);
	check_facts(text);
	free(text);
	free(copy);
	summary_close(s);
	return 0;
}
