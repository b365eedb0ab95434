/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/judge.c dumpmsg/log.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c */
/* Healthy logs that look strange are not doubted; others are. */
#include <stdio.h>
#include <string.h>

#include "../../dumpmsg/judge.h"
#include "../../dumpmsg/log.h"
#include "unit.h"

#define NSEC UINT64_C(1000000000)

/* n records, of which make() sets what is not usual */
struct made {
	uint64_t n, next;
	void (*make)(struct record *r, uint64_t i);
	char text[32];
};

static int made_open(struct log *log)
{
	(void)log;
	return 0;
}

static int made_next(struct log *log, struct record *r)
{
	struct made *m = log->state;

	if (m->next == m->n)
		return 0;
	snprintf(m->text, sizeof m->text, "record %u", (unsigned)m->next);
	*r = (struct record){ .seq = m->next, .timed = true, .ts_nsec = m->next * NSEC,
			      .text = m->text, .len = strlen(m->text) };
	if (m->make)
		m->make(r, m->next);
	m->next++;
	return 1;
}

static void made_close(struct log *log)
{
	(void)log;
}

static int made_rewind(struct log *log)
{
	struct made *m = log->state;

	m->next = 0;
	return 0;
}

static const struct log_format made_format = { "made", "", made_open, made_next, made_close,
					       made_rewind };

static struct judgement judged(uint64_t n, void (*make)(struct record *r, uint64_t i))
{
	struct made m = { .n = n, .make = make };
	struct log log = { .format = &made_format, .state = &m };
	struct judgement j;

	assert_int_equal(judge(&log, &j), 0);
	assert_int_equal(j.records, n);
	return j;
}

static bool doubted(uint64_t n, void (*make)(struct record *r, uint64_t i))
{
	struct judgement j = judged(n, make);
	struct log ring = { .format = &log_ring };

	return judge_doubts(&ring, &j);
}

/* virtual machines have such: each processor's clock is good in itself */
static void two_clocks(struct record *r, uint64_t i)
{
	r->ts_nsec += i % 2 * 1000 * NSEC;
}

/* processors that come up */
static void zero_times(struct record *r, uint64_t i)
{
	if (i % 3 == 0)
		r->ts_nsec = 0;
}

static void many_empty(struct record *r, uint64_t i)
{
	if (i % 4)
		r->len = 0;
}

static void all_empty(struct record *r, uint64_t i)
{
	(void)i;
	r->len = 0;
}

static void no_times(struct record *r, uint64_t i)
{
	r->ts_nsec = i * 0x123456789abcdef1;
}

static void same_numbers(struct record *r, uint64_t i)
{
	r->seq = i / 2;
}

static void doubts(void **state)
{
	(void)state;
	assert_false(doubted(100, NULL));
	assert_false(doubted(100, two_clocks));
	assert_false(doubted(100, zero_times));
	assert_false(doubted(100, many_empty));
	assert_true(doubted(100, all_empty));
	assert_true(doubted(100, no_times));
	assert_true(doubted(100, same_numbers));
	assert_true(doubted(3, NULL));
}

static void other_words(struct record *r, uint64_t i)
{
	(void)i;
	r->text = "of another boot";
	r->len = strlen(r->text);
}

/* more records do not make another log a better one */
static void shared(void **state)
{
	struct judgement j = judged(20, NULL);
	struct made more = { .n = 50 }, other = { .n = 50, .make = other_words };
	struct log log = { .format = &made_format, .state = &more };

	(void)state;
	assert_int_equal(judge_shares(&log, &j), 1);
	log.state = &other;
	assert_int_equal(judge_shares(&log, &j), 0);
	/* of one that is nothing but strange nothing can be known */
	j = judged(20, no_times);
	assert_int_equal(judge_shares(&log, &j), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubts),
		cmocka_unit_test(shared),
	};

	return RUN(tests);
}
