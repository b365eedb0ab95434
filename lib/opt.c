/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "opt.h"
#include "say.h"

static const struct opt *by_key(const struct cmdline *cl, int key)
{
	for (const struct opt *o = cl->opts; o->key; o++)
		if (o->key == key)
			return o;
	return NULL;
}

static const struct opt *by_name(const struct cmdline *cl, const char *name, size_t len)
{
	for (const struct opt *o = cl->opts; o->key; o++)
		if (o->name && strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

/* the argument: what is attached to the option, else the next word */
static int take_arg(struct cmdline *cl, const struct opt *o, const char *attached)
{
	cl->arg = attached;
	if (attached || o->arg[0] == '[')
		return 0;
	cl->arg = *cl->next;
	if (cl->arg)
		cl->next++;
	else if (o->name)
		return fail(ERR_USAGE, "--%s needs its %s", o->name, o->arg);
	else
		return fail(ERR_USAGE, "-%c needs its %s", o->key, o->arg);
	return 0;
}

static int take_long(struct cmdline *cl, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct opt *o = by_name(cl, word, len);
	const char *attached = word[len] ? word + len + 1 : NULL;

	if (!o)
		return fail(ERR_USAGE, "no option --%.*s", (int)len, word);
	if (o->arg)
		return take_arg(cl, o, attached) ? -1 : o->key;
	if (attached)
		return fail(ERR_USAGE, "--%s takes no argument", o->name);
	return o->key;
}

static int take_short(struct cmdline *cl)
{
	const struct opt *o = by_key(cl, *cl->rest);

	if (!o)
		return fail(ERR_USAGE, "no option -%c", *cl->rest);
	cl->rest = cl->rest[1] ? cl->rest + 1 : NULL;
	cl->arg = NULL;
	if (o->arg) {
		const char *attached = cl->rest;

		cl->rest = NULL;
		if (take_arg(cl, o, attached))
			return -1;
	}
	return o->key;
}

static int take(struct cmdline *cl)
{
	if (!cl->next)
		cl->next = cl->operand = cl->argv;
	if (cl->rest)
		return take_short(cl);

	char *word;
	while ((word = *cl->next)) {
		cl->next++;
		if (cl->only_operands || word[0] != '-' || word[1] == '\0') {
			*cl->operand++ = word;
		} else if (strcmp(word, "--") == 0) {
			cl->only_operands = 1;
		} else if (word[1] == '-') {
			return take_long(cl, word + 2);
		} else {
			cl->rest = word + 1;
			return take_short(cl);
		}
	}
	*cl->operand = NULL;
	return 0;
}

int opt_next(struct cmdline *cl)
{
	for (;;) {
		int key = take(cl);

		switch (key) {
		case 'v':
			say_more();
			break;
		case 'q':
			say_less();
			break;
		case 'h':
			opt_help(cl, stdout);
			exit(say_flush());
		case 'V':
			printf("%s (crashpipe) %s%s%s\n", say_name, VERSION,
			       cl->features ? "\n" : "", cl->features ? cl->features : "");
			exit(say_flush());
		default:
			return key;
		}
	}
}

int opt_count(const struct cmdline *cl)
{
	int n = 0;

	while (cl->argv[n])
		n++;
	return n;
}

void opt_help(const struct cmdline *cl, FILE *out)
{
	fprintf(out, "usage: %s %s\n%s\n\n", say_name, cl->synopsis, cl->about);
	for (const struct opt *o = cl->opts; o->key; o++) {
		const char *arg = o->arg ? o->arg : "";
		char left[48], letter[8] = "";

		if (!o->help)
			continue;
		if (o->key < 256)
			snprintf(letter, sizeof letter, "-%c%s", o->key, o->name ? "," : "");
		if (o->name && arg[0] == '[')
			snprintf(left, sizeof left, "--%s[=%s", o->name, arg + 1);
		else if (o->name)
			snprintf(left, sizeof left, "--%s%s%s", o->name, o->arg ? "=" : "", arg);
		else
			snprintf(left, sizeof left, "%s", arg);
		fprintf(out, "  %-3s %-26s %s\n", letter, left, o->help);
	}
}

int opt_usage(const struct cmdline *cl)
{
	fprintf(stderr, "%s: %s\nusage: %s %s\n", say_name, err_text(), say_name,
		cl->synopsis);
	return 2;
}
