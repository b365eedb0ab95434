/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the evaluation: for eval*.c and their tests alone. */
#ifndef EVAL_PARSE_H
#define EVAL_PARSE_H

#include "eval.h"

enum eval_fault {
	EVAL_FINE,
	EVAL_NO_NUMBER,		/* the value does not begin with a number */
	EVAL_BAD_CHAR,		/* something behind the value */
	EVAL_RANGE_NO_NUMBER,	/* ranges: a number is missing */
	EVAL_RANGE_NO_DASH,
	EVAL_RANGE_ORDER,	/* the end is not above the start */
	EVAL_RANGE_NO_COLON,
	EVAL_RANGE_TOO_BIG,	/* an entry's size is not below the machine's memory */
	EVAL_NO_OFFSET,		/* ranges: nothing behind '@' */
};

struct eval_value {
	enum eval_fault fault;
	const char *at;		/* where the fault is */
	bool ranges;		/* in the form START-END:SIZE */
	bool wrapped;		/* a number was too big for 64 bits */
	bool octal;		/* the size began with a 0 that made it octal */
	bool has_offset;	/* '@' was there */
	bool matched;		/* ranges: one of them fits */
	uint64_t size, offset;	/* bytes; what was parsed before a fault stays */
	uint64_t ram;		/* ranges: the sum they were compared with */
	const char *entry;	/* ranges: the one that fits or is faulty */
	const char *end;	/* simple form: what followed was not looked at */
};

/* the sum of System RAM that ranges are compared with */
uint64_t eval_rounded_ram(const struct eval_in *in);
/*
 * The value behind "crashkernel=" of a word without suffix that counts; text goes on to
 * the end of the command line, as the kernel has it.
 */
void eval_parse_plain(const struct eval_in *in, const char *text, struct eval_value *v);
/* the same with suffix ",high" and its like */
void eval_parse_suffix(const struct eval_in *in, const char *text, const char *suffix,
		       struct eval_value *v);

/* a number without letter at *text: decimal, 0x... or octal; *text goes on behind it */
uint64_t eval_integer(const struct eval_in *in, const char **text);

/* how many bytes follow until a blank or the end: what the kernel takes for one word */
size_t eval_word(const char *text);

/* what is wrong, in our words; v->fault is not EVAL_FINE */
void eval_fault_words(const struct eval_in *in, const struct eval_value *v,
		      char text[EVAL_TEXT]);
/* the line of the kernel's log */
void eval_fault_log(const struct eval_in *in, const struct eval_value *v,
		    char text[EVAL_TEXT]);

enum { EVAL_KINDS = EVAL_SUFFIX_CMA + 1 };

/* one evaluation, as it goes on */
struct eval_search {
	const struct eval_in *in;
	struct eval_out *out;
	char line[EVAL_CMDLINE];	/* what the kernel keeps of the command line */
	const char *last[EVAL_KINDS];	/* the words that count, NULL: none */
	bool plain_failed;		/* and so this kernel went on to ,high */
	char plain_why[EVAL_TEXT];
	struct eval_value plain;	/* if it failed */
	struct eval_value value;	/* of the word that decided */
	struct eval_value low, cma;	/* of the words with these suffixes, if used */
	bool low_used;
};

/*
 * Can the machine's memory hold what out asks for? Sharpens out->place where the map
 * tells; false, with out->why and out->log, when it cannot.
 */
bool eval_fits(const struct eval_in *in, struct eval_out *out);
/* what is taken below low_max unasked */
uint64_t eval_low_default(const struct eval_in *in, const char *line);

/* fill in why each word won or lost */
void eval_explain(struct eval_search *s);
/* warn of the traps in the line and in the value that decided */
void eval_traps(struct eval_search *s);

#endif
