/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of crashkernel=
 *
 *	SIZE[@OFFSET]
 *	START-[END]:SIZE[,START-[END]:SIZE]...[@OFFSET]
 *	SIZE,high   SIZE,low   SIZE,cma
 *
 * A number is decimal, 0x... or octal with a leading 0, and may end in one of the
 * letters KMGTPE in either case. The kernel parses from left to right in the whole
 * command line, not in a word cut out of it: what it trips over may lie behind the word.
 */
#include <string.h>

#include "eval-parse.h"
#include "num.h"

#define MIB128 ((uint64_t)128 << 20)

/*
 * Since 7.2, or little before: what does not fit in 64 bits becomes the greatest number
 * that does, instead of wrapping around; and a letter needs a digit before it.
 */
static bool strict_numbers(const struct eval_in *in)
{
	return in->version >= EVAL_VERSION(7, 2);
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a' + 10);
	return 99;
}

/* lib/vsprintf.c: simple_strtoull(text, end, 0) */
static uint64_t integer(const struct eval_in *in, const char *text, const char **end,
			struct eval_value *v)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (text[0] == '0') {
		base = 8;
		if ((text[1] == 'x' || text[1] == 'X') && digit(text[2]) < 16)
			base = 16;
	}
	v->octal = base == 8 && digit(text[1]) < 8;
	if (base == 16)
		text += 2;
	for (; digit(*text) < base; text++) {
		uint64_t next;

		if (!num_mul(value, base, &next) || !num_add(next, digit(*text), &next)) {
			v->wrapped = true;
			next = value * base + digit(*text);
			if (strict_numbers(in))
				next = UINT64_MAX;
		}
		value = next;
	}
	*end = text;
	return value;
}

static unsigned letter_shift(char c)
{
	static const char letters[] = "KMGTPE";
	const char *l = c ? strchr(letters, c & ~0x20) : NULL;

	/* a letter, and not what differs from one in that bit alone */
	if (!l || ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
		return 0;
	return 10 * (unsigned)(l - letters + 1);
}

/* lib/cmdline.c: memparse() */
static uint64_t number(const struct eval_in *in, const char *text, const char **end,
		       struct eval_value *v)
{
	uint64_t value = integer(in, text, end, v);
	unsigned shift = letter_shift(**end);
	bool lost = shift && value >> (64 - shift) != 0;

	if (!shift || (strict_numbers(in) && *end == text))
		return value;
	++*end;
	v->wrapped |= lost;
	return lost && strict_numbers(in) ? UINT64_MAX : value << shift;
}

size_t eval_word(const char *text)
{
	return strcspn(text, " ");
}

uint64_t eval_rounded_ram(const struct eval_in *in)
{
	uint64_t ram;

	/* since 6.0, because firmware keeps some for itself */
	if (in->version < EVAL_VERSION(6, 0) || !num_round_up(in->ram, MIB128, &ram))
		return in->ram;
	return ram;
}

static void stumble(struct eval_value *v, enum eval_fault fault, const char *at)
{
	v->fault = fault;
	v->at = at;
}

/* parse_crashkernel_simple(): the offset may be missing, and be followed by anything */
static void parse_simple(const struct eval_in *in, const char *text, struct eval_value *v)
{
	const char *end;

	v->size = number(in, text, &end, v);
	if (end == text) {
		stumble(v, EVAL_NO_NUMBER, text);
		return;
	}
	if (*end == '@') {
		bool octal = v->octal;

		v->has_offset = true;
		v->offset = number(in, end + 1, &end, v);
		v->octal = octal;
	} else if (*end != ' ' && *end != '\0') {
		stumble(v, EVAL_BAD_CHAR, end);
	}
	v->end = end;
}

/* a number of a range; NULL, and the fault is recorded, when there is none */
static const char *range_number(const struct eval_in *in, const char *cur, uint64_t *value,
				struct eval_value *v)
{
	const char *end;

	*value = number(in, cur, &end, v);
	if (end != cur)
		return end;
	stumble(v, EVAL_RANGE_NO_NUMBER, cur);
	return NULL;
}

/* START-[END]:SIZE: where it ends, NULL after a fault */
static const char *parse_range(const struct eval_in *in, const char *cur,
			       uint64_t *size, struct eval_value *v)
{
	uint64_t start, end = UINT64_MAX;

	v->entry = cur;
	cur = range_number(in, cur, &start, v);
	if (!cur)
		return NULL;
	if (*cur != '-') {
		stumble(v, EVAL_RANGE_NO_DASH, cur);
		return NULL;
	}
	if (*++cur != ':') {
		const char *number_at = cur;

		cur = range_number(in, cur, &end, v);
		if (!cur)
			return NULL;
		if (end <= start) {
			stumble(v, EVAL_RANGE_ORDER, number_at);
			return NULL;
		}
	}
	if (*cur != ':') {
		stumble(v, EVAL_RANGE_NO_COLON, cur);
		return NULL;
	}
	cur = range_number(in, cur + 1, size, v);
	if (cur && *size >= v->ram) {
		stumble(v, EVAL_RANGE_TOO_BIG, v->entry);
		return NULL;
	}
	v->matched = cur && v->ram >= start && v->ram < end;
	return cur;
}

/* parse_crashkernel_mem() */
static void parse_ranges(const struct eval_in *in, const char *text, struct eval_value *v)
{
	const char *cur = text, *end;
	uint64_t size;

	v->ranges = true;
	v->ram = eval_rounded_ram(in);
	do {
		cur = parse_range(in, cur, &size, v);
		if (!cur)
			return;
		if (v->matched)
			v->size = size;
	} while (!v->matched && *cur++ == ',');
	if (v->size == 0)
		return;
	cur += strcspn(cur, " @");
	if (*cur != '@')
		return;
	v->has_offset = true;
	v->offset = number(in, cur + 1, &end, v);
	if (end == cur + 1)
		stumble(v, EVAL_NO_OFFSET, cur);
}

void eval_parse_plain(const struct eval_in *in, const char *text, struct eval_value *v)
{
	*v = (struct eval_value){ .fault = EVAL_FINE };
	if (memchr(text, ':', eval_word(text)))
		parse_ranges(in, text, v);
	else
		parse_simple(in, text, v);
}

/* parse_crashkernel_suffix() */
void eval_parse_suffix(const struct eval_in *in, const char *text, const char *suffix,
		       struct eval_value *v)
{
	size_t len = strlen(suffix);
	const char *end;

	*v = (struct eval_value){ .fault = EVAL_FINE };
	v->size = number(in, text, &end, v);
	if (end == text)
		stumble(v, EVAL_NO_NUMBER, text);
	else if (strncmp(end, suffix, len) != 0)
		stumble(v, EVAL_BAD_CHAR, end);
	else if (end[len] != ' ' && end[len] != '\0')
		stumble(v, EVAL_BAD_CHAR, end + len);
}

uint64_t eval_integer(const struct eval_in *in, const char **text)
{
	struct eval_value v = { .fault = EVAL_FINE };

	return integer(in, *text, text, &v);
}
