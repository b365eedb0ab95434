/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "small.h"

/* whatever the store wants to be called for, until it has all for good */
static int push_through(struct store *s, uint64_t until_ms)
{
	struct window *w = s->window;
	struct part p;

	while (!window_is_empty(w)) {
		struct pollfd fds[STORE_FDS];
		int n;

		while (window_next(w, s->write_max, &p)) {
			n = s->ops->write(s, &p);
			if (n < 0)
				return -1;
			if (n == STORE_BUSY) {
				window_undo(w, &p);
				break;
			}
		}
		/* a store that takes a stream has nothing to say before finish() */
		if (s->sequential && s->in_flight == 0)
			return 0;
		if (s->in_flight == 0 && !s->committing && w->unsynced > 0 && s->ops->commit(s))
			return -1;
		n = s->ops->poll(s, fds);
		if (n < 0 || net_wait(fds, (unsigned)n, clock_ms() + 100) < 0 ||
		    s->ops->service(s))
			return -1;
		if (clock_ms() > until_ms)
			return fail(ERR_AGAIN, "%s: no answer", s->where);
	}
	return 0;
}

int small_write(struct store *s, const char *path, const void *bytes, size_t len)
{
	struct window *before = s->window, w;
	bool flat = s->flat;
	size_t room;
	int rc;

	if (window_open(&w, WINDOW_MIN))
		return -1;
	memcpy(window_room(&w, 0, &room), bytes, len);
	window_filled(&w, 0, len);
	window_push(&w);
	s->window = &w;
	s->flat = false;
	rc = s->ops->create(s, path);
	if (rc == STORE_EXISTS)
		rc = fail(ERR_SYS, "%s: exists", path);
	if (rc == 0)
		rc = push_through(s, clock_ms() + s->options->silence_ms);
	if (rc == 0)
		rc = s->ops->finish(s, true);
	s->window = before;
	s->flat = flat;
	window_close(&w);
	return rc;
}
