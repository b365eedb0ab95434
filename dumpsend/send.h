/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole job: one input, to the first of several targets that works. */
#ifndef SEND_H
#define SEND_H

#include "deliver.h"
#include "name.h"
#include "target.h"

enum {
	SEND_RETRY_MS = 600000,		/* without progress, with a single target */
	SEND_RETRY_SHORT_MS = 60000,	/* with another one to turn to; the last has the long one */
};

struct send_job {
	const char *input;		/* a file; NULL: standard input */
	struct target *targets;
	unsigned ntargets;
	bool as_is, host_dir;
	bool last_longer;		/* the last target may take SEND_RETRY_MS */
	uint64_t window;		/* bytes; 0: fitted to the memory there is */
	struct names names;		/* what was given on the command line */
	struct deliver_options deliver;
};

/* an exit status; all has been said */
int send_all(struct send_job *j);
int send_probe(struct send_job *j);
/* of the only target to file, or standard output; at most limit bytes */
int send_fetch(struct send_job *j, const char *file, uint64_t limit);

#endif
