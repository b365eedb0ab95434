/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sched.h>
#include <string.h>

#include "class.h"
#include "codec.h"
#include "err.h"
#include "num.h"
#include "opt.h"
#include "options.h"
#include "say.h"

enum {
	OPT_COMPRESS = 256, OPT_NUM_THREADS, OPT_SPLIT, OPT_REASSEMBLE, OPT_VERIFY,
	OPT_MEM_USAGE, OPT_MAP, OPT_EXCLUDE, OPT_KEEP, OPT_DEDUPE, OPT_CHECKSUM, OPT_MEMORY,
	OPT_TMP, OPT_LIVE, OPT_SHOW_STATS, OPT_JSON, OPT_CHECK_PARAMS, OPT_MESSAGE_LEVEL,
	OPT_IGNORED, OPT_IGNORED_NUMBER, OPT_DMESG, OPT_NOT_DONE, OPT_NOT_DONE_ARG,
	THREADS_MAX = 64,
};

static const struct opt table[] = {
	{ 'd', "dump-level", "LEVEL", "what to leave out: 0 to 31, or of zero, cache, private, "
	  "user, free (31)" },
	{ OPT_EXCLUDE, "exclude", "KIND,...", "leave out these kinds, too: slab, page-table, "
	  "zsmalloc, hugetlb, ..." },
	{ OPT_KEEP, "keep", "KIND,...", "keep these kinds whatever the level says" },
	{ 'e', "exclude-unused-vm", NULL, "leave out struct pages of pages that are left out" },
	{ 'c', NULL, NULL, "compress with zlib" },
	{ 'l', NULL, NULL, "compress with lzo (the default)" },
	{ 'p', NULL, NULL, "compress with snappy" },
	{ 'z', NULL, "[LEVEL]", "compress with zstd" },
	{ OPT_COMPRESS, "compress", "NAME[:LEVEL]", "compress with zlib, lzo, snappy, zstd or none" },
	{ OPT_DEDUPE, "dedupe", NULL, "store equal pages once" },
	{ OPT_CHECKSUM, "checksum", NULL, "store a CRC of each page" },
	{ 'E', NULL, NULL, "write an ELF core instead" },
	{ 'F', NULL, NULL, "write the flattened format to standard output, whatever that is" },
	{ 'L', NULL, "SIZE", "write no more than SIZE bytes" },
	{ 'f', "force", NULL, "replace DUMPFILE if it exists" },
	{ OPT_SPLIT, "split", NULL, "VMCORE FILE...: a part of the dump to each FILE" },
	{ OPT_REASSEMBLE, "reassemble", NULL, "PART... DUMPFILE: make one of a split dump" },
	{ 'R', NULL, NULL, "lay the flattened stream on standard input down as DUMPFILE" },
	{ OPT_VERIFY, "verify", NULL, "read all of a dump and its checksums; write nothing" },
	{ OPT_MEM_USAGE, "mem-usage", NULL, "print what memory is used for (/proc/kcore), and what "
	  "each level would keep" },
	{ OPT_MAP, "map", "FILE.png", "draw what memory is used for" },
	{ 'n', "dry-run", NULL, "do all but write; estimate the size" },
	{ OPT_CHECK_PARAMS, "check-params", NULL, "check the command line and do nothing" },
	{ OPT_SHOW_STATS, "show-stats", NULL, "print what was kept and left out, and the time" },
	{ OPT_JSON, "json", NULL, "print tables and statistics as JSON" },
	{ 'i', NULL, "FILE", "read VMCOREINFO from FILE" },
	{ 'x', NULL, "VMLINUX", "take VMCOREINFO from the kernel with debug information" },
	{ 'g', NULL, "FILE", "write VMCOREINFO of the kernel given by -x to FILE" },
	{ OPT_LIVE, "live", NULL, "dump the running system: VMCORE is /proc/kcore" },
	{ OPT_TMP, "tmp", "DIR", "keep a dump from standard input in DIR while it is read" },
	{ 'j', "threads", "N", "compress with N threads (as many as there are processors)" },
	{ OPT_MEMORY, "memory", "SIZE", "take no more than SIZE for bitmaps" },
	{ OPT_MESSAGE_LEVEL, "message-level", "N", "1 progress + 2 common + 4 error + 8 debug + "
	  "16 report (7)" },
	{ OPT_NUM_THREADS, "num-threads", "N", NULL },
	{ OPT_IGNORED, "non-mmap", NULL, NULL },
	{ OPT_IGNORED, "non-cyclic", NULL, NULL },
	{ OPT_IGNORED_NUMBER, "cyclic-buffer", "KIB", NULL },
	{ OPT_IGNORED_NUMBER, "splitblock-size", "KIB", NULL },
	{ 'b', NULL, "ORDER", NULL },
	{ OPT_TMP, "work-dir", "DIR", NULL },
	{ 'D', NULL, NULL, NULL },
	{ OPT_DMESG, "dump-dmesg", NULL, NULL },
	{ OPT_DMESG, "partial-dmesg", NULL, NULL },
	{ 'X', NULL, NULL, NULL },
	{ OPT_NOT_DONE_ARG, "xen-syms", "FILE", NULL },
	{ OPT_NOT_DONE_ARG, "xen-vmcoreinfo", "FILE", NULL },
	{ OPT_NOT_DONE_ARG, "xen_phys_start", "ADDRESS", NULL },
	{ OPT_NOT_DONE_ARG, "config", "FILE", NULL },
	{ OPT_NOT_DONE_ARG, "eppic", "FILE", NULL },
	{ OPT_NOT_DONE_ARG, "extension", "FILE", NULL },
	{ OPT_NOT_DONE_ARG, "diskset", "DEVICE", NULL },
	{ OPT_NOT_DONE_ARG, "vtop", "ADDRESS", NULL },
	OPT_COMMON,
	{ 0 },
};

