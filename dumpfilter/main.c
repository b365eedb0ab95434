/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumpfilter - leave out the pages of a dump that nobody needs, compress the rest */
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"
#include "copy.h"
#include "err.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "plan.h"
#include "report.h"
#include "say.h"
#include "stop.h"
#include "unflat.h"
#include "vmcore.h"
#include "writer-kdump.h"

enum {
	OPT_COMPRESS = 256,
	OPT_NUM_THREADS,
	THREADS_MAX = 64,
	EXIT_INCOMPLETE = 3,
	EXIT_LESS = 6,
};

static const struct opt opts[] = {
	{ 'd', "dump-level", "LEVEL", "what to leave out: 0 to 31, or names: zero, cache, "
	  "private, user, free (31)" },
	{ 'c', NULL, NULL, "compress with zlib" },
	{ 'l', NULL, NULL, "compress with lzo (the default)" },
	{ 'p', NULL, NULL, "compress with snappy" },
	{ 'z', NULL, "[LEVEL]", "compress with zstd" },
	{ OPT_COMPRESS, "compress", "NAME[:LEVEL]", "compress with zlib, lzo, snappy, zstd or none" },
	{ 'F', NULL, NULL, "write the flattened format to standard output, whatever that is" },
	{ 'R', NULL, NULL, "lay the flattened stream on standard input down as DUMPFILE" },
	{ 'f', "force", NULL, "replace DUMPFILE if it exists" },
	{ 'j', "threads", "N", "compress with N threads (as many as there are processors)" },
	{ OPT_NUM_THREADS, "num-threads", "N", NULL },
	OPT_COMMON,
	{ 0 },
};

struct options {
	unsigned level;
	const struct codec *codec;	/* NULL until one was named */
	int codec_level;
	unsigned threads;
	bool force, flat, rearrange;
};

static unsigned processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static int parse_level(const char *text, unsigned *level)
{
	static const struct { const char *name; unsigned bits; } names[] = {
		{ "zero", DUMP_ZERO }, { "cache", DUMP_CACHE },
		{ "private", DUMP_CACHE_PRIVATE }, { "user", DUMP_USER },
		{ "free", DUMP_FREE }, { "all", DUMP_ALL }, { "none", 0 },
	};
	uint64_t v;

	if (num_u64(text, &v) && v <= DUMP_ALL) {
		*level = (unsigned)v;
		return 0;
	}
	*level = 0;
	for (const char *word = text; ; word++) {
		size_t len = strcspn(word, ","), i;

		for (i = 0; i < sizeof names / sizeof names[0]; i++)
			if (strlen(names[i].name) == len && !memcmp(names[i].name, word, len))
				break;
		if (i == sizeof names / sizeof names[0])
			return fail(ERR_USAGE, "-d %s: a level is 0 to 31, or of zero, cache, "
				    "private, user, free", text);
		*level |= names[i].bits;
		word += len;
		if (!*word)
			return 0;
	}
}

/* level is the text after the codec's name or letter, NULL for its default */
static int choose_codec(struct options *o, const char *name, const char *level)
{
	const struct codec *codec = codec_by_name(name);
	uint64_t v;

	if (!codec)
		return fail(ERR_USAGE, "%s", err_text());
	if (o->codec && o->codec != codec)
		return fail(ERR_USAGE, "%s and %s: one codec, please", o->codec->name, name);
	o->codec = codec;
	o->codec_level = codec->level_default;
	if (!level)
		return 0;
	if (!num_u64(level, &v) || v > INT32_MAX || (int)v < codec->level_min ||
	    (int)v > codec->level_max)
		return fail(ERR_USAGE, "%s has levels %d to %d, not %s", name, codec->level_min,
			    codec->level_max, level);
	o->codec_level = (int)v;
	return 0;
}

static int choose_by_name(struct options *o, const char *arg)
{
	char name[16];
	size_t len = strcspn(arg, ":");

	if (len >= sizeof name)
		return fail(ERR_USAGE, "no codec called %s", arg);
	memcpy(name, arg, len);
	name[len] = '\0';
	return choose_codec(o, name, arg[len] ? arg + len + 1 : NULL);
}

