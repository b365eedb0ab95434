/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traps of crashkernel=: what people write, and what a kernel makes of it. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "eval-parse.h"

static const char blanks[] = " \t\n\v\f\r";

static void trap(struct eval_search *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void trap(struct eval_search *s, const char *fmt, ...)
{
	struct eval_out *out = s->out;
	va_list ap;

	if (out->nwarnings == EVAL_WARNINGS)
		return;
	va_start(ap, fmt);
	vsnprintf(out->warnings[out->nwarnings++], EVAL_TEXT, fmt, ap);
	va_end(ap);
}

/* where the word that at is part of begins */
static const char *word_start(const struct eval_search *s, const char *at)
{
	while (at > s->line && !strchr(blanks, at[-1]))
		at--;
	return at;
}

static void warn_places(struct eval_search *s)
{
	const char *dashes = strncmp(s->line, "-- ", 3) == 0 ? s->line : strstr(s->line, " -- ");

	for (size_t i = 0; i < s->out->ntokens; i++) {
		const char *at = s->line + s->out->tokens[i].at;
		const char *start = word_start(s, at);
		bool quoted = start + 1 == at && (*start == '"' || *start == '\'');

		if (start != at && !quoted)
			trap(s, "\"%.*s\" counts as one, too: the kernel looks for these "
			     "letters in every word", (int)strcspn(start, blanks) < 60 ?
			     (int)strcspn(start, blanks) : 60, start);
		if (dashes && at > dashes)
			trap(s, "what stands behind \"--\" counts as well here");
	}
}

/* words that look like it, and are not */
static void warn_lookalikes(struct eval_search *s)
{
	static const char *const names[] = {
		"crashkernel", "crash_kernel", "crash-kernel"
	};
	size_t len;

	for (const char *w = s->line + strspn(s->line, blanks); *w;
	     w += len, w += strspn(w, blanks)) {
		len = strcspn(w, blanks);
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			size_t n = strlen(names[i]);

			if (len < n || strncasecmp(w, names[i], n) != 0 ||
			    strncmp(w, "crashkernel=", 12) == 0 ||
			    isalpha((unsigned char)w[n]))
				continue;
			trap(s, "\"%.*s\" does nothing: the name is \"crashkernel=\"",
			     len < 60 ? (int)len : 60, w);
		}
	}
}

static bool ends_in(const char *word, const char *suffix)
{
	size_t len = eval_word(word), n = strlen(suffix);

	return len >= n && strncmp(word + len - n, suffix, n) == 0;
}

/* "256M", "1G-:256M,high" */
static void warn_bare(struct eval_search *s)
{
	const char *w = s->line + strspn(s->line, blanks);
	int len = (int)strcspn(w, blanks);

	if (s->out->nfound == 0 && isdigit((unsigned char)*w))
		trap(s, "\"%.*s\" does nothing by itself: is crashkernel=%.*s meant?",
		     len < 60 ? len : 60, w, len < 60 ? len : 60, w);
}

/* several words, and which of them a kernel knows */
static void warn_words(struct eval_search *s)
{
	const char *plain = s->last[EVAL_PLAIN];
	size_t nplain = 0;

	for (size_t i = 0; i < s->out->ntokens; i++)
		nplain += s->out->tokens[i].kind == EVAL_PLAIN;
	if (nplain > 1)
		trap(s, "crashkernel= is there %zu times without a suffix: the last one "
		     "counts, good or bad", nplain);
	if (plain && ends_in(plain, ",cma"))
		trap(s, ",cma came with Linux 6.17: this kernel takes it for a malformed size, "
		     "which counts, being the last");
	if (plain && s->last[EVAL_SUFFIX_HIGH] && !s->plain_failed)
		trap(s, "one without suffix and one with ,high: only the former counts");
	if (s->last[EVAL_SUFFIX_CMA] && s->in->rules->cma && s->out->cma &&
	    !s->in->without_cma)
		trap(s, "the memory of ,cma holds pages of user processes, which then are not "
		     "in the dump");
	if (s->last[EVAL_SUFFIX_CMA] && !s->in->rules->cma &&
	    s->in->version >= EVAL_VERSION(7, 3))
		trap(s, "kernels after 7.2 may have ,cma on this architecture: not evaluated");
	if (s->out->nfound > s->out->ntokens)
		trap(s, "crashkernel= is there %zu times: the first %zu are shown",
		     s->out->nfound, s->out->ntokens);
}

