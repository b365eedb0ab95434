/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a header is missing or damaged, nothing says where the next record is: it is looked
 * for at each place, by what headers are like. One alone could be chance, so that what
 * follows it must be like one, too, and time must not run backwards.
 */
#include "records.h"
#include "stop.h"
#include "vmcore.h"

/* so many records in a row are no chance */
enum { CHAIN = 2 };
/* what hostile bytes can make us follow */
enum { CHAINS_MAX = 20000 };
/* the processors' clocks may differ by so much */
enum { SLACK_NSEC = 100000000 };
/* while a machine boots, a processor that has just come up may say [    0.000000] */
#define BOOT_NSEC UINT64_C(60000000000)
#define EARLY_NSEC UINT64_C(1000000000)
/* 36 years; letters taken for a time are more */
#define TS_MAX ((uint64_t)1 << 60)

static bool will_wrap(const struct records *rs)
{
	return rs->endless || rs->next <= rs->first;
}

uint32_t records_end(const struct records *rs, bool wrapped)
{
	if (!wrapped && will_wrap(rs))
		return rs->buf_len - (uint32_t)rs->l.size;	/* room for a marker */
	return rs->endless ? rs->first : rs->next;
}

bool records_fits(const struct records *rs, const struct header *h, uint32_t at, bool wrapped)
{
	uint32_t end = records_end(rs, wrapped);

	return records_plausible(h, &rs->l) && at <= end && h->len <= end - at;
}

static int look(struct records *rs, struct chunk *c, struct header *h, uint32_t at)
{
	uint8_t bytes[RECORDS_HEADER_MAX];

	if (chunk_read(c, bytes, at, rs->l.size))
		return -1;
	records_header(h, &rs->l, rs->vm, bytes);
	return 0;
}

bool records_wraps(struct records *rs, uint32_t at, bool wrapped)
{
	struct header h;

	if (wrapped || !will_wrap(rs))
		return false;
	if (rs->next == 0 || look(rs, &rs->ahead, &h, 0) || !records_plausible(&h, &rs->l))
		return true;
	return at + h.len + rs->l.size >= rs->buf_len;
}

bool records_in_order(uint64_t ts_nsec, uint64_t before)
{
	if (before < BOOT_NSEC && ts_nsec < EARLY_NSEC)
		return true;
	return ts_nsec < TS_MAX && ts_nsec + SLACK_NSEC >= before;
}

bool records_chain(struct records *rs, uint32_t at, uint64_t not_before, int enough)
{
	uint64_t ts_nsec = 0;
	bool wrapped = rs->wrapped;
	struct header h;

	for (int n = 0; n < enough; n++) {
		if (n > 0 && !rs->endless && at == rs->next)
			return true;
		if (look(rs, &rs->ahead, &h, at))
			return n > 0;		/* the next gap begins */
		if (h.marker && records_wraps(rs, at, wrapped)) {
			wrapped = true;
			at = 0;
			if (n > 0 && rs->next == 0 && !rs->endless)
				return true;
			if (look(rs, &rs->ahead, &h, at))
				return n > 0;
		}
		if (!records_fits(rs, &h, at, wrapped) || h.ts_nsec < not_before ||
		    !records_in_order(h.ts_nsec, ts_nsec))
			return false;
		not_before = 0;
		ts_nsec = h.ts_nsec;
		at += h.len;
	}
	return true;
}

/* what is at rs->at: 1: a record; 0: nothing, and rs->at is moved on */
static int try(struct records *rs)
{
	struct header h;

	if (look(rs, &rs->chunk, &h, rs->at)) {
		rs->searching = LOSS_MISSING;
		rs->at = (uint32_t)(rs->chunk.end + RECORDS_ALIGN - 1) & -(uint32_t)RECORDS_ALIGN;
		return 0;
	}
	if (h.marker && records_wraps(rs, rs->at, rs->wrapped)) {
		rs->wrapped = true;
		rs->at = 0;
		return 0;
	}
	if (records_fits(rs, &h, rs->at, rs->wrapped) &&
	    records_in_order(h.ts_nsec, rs->not_before) &&
	    rs->chains++ < CHAINS_MAX && records_chain(rs, rs->at, 0, CHAIN))
		return 1;
	rs->at += RECORDS_ALIGN;
	return 0;
}

int records_find(struct records *rs)
{
	for (;;) {
		uint32_t end = records_end(rs, rs->wrapped);

		if (stop_check())
			return -1;
		if (rs->at < end && end - rs->at >= rs->l.size) {
			if (try(rs))
				return 1;
		} else if (!rs->wrapped && will_wrap(rs)) {
			rs->wrapped = true;
			rs->at = 0;
		} else {
			return 0;
		}
	}
}
