/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why each crashkernel= on the line won or lost. */
#include <stdio.h>
#include <string.h>

#include "eval-parse.h"

#define SAY(token, ...) snprintf((token)->why, EVAL_TEXT, __VA_ARGS__)

/* the word that decided: what comes of it */
static void decided(const struct eval_search *s, struct eval_token *t)
{
	const struct eval_value *v = &s->value;
	char size[EVAL_WORDS], ram[EVAL_WORDS];
	int entry = v->entry ? (int)strcspn(v->entry, " ,@") : 0;

	t->used = true;
	if (s->out->status != EVAL_RESERVED)
		SAY(t, "it counts, and nothing comes of it: %.150s", s->out->why);
	else if (v->ranges)
		SAY(t, "it counts: %s lies in \"%.*s\"%s", eval_size(v->ram, ram),
		    entry < 60 ? entry : 60, v->entry,
		    v->ram != s->in->ram ? " (memory is rounded up to 128 MiB here)" : "");
	else
		SAY(t, "it counts: %s", eval_size(s->out->size, size));
}

static void explain_plain(const struct eval_search *s, struct eval_token *t)
{
	if (s->plain_failed)
		SAY(t, "%.120s; this kernel then goes on to ,high", s->plain_why);
	else
		decided(s, t);
}

static void explain_high(const struct eval_search *s, struct eval_token *t)
{
	if (!s->in->rules->high)
		SAY(t, "ignored: this kernel has no ,high on this architecture");
	else if (!s->last[EVAL_PLAIN] || s->plain_failed)
		decided(s, t);
	else if (s->in->rules->way == EVAL_WAY_X86)
		SAY(t, "ignored: the one without suffix goes first");
	else
		SAY(t, "ignored: the one without suffix goes first, even if it is wrong");
}

/* ,low was parsed */
static void explain_low_used(const struct eval_search *s, struct eval_token *t)
{
	char size[EVAL_WORDS], max[EVAL_WORDS], fault[EVAL_TEXT];

	t->used = true;
	eval_size(s->in->rules->low_max, max);
	if (s->low.fault != EVAL_FINE) {
		eval_fault_words(s->in, &s->low, fault);
		if (s->in->rules->way == EVAL_WAY_X86)
			SAY(t, "%.100s: %s, the default, takes its place", fault,
			    eval_size(eval_low_default(s->in, s->line), size));
		else
			SAY(t, "%.100s: this makes ,high void, too", fault);
	} else if (s->out->status != EVAL_RESERVED) {
		SAY(t, "nothing is reserved, so nothing below %s", max);
	} else if (s->low.size == 0) {
		SAY(t, "it counts: nothing more is taken below %s", max);
	} else if (s->out->low == 0) {
		SAY(t, "not needed: the region itself lies below %s", max);
	} else {
		SAY(t, "it counts, if the region lies above %s: %s below it", max,
		    eval_size(s->low.size, size));
	}
}

static void explain_low(const struct eval_search *s, struct eval_token *t)
{
	if (s->low_used)
		explain_low_used(s, t);
	else if (!s->in->rules->high)
		SAY(t, "ignored: this kernel has no ,low on this architecture");
	else if (s->last[EVAL_PLAIN] && s->in->rules->way != EVAL_WAY_X86)
		SAY(t, "ignored: it counts beside ,high only, and the one without suffix goes "
		    "first");
	else if (s->last[EVAL_SUFFIX_HIGH] || s->last[EVAL_PLAIN])
		SAY(t, "nothing is reserved that it could belong to");
	else
		SAY(t, "ignored: it does nothing without ,high");
}

static void explain_cma(const struct eval_search *s, struct eval_token *t)
{
	char size[EVAL_WORDS];

	if (!s->in->rules->cma)
		SAY(t, "ignored: this architecture has no ,cma");
	else if (s->in->without_cma)
		SAY(t, "ignored: this kernel was built without CONFIG_CMA");
	else if (s->out->status != EVAL_RESERVED)
		SAY(t, "nothing comes of it: it only adds to a reservation");
	else if (s->out->cma == 0)
		SAY(t, "nothing comes of it: it has no size");
	else
		SAY(t, "it adds up to %s that the running kernel may go on using",
		    eval_size(s->out->cma, size));
	t->used = s->out->cma != 0;
}

static void explain(const struct eval_search *s, struct eval_token *t)
{
	static const char *const names[EVAL_KINDS] = {
		"without suffix", "with ,high", "with ,low", "with ,cma"
	};

	if (s->line + t->at != s->last[t->kind]) {
		SAY(t, "a later one %s counts", names[t->kind]);
		return;
	}
	switch (t->kind) {
	case EVAL_PLAIN:
		explain_plain(s, t);
		break;
	case EVAL_SUFFIX_HIGH:
		explain_high(s, t);
		break;
	case EVAL_SUFFIX_LOW:
		explain_low(s, t);
		break;
	case EVAL_SUFFIX_CMA:
		explain_cma(s, t);
		break;
	}
}

void eval_explain(struct eval_search *s)
{
	for (size_t i = 0; i < s->out->ntokens; i++)
		explain(s, &s->out->tokens[i]);
}
