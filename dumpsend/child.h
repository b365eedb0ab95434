/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ssh program as a child: its words, and what its messages mean. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

#include "channel.h"
#include "err.h"

/* what our own KnownHostsCommand says of a key that is not the pinned one */
#define CHILD_NOT_PINNED "the server's key is not the pinned one but "

enum { ARGS_MAX = 96 };

/* words of a command, all allocated; the one after the last is NULL */
struct args {
	char *word[ARGS_MAX + 1];
	unsigned count;
	bool bad;		/* one could not be added */
	const char *bad_path;	/* borrowed: this file's name is why */
};

/*
 * The words that start a subsystem or, if that is NULL, a command on the channel's
 * host. -1: ERR_USAGE for names that could be taken for something else.
 */
int args_make(struct args *a, const struct channel *c, const char *subsystem,
	      const char *command);
/* accepts a freed one; leaves bad and bad_path */
void args_free(struct args *a);

/* what the program has written to its standard error */
struct child_said {
	char line[256];		/* one that has not ended yet */
	unsigned len;
	char last[200];		/* the last, or the one that explains the failure */
	enum err code;		/* what it means; ERR_NONE: not known */
	bool no_subsystem;
};

/* bytes from its standard error: lines go to info(), and to *said what they mean */
void child_hear(struct child_said *said, const char *buf, size_t len);
/* a text for the failure of the program in said->last: -1 */
int child_fail(const struct child_said *said, const struct target *t, const char *otherwise);

#endif
