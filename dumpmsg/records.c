/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "records.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

/* a place where a header can be */
static bool read_place(struct records *rs, const char *name, uint32_t *place)
{
	uint64_t value;

	if (log_number(rs->log, name, 4, &value) || value % RECORDS_ALIGN != 0 ||
	    value > rs->buf_len - rs->l.size)
		return false;
	*place = (uint32_t)value;
	return true;
}

/*
 * Behind the last record there is one that is newer: log_next_idx is damaged. What is there
 * otherwise are old records, or the middle of one.
 */
static bool goes_on(struct records *rs)
{
	if (rs->endless)
		return false;
	rs->endless = true;
	if (records_chain(rs, rs->at, rs->not_before + 1, 1)) {
		rs->log->mended = true;
		return true;
	}
	rs->endless = false;
	return false;
}

/* no record is at rs->at, which may be none: what is passed over was not lost */
static void look_for_first(struct records *rs)
{
	rs->searching = LOSS_DAMAGED;
	rs->quiet = true;
}

/* one of the two ends may be damaged: the other one still says where to begin */
static int read_ends(struct records *rs)
{
	bool first = read_place(rs, "log_first_idx", &rs->first);
	bool next = read_place(rs, "log_next_idx", &rs->next);

	if (!first && !next)
		return fail(ERR_CORRUPT, "neither log_first_idx nor log_next_idx can be true");
	if (!first)
		rs->first = rs->next;
	rs->endless = !next;
	rs->log->mended = !next;
	rs->at = rs->behind = rs->first;
	/* the same: only before the first message, or one is damaged */
	if (!rs->endless && rs->first == rs->next && (!first || !goes_on(rs)))
		look_for_first(rs);
	/* in VMCOREINFO since 4.9 or so */
	if (!read_place(rs, "clear_idx", &rs->clear))
		rs->clear = rs->first;
	return 0;
}

static int open_buffer(struct log *log, struct records *rs)
{
	uint64_t buf, len;

	if (records_layout_read(&rs->l, &rs->vm->info) || log_buffer(log, &buf, &len) ||
	    chunk_open(&rs->chunk, log, buf, len) || chunk_open(&rs->ahead, log, buf, len))
		return -1;
	rs->buf_len = (uint32_t)len;
	return read_ends(rs);
}

static int records_open(struct log *log)
{
	struct records *rs = calloc(1, sizeof *rs);
	unsigned version = log->sp->vm->info.version;

	log->state = rs;
	if (!rs)
		return fail_sys("the log");
	rs->log = log;
	rs->vm = log->sp->vm;
	rs->old_marks = version != 0 && version < KINFO_VERSION(4, 9, 0);
	if (open_buffer(log, rs))
		return fail_in("the log's records");
	log->caller_shown = rs->l.has_caller;
	return 0;
}

/* what devkmsg_read() put behind the time; up to 4.8 a line that is no fragment could end one */
static char mark(const struct records *rs, const struct header *h)
{
	if (rs->l.early)
		return '\0';
	if (!rs->old_marks)
		return h->flags & LOG_CONT ? 'c' : '-';
	if (h->flags & LOG_CONT)
		return rs->flags & LOG_CONT ? '+' : 'c';
	return rs->flags & LOG_CONT && !(h->flags & LOG_PREFIX) ? '+' : '-';
}

/* "KEY=" and a value, in a dictionary with NULs between its strings */
static void take_string(const char *dict, size_t len, const char *key, char *to, size_t size)
{
	size_t n, k = strlen(key);

	for (; len > 0; dict += n, len -= n) {
		n = strnlen(dict, len);
		if (n > k && memcmp(dict, key, k) == 0) {
			snprintf(to, size, "%.*s", (int)(n - k), dict + k);
			return;
		}
		n += n < len;
	}
}

static void take_header(const struct records *rs, const struct header *h, struct record *r)
{
	const char *dict = (const char *)rs->text + h->text_len;
	uint32_t mask = rs->buf_len - 1;

	*r = (struct record){
		.seq = rs->seq,
		.timed = true,
		.ts_nsec = h->ts_nsec,
		.has_caller = rs->l.has_caller,
		.caller = h->caller,
		.facility = h->facility,
		.level = h->level,
		.mark = mark(rs, h),
		.cleared = ((rs->at - rs->first) & mask) < ((rs->clear - rs->first) & mask),
		.text = (const char *)rs->text,
		.len = h->text_len,
	};
	take_string(dict, h->dict_len, "SUBSYSTEM=", r->subsystem, sizeof r->subsystem);
	take_string(dict, h->dict_len, "DEVICE=", r->device, sizeof r->device);
}

