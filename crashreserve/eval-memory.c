/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a machine's memory can hold a region, and where. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "eval-parse.h"
#include "num.h"

enum { SLAB = 2048, SEGMENT = 128, DEFAULT_SLABS = 32768 };

static uint64_t power_of_2(uint64_t value)
{
	uint64_t power = 1;

	while (power && power < value)
		power <<= 1;
	return power;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "[SLABS][,AREAS]": without a digit each stays what it was; areas since 6.0 */
static void swiotlb_value(const struct eval_in *in, const char *text, uint64_t *slabs)
{
	uint32_t areas, least;

	/* as in the kernel, what is too big wraps around */
	if (is_digit(*text))
		*slabs = (eval_integer(in, &text) + SEGMENT - 1) & ~(uint64_t)(SEGMENT - 1);
	text += *text == ',';
	if (!is_digit(*text) || in->version < EVAL_VERSION(6, 0))
		return;
	/* an area is a segment at least, and there is a power of two of each */
	areas = (uint32_t)power_of_2((uint32_t)eval_integer(in, &text));
	least = SEGMENT * areas;
	if (!areas)
		return;
	if (*slabs < least)
		*slabs = least;
	*slabs = power_of_2(*slabs);
}

/*
 * The slabs by the swiotlb= of the line: kernel/dma/swiotlb.c. It is an option among
 * others: a word of its own, and before "--"; each goes on from the one before it.
 */
static uint64_t swiotlb_slabs(const struct eval_in *in, const char *line)
{
	static const char name[] = "swiotlb=";
	static const char blanks[] = " \t\n\v\f\r";
	uint64_t slabs = DEFAULT_SLABS;

	for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
		size_t len = strcspn(line, blanks);

		if (len == 2 && strncmp(line, "--", 2) == 0)
			break;
		if (strncmp(line, name, sizeof name - 1) == 0)
			swiotlb_value(in, line + sizeof name - 1, &slabs);
		line += len;
	}
	return slabs;
}

uint64_t eval_low_default(const struct eval_in *in, const char *line)
{
	const struct eval_rules *rules = in->rules;
	uint64_t bytes;

	if (!rules->swiotlb)
		return rules->low_default;
	bytes = swiotlb_slabs(in, line) * SLAB + ((uint64_t)8 << 20);
	return bytes > rules->low_default ? bytes : rules->low_default;
}

/* is there a stretch of memory within [from, to) for an aligned region? */
static bool has_stretch(const struct eval_in *in, uint64_t size, uint64_t from,
			uint64_t to)
{
	for (size_t i = 0; i < in->map->n; i++) {
		uint64_t start = in->map->r[i].start, end = in->map->r[i].end, last;

		if (start < from)
			start = from;
		if (end > to)
			end = to;
		if (num_round_up(start, in->rules->align, &start) &&
		    num_add(start, size, &last) && last <= end)
			return true;
	}
	return false;
}

static bool refuse(struct eval_out *out, const char *log, const char *why)
{
	snprintf(out->why, EVAL_TEXT, "%s", why);
	snprintf(out->log, EVAL_TEXT, "%s", log);
	return false;
}

static bool fits_at(const struct eval_in *in, struct eval_out *out)
{
	static const char in_use[] = "crashkernel reservation failed - memory is in use";
	/* what arm64 and others logged before they took the shared code */
	const char *log = in->rules->way == EVAL_WAY_GENERIC ||
			  in->rules->way == EVAL_WAY_X86 ? in_use : "";
	char align[EVAL_WORDS], why[EVAL_TEXT];
	uint64_t end;

	if (out->offset % in->rules->align_offset) {
		snprintf(why, sizeof why, "the offset is not a multiple of %s",
			 eval_size(in->rules->align_offset, align));
		return refuse(out, log, why);
	}
	if (!num_add(out->offset, out->size, &end))
		return refuse(out, log, "offset and size together pass 64 bits");
	if (in->map && !ranges_cover(in->map, out->offset, out->size))
		return refuse(out, log, "not all of it is memory at this offset");
	return true;
}

/* where it can lie, as far as the map tells: it does not tell what is in use */
static bool sharpen(const struct eval_in *in, struct eval_out *out)
{
	bool low = has_stretch(in, out->size, 0, in->rules->low_max);
	bool high = has_stretch(in, out->size, in->rules->low_max, UINT64_MAX);

	if (!low && (!high || out->place == EVAL_LOW))
		return refuse(out, "", "memory has no stretch of that length");
	if (out->place == EVAL_LOW)
		return true;
	if (!low)
		out->place = EVAL_HIGH;
	else if (!high)
		out->place = EVAL_LOW;
	if ((out->place == EVAL_HIGH || out->place == EVAL_HIGH_THEN_LOW) && out->low &&
	    !has_stretch(in, out->low, 0, in->rules->low_max))
		return refuse(out, "", "low memory has no stretch for the part that is "
			      "taken there");
	return true;
}

bool eval_fits(const struct eval_in *in, struct eval_out *out)
{
	char words[EVAL_WORDS], why[EVAL_TEXT];

	if (out->size == 0 || out->size >= in->ram) {
		snprintf(why, sizeof why, "the machine's memory is %s: that does not hold it",
			 eval_size(in->ram, words));
		return refuse(out, "", why);
	}
	if (in->rules->needs_offset && !out->offset)
		return refuse(out, "Invalid memory region reserved for crash kernel",
			      "this kernel wants an offset: SIZE@OFFSET");
	if (out->place == EVAL_FIXED)
		return in->rules->kernel_places || fits_at(in, out);
	if (out->place == EVAL_KERNEL_PLACES || !in->map || in->rules->low_varies)
		return true;
	return sharpen(in, out);
}