const struct opt *options_table(void)
{
	return table;
}

static unsigned processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

/* the word at *text, up to a comma or the end; *text moves behind it */
static size_t take_word(const char **text, const char **word)
{
	size_t len = strcspn(*text, ",");

	*word = *text;
	*text += len + ((*text)[len] == ',');
	return len;
}

static bool is_word(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && memcmp(name, word, len) == 0;
}

static unsigned level_bits(const char *word, size_t len)
{
	static const struct { const char *name; unsigned bits; } names[] = {
		{ "zero", DUMP_ZERO }, { "cache", DUMP_CACHE },
		{ "private", DUMP_CACHE_PRIVATE }, { "user", DUMP_USER },
		{ "free", DUMP_FREE }, { "all", DUMP_ALL }, { "none", 0 },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_word(names[i].name, word, len))
			return names[i].bits;
	return UINT32_MAX;
}

/* "31"; "zero,free": one level; "1,31": two, the second for when the first does not fit */
static int parse_levels(struct options *o, const char *text)
{
	const char *rest = text, *word;
	bool names = false, numbers = false;
	size_t len;

	o->nlevels = 0;
	o->level[0] = 0;
	o->level_named = true;
	do {
		uint64_t v;
		bool last;

		len = take_word(&rest, &word);
		last = word[len] == '\0';
		if (num_parse(word, len, 10, &v) && v <= DUMP_ALL) {
			numbers = true;
			if (o->nlevels == LEVELS_MAX)
				return fail(ERR_USAGE, "-d %s: more than %d levels", text, LEVELS_MAX);
			o->level[o->nlevels++] = (unsigned)v;
		} else if (level_bits(word, len) <= DUMP_ALL) {
			names = true;
			o->level[0] |= level_bits(word, len);
		} else {
			names = numbers = true;
		}
		if (names && numbers)
			return fail(ERR_USAGE, "-d %s: a level is 0 to 31, or of zero, cache, "
				    "private, user, free", text);
		if (last)
			break;
	} while (true);
	if (names)
		o->nlevels = 1;
	return 0;
}

