/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "err.h"
#include "num.h"
#include "opt.h"
#include "options.h"

enum {
	OPT_KMSG = 256, OPT_FACILITY, OPT_SINCE, OPT_UNTIL, OPT_SINCE_CLEAR, OPT_TAIL,
	OPT_CALLER, OPT_SALVAGE, OPT_TMP, OPT_SUMMARY, OPT_FACTS,
};

static const struct opt table[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output" },
	{ 'f', "force", NULL, "replace FILE if it exists" },
	{ 'r', "raw", NULL, "put <N>, facility and level, before each message" },
	{ OPT_KMSG, "kmsg", NULL, "print what /dev/kmsg would give its readers" },
	{ 'J', "json", NULL, "print a JSON object a message; with --summary, one" },
	{ 'l', "level", "LIST", "only these levels: err,warn; err+ is that and worse" },
	{ OPT_FACILITY, "facility", "LIST", "only these facilities: kern,daemon" },
	{ 'k', "kernel", NULL, "only the kernel's own messages" },
	{ 'u', "userspace", NULL, "only what programs have written to the log" },
	{ OPT_SINCE, "since", "TIME", "only from TIME on: 12.5, 2026-11-22 10:15, -10min" },
	{ OPT_UNTIL, "until", "TIME", "only up to TIME" },
	{ OPT_SINCE_CLEAR, "since-clear", NULL, "only what came after the last dmesg --clear" },
	{ OPT_TAIL, "tail", "N", "only the last N of them" },
	{ 'T', "ctime", NULL, "print date and time of day" },
	{ OPT_CALLER, "caller", "[WHEN]", "print who wrote a message: always, never or auto" },
	{ OPT_SUMMARY, "summary", NULL, "print what happened, on one screen" },
	{ OPT_FACTS, "facts", "[quick]", "print HOST=, TIME=, RELEASE=, PANIC=, ... for scripts" },
	{ OPT_SALVAGE, "salvage", "[WHEN]", "look through all memory: always, never or auto" },
	{ 'i', "vmcoreinfo", "FILE", "read VMCOREINFO from FILE" },
	{ OPT_TMP, "tmp", "DIR", "keep a dump from standard input in DIR while it is read" },
	OPT_COMMON,
	{ 0 },
};

const struct opt *options_table(void)
{
	return table;
}

static int set_style(struct options *o, enum print_style style)
{
	if (o->styled && o->style != style)
		return fail(ERR_USAGE, "one of --raw, --kmsg and --json, please");
	o->styled = true;
	o->style = style;
	return 0;
}

static int set_job(struct options *o, enum job job)
{
	if (o->job != JOB_LOG && o->job != job)
		return fail(ERR_USAGE, "--summary or --facts, please");
	o->job = job;
	return 0;
}

/* word is NULL if the option came without one */
static int set_when(enum when *when, const char *option, const char *word)
{
	static const char *const words[] = {
		[WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never",
	};

	*when = WHEN_ALWAYS;
	if (!word)
		return 0;
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i]) == 0) {
			*when = (enum when)i;
			return 0;
		}
	return fail(ERR_USAGE, "--%s=%s: auto, always or never", option, word);
}

static int set_moment(struct moment *m, bool *has, const char *option, const char *text)
{
	*has = true;
	return moment_parse(m, text) ? fail_in(option) : 0;
}

static int set_tail(struct options *o, const char *text)
{
	if (!num_u64(text, &o->tail) || o->tail == 0)
		return fail(ERR_USAGE, "--tail %s: how many messages? at least 1", text);
	return 0;
}

static int parse_filter(struct options *o, int key, const char *arg)
{
	o->filtered = true;
	switch (key) {
	case 'l': return filter_levels(&o->filter, arg) ? fail_in("--level") : 0;
	case OPT_FACILITY: return filter_facilities(&o->filter, arg) ? fail_in("--facility") : 0;
	case 'k': o->filter.facilities |= 1; return 0;
	case 'u': o->filter.facilities |= UINT32_MAX - 1; return 0;
	case OPT_SINCE: return set_moment(&o->since, &o->has_since, "--since", arg);
	case OPT_UNTIL: return set_moment(&o->until, &o->has_until, "--until", arg);
	case OPT_SINCE_CLEAR: o->filter.since_clear = true; return 0;
	case OPT_TAIL: return set_tail(o, arg);
	default: return -1;
	}
}

static int parse_one(struct options *o, int key, const char *arg)
{
	switch (key) {
	case 'o': o->output = arg; return 0;
	case 'f': o->force = true; return 0;
	case 'r': return set_style(o, PRINT_RAW);
	case OPT_KMSG: return set_style(o, PRINT_KMSG);
	case 'J': return set_style(o, PRINT_JSON);
	case 'T': o->ctime = true; return 0;
	case OPT_CALLER:
		o->caller_named = true;
		return set_when(&o->caller, "caller", arg);
	case OPT_SUMMARY: return set_job(o, JOB_SUMMARY);
	case OPT_FACTS:
		o->quick = arg;
		if (arg && strcmp(arg, "quick") != 0)
			return fail(ERR_USAGE, "--facts=%s: quick, or nothing", arg);
		return set_job(o, JOB_FACTS);
	case OPT_SALVAGE: return set_when(&o->salvage, "salvage", arg);
	case OPT_TMP: o->tmp = arg; return 0;
	case 'i': o->info = arg; return 0;
	default: return parse_filter(o, key, arg);
	}
}

/* options that contradict each other */
static int check(const struct options *o)
{
	if (o->ctime && (o->style == PRINT_RAW || o->style == PRINT_KMSG))
		return fail(ERR_USAGE, "-T: --raw and --kmsg have their own way to tell the time");
	if (o->job == JOB_LOG)
		return 0;
	if (o->filtered)
		return fail(ERR_USAGE, "--summary and --facts take the whole log: no --level, "
			    "--since, --tail and the like, please");
	if (o->ctime || o->caller_named || (o->styled && o->style != PRINT_JSON))
		return fail(ERR_USAGE, "--summary and --facts have no -r, --kmsg, -T and --caller");
	if (o->job == JOB_FACTS && o->styled)
		return fail(ERR_USAGE, "--facts prints lines: for JSON, --summary --json");
	return 0;
}

int options_parse(struct cmdline *cl, struct options *o)
{
	int key, rc = 0;

	*o = (struct options){ .output = "-" };
	while (rc == 0 && (key = opt_next(cl)) != 0)
		rc = parse_one(o, key, cl->arg);
	return rc || check(o) ? -1 : 0;
}
