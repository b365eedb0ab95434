/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"
#include "log.h"
#include "stop.h"
#include "utf8.h"

/*
 * Nanoseconds. That times fall proves little: processors that come up begin at 0, and clocks
 * of virtual machines differ. But not by most of a day; and nobody is silent for a year, or
 * up for 36: that is what other bytes look like.
 */
#define FALL (UINT64_C(1) << 46)
#define SILENCE (UINT64_C(1) << 55)
#define TIME_MAX (UINT64_C(1) << 60)
/* one in so many is too much; fewer records than this are next to none */
enum { NEWEST = 4, SHARE = 8, FEW = 4 };
/* records that are judged: a log of many mebibytes takes its time */
enum { MOST = 65536 };

bool judge_jumps(uint64_t time, uint64_t before)
{
	if (time >= TIME_MAX)
		return true;
	return time < before ? before - time > FALL : time - before > SILENCE;
}

/* time and text as one number (FNV-1a); never 0 */
static uint64_t number_of(const struct record *r)
{
	uint64_t h = 0xcbf29ce484222325 ^ r->ts_nsec;

	for (size_t i = 0; i < r->len; i++)
		h = (h ^ (uint8_t)r->text[i]) * 0x100000001b3;
	return h | 1;
}

/* a quarter of its bytes are control characters, or no UTF-8 */
static bool is_odd(const struct record *r)
{
	size_t odd = 0, n;

	for (size_t i = 0; i < r->len; i += n) {
		uint8_t c = (uint8_t)r->text[i];

		n = c < 0x80 ? 1 : utf8_len(r->text + i, r->len - i);
		odd += n == 0 || (c < ' ' && c != '\n' && c != '\t' && c != '\33');
		n += n == 0;
	}
	return odd > r->len / 4;
}

int judge(struct log *log, struct judgement *j)
{
	uint64_t time = 0, seq = 0, texts = 0;
	struct record r;
	int rc;

	*j = (struct judgement){ .lines = log->format == &log_text };
	while ((rc = log_next(log, &r)) == 1 && j->records < MOST) {
		if (stop_check())
			return -1;
		if (r.loss != LOSS_NONE)
			continue;
		j->absurd += (r.timed && judge_jumps(r.ts_nsec, time ? time : r.ts_nsec)) ||
			     (j->records > 0 && r.seq <= seq);
		time = r.timed ? r.ts_nsec : time;
		seq = r.seq;
		j->odd += is_odd(&r);
		j->empty += r.len == 0;
		if (r.len > 0)
			j->newest[texts++ % (j->lines ? NEWEST : 1)] = number_of(&r);
		j->records++;
	}
	j->missing = log->missing;
	j->damaged = log->damaged;
	j->shortened = log->shortened;
	j->loose = log->loose;
	j->mended = log->mended;
	return rc < 0 ? -1 : log_rewind(log);
}

static uint64_t wrong(const struct judgement *j)
{
	return j->damaged + j->shortened + j->absurd;
}

/* not one record or two of the log, but all of it; a short one proves nothing */
static bool is_strange(const struct judgement *j)
{
	if (j->odd > j->records / 2)
		return true;
	return j->records + j->damaged >= SHARE &&
	       (wrong(j) > (j->records + j->damaged) / SHARE + 1 ||
		j->empty > j->records - j->records / SHARE || j->loose > j->records / 2);
}

/*
 * In a ring of descriptors a record's place is known, whatever happened to others. In the
 * older logs each is known by the one before it, and the ends by an index: any damage there
 * may cost more than is seen.
 */
bool judge_doubts(const struct log *log, const struct judgement *j)
{
	if (j->records < FEW || is_strange(j))
		return true;
	return log->format != &log_ring && (j->damaged > 0 || j->mended);
}

bool judge_prefers(const struct judgement *a, const struct judgement *b)
{
	if (a->records == 0 || b->records == 0)
		return a->records > 0;
	if (is_strange(a) != is_strange(b))
		return is_strange(b) &&
		       (b->odd > b->records / 2 || a->records >= b->records / 2);
	if (a->records >= b->records + FEW && wrong(a) < wrong(b) + b->mended)
		return true;
	/* nothing is wrong with it, and it has what was lost; two lines may have been one */
	if (b->damaged && !b->missing && wrong(a) == 0 &&
	    a->records + (b->lines ? 2 : 0) >= b->records + !b->lines)
		return true;
	return a->records >= b->records + FEW && a->records >= b->records + b->records / 2;
}

int judge_shares(struct log *log, const struct judgement *j)
{
	bool shares = j->newest[0] == 0 || is_strange(j);
	struct record r;
	int rc = 0;

	while (!shares && (rc = log_next(log, &r)) == 1) {
		uint64_t number = r.loss == LOSS_NONE && r.len > 0 ? number_of(&r) : 0;

		if (stop_check())
			return -1;
		for (int i = 0; number && i < NEWEST; i++)
			shares |= number == j->newest[i];
	}
	return rc < 0 || log_rewind(log) ? -1 : shares;
}

int judge_beats(struct log *found, const struct judgement *j)
{
	struct judgement other;

	if (judge(found, &other))
		return -1;
	return judge_prefers(&other, j) ? judge_shares(found, j) : 0;
}
