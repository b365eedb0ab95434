/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes, places and faults in words, and the lines that the kernel logs. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "eval-parse.h"

const char *eval_size(uint64_t bytes, char words[EVAL_WORDS])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	const char *unit = bytes == 1 ? "byte" : "bytes";

	for (size_t i = 0; i < sizeof units / sizeof units[0] && bytes; i++) {
		if (bytes % 1024)
			break;
		bytes /= 1024;
		unit = units[i];
	}
	snprintf(words, EVAL_WORDS, "%" PRIu64 " %s", bytes, unit);
	return words;
}

/* "below", "above" */
static void beside_low(const struct eval_in *in, const struct eval_out *out, char *text,
		       size_t size)
{
	char low[EVAL_WORDS], max[EVAL_WORDS];

	if (out->low)
		snprintf(text, size, "above %s, with %s more below it",
			 eval_size(in->rules->low_max, max), eval_size(out->low, low));
	else
		snprintf(text, size, "above %s, with nothing below it",
			 eval_size(in->rules->low_max, max));
}

void eval_where(const struct eval_in *in, const struct eval_out *out, char text[EVAL_TEXT])
{
	char max[EVAL_WORDS], above[EVAL_TEXT / 2];

	eval_size(in->rules->low_max, max);
	beside_low(in, out, above, sizeof above);
	text[0] = '\0';
	switch (out->place) {
	case EVAL_LOW:
		if (in->rules->low_max != UINT64_MAX)
			snprintf(text, EVAL_TEXT, "below %s", max);
		break;
	case EVAL_LOW_THEN_HIGH:
		snprintf(text, EVAL_TEXT, "below %s, or, without room there, %s", max, above);
		break;
	case EVAL_HIGH_THEN_LOW:
		snprintf(text, EVAL_TEXT, "%s; or, without room there, below alone", above);
		break;
	case EVAL_HIGH:
		snprintf(text, EVAL_TEXT, "%s", above);
		break;
	case EVAL_FIXED:
		snprintf(text, EVAL_TEXT, "at 0x%" PRIx64 ", if all of it is free there%s",
			 out->offset, out->low ? ": " : "");
		if (out->low)
			snprintf(text + strlen(text), EVAL_TEXT - strlen(text), "%s", above);
		break;
	case EVAL_KERNEL_PLACES:
		snprintf(text, EVAL_TEXT, "where the architecture has a place for it");
		break;
	}
}

/* a character of the command line, for people */
static void char_words(char c, char text[32])
{
	if (c == '\0')
		snprintf(text, 32, "the end of the line");
	else if (c == '\t')
		snprintf(text, 32, "a tab, which ends no word,");
	else if (c == ' ')
		snprintf(text, 32, "a blank");
	else if (isprint((unsigned char)c))
		snprintf(text, 32, "\"%c\"", c);
	else
		snprintf(text, 32, "byte 0x%02x", (unsigned char)c);
}

void eval_fault_words(const struct eval_in *in, const struct eval_value *v,
		      char text[EVAL_TEXT])
{
	char c[32], size[EVAL_WORDS];
	int entry = v->entry ? (int)strcspn(v->entry, " ,@") : 0;

	if (entry > 60)
		entry = 60;
	char_words(*v->at, c);
	switch (v->fault) {
	case EVAL_FINE:
		text[0] = '\0';
		break;
	case EVAL_NO_NUMBER:
		snprintf(text, EVAL_TEXT, "a number is expected where %s stands", c);
		break;
	case EVAL_BAD_CHAR:
		snprintf(text, EVAL_TEXT, "%s is not understood behind the size", c);
		break;
	case EVAL_RANGE_NO_NUMBER:
		snprintf(text, EVAL_TEXT, "in the ranges, a number is expected where %s stands",
			 c);
		break;
	case EVAL_RANGE_NO_DASH:
		snprintf(text, EVAL_TEXT, "\"%.*s\": a range has a \"-\" behind its start, not %s",
			 entry, v->entry, c);
		break;
	case EVAL_RANGE_ORDER:
		snprintf(text, EVAL_TEXT, "\"%.*s\": the range ends where it starts or before",
			 entry, v->entry);
		break;
	case EVAL_RANGE_NO_COLON:
		snprintf(text, EVAL_TEXT, "\"%.*s\": a \":\" is expected where %s stands", entry,
			 v->entry, c);
		break;
	case EVAL_RANGE_TOO_BIG:
		snprintf(text, EVAL_TEXT, "\"%.*s\": its size is not below the machine's %s%s, "
			 "and this alone makes all ranges void", entry, v->entry,
			 eval_size(v->ram, size), v->ram != in->ram ? " (rounded up)" : "");
		break;
	case EVAL_NO_OFFSET:
		snprintf(text, EVAL_TEXT, "no number behind the \"@\"");
		break;
	}
}

/* until 6.8 in kernel/crash_core.c, from then on in kernel/crash_reserve.c */
void eval_fault_log(const struct eval_in *in, const struct eval_value *v,
		    char text[EVAL_TEXT])
{
	switch (v->fault) {
	case EVAL_FINE:
		text[0] = '\0';
		break;
	case EVAL_NO_NUMBER:
		snprintf(text, EVAL_TEXT, "crashkernel: memory value expected");
		break;
	case EVAL_BAD_CHAR:
		snprintf(text, EVAL_TEXT, "crashkernel: unrecognized char: %c",
			 isprint((unsigned char)*v->at) ? *v->at : '\0');
		break;
	case EVAL_RANGE_NO_NUMBER:
		/* for a size, older kernels leave out the first word */
		snprintf(text, EVAL_TEXT, "%sMemory value expected",
			 in->version >= EVAL_VERSION(6, 9) || v->at[-1] != ':' ?
			 "crashkernel: " : "");
		break;
	case EVAL_RANGE_NO_DASH:
		snprintf(text, EVAL_TEXT, "crashkernel: '-' expected");
		break;
	case EVAL_RANGE_ORDER:
		snprintf(text, EVAL_TEXT, "crashkernel: end <= start");
		break;
	case EVAL_RANGE_NO_COLON:
		snprintf(text, EVAL_TEXT, "crashkernel: ':' expected");
		break;
	case EVAL_RANGE_TOO_BIG:
		snprintf(text, EVAL_TEXT, "crashkernel: invalid size");
		break;
	case EVAL_NO_OFFSET:
		snprintf(text, EVAL_TEXT, "Memory value expected after '@'");
		break;
	}
}