/* rs->at has the record of that header, or would have if its text were in the dump */
static int take(struct log *log, struct records *rs, const struct header *h, struct record *r)
{
	uint32_t used = (uint32_t)rs->l.size + h->text_len + h->dict_len;
	int missing = chunk_read(&rs->chunk, rs->text, rs->at + rs->l.size,
				 h->text_len + h->dict_len);

	take_header(rs, h, r);
	/* one wrong time must not hide all that follow */
	rs->not_before = h->ts_nsec < rs->ts_nsec ? h->ts_nsec : rs->ts_nsec;
	rs->ts_nsec = h->ts_nsec;
	rs->flags = h->flags;
	rs->behind = rs->at + ((used + RECORDS_ALIGN - 1) & -(uint32_t)RECORDS_ALIGN);
	rs->at += h->len;
	rs->seq++;
	return missing ? log_lose(log, r, LOSS_MISSING, 1) : 1;
}

/* *r is the gap that a search has passed over; 0: nothing was lost */
static int search(struct log *log, struct records *rs, struct record *r)
{
	uint32_t from = rs->at;
	int found = records_find(rs);
	enum loss why = rs->searching;
	bool quiet = rs->quiet || (rs->endless && !found) || (found && rs->at == from);

	if (found < 0)
		return -1;
	log->mended |= rs->quiet && found;
	rs->searching = LOSS_NONE;
	rs->behind = rs->at;
	rs->quiet = false;
	rs->ended = !found;
	return quiet ? 0 : log_lose(log, r, why, 0);
}

static bool at_end(const struct records *rs)
{
	if (rs->endless)
		return rs->wrapped && rs->at >= rs->first;
	return rs->at == rs->next && (rs->wrapped || rs->next > rs->first);
}

/*
 * Before 3.14 a buffer of log_buf_len= was not cleared: until the log has gone round it,
 * what is behind the end may be another boot's.
 */
static bool may_be_older(const struct records *rs)
{
	unsigned version = rs->vm->info.version;

	return version != 0 && version < KINFO_VERSION(3, 14, 0) && rs->first == 0 &&
	       !rs->endless;
}

/* one step: 1: *r is a record or a gap; 0: not yet; -1 */
static int step(struct log *log, struct records *rs, struct record *r)
{
	uint8_t bytes[RECORDS_HEADER_MAX];
	struct header h;

	if (rs->searching)
		return search(log, rs, r);
	if (at_end(rs) && (may_be_older(rs) || !goes_on(rs))) {
		rs->ended = true;
		return 0;
	}
	if (chunk_read(&rs->chunk, bytes, rs->at, rs->l.size)) {
		rs->searching = LOSS_MISSING;
		return 0;
	}
	records_header(&h, &rs->l, rs->vm, bytes);
	if (h.marker && records_wraps(rs, rs->at, rs->wrapped)) {
		rs->at = rs->behind = 0;
		rs->wrapped = true;
		return 0;
	}
	if (records_fits(rs, &h, rs->at, rs->wrapped) &&
	    (!rs->endless || records_in_order(h.ts_nsec, rs->not_before)))
		return take(log, rs, &h, r);
	if (records_plausible(&h, &rs->l) && goes_on(rs))
		return 0;
	/* the last record's length may be wrong */
	rs->searching = LOSS_DAMAGED;
	rs->at = rs->behind < rs->at ? rs->behind : rs->at + RECORDS_ALIGN;
	return 0;
}

static int records_next(struct log *log, struct record *r)
{
	struct records *rs = log->state;
	int rc = 0;

	while (rc == 0 && !rs->ended) {
		if (stop_check())
			return -1;
		rc = step(log, rs, r);
	}
	return rc;
}

static void records_close(struct log *log)
{
	free(log->state);
	log->state = NULL;
}

const struct log_format log_records = {
	"3.5 to 5.9", "log_first_idx", records_open, records_next, records_close
};
