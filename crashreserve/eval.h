/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel makes of crashkernel= on its command line: the kernel's own steps, from
 * finding the word to the size it asks its memory for. Nothing is read and nothing is
 * allocated: all that counts is given in struct eval_in.
 *
 *	struct eval_in in = { .cmdline = text, .ram = bytes };
 *	struct eval_out out;
 *
 *	if (eval_kernel(&in, "x86_64", "6.12.117+deb12-cloud-amd64") < 0)
 *		return say_failure();
 *	eval_run(&in, &out);
 *
 * Facts: kernel/crash_core.c (until 6.8) and kernel/crash_reserve.c, lib/cmdline.c,
 * arch/x86/kernel/setup.c, arch/arm64/mm/init.c and their like in other architectures,
 * read in 5.10, 6.1, 6.12 and 7.2; tests/vm/eval compares with these four, booted.
 */
#ifndef EVAL_H
#define EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

enum { EVAL_TEXT = 200, EVAL_TOKENS = 32, EVAL_WARNINGS = 16, EVAL_CMDLINE = 4096 };

#define EVAL_VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

/* which of the ways to go on from the words to a region; see the tables in eval-rules.c */
enum eval_way {
	EVAL_WAY_GENERIC,	/* the code shared by architectures */
	EVAL_WAY_X86,		/* x86 before it: what is wrong with a plain one leads to ,high */
	EVAL_WAY_ARM64,		/* arm64 before it: low memory is never taken unasked */
	EVAL_WAY_PLAIN,		/* neither ,high nor ,low */
};

/* how the kernels of one architecture reserve, from one version on */
struct eval_rules {
	const char *arch;	/* as uname -m has it */
	uint32_t since;		/* EVAL_VERSION(); 0: the oldest */
	enum eval_way way;
	bool high;		/* has ,high and ,low */
	bool cma;		/* has ,cma */
	bool falls_back;	/* a plain one may lie above low_max when there is no room below */
	bool kernel_places;	/* the architecture decides on the place itself */
	bool needs_offset;	/* without @OFFSET nothing is reserved */
	bool rounds_page;	/* the size is rounded up to whole pages */
	bool low_varies;	/* low_max is another one on some machines */
	bool swiotlb;		/* low_default grows with swiotlb= */
	uint32_t cmdline_size;	/* COMMAND_LINE_SIZE; up to EVAL_CMDLINE */
	uint64_t align;		/* of the region's start, bytes */
	uint64_t align_offset;	/* the same for @OFFSET */
	uint64_t round;		/* the size is rounded up to this; 1: not at all */
	uint64_t cma_round;	/* that of ,cma: CMA_MIN_ALIGNMENT_BYTES; if cma is true */
	uint64_t low_max;	/* end of low memory */
	uint64_t low_default;	/* bytes taken below low_max for a region above it */
};

struct eval_in {
	const char *cmdline;		/* the boot command line, or a part of it */
	uint64_t ram;			/* the sum of System RAM, bytes */
	const struct eval_rules *rules;	/* this and the next three: eval_kernel() sets them */
	uint32_t version;
	bool rhel8;			/* a kernel of RHEL 7 or 8: knows "auto" */
	bool patched;			/* a distribution's, known to have later changes */
	bool without_cma;		/* known to be built without CONFIG_CMA */
	uint64_t page_size;		/* bytes; 0: 4096 */
	const struct ranges *map;	/* System RAM, sealed, or NULL: not known */
};

/*
 * Whose rules hold: arch as uname -m has it, release as uname -r. -1: ERR_UNKNOWN
 * (nothing is known of the architecture) or ERR_USAGE (no version in the release).
 */
int eval_kernel(struct eval_in *in, const char *arch, const char *release);

enum eval_status {
	EVAL_NOT_ASKED,		/* no crashkernel= that counts */
	EVAL_RESERVED,		/* size bytes would be reserved, if memory has such a hole */
	EVAL_ZERO,		/* understood, and it comes to nothing: no range matches, or 0 */
	EVAL_REFUSED,		/* malformed, or impossible here: nothing is reserved */
};

/* where the region is looked for */
enum eval_place {
	EVAL_LOW,		/* below low_max only */
	EVAL_LOW_THEN_HIGH,	/* below it, without room there above it */
	EVAL_HIGH_THEN_LOW,	/* the other way round */
	EVAL_HIGH,		/* above: the map shows no room below */
	EVAL_FIXED,		/* at offset or nowhere */
	EVAL_KERNEL_PLACES,	/* the architecture has a place for it */
};

enum eval_kind { EVAL_PLAIN, EVAL_SUFFIX_HIGH, EVAL_SUFFIX_LOW, EVAL_SUFFIX_CMA };

struct eval_token {
	size_t at, len;		/* in the command line; "crashkernel=" included */
	enum eval_kind kind;	/* what this kernel takes it for */
	bool used;		/* it had its part in the result */
	char why[EVAL_TEXT];	/* one clause: why it won or lost */
};

struct eval_out {
	enum eval_status status;
	uint64_t size;		/* bytes of the region that is loaded into; 0 unless RESERVED */
	uint64_t offset;	/* if place is EVAL_FIXED */
	uint64_t low;		/* bytes besides, below low_max, if the region lies above it */
	uint64_t cma;		/* bytes besides that the running kernel may go on using: the most
				 * that is taken, in up to four pieces as memory allows */
	enum eval_place place;
	char why[EVAL_TEXT];	/* one clause; "" if RESERVED */
	char log[EVAL_TEXT];	/* what the kernel's log then says; "": nothing of its own */

	struct eval_token tokens[EVAL_TOKENS];
	size_t ntokens;		/* those listed */
	size_t nfound;		/* all there are: the first EVAL_TOKENS are listed */
	char warnings[EVAL_WARNINGS][EVAL_TEXT];
	size_t nwarnings;
};

void eval_run(const struct eval_in *in, struct eval_out *out);

enum { EVAL_WORDS = 32 };	/* bytes: room for the longest eval_size() */
/* "256 MiB", "100000001 bytes": exact, with the greatest unit that divides it */
const char *eval_size(uint64_t bytes, char words[EVAL_WORDS]);
/* "below 4 GiB, or, without room there, above it with 256 MiB more below it" */
void eval_where(const struct eval_in *in, const struct eval_out *out, char text[EVAL_TEXT]);

#endif
