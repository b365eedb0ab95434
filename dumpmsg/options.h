/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line asked for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "print.h"
#include "times.h"

struct cmdline;
struct opt;

enum job {
	JOB_LOG,		/* print the log */
	JOB_SUMMARY,		/* --summary: what a person asks first */
	JOB_FACTS,		/* --facts: for scripts */
};

/* --caller, --salvage */
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
	enum job job;
	const char *output;		/* -o: "-" is standard output */
	bool force;
	bool styled;			/* a style was asked for: */
	enum print_style style;
	struct filter filter;		/* without its times: */
	bool has_since, has_until;
	struct moment since, until;
	bool filtered;			/* only some records are asked for */
	uint64_t tail;			/* the last so many records; 0: all */
	bool ctime;
	bool caller_named;
	enum when caller;
	enum when salvage;		/* look for what is lost through all of memory */
	bool quick;			/* --facts: only what costs no time */
	const char *tmp;		/* where a stream on standard input may be kept */
	const char *info;		/* -i: a file with VMCOREINFO */
};

/* for struct cmdline: ends with a zero key */
const struct opt *options_table(void);
/* fills o from the options; the operands are left in cl->argv. -1 after ERR_USAGE */
int options_parse(struct cmdline *cl, struct options *o);

#endif
