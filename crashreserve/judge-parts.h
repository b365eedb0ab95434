/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What judge.c asks its parts; for nobody else. */
#ifndef JUDGE_PARTS_H
#define JUDGE_PARTS_H

#include "judge.h"

void judge_add(struct judgement *jd, enum weight weight, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* judge-asked.c: what the command line asks for; fills jd->asked */
void judge_evaluate(struct judgement *jd, const struct state *st);
/* why nothing is reserved */
void judge_refusal(struct judgement *jd, const struct state *st);
/* is there what was asked for, and will it be after the next boot? */
void judge_asked(struct judgement *jd, const struct state *st);

/* judge-settings.c: what else decides whether a crash is captured */
void judge_settings(struct judgement *jd, const struct state *st);

#endif