/* the fastest that every reader has, as far as this build has them */
static void default_codec(struct options *o)
{
	static const char *const names[] = { "lzo", "zlib", "snappy", "zstd", "none" };

	for (size_t i = 0; !o->codec && i < sizeof names / sizeof names[0]; i++) {
		o->codec = codec_by_name(names[i]);
		if (o->codec)
			o->codec_level = o->codec->level_default;
	}
}

static int parse_threads(struct options *o, const char *text)
{
	uint64_t v;

	if (!num_u64(text, &v))
		return fail(ERR_USAGE, "-j %s: not a number of threads", text);
	/* 0 is what old scripts say for "no threads" */
	o->threads = v == 0 ? 1 : v > THREADS_MAX ? THREADS_MAX : (unsigned)v;
	/* more would only make the end of a job, and so a stop, later */
	if (o->threads > 2 * processors())
		o->threads = 2 * processors();
	return 0;
}

static int parse_options(struct cmdline *cl, struct options *o)
{
	int key, rc = 0;

	while (rc == 0 && (key = opt_next(cl)) != 0) {
		switch (key) {
		case 'c': rc = choose_codec(o, "zlib", NULL); break;
		case 'l': rc = choose_codec(o, "lzo", NULL); break;
		case 'p': rc = choose_codec(o, "snappy", NULL); break;
		case 'z': rc = choose_codec(o, "zstd", cl->arg); break;
		case OPT_COMPRESS: rc = choose_by_name(o, cl->arg); break;
		case 'd': rc = parse_level(cl->arg, &o->level); break;
		case 'j':
		case OPT_NUM_THREADS: rc = parse_threads(o, cl->arg); break;
		case 'f': o->force = true; break;
		case 'F': o->flat = true; break;
		case 'R': o->rearrange = true; break;
		default: rc = -1;
		}
	}
	if (rc)
		return -1;
	default_codec(o);
	return 0;
}

/*
 * The dump stays PATH-incomplete. It says so from its first byte on, so it is
 * worth keeping even when its end cannot be written any more.
 */
static int keep_incomplete(struct writer *w, struct out *out, const char *why)
{
	const char *where = out->temp ? out->temp : out->path;

	if (writer_end(w, false) || out_sync(out)) {
		complain("%s; then %s; what %s holds of the %llu pages so far may be less", why,
			 err_text(), where, (unsigned long long)w->npages);
		return out->temp ? EXIT_INCOMPLETE : EXIT_FAILURE;
	}
	complain("%s; the %llu pages so far are in %s, marked as incomplete", why,
		 (unsigned long long)w->npages, where);
	return EXIT_INCOMPLETE;
}

