/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --reuse-cmdline: the running kernel's command line for the capture kernel. */
#ifndef REUSE_H
#define REUSE_H

struct cmdline_word;
struct rules;

/* what is told to the user; either may be NULL */
struct reuse_ears {
	void (*removed)(void *arg, const struct cmdline_word *word, const char *why);
	void (*added)(void *arg, const char *word, const char *why);
	void *arg;
};

/*
 * The running kernel's command line, made fit for the capture kernel: without the words
 * that the rules remove; with those they add, unless a word of that name is there by then
 * or is in append; with append, if it is not NULL. All of that before "--". The result is
 * to be freed; NULL after ERR_MEMORY.
 */
char *reuse_cmdline(const char *running, const char *append, const struct rules *rules,
		    const struct reuse_ears *ears);

#endif
