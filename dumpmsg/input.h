/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump, and the log in it, however they are to be got at. */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "log.h"
#include "space.h"
#include "spool.h"
#include "vmcore.h"

struct options;

struct input {
	const char *path;	/* of the dump, for messages; of parts the first one */
	struct vmcore vm;
	struct spool spool;	/* what standard input brought, if it did */
	struct space sp;
	bool mapped;		/* sp is open; else why it is not: */
	enum err code;
	char why[ERR_TEXT];

	struct log *log;	/* the better one of: */
	struct log logs[2];	/* by the kernel's own structures; by looking through memory */
	bool salvaged;		/* nobody asked for it: the log's own structures were of no use */
};

/*
 * Open a dump, or the n parts of a split one, as the options say; what the user should know
 * is told. "-" is standard input. The paths are borrowed. -1 after fail(); may be closed.
 */
int input_open(struct input *in, const char *const *paths, size_t n, const struct options *o);
/*
 * Find the log in it: *in->log is at its start, and has a record. If its structures cannot
 * be used, or with --salvage, by looking through memory. -1: there is nothing to print.
 */
int input_log(struct input *in, const struct options *o);
void input_close(struct input *in);

#endif
