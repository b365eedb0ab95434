/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture kernel's command line. Words are separated as the kernel does it
 * (lib/cmdline.c, next_arg): by white space outside double quotes; a name ends at the
 * first '='; '-' and '_' in names are the same; after a word "--" all is init's.
 */
#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/* what /proc/cmdline can hold: 2 KiB on x86, more with a boot configuration */
enum { CMDLINE_READ_MAX = 1 << 15 };

struct cmdline_word {
	const char *text;	/* the word with its quotes */
	size_t len;
	const char *name;	/* up to '=' or the end, without a leading quote */
	size_t namelen;
};

/* the word at or after *pos, which moves behind it; false at the end */
bool cmdline_next(const char **pos, struct cmdline_word *word);
bool cmdline_is(const struct cmdline_word *word, const char *name);
bool cmdline_same_name(const struct cmdline_word *a, const struct cmdline_word *b);
/* is it "--", after which all is init's? */
bool cmdline_ends(const struct cmdline_word *word);
/* is there a word of this name among the kernel's own (before "--")? */
bool cmdline_has(const char *cmdline, const char *name);
/*
 * The value of the last such word, without quotes around it, to be freed; NULL: there is
 * none, or no memory.
 */
char *cmdline_value(const char *cmdline, const char *name);

#endif
