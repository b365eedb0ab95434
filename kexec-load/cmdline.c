/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"

/* the kernel's isspace(): Latin-1, so that a no-break space separates words too */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0;
}

bool cmdline_next(const char **pos, struct cmdline_word *word)
{
	const char *p = *pos, *equals = NULL;
	bool quoted = false;

	while (is_space(*p))
		p++;
	if (*p == '\0')
		return false;
	word->text = p;
	for (; *p && (quoted || !is_space(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p == '=' && !equals)
			equals = p;
	}
	word->len = (size_t)(p - word->text);
	word->name = word->text + (word->text[0] == '"');
	/* of a name in quotes, "name", the last one is no part either */
	const char *end = equals ? equals : p - (p > word->name && p[-1] == '"');

	word->namelen = (size_t)(end - word->name);
	*pos = p;
	return true;
}

static char same(char c)
{
	return c == '-' ? '_' : c;
}

static bool same_name(const char *a, size_t alen, const char *b, size_t blen)
{
	if (alen != blen)
		return false;
	for (size_t i = 0; i < alen; i++)
		if (same(a[i]) != same(b[i]))
			return false;
	return true;
}

bool cmdline_is(const struct cmdline_word *word, const char *name)
{
	return same_name(word->name, word->namelen, name, strlen(name));
}

bool cmdline_same_name(const struct cmdline_word *a, const struct cmdline_word *b)
{
	return same_name(a->name, a->namelen, b->name, b->namelen);
}

bool cmdline_ends(const struct cmdline_word *word)
{
	return word->len == 2 && memcmp(word->text, "--", 2) == 0;
}

/* the last word of this name among the kernel's own */
static bool find(const char *cmdline, const char *name, struct cmdline_word *found)
{
	struct cmdline_word word;
	bool there = false;

	while (cmdline_next(&cmdline, &word) && !cmdline_ends(&word)) {
		if (!cmdline_is(&word, name))
			continue;
		*found = word;
		there = true;
	}
	return there;
}

bool cmdline_has(const char *cmdline, const char *name)
{
	struct cmdline_word word;

	return find(cmdline, name, &word);
}

char *cmdline_value(const char *cmdline, const char *name)
{
	struct cmdline_word word;

	if (!find(cmdline, name, &word))
		return NULL;
	const char *value = word.name + word.namelen, *end = word.text + word.len;

	/* "name=value", name="value", or no value at all */
	value += value < end && *value == '=';
	value += value < end && *value == '"';
	end -= end > value && end[-1] == '"';
	return strndup(value, (size_t)(end - value));
}
