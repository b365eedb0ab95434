/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After a new connection the file is opened by its name again. Meanwhile another sender
 * with the same name, or its owner, may have moved ours aside and begun another: then our
 * bytes must not go into that one. No protocol here tells for sure (SFTP has no handles
 * that outlive a connection), so some of what is durable is read back and compared.
 */
#include <stdlib.h>
#include <string.h>

#include "deliver.h"
#include "err.h"
#include "kdump-format.h"

enum {
	PIECE = 256 << 10,	/* bytes read at a time */
	LONGEST = 16 << 20,	/* bytes: of longer extents it would take too long */
};

/* is all of it on the server for good, as it was sent? */
static bool is_durable(const struct delivery *d, const struct digest_extent *e)
{
	if (e->stale || e->len > LONGEST)
		return false;
	/* the status of a dump on its way is another than that of the whole one */
	if (cargo_is_laid(d->cargo) && e->at < KDUMP_HEADER_LEN)
		return false;
	return !window_holds(&d->cargo->window, e->at, e->len);
}

/* what was dropped last, too short perhaps for the checksums: 1, 0, or -1 */
static int is_last_there(struct delivery *d, uint8_t *buf)
{
	const struct window *w = &d->cargo->window;
	ssize_t n;

	if (w->last_len == 0 || window_holds(w, w->last_at, w->last_len))
		return 1;
	n = d->store.ops->read(&d->store, buf, w->last_len, w->last_at);
	if (n < 0)
		return -1;
	return (size_t)n == w->last_len && memcmp(buf, w->last, w->last_len) == 0;
}

/* the oldest that is durable, and the youngest: 1 when they are there, 0, or -1 */
static int is_the_same(struct delivery *d)
{
	const struct digest *digest = &d->cargo->digest;
	uint8_t *buf = malloc(PIECE);
	unsigned first = 0, last = digest->count;
	int rc;

	if (!buf)
		return fail_sys("%s", d->temp);
	rc = is_last_there(d, buf);
	while (first < last && !is_durable(d, &digest->extents[first]))
		first++;
	while (last > first && !is_durable(d, &digest->extents[last - 1]))
		last--;
	if (rc == 1 && first < last)
		rc = verify_extent(d, &digest->extents[first], buf, PIECE);
	if (rc == 1 && last > first + 1)
		rc = verify_extent(d, &digest->extents[last - 1], buf, PIECE);
	free(buf);
	return rc;
}

/* a file that an earlier run has begun may have holes, and is compared in the end */
static int check(struct delivery *d)
{
	int rc = 1;

	if (!d->store.sequential && !d->resumable)
		rc = is_the_same(d);
	if (rc)
		return rc < 0 ? -1 : 0;
	d->created = false;
	return fail(ERR_SYS, "%s: does not hold what was sent: somebody else has made it anew, or "
		    "the server has lost it", d->temp);
}

int landing_reopen(struct delivery *d)
{
	struct store_stat st;
	int rc;

	if (!d->created)
		return 0;
	rc = d->store.ops->open(&d->store, d->temp);
	if (rc)
		return rc < 0 ? -1 : check(d);
	/* the answer to our last request, its renaming, may have been what was lost */
	rc = d->stage == STAGE_NAME ? d->store.ops->stat(&d->store, d->path, &st) : 0;
	if (rc)
		return rc < 0 ? -1 : 0;
	d->created = false;
	return fail(ERR_SYS, "%s: was renamed or removed by somebody else", d->temp);
}
