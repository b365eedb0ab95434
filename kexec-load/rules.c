/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "err.h"
#include "rules.h"
#include "rules-builtin.h"
#include "sysfs.h"

enum { FILE_MAX = 1 << 16, RULES_MAX = 2000 };

static int add_rule(struct rules *rs, enum rule_verb verb, const char *text, size_t len,
		    const char *why)
{
	if (rs->n == RULES_MAX)
		return fail(ERR_USAGE, "more than %d rules", RULES_MAX);
	if (rs->n == rs->room) {
		size_t room = rs->room ? rs->room * 2 : 64;
		struct rule *r = reallocarray(rs->r, room, sizeof *r);

		if (!r)
			return fail(ERR_MEMORY, "out of memory");
		rs->r = r;
		rs->room = room;
	}
	char *copy = strndup(text, len);

	if (!copy)
		return fail(ERR_MEMORY, "out of memory");
	rs->r[rs->n++] = (struct rule){ verb, copy, why };
	return 0;
}

int rules_builtin(struct rules *rs, const char *arch)
{
	*rs = (struct rules){ 0 };
	for (const struct builtin_rule *b = rules_builtins; b->text; b++)
		if ((!b->arch || strcmp(b->arch, arch) == 0) &&
		    add_rule(rs, b->verb, b->text, strlen(b->text), b->why))
			return -1;
	return 0;
}

/* the words behind the verb are a rule each */
static int take_words(struct rules *rs, enum rule_verb verb, const char *rest)
{
	struct cmdline_word word;
	int words = 0;

	for (; cmdline_next(&rest, &word) && word.text[0] != '#'; words++) {
		if (word.namelen == 0)
			return fail(ERR_USAGE, "\"%.*s\" has no name", (int)word.len, word.text);
		if (cmdline_ends(&word))
			return fail(ERR_USAGE, "\"--\" cannot be in a rule");
		if (add_rule(rs, verb, word.text, word.len, "by the rules file"))
			return -1;
	}
	return words ? 0 : fail(ERR_USAGE, "nothing follows");
}

static int take_line(struct rules *rs, const char *line)
{
	static const struct { const char *name; enum rule_verb verb; } verbs[] = {
		{ "remove", RULE_REMOVE }, { "keep", RULE_KEEP }, { "add", RULE_ADD },
	};
	struct cmdline_word word;

	if (!cmdline_next(&line, &word) || word.text[0] == '#')
		return 0;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (word.len == strlen(verbs[i].name) &&
		    memcmp(word.text, verbs[i].name, word.len) == 0)
			return take_words(rs, verbs[i].verb, line);
	return fail(ERR_USAGE, "\"%.*s\" is not remove, keep or add", (int)word.len, word.text);
}

int rules_text(struct rules *rs, char *text)
{
	char *line, where[32];

	for (unsigned n = 1; (line = strsep(&text, "\n")); n++) {
		if (take_line(rs, line) == 0)
			continue;
		snprintf(where, sizeof where, "line %u", n);
		return fail_in(where);
	}
	return 0;
}

int rules_file(struct rules *rs, const char *root, const char *path)
{
	char *text = malloc(FILE_MAX);

	if (!text)
		return fail(ERR_MEMORY, "out of memory");
	int there = sysfs_text(root, path, text, FILE_MAX);

	if (there == 1 && rules_text(rs, text))
		there = fail_in(path);
	free(text);
	return there;
}

/* does a rule for NAME, or for NAME=VALUE, mean this word? */
static bool means(const struct rule *rule, const struct cmdline_word *word)
{
	const char *pos = rule->text;
	struct cmdline_word ours;

	if (!cmdline_next(&pos, &ours) || !cmdline_same_name(&ours, word))
		return false;
	if (rule->verb == RULE_ADD || ours.name[ours.namelen] != '=')
		return true;
	const char *value = ours.name + ours.namelen;
	size_t len = ours.len - (size_t)(value - ours.text);
	const char *theirs = word->name + word->namelen;

	return len == word->len - (size_t)(theirs - word->text) &&
	       memcmp(value, theirs, len) == 0;
}

const char *rules_remove(const struct rules *rs, const struct cmdline_word *word)
{
	for (size_t i = rs->n; i > 0; i--)
		if (rs->r[i - 1].verb != RULE_ADD && means(&rs->r[i - 1], word))
			return rs->r[i - 1].verb == RULE_REMOVE ? rs->r[i - 1].why : NULL;
	return NULL;
}

/* is there a later rule to remove this word, or to add another of its name? */
static bool is_undone(const struct rules *rs, size_t at)
{
	const char *pos = rs->r[at].text;
	struct cmdline_word word;

	cmdline_next(&pos, &word);
	for (size_t i = at + 1; i < rs->n; i++)
		if (rs->r[i].verb != RULE_KEEP && means(&rs->r[i], &word))
			return true;
	return false;
}

const struct rule *rules_add(const struct rules *rs, size_t *pos)
{
	while (*pos < rs->n) {
		size_t at = (*pos)++;

		if (rs->r[at].verb == RULE_ADD && !is_undone(rs, at))
			return &rs->r[at];
	}
	return NULL;
}

void rules_free(struct rules *rs)
{
	for (size_t i = 0; i < rs->n; i++)
		free(rs->r[i].text);
	free(rs->r);
	*rs = (struct rules){ 0 };
}
