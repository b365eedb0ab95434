/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line asked for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct cmdline;
struct codec;
struct opt;

/* the one thing to be done */
enum job {
	JOB_FILTER,		/* VMCORE to DUMPFILE */
	JOB_SPLIT,		/* --split: VMCORE to several files */
	JOB_REASSEMBLE,		/* --reassemble: the parts of a split dump to one file */
	JOB_LAY_DOWN,		/* -R: a flattened stream to a file */
	JOB_VERIFY,		/* --verify: is this dump sound? */
	JOB_MEM_USAGE,		/* --mem-usage: what memory is used for */
	JOB_MAP,		/* --map: a picture of that */
	JOB_INFO,		/* -g: VMCOREINFO of a vmlinux */
};

enum format { FORMAT_KDUMP, FORMAT_ELF };

enum { LEVELS_MAX = 8, OPERANDS_MAX = 64 };

struct options {
	enum job job;
	enum format format;		/* -E */
	unsigned level[LEVELS_MAX];	/* -d A,B,...: the next one when the target is full */
	unsigned nlevels;
	bool level_named;		/* not the default one */
	uint32_t exclude, keep;		/* kinds, bits 1 << enum page_kind, beyond the level's */
	bool vmemmap;			/* -e */
	const struct codec *codec;
	int codec_level;
	bool codec_named;		/* not the default one */
	unsigned threads;
	uint64_t memory;		/* --memory: bytes for bitmaps; 0: as much as is available */
	uint64_t limit;			/* -L: bytes of the dump; 0: none */
	bool force, flat, dry_run, check_params, live;
	bool dedupe, checksum;
	bool show_stats, json;
	bool progress, progress_asked;
	const char *vmlinux;		/* -x */
	const char *info;		/* -i: VMCOREINFO to read, -g: to write */
	const char *tmp;		/* --tmp: where a stream on standard input may be kept */
	const char *map;		/* --map FILE.png */
};

/* for struct cmdline: ends with a zero key */
const struct opt *options_table(void);
/* fills o from the options; the operands are left in cl->argv. -1 after ERR_USAGE */
int options_parse(struct cmdline *cl, struct options *o);
/*
 * The kinds to leave out at a dump level, with --exclude and --keep. Of the level that
 * the input had already (0: none) zeros stay stored once; what other pages of it are
 * there were kept on purpose.
 */
uint32_t options_kinds(const struct options *o, unsigned level, unsigned had);

#endif
