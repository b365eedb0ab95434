/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would a crash be captured? The answer, and what it rests on. */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>

#include "estimate.h"
#include "eval.h"
#include "look.h"

/* the values are the exit status */
enum verdict {
	VERDICT_ARMED = 0,
	VERDICT_UNKNOWN = 1,
	VERDICT_NOT_ARMED = 3,
	VERDICT_UNTRUSTED = 4,		/* armed, and yet a capture will or may fail */
	VERDICT_NO_RESERVATION = 5,
};

enum weight {
	POINT_DECIDES,	/* why the verdict is what it is */
	POINT_WARNS,	/* to be looked after */
	POINT_TELLS,	/* good to know */
};

struct point {
	enum weight weight;
	const char *code;	/* "stale-initrd": the same in every version, for programs */
	char text[400];
};

enum { JUDGE_POINTS = 24 };

struct judgement {
	enum verdict verdict;
	const char *word;	/* "armed", "not-armed", ... for programs */
	char answer[500];	/* one line */
	struct point points[JUDGE_POINTS];
	unsigned npoints;

	/* what the kernel should have made of its command line */
	bool evaluated;
	struct eval_in asked_in;
	struct eval_out asked;
	bool ram_guessed;	/* System RAM is hidden: MemTotal was taken */
	/* what is loaded, and the room it has */
	struct estimate_judged room;
};

/* st must outlive jd */
void judge(struct judgement *jd, const struct state *st);
/* the code among the points, or NULL */
const struct point *judge_point(const struct judgement *jd, const char *code);
/* what the loaded kernel and initrd need; init_size 0: no record. in borrows from st */
void judge_needs(struct estimate_in *in, const struct state *st);

#endif