/* what stands where a number is not, and why people write it */
static void warn_fault(struct eval_search *s, const struct eval_value *v)
{
	const char *at = v->at;

	if (*at == '.')
		trap(s, "fractions are not understood: 1536M, not 1.5G");
	else if ((*at == 'B' || *at == 'b' || *at == 'i') && at > s->line &&
		 isalnum((unsigned char)at[-1]))
		trap(s, "a unit is one letter: 256M, not 256MB or 256MiB");
	else if (*at == '\t')
		trap(s, "a tab does not end the word: only a blank does");
	else if (*at == '"' || *at == '\'')
		trap(s, "the kernel does not take quotes off this option");
	else if (strncmp(at, "auto", 4) == 0)
		trap(s, "auto is known to the kernels of RHEL 7 and 8 alone");
	else if (v->fault == EVAL_BAD_CHAR && *at == '-' && memchr(at, ',', eval_word(at)))
		trap(s, "ranges cannot have a suffix");
	else if (v->fault == EVAL_BAD_CHAR && *at == ',' && !v->ranges &&
		 !ends_in(at, ",cma"))
		trap(s, "the suffixes are ,high ,low%s, in small letters",
		     s->in->version >= EVAL_VERSION(6, 17) ? " ,cma" : "");
	else if ((*at >= '8' && *at <= '9') && v->fault == EVAL_BAD_CHAR)
		trap(s, "a leading 0 makes a number octal");
}

/* the kernels in which numbers may be read in the old way or in the new one */
static bool in_between(const struct eval_search *s)
{
	return s->in->version > EVAL_VERSION(6, 12) && s->in->version < EVAL_VERSION(7, 2);
}

static void warn_number(struct eval_search *s, const struct eval_value *v)
{
	char size[EVAL_WORDS];

	if (v->wrapped)
		trap(s, "a number does not fit in 64 bits: kernels up to 6.12 let it wrap around, "
		     "7.2 takes the greatest there is%s", in_between(s) ? "; of those between it is "
		     "not known" : "");
	if (v->octal)
		trap(s, "a leading 0 makes a number octal");
	if (v->size && v->size < (uint64_t)1 << 20)
		trap(s, "%s: without a letter, the number is bytes: 256M is meant?",
		     eval_size(v->size, size));
	if (v->has_offset && v->offset == 0)
		trap(s, "@0 is no offset: the kernel looks for a place itself");
	if (v->end && *v->end != ' ' && *v->end != '\0' && v->has_offset)
		trap(s, "\"%.*s\" behind the offset is not looked at",
		     (int)strcspn(v->end, " ") < 60 ? (int)strcspn(v->end, " ") : 60, v->end);
	if (v->has_offset && v->offset && s->out->status == EVAL_RESERVED)
		trap(s, "with an offset there is no second try elsewhere: leave it out unless "
		     "the capture kernel needs it");
}

/* memory just below a range's limit: kernels since 6.0 round it up */
static void warn_rounding(struct eval_search *s)
{
	struct eval_in later = *s->in;
	struct eval_value v;

	if (!s->value.ranges || s->in->version >= EVAL_VERSION(6, 0))
		return;
	later.version = EVAL_VERSION(6, 0);
	eval_parse_plain(&later, s->last[EVAL_PLAIN] + strlen("crashkernel="), &v);
	if (v.fault != s->value.fault || v.size != s->value.size)
		trap(s, "since 6.0 memory is rounded up to 128 MiB before it is compared, and "
		     "the result would be another one; this kernel does not");
}

static void warn_kernel(struct eval_search *s)
{
	if (s->in->version < EVAL_VERSION(5, 10) && !s->in->rhel8)
		trap(s, "this kernel is older than 5.10: evaluated with the rules of that one");
	if (s->in->version > EVAL_VERSION(7, 2))
		trap(s, "this kernel is newer than 7.2: evaluated with the rules of that one");
	if (s->in->patched)
		trap(s, "this distribution's kernels have later changes: evaluated with mainline's "
		     "rules of this version%s", s->in->rhel8 ?
		     ", auto with the sizes of its documentation" : "");
	if (strstr(s->line, " mem=") || strncmp(s->line, "mem=", 4) == 0)
		trap(s, "there is mem= on the line: memory must be the sum that it leaves");
}

void eval_traps(struct eval_search *s)
{
	const struct eval_value *v = &s->value;
	size_t max = s->in->rules->cmdline_size - 1;

	if (strlen(s->in->cmdline) > max)
		trap(s, "the line has more than %zu bytes: the kernel cuts off the rest", max);
	warn_places(s);
	warn_lookalikes(s);
	warn_bare(s);
	warn_words(s);
	if (v->fault != EVAL_FINE)
		warn_fault(s, v);
	if (s->plain_failed && s->plain.fault != EVAL_FINE)
		warn_fault(s, &s->plain);
	if (s->low.fault != EVAL_FINE)
		warn_fault(s, &s->low);
	warn_number(s, v);
	warn_rounding(s);
	warn_kernel(s);
}
