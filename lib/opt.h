/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines. One table serves the parser, -h and the test that compares
 * both with the manual page, so they cannot drift apart.
 *
 *	-o FILE  -oFILE  --output FILE  --output=FILE  -vq  --
 *
 * Options and operands may mix, as GNU tools let them; after "--" all is
 * operand, and "-" alone always is. Long names are never abbreviated. An
 * argument called "[LEVEL]" is optional: it counts only when attached.
 */
#ifndef OPT_H
#define OPT_H

#include <stdio.h>

struct opt {
	int key;		/* the letter, or a value above 255 for a long name only */
	const char *name;	/* the long name, NULL if there is none */
	const char *arg;	/* what the argument is called, NULL if there is none */
	const char *help;	/* NULL: accepted for old scripts, not shown */
};

#define OPT_COMMON \
	{ 'q', "quiet", NULL, "print nothing but errors" }, \
	{ 'v', "verbose", NULL, "say what is being done; twice for more" }, \
	{ 'h', "help", NULL, "print this text and exit" }, \
	{ 'V', "version", NULL, "print the version and exit" }

struct cmdline {
	const char *synopsis;	/* "[-fv] [-o FILE] VMCORE" */
	const char *about;	/* one sentence */
	const char *features;	/* what --version adds, NULL for nothing */
	const struct opt *opts;	/* ends with a zero key */

	/*
	 * Set to the words after argv[0]. They are reordered in place: once
	 * opt_next() returned 0, argv holds the operands and a NULL.
	 */
	char **argv;
	const char *arg;	/* the argument of the option just returned, or NULL */

	/* private */
	char **next, **operand;	/* the word to look at, the place for an operand */
	const char *rest;	/* inside a cluster: the letters after it */
	int only_operands;	/* "--" was seen */
};

/*
 * The next option's key, 0 when only operands are left, or -1 after fail().
 * -h, -V, -v and -q are acted upon here and never returned.
 */
int opt_next(struct cmdline *cl);
/* the operands that are left; for counting them */
int opt_count(const struct cmdline *cl);
void opt_help(const struct cmdline *cl, FILE *out);
/* after a mistake: print fail()'s text and the usage line; always returns 2 */
int opt_usage(const struct cmdline *cl);

#endif
