/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "codec.h"
#include "cursor.h"
#include "laid.h"
#include "num.h"

static uint32_t u32_of(const uint8_t *p, bool swap)
{
	struct cursor c = cursor_over(p, 4, swap);

	return cursor_u32(&c);
}

static bool is_kdump(const struct laid *l)
{
	return memcmp(l->head, KDUMP_SIGNATURE, 8) == 0;
}

/* a dump of the other byte order than ours? Its block size tells. */
static bool is_swapped(const struct laid *l)
{
	uint32_t block = u32_of(l->head + KDUMP_BLOCK_SIZE, false);

	return !num_is_power_of_2(block) || block > 262144 || block < 4096;
}

/* where the page descriptors begin: behind all that a reader needs to open the file */
static uint64_t descs_at(const struct laid *l)
{
	bool swap = is_swapped(l);
	uint64_t blocks = 1 + (uint64_t)u32_of(l->head + KDUMP_SUB_BLOCKS, swap) +
			  u32_of(l->head + KDUMP_BITMAP_BLOCKS, swap);

	return blocks * u32_of(l->head + KDUMP_BLOCK_SIZE, swap);
}

/*
 * What may be needed to mend the status of a dump that was cut, which comes last:
 * the file's header, and from the first descriptors the codec.
 */
static void remember(struct laid *l, const uint8_t *buf, size_t len, uint64_t at)
{
	bool swap = is_swapped(l);

	if (at >= sizeof l->head && at == descs_at(l)) {
		for (size_t i = 0; i + KDUMP_DESC_LEN <= len; i += KDUMP_DESC_LEN)
			l->codecs |= u32_of(buf + i + KDUMP_DESC_FLAGS, swap) & CODEC_FLAGS;
		l->marked = false;	/* the codecs are still to be said */
	}
	if (at >= sizeof l->head)
		return;
	if (len > sizeof l->head - at)
		len = sizeof l->head - (size_t)at;
	memcpy(l->head + at, buf, len);
}

void laid_see(struct laid *l, uint8_t *buf, size_t len, uint64_t at)
{
	uint64_t byte;

	if (len == 0)
		return;
	remember(l, buf, len, at);
	/* the stream's own status is kept back: what is written of it has the bit, too */
	byte = KDUMP_STATUS + (is_swapped(l) ? 3 : 0);
	if (is_kdump(l) && byte >= at && byte - at < len)
		buf[byte - at] |= KDUMP_INCOMPLETE;
	if (at + len > l->seen)
		l->seen = at + len;
}

/* false as long as the header has not come whole, and for other files */
static bool status_of(const struct laid *l, uint32_t bits, uint8_t out[4])
{
	bool swap = is_swapped(l);
	uint32_t status = u32_of(l->head + KDUMP_STATUS, swap) | bits;

	if (!is_kdump(l) || l->end < sizeof l->head)
		return false;
	status = swap ? __builtin_bswap32(status) : status;
	memcpy(out, &status, sizeof status);
	return true;
}

bool laid_wants_mark(struct laid *l, uint8_t status[4])
{
	l->end = l->seen;
	return !l->marked && laid_mark(l, status);
}

bool laid_mark(struct laid *l, uint8_t status[4])
{
	l->marked = status_of(l, l->codecs | KDUMP_INCOMPLETE, status);
	return l->marked;
}

bool laid_final_status(const struct laid *l, uint8_t status[4])
{
	return status_of(l, 0, status);
}

bool laid_says_incomplete(const struct laid *l)
{
	return is_kdump(l) &&
	       u32_of(l->head + KDUMP_STATUS, is_swapped(l)) & KDUMP_INCOMPLETE;
}

bool laid_is_useful(const struct laid *l)
{
	/* less than its signature may be the beginning of one */
	if (!is_kdump(l))
		return l->end > 0 && memcmp(l->head, KDUMP_SIGNATURE, l->end < 8 ? l->end : 8) != 0;
	return l->end >= sizeof l->head && l->end > descs_at(l);
}

uint64_t laid_least(const struct laid *l)
{
	return is_kdump(l) && l->end >= sizeof l->head ? descs_at(l) : 0;
}
