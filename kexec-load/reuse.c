/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "err.h"
#include "reuse.h"
#include "rules.h"

/* there is room: the caller counted */
static void put(char *line, const char *text, size_t len)
{
	size_t n = strlen(line);

	if (len == 0)
		return;
	if (n > 0)
		line[n++] = ' ';
	memcpy(line + n, text, len);
	line[n + len] = '\0';
}

/* a quote that is left open ends with the word: what is added is not part of it */
static void put_word(char *line, const struct cmdline_word *word)
{
	bool open = false;

	put(line, word->text, word->len);
	for (size_t i = 0; i < word->len; i++)
		if (word->text[i] == '"')
			open = !open;
	if (open)
		strcat(line, "\"");
}

static void put_added(char *line, const char *append, const struct rules *rules,
		      const struct reuse_ears *ears)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rules_add(rules, &i));) {
		const char *pos = rule->text;
		struct cmdline_word word, other;
		bool there = false;

		cmdline_next(&pos, &word);
		for (pos = line; !there && cmdline_next(&pos, &other);)
			there = cmdline_same_name(&word, &other);
		for (pos = append; !there && cmdline_next(&pos, &other) && !cmdline_ends(&other);)
			there = cmdline_same_name(&word, &other);
		if (there)
			continue;
		put(line, word.text, word.len);
		if (ears && ears->added)
			ears->added(ears->arg, rule->text, rule->why);
	}
}

static size_t room_for(const char *running, const char *append, const struct rules *rules)
{
	size_t room = strlen(running) + strlen(append) + 4;
	const struct rule *rule;

	for (size_t i = 0; (rule = rules_add(rules, &i));)
		room += strlen(rule->text) + 1;
	return room;
}

char *reuse_cmdline(const char *running, const char *append, const struct rules *rules,
		    const struct reuse_ears *ears)
{
	const char *for_init = "", *more = append ? append : "", *why;
	char *line = calloc(1, room_for(running, more, rules));
	struct cmdline_word word;

	if (!line) {
		fail(ERR_MEMORY, "out of memory");
		return NULL;
	}
	while (cmdline_next(&running, &word)) {
		if (cmdline_ends(&word)) {
			for_init = word.text;
			break;
		}
		why = rules_remove(rules, &word);
		if (!why)
			put_word(line, &word);
		else if (ears && ears->removed)
			ears->removed(ears->arg, &word, why);
	}
	put_added(line, more, rules, ears);
	put(line, more, strlen(more));
	put(line, for_init, strlen(for_init));
	return line;
}
