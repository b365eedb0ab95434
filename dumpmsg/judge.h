/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is what was read of a log the log? A damaged pointer or a wrong offset in VMCOREINFO may
 * give records, too.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stdint.h>

struct log;

struct judgement {
	uint64_t records, missing, damaged, shortened, loose;	/* as in struct log */
	uint64_t absurd;	/* times that cannot be so, numbers that do not rise */
	uint64_t empty, odd;	/* records without text; whose text is none */
	bool mended;
	bool lines;		/* before 3.5: records are told by their ends only */
	uint64_t newest[4];	/* the last record with text, of lines the last ones, as numbers */
};

/* a record of that time does not follow one of the time before; nanoseconds */
bool judge_jumps(uint64_t time, uint64_t before);
/* reads the log, or 65536 records; it is at its start again then. -1: what log_next() says */
int judge(struct log *log, struct judgement *j);
/* so much contradicts itself that it is worth looking for another way to the log */
bool judge_doubts(const struct log *log, const struct judgement *j);
/* a is a log, and a better one than b */
bool judge_prefers(const struct judgement *a, const struct judgement *b);
/*
 * Does the log have the newest record of what was judged? Else it is another boot's, or has
 * lost what matters most. 1, also if what was judged is too strange to tell; 0; -1: what
 * log_next() says. The log is at its start again.
 */
int judge_shares(struct log *log, const struct judgement *j);
/*
 * Is the log that was found, which is at its start again then, to be taken in place of the
 * one that j is of? 1, 0; -1: what log_next() says
 */
int judge_beats(struct log *found, const struct judgement *j);

#endif
