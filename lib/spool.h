/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump on standard input for jobs that read it more than once: what comes through a
 * pipe goes to a file without a name first, which then is standard input.
 *
 *	struct spool s;
 *
 *	if (spool_open(&s, o->tmp, ""))
 *		return -1;
 *	vmcore_open(&vm, s.path) ...
 *	vm.cut_short |= s.truncated;
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>

#include "err.h"

struct spool {
	const char *path;	/* for vmcore_open(): "-" */
	bool truncated;		/* the stream was, or the disk was full: */
	char why[ERR_TEXT];	/* a warning to give; "" if there is none */
	enum err code;		/* of that: ERR_CORRUPT is the stream, others are this machine */
};

/*
 * A regular file or block device on standard input is used as it is. A pipe is read to
 * its end: a flattened stream is laid down, anything else copied, in a file under
 * tmp_dir; memory stays bounded. -1: tmp_dir is NULL (ERR_USAGE, says what to do), a signal
 * came, or nothing came that is of any use. else_do: what else the refusal of a pipe may
 * say that one can do, or "".
 */
int spool_open(struct spool *s, const char *tmp_dir, const char *else_do);

#endif
