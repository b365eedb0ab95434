/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One set of files on its way into the kernel, by one of the two calls. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdbool.h>

#include "layout.h"
#include "load.h"
#include "options.h"

struct machine;
struct record;

struct attempt {
	struct load ld;
	struct layout ly;	/* of the classical call; else empty */
	struct layout_wish wish;	/* its words are borrowed */
	const char *type;	/* -t, borrowed */
	bool laid;		/* ly is made */
	bool hotplug;		/* after the classical call: the kernel keeps its list up to date */
};

/*
 * By which call, once the files are open: sets ld.classic; *why says why it is the
 * classical one. -1: it cannot be the one that is asked for.
 */
int attempt_choose(struct attempt *a, enum call asked, const struct machine *m,
		   const char **why);
/* place the classical call's segments, for which the files are read; else nothing */
int attempt_lay(struct attempt *a, const struct machine *m);
/*
 * The call. 0, or an errno as file_load() and classic_load() return it. log: as
 * file_load().
 */
int attempt_call(struct attempt *a, const char *arch, bool log);
/* "kexec_file_load" or "kexec_load" */
const char *attempt_name(const struct attempt *a);
/* what is remembered of it; record_free() is due. -1 after fail() */
int attempt_record(const struct attempt *a, struct record *rec);
void attempt_close(struct attempt *a);

#endif
