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
/* is there a word of this name among the kernel's own (before "--")? */
bool cmdline_has(const char *cmdline, const char *name);

/*
 * The running kernel's command line, made fit for the capture kernel: without the words
 * that would harm there (cmdline_drops()), and with append put in front of "--", if
 * append is not NULL. removed(), if not NULL, hears of every word left out. The result is
 * to be freed; NULL after ERR_MEMORY.
 */
char *cmdline_reuse(const char *running, const char *append,
		    void (*removed)(const struct cmdline_word *word));
/* the n-th name that cmdline_reuse() leaves out, NULL after the last */
const char *cmdline_drops(size_t n);

#endif
