/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the command line to a region.
 *
 * A word is "crashkernel=" wherever these letters stand, in other words too, and goes on
 * to the next blank. The last one without a known suffix counts; ,high, ,low and ,cma
 * are looked for in the same way, each for itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval-parse.h"
#include "num.h"

#define NAME "crashkernel="

static const char *const suffixes[EVAL_KINDS] = { NULL, ",high", ",low", ",cma" };

/* since 6.17 the suffix ,cma is known on every architecture, wherever it does something */
static bool knows(const struct eval_in *in, enum eval_kind kind)
{
	return kind != EVAL_SUFFIX_CMA || in->version >= EVAL_VERSION(6, 17);
}

static enum eval_kind kind_of(const struct eval_in *in, const char *word, size_t len)
{
	for (int kind = EVAL_SUFFIX_HIGH; kind < EVAL_KINDS; kind++) {
		size_t n = strlen(suffixes[kind]);

		if (knows(in, (enum eval_kind)kind) &&
		    strncmp(word + len - n, suffixes[kind], n) == 0)
			return (enum eval_kind)kind;
	}
	return EVAL_PLAIN;
}

static void find_words(struct eval_search *s)
{
	for (const char *word = strstr(s->line, NAME); word; word = strstr(word + 1, NAME)) {
		size_t len = eval_word(word);
		enum eval_kind kind = kind_of(s->in, word, len);

		s->last[kind] = word;
		s->out->nfound++;
		if (s->out->ntokens == EVAL_TOKENS)
			continue;
		s->out->tokens[s->out->ntokens++] = (struct eval_token){
			.at = (size_t)(word - s->line), .len = len, .kind = kind,
		};
	}
}

static const char *value_of(const char *word)
{
	return word + strlen(NAME);
}

static void refuse(struct eval_search *s, const struct eval_value *v)
{
	s->out->status = EVAL_REFUSED;
	s->out->low = 0;
	eval_fault_words(s->in, v, s->out->why);
	eval_fault_log(s->in, v, s->out->log);
}

/* nothing comes of a size of 0 */
static void zero(struct eval_search *s)
{
	char words[EVAL_WORDS];

	s->out->status = EVAL_ZERO;
	if (s->value.ranges && !s->value.matched)
		snprintf(s->out->why, EVAL_TEXT, "%s lies in none of the ranges",
			 eval_size(s->value.ram, words));
	else if (s->value.ranges)
		snprintf(s->out->why, EVAL_TEXT, "the range for %s has size 0",
			 eval_size(s->value.ram, words));
	else
		snprintf(s->out->why, EVAL_TEXT, "a size of 0 reserves nothing");
	if (s->value.ranges)
		snprintf(s->out->log, EVAL_TEXT, "crashkernel size resulted in zero bytes");
}

/* how much is taken below, if the region lies above; false: that is refused */
static bool find_low(struct eval_search *s, bool from_high)
{
	const struct eval_rules *r = s->in->rules;
	bool asks = r->way == EVAL_WAY_X86 || (from_high && r->high);

	if (!asks) {
		/* an offset that was asked for comes alone */
		s->out->low = 0;
		if (!s->value.offset && r->falls_back)
			s->out->low = eval_low_default(s->in, s->line);
		return true;
	}
	if (!s->last[EVAL_SUFFIX_LOW]) {
		s->out->low = eval_low_default(s->in, s->line);
		return true;
	}
	eval_parse_suffix(s->in, value_of(s->last[EVAL_SUFFIX_LOW]), ",low", &s->low);
	s->low_used = true;
	s->out->low = s->low.size;
	if (s->low.fault == EVAL_FINE)
		return true;
	s->out->low = eval_low_default(s->in, s->line);
	return r->way == EVAL_WAY_X86;
}

/* parse_crashkernel() for ,high */
static void take_high(struct eval_search *s)
{
	if (!s->last[EVAL_SUFFIX_HIGH]) {
		s->out->status = EVAL_NOT_ASKED;
		if (s->last[EVAL_SUFFIX_LOW])
			snprintf(s->out->why, EVAL_TEXT, ",low does nothing without ,high");
		else if (s->last[EVAL_SUFFIX_CMA])
			snprintf(s->out->why, EVAL_TEXT, ",cma does nothing by itself");
		else
			snprintf(s->out->why, EVAL_TEXT, "there is no crashkernel=");
		return;
	}
	eval_parse_suffix(s->in, value_of(s->last[EVAL_SUFFIX_HIGH]), ",high", &s->value);
	if (s->value.fault != EVAL_FINE) {
		refuse(s, &s->value);
	} else if (s->value.size == 0) {
		zero(s);
	} else if (!find_low(s, true)) {
		refuse(s, &s->low);
	} else {
		s->out->status = EVAL_RESERVED;
		s->out->place = EVAL_HIGH_THEN_LOW;
		s->out->why[0] = '\0';
	}
}

