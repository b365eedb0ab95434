/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "err.h"
#include "lay.h"
#include "source-flat.h"

/* len bytes: 1; fewer, as the stream ends: 0; -1 */
static int take_all(struct lay *l, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = l->take(l->arg, buf, len);

		if (n <= 0)
			return (int)n;
		buf += n;
		len -= (size_t)n;
		l->pos += (uint64_t)n;
	}
	return 1;
}

int lay_begin(struct lay *l)
{
	int rc = take_all(l, l->buf, FLAT_HEADER);

	return rc == 1 ? flat_is_header(l->buf) : rc;
}

static int put_status(struct lay *l, const uint8_t status[4])
{
	return l->put(l->arg, status, 4, laid_status_at(&l->laid));
}

static int put(struct lay *l, size_t len, uint64_t at)
{
	uint8_t status[4];

	laid_see(&l->laid, l->buf, len, at);
	if (l->put(l->arg, l->buf, len, at))
		return -1;
	return laid_wants_mark(&l->laid, status) ? put_status(l, status) : 0;
}

/* one record's bytes, as far as there are some */
static int copy_record(struct lay *l, uint64_t at, uint64_t size)
{
	while (size > 0) {
		ssize_t n = l->take(l->arg, l->buf, size < l->room ? (size_t)size : l->room);

		if (n < 0)
			return -1;
		if (n == 0)
			return fail(ERR_STOPPED, "%s: the stream ends at byte %" PRIu64
				    ", in a record, without its end marker", l->name, l->pos);
		l->pos += (uint64_t)n;
		if (put(l, (size_t)n, at))
			return -1;
		at += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

int lay_records(struct lay *l)
{
	uint8_t raw[FLAT_RECORD];
	uint64_t at, size;

	for (;;) {
		uint64_t where = l->pos;
		int rc = take_all(l, raw, sizeof raw);

		if (rc < 0)
			return -1;
		if (rc == 0)
			return fail(ERR_STOPPED, "%s: the stream ends at byte %" PRIu64
				    " without its end marker", l->name, l->pos);
		rc = flat_parse_record(raw, &at, &size);
		if (rc == 0)
			return 0;
		if (rc < 0)
			return fail(ERR_STOPPED, "%s: the record at byte %" PRIu64 " is damaged",
				    l->name, where);
		if (copy_record(l, at, size))
			return -1;
	}
}

int lay_end(struct lay *l)
{
	uint8_t status[4];

	if (laid_says_incomplete(&l->laid))
		return fail(ERR_STOPPED, "%s: the sender has marked its dump as incomplete",
			    l->name);
	return laid_final_status(&l->laid, status) ? put_status(l, status) : 0;
}

int lay_mark(struct lay *l, uint64_t *least)
{
	uint8_t status[4];

	*least = laid_least(&l->laid);
	return laid_mark(&l->laid, status) ? put_status(l, status) : 0;
}