/* kinds that must stay out, or in, whatever anybody says */
static int parse_kinds(const char *option, const char *text, uint32_t never, uint32_t *kinds)
{
	const char *rest = text, *word;
	size_t len;

	do {
		int kind;

		len = take_word(&rest, &word);
		for (kind = 0; kind < PAGE_KINDS; kind++)
			if (is_word(class_name((enum page_kind)kind), word, len))
				break;
		if (kind == PAGE_KINDS || never >> kind & 1)
			return fail(ERR_USAGE, "%s %s: %.*s is no kind of page for this: slab, "
				    "page-table, zsmalloc, cache, cache-private, user, hugetlb, "
				    "free, unaccepted, zero", option, text, (int)len, word);
		*kinds |= UINT32_C(1) << kind;
	} while (word[len]);
	return 0;
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
	o->codec_named = true;
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
		o->codec = codec_by_name(o->format == FORMAT_ELF ? "none" : names[i]);
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

static int parse_size(const char *option, const char *text, uint64_t *size)
{
	if (!num_size(text, size) || *size == 0)
		return fail(ERR_USAGE, "%s %s: not a size (bytes, or like 512K, 64M, 2G)", option,
			    text);
	return 0;
}

/* makedumpfile's bits; errors are told in any case */
static int parse_message_level(struct options *o, const char *text)
{
	enum { PROGRESS = 1, COMMON = 2, DEBUG = 8, REPORT = 16, ALL = 31 };
	uint64_t v;

	if (!num_u64(text, &v) || v > ALL)
		return fail(ERR_USAGE, "--message-level %s: 0 to 31", text);
	if (!(v & COMMON))
		say_less();
	if (v & DEBUG) {
		say_more();
		say_more();
	}
	o->progress = v & PROGRESS;
	o->progress_asked = true;
	o->show_stats |= (v & REPORT) != 0;
	return 0;
}

static int check_number(const char *text)
{
	uint64_t v;

	return num_u64(text, &v) ? 0 : fail(ERR_USAGE, "%s: not a number", text);
}

static int set_job(struct options *o, enum job job)
{
	if (o->job != JOB_FILTER && o->job != job)
		return fail(ERR_USAGE, "one of --split, --reassemble, -R, --verify, --mem-usage "
			    "and -g, please");
	o->job = job;
	return 0;
}

static int not_done(int key)
{
	if (key == 'X')
		return fail(ERR_USAGE, "-X: dumps of Xen are not done; makedumpfile knows them");
	return fail(ERR_USAGE, "Xen, --config, --eppic, --extension, --diskset and --vtop are not "
		    "done; makedumpfile has them");
}

/* what is done and where the dump goes */
static int parse_job(struct options *o, int key, const char *arg)
{
	switch (key) {
	case OPT_SPLIT: return set_job(o, JOB_SPLIT);
	case OPT_REASSEMBLE: return set_job(o, JOB_REASSEMBLE);
	case 'R': return set_job(o, JOB_LAY_DOWN);
	case OPT_VERIFY: return set_job(o, JOB_VERIFY);
	case OPT_MEM_USAGE: return set_job(o, JOB_MEM_USAGE);
	case OPT_MAP: o->map = arg; return 0;
	case 'g': o->info = arg; return set_job(o, JOB_INFO);
	case 'i': o->info = arg; return 0;
	case 'x': o->vmlinux = arg; return 0;
	case OPT_TMP: o->tmp = arg; return 0;
	case OPT_LIVE: o->live = true; return 0;
	case 'E': o->format = FORMAT_ELF; return 0;
	case 'F': o->flat = true; return 0;
	case 'f': o->force = true; return 0;
	case 'n': o->dry_run = true; return 0;
	case 'L': return parse_size("-L", arg, &o->limit);
	case OPT_MEMORY: return parse_size("--memory", arg, &o->memory);
	case OPT_CHECK_PARAMS: o->check_params = true; return 0;
	case OPT_SHOW_STATS: o->show_stats = true; return 0;
	case OPT_JSON: o->json = true; return 0;
	case OPT_MESSAGE_LEVEL: return parse_message_level(o, arg);
	case OPT_IGNORED: return 0;
	case 'b':
	case OPT_IGNORED_NUMBER: return check_number(arg);
	case 'D': say_more(); say_more(); return 0;
	case OPT_DMESG: return fail(ERR_USAGE, "the log is another tool's job: use dumpmsg");
	case 'X':
	case OPT_NOT_DONE:
	case OPT_NOT_DONE_ARG: return not_done(key);
	default: return -1;
	}
}

static int parse_one(struct options *o, int key, const char *arg)
{
	const uint32_t always = 1 << PAGE_HWPOISON | 1 << PAGE_OFFLINE;
	const uint32_t never = 1 << PAGE_NEEDED | 1 << PAGE_UNKNOWN | 1 << PAGE_VMEMMAP;

	switch (key) {
	case 'c': return choose_codec(o, "zlib", NULL);
	case 'l': return choose_codec(o, "lzo", NULL);
	case 'p': return choose_codec(o, "snappy", NULL);
	case 'z': return choose_codec(o, "zstd", arg);
	case OPT_COMPRESS: return choose_by_name(o, arg);
	case 'd': return parse_levels(o, arg);
	case 'e': o->vmemmap = true; return 0;
	case OPT_EXCLUDE: return parse_kinds("--exclude", arg, never, &o->exclude);
	case OPT_KEEP: return parse_kinds("--keep", arg, never | always, &o->keep);
	case OPT_DEDUPE: o->dedupe = true; return 0;
	case OPT_CHECKSUM: o->checksum = true; return 0;
	case 'j':
	case OPT_NUM_THREADS: return parse_threads(o, arg);
	default: return parse_job(o, key, arg);
	}
}

/* options that contradict each other */
static int check(const struct options *o)
{
	if (o->format == FORMAT_ELF && o->codec_named && o->codec->flag)
		return fail(ERR_USAGE, "-E: an ELF core is never compressed");
	if (o->format == FORMAT_ELF && (o->dedupe || o->checksum))
		return fail(ERR_USAGE, "-E: an ELF core has no --dedupe and no --checksum");
	if (o->format == FORMAT_ELF && o->job == JOB_SPLIT)
		return fail(ERR_USAGE, "-E: an ELF core is not split");
	if (o->job == JOB_INFO && !o->vmlinux)
		return fail(ERR_USAGE, "-g needs the kernel: -x VMLINUX");
	if (o->job != JOB_INFO && o->info && o->vmlinux)
		return fail(ERR_USAGE, "-i and -x: one of them, please");
	if (o->exclude & o->keep)
		return fail(ERR_USAGE, "--exclude and --keep name the same kind");
	if (o->dry_run && (o->job == JOB_LAY_DOWN || o->job == JOB_INFO))
		return fail(ERR_USAGE, "-n: -R and -g do nothing but write");
	if (o->map && o->job != JOB_FILTER && o->job != JOB_MEM_USAGE)
		return fail(ERR_USAGE, "--map draws a picture and makes no dump");
	return 0;
}

int options_parse(struct cmdline *cl, struct options *o)
{
	int key, rc = 0;

	*o = (struct options){ .level = { DUMP_ALL }, .nlevels = 1, .threads = processors() };
	while (rc == 0 && (key = opt_next(cl)) != 0)
		rc = parse_one(o, key, cl->arg);
	if (rc || check(o))
		return -1;
	default_codec(o);
	/* parts that are only put together keep their pages */
	if (o->job == JOB_REASSEMBLE && !o->level_named)
		o->level[0] = 0;
	if (!o->progress_asked)
		o->progress = !say_is_quiet();
	if (o->job == JOB_FILTER && o->map)
		o->job = JOB_MAP;
	return 0;
}

uint32_t options_kinds(const struct options *o, unsigned level, unsigned had)
{
	return (class_kinds(level | (had & DUMP_ZERO)) | o->exclude) & ~o->keep;
}
