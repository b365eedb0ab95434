/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/cmdline.c kexec-load/reuse.c kexec-load/rules.c kexec-load/rules-builtin.c */
/*
 * --reuse-cmdline: a running command line, a NUL, what is appended, a NUL, and a file of
 * rules. What is removed is gone, what is counted is there, and a second time changes
 * nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kexec-load/cmdline.h"
#include "../../kexec-load/reuse.h"
#include "../../kexec-load/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct counts {
	size_t removed, added;
};

static void count_removed(void *arg, const struct cmdline_word *word, const char *why)
{
	struct counts *n = arg;

	if (!why || !word->len)
		abort();
	n->removed++;
}

static void count_added(void *arg, const char *word, const char *why)
{
	struct counts *n = arg;

	if (!why || !word[0])
		abort();
	n->added++;
}

static size_t words(const char *line)
{
	struct cmdline_word word;
	size_t n = 0;

	while (cmdline_next(&line, &word) && !cmdline_ends(&word))
		n++;
	return n;
}

static void check(const char *running, const char *append, const struct rules *rules)
{
	struct counts n = { 0, 0 }, again = { 0, 0 };
	char *line = reuse_cmdline(running, append, rules,
				   &(struct reuse_ears){ count_removed, count_added, &n });
	char *twice = line ? reuse_cmdline(line, NULL, rules,
					   &(struct reuse_ears){ count_removed, count_added, &again }) : NULL;

	if (!line || !twice)
		abort();
	/* quotes that stay open swallow what follows; a second "--" is init's */
	if (!strchr(line, '"') && !strstr(append, "--") &&
	    words(line) != words(running) - n.removed + n.added + words(append))
		abort();
	if (!strchr(line, '"') && append[0] == '\0' &&
	    words(twice) != words(line))
		abort();
	free(line);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *running = calloc(1, len + 3), *append, *text;
	struct rules rules;

	if (!running || rules_builtin(&rules, len % 2 ? "x86_64" : "aarch64"))
		abort();
	memcpy(running, data, len);
	append = running + strlen(running) + 1;
	if (append > running + len)
		append = running + len;
	text = append + strlen(append);
	if (text < running + len)
		text++;
	if (rules_text(&rules, text) == 0)
		check(running, append, &rules);
	rules_free(&rules);
	free(running);
	return 0;
}