static enum eval_place plain_place(const struct eval_search *s)
{
	if (s->in->rules->kernel_places && !s->value.offset)
		return EVAL_KERNEL_PLACES;
	if (s->value.offset)
		return EVAL_FIXED;
	return s->in->rules->falls_back ? EVAL_LOW_THEN_HIGH : EVAL_LOW;
}

/* what RHEL 8 says "auto" stands for; its kernels alone have it */
static const char *auto_value(const struct eval_search *s, const char *text)
{
	static const char *const values[][2] = {
		{ "x86_64", "1G-4G:160M,4G-64G:192M,64G-1T:256M,1T-:512M" },
		{ "s390x", "4G-64G:160M,64G-1T:256M,1T-:512M" },
		{ "aarch64", "2G-:448M" },
		{ "ppc64le", "2G-4G:384M,4G-16G:512M,16G-64G:1G,64G-128G:2G,128G-:4G" },
	};

	if (!s->in->rhel8 || eval_word(text) != 4 || strncmp(text, "auto", 4) != 0)
		return text;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (strcmp(values[i][0], s->in->rules->arch) == 0)
			return values[i][1];
	return text;
}

static void take_plain(struct eval_search *s)
{
	eval_parse_plain(s->in, auto_value(s, value_of(s->last[EVAL_PLAIN])), &s->value);
	if (s->value.fault != EVAL_FINE) {
		refuse(s, &s->value);
		return;
	}
	if (s->value.size == 0) {
		zero(s);
		return;
	}
	s->out->status = EVAL_RESERVED;
	s->out->place = plain_place(s);
	find_low(s, false);
}

/* x86 before 6.7 goes on to ,high when the plain one comes to nothing */
static void go_on_to_high(struct eval_search *s)
{
	struct eval_out plain = *s->out;
	struct eval_value value = s->value;

	memcpy(s->plain_why, plain.why, EVAL_TEXT);
	s->plain = value;
	take_high(s);
	s->plain_failed = true;
	if (s->out->status != EVAL_NOT_ASKED)
		return;
	*s->out = plain;
	s->value = value;
	s->plain_failed = false;
}

static void round_size(struct eval_search *s)
{
	uint64_t page = s->in->page_size ? s->in->page_size : 4096;
	uint64_t to = s->in->rules->rounds_page ? page : s->in->rules->round;

	s->out->size = s->value.size;
	s->out->offset = s->value.offset;
	if (!num_round_up(s->value.size, to, &s->out->size))
		s->out->size = 0;
}

/* the middle part of reserve_crashkernel_generic() and its forerunners: what cannot be */
static void settle(struct eval_search *s)
{
	struct eval_out *out = s->out;

	round_size(s);
	if (!eval_fits(s->in, out)) {
		out->status = EVAL_REFUSED;
		out->size = out->low = out->offset = 0;
		return;
	}
	if (out->place != EVAL_LOW_THEN_HIGH && out->place != EVAL_HIGH_THEN_LOW &&
	    out->place != EVAL_HIGH &&
	    (out->place != EVAL_FIXED || out->offset < s->in->rules->low_max))
		out->low = 0;
}

/* since 6.17, besides: even what is wrong behind the number does no harm */
static void take_cma(struct eval_search *s)
{
	if (!s->last[EVAL_SUFFIX_CMA] || !s->in->rules->cma || s->in->without_cma)
		return;
	eval_parse_suffix(s->in, value_of(s->last[EVAL_SUFFIX_CMA]), ",cma", &s->cma);
	if (s->out->status == EVAL_RESERVED &&
	    !num_round_up(s->cma.size, s->in->rules->cma_round, &s->out->cma))
		s->out->cma = s->cma.size;
}

void eval_run(const struct eval_in *in, struct eval_out *out)
{
	struct eval_search s = { .in = in, .out = out };
	size_t len = strnlen(in->cmdline, in->rules->cmdline_size - 1);

	*out = (struct eval_out){ .status = EVAL_NOT_ASKED };
	memcpy(s.line, in->cmdline, len);
	s.line[len] = '\0';
	find_words(&s);
	if (!s.last[EVAL_PLAIN] && in->rules->high)
		take_high(&s);
	else if (s.last[EVAL_PLAIN])
		take_plain(&s);
	else
		snprintf(out->why, EVAL_TEXT, out->nfound ?
			 "this kernel knows no suffix on this architecture" :
			 "there is no crashkernel=");
	if (in->rules->way == EVAL_WAY_X86 && s.last[EVAL_PLAIN] &&
	    out->status != EVAL_RESERVED)
		go_on_to_high(&s);
	if (out->status == EVAL_RESERVED)
		settle(&s);
	take_cma(&s);
	eval_explain(&s);
	eval_traps(&s);
}
