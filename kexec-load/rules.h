/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --reuse-cmdline takes from the running kernel's command line, and what it adds.
 * Of the rules about one word the last one counts.
 */
#ifndef RULES_H
#define RULES_H

#include <stddef.h>

struct cmdline_word;

#define RULES_FILE "/etc/crashpipe/cmdline.conf"

enum rule_verb { RULE_REMOVE, RULE_KEEP, RULE_ADD };

struct rule {
	enum rule_verb verb;
	char *text;		/* NAME, NAME=VALUE or, to add, a whole word; owned */
	const char *why;	/* static */
};

struct rules {
	struct rule *r;
	size_t n, room;
};

/* our own, for this architecture as uname -m says it; -1 after fail() */
int rules_builtin(struct rules *rs, const char *arch);
/*
 * More of them, from a file with lines "remove NAME", "keep NAME", "add WORD" and
 * comments (#). 1; 0: there is no such file; -1: ERR_USAGE names its line. root: as in
 * sysfs.h.
 */
int rules_file(struct rules *rs, const char *root, const char *path);
/* the same of a text, which is changed. 0, or -1 */
int rules_text(struct rules *rs, char *text);
/* why this word is to be left out; NULL: it is not */
const char *rules_remove(const struct rules *rs, const struct cmdline_word *word);
/*
 * The next rule, at or behind *pos, that adds a word and is not undone by a later one;
 * *pos moves behind it. NULL after the last.
 */
const struct rule *rules_add(const struct rules *rs, size_t *pos);
void rules_free(struct rules *rs);

#endif