/* nothing was saved that is of any use: the reason, and no file */
static int give_up(struct out *out)
{
	int status = say_failure();

	out_discard(out);
	return status == EXIT_INCOMPLETE ? EXIT_FAILURE : status;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* pass 2 and the end of the file: an exit status */
static int write_dump(struct vmcore *vm, struct plan *plan, struct out *out,
		      const struct options *o, double started)
{
	const struct copy_options how = { o->codec, o->codec_level, o->threads,
					  say_is_quiet() ? NULL : stderr };
	struct copy_result result;
	struct writer w;
	char why[ERR_TEXT];
	int status;

	if (writer_begin(&w, out, vm, plan->has_space ? &plan->space : NULL, &plan->keep,
			 plan->nkeep, plan->level, o->codec->flag)) {
		status = give_up(out);
	} else if (copy_pages(vm, plan, &w, &how, &result)) {
		snprintf(why, sizeof why, "%s", err_text());
		status = err_code() == ERR_PIPE ? say_failure() : keep_incomplete(&w, out, why);
	} else if (result.unreadable && w.npages == 0) {
		fail(ERR_SYS, "%s: not one page could be read; the first: %s", vm->src.path,
		     result.first);
		status = give_up(out);
	} else if (vm->cut_short) {
		report_done(plan, vm, &w, &result, now() - started);
		snprintf(why, sizeof why, "%s: is cut short", vm->src.path);
		status = keep_incomplete(&w, out, why);
	} else if (writer_end(&w, true)) {
		snprintf(why, sizeof why, "%s", err_text());
		status = err_code() == ERR_PIPE ? say_failure() : keep_incomplete(&w, out, why);
	} else if (out_commit(out)) {
		/* all pages are written; only their name or their safety is in doubt */
		snprintf(why, sizeof why, "%s", err_text());
		status = out->temp ? keep_incomplete(&w, out, why) : say_failure();
	} else {
		report_done(plan, vm, &w, &result, now() - started);
		status = result.unreadable || w.no_utsname || plan_is_degraded(plan) ?
			 EXIT_LESS : 0;
	}
	writer_close(&w);
	return status;
}

/* would opening the output destroy the input? A plain file is replaced at the end only */
static bool is_same(const char *input, const char *output)
{
	bool standard = !output || strcmp(output, "-") == 0;
	struct stat in, out;

	if (stat(input, &in) || (standard ? fstat(STDOUT_FILENO, &out) : stat(output, &out)))
		return false;
	if (S_ISBLK(in.st_mode) && S_ISBLK(out.st_mode))
		return in.st_rdev == out.st_rdev;
	return standard && S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino;
}

static int filter(const char *input, const char *output, const struct options *o)
{
	double started = now();
	struct vmcore vm;
	struct plan plan;
	struct out out;
	int status;

	if (is_same(input, output)) {
		fail(ERR_USAGE, "%s: is the output as well", input);
		return say_failure();
	}
	/* the target first: an argument that cannot work is found out at once */
	if (out_open(&out, output, o->force))
		return give_up(&out);
	if (o->flat && out.kind == OUT_STDOUT)
		out.kind = OUT_FLAT;
	if (out.moved)
		warn("%s: a stale one was moved to %s", out.temp, out.moved);
	if (vmcore_open(&vm, input))
		return give_up(&out);
	info("%s: %s, Linux %s, pages of %u bytes; level %u, %s with %u threads", input,
	     vm.ops->name, vm.info.release[0] ? vm.info.release : "unknown", vm.page_size,
	     o->level, o->codec->name, o->threads);
	if (plan_open(&plan, &vm, o->level)) {
		status = give_up(&out);
	} else {
		report_plan(&plan, &vm);
		status = write_dump(&vm, &plan, &out, o, started);
		plan_close(&plan);
	}
	out_close(&out);
	vmcore_close(&vm);
	return status;
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "[-c|-l|-p|-z[LEVEL]|--compress=NAME[:LEVEL]] [-d LEVEL] [-fFqv] "
			    "[-j N] VMCORE [DUMPFILE]",
		.about = "Leave out pages of VMCORE (/proc/vmcore or a saved dump) and write the "
			 "rest, compressed,\nto DUMPFILE, or flattened to standard output.",
		.features = codec_features(),
		.opts = opts,
		.argv = argv + (argc > 0),
	};
	struct options o = { .level = DUMP_ALL, .threads = processors() };
	int n;

	say_start(argv[0]);
	stop_catch();
	if (parse_options(&cl, &o))
		return opt_usage(&cl);
	n = opt_count(&cl);
	if (o.rearrange) {
		if (n != 1) {
			fail(ERR_USAGE, "-R takes one operand: the DUMPFILE to write");
			return opt_usage(&cl);
		}
		return unflat(STDIN_FILENO, cl.argv[0], o.force) ? say_failure() : 0;
	}
	if (n < 1 || n > 2) {
		fail(ERR_USAGE, n < 1 ? "no VMCORE given" : "more than VMCORE and DUMPFILE given");
		return opt_usage(&cl);
	}
	if (o.flat && cl.argv[1] && strcmp(cl.argv[1], "-") != 0) {
		fail(ERR_USAGE, "-F writes to standard output: no DUMPFILE, please");
		return opt_usage(&cl);
	}
	return filter(cl.argv[0], cl.argv[1], &o);
}
