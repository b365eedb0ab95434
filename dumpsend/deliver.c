/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "deliver.h"
#include "err.h"
#include "net.h"
#include "say.h"
#include "stop.h"

enum {
	NAP_DOUBLINGS = 6,
	NAP_MOST_MS = 30000,
	SETTLE_MS = 5000,
};

int deliver_check(const struct delivery *d)
{
	if (stop_check())
		return -1;
	if (clock_ms() < d->options->deadline_ms)
		return 0;
	return fail(ERR_STOPPED, "the time limit is over");
}

int deliver_nap(const struct delivery *d, uint64_t ms)
{
	uint64_t until = clock_ms() + ms;

	if (until > d->options->deadline_ms)
		until = d->options->deadline_ms;
	while (clock_left(until) > 0)
		if (net_wait(NULL, 0, until) < 0)
			return -1;
	return deliver_check(d);
}

int deliver_open(struct delivery *d, const struct target *t, const char *path,
		 struct cargo *cargo, struct meter *meter, const struct deliver_options *o)
{
	static const struct store_ops *const stores[] = {
#ifdef HAVE_nfs
		[TARGET_NFS] = &store_nfs,
#endif
#ifdef HAVE_ssh
		[TARGET_SSH] = &store_ssh,
#endif
		[TARGET_FILE] = &store_local, [TARGET_RAW] = &store_raw,
	};

	*d = (struct delivery){ .cargo = cargo, .meter = meter, .options = o };
	d->store = (struct store){ .ops = stores[t->kind], .target = t, .options = &o->store,
				   .window = &cargo->window,
				   .flat = cargo_is_laid(cargo), .force = o->force };
	if (!d->store.ops)
		return fail(ERR_USAGE, "this dumpsend was built without %s",
			    t->kind == TARGET_NFS ? "NFS" : "SSH");
	d->path = strdup(path);
	if (d->path)
		return 0;
	return fail_sys("%s", path);
}

void deliver_close(struct delivery *d)
{
	if (d->store.ops)
		d->store.ops->close(&d->store);
	verify_forget(d);
	if (d->temp != d->path)
		free(d->temp);
	free(d->path);
	*d = (struct delivery){ 0 };
}

static void hang_up(struct delivery *d)
{
	d->store.ops->close(&d->store);
	d->store.in_flight = 0;
	d->store.committing = 0;
	d->connected = false;
}

/* something has become durable since the last failure: patience begins anew */
static void note_progress(struct delivery *d)
{
	uint64_t progress = d->cargo->window.dropped + d->compared;

	if (progress <= d->progress)
		return;
	d->progress = progress;
	deliver_is_well(d);
}

void deliver_is_well(struct delivery *d)
{
	d->trouble_ms = 0;
	d->naps = 0;
}

/* a new connection, and on it the file as far as it came */
static int reconnect(struct delivery *d)
{
	struct store *s = &d->store;

	s->in_flight = 0;
	s->committing = 0;
	if (s->ops->connect(s))
		return -1;
	d->connected = true;
	window_again(&d->cargo->window);
	d->cargo->window.ordered = s->sequential;
	info("%s: connected", s->where);
	return landing_reopen(d);
}

static int next_stage(struct delivery *d)
{
	static int (*const stages[])(struct delivery *) = {
		[STAGE_BEGIN] = landing_begin, [STAGE_RESUME] = resume, [STAGE_SEND] = pump,
		[STAGE_VERIFY] = verify, [STAGE_NAME] = landing_name,
	};

	if (!d->connected && reconnect(d))
		return -1;
	if (stages[d->stage](d))
		return -1;
	d->stage++;
	deliver_is_well(d);
	return 0;
}

/* twice as long each time; jittered, a thousand hosts may come back at once */
static uint64_t nap_length(uint64_t first_ms, unsigned naps)
{
	uint64_t ms = first_ms << (naps < NAP_DOUBLINGS ? naps : NAP_DOUBLINGS);
	uint32_t random = 0;

	if (ms > NAP_MOST_MS)
		ms = NAP_MOST_MS;
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		random = (uint32_t)clock_ms() * 2654435761u;
	return ms / 2 + random % (ms + 1);
}

/* after ERR_AGAIN: wait, and try again; -1 when the patience is over, with the reason */
static int wait_and_retry(struct delivery *d)
{
	uint64_t nap, patience = d->options->retry_ms, since;
	char why[ERR_TEXT];

	note_progress(d);
	hang_up(d);
	snprintf(why, sizeof why, "%s", err_text());
	if (!d->trouble_ms)
		d->trouble_ms = clock_ms();
	since = clock_ms() - d->trouble_ms;
	if (since >= patience)
		return d->naps ? fail(ERR_AGAIN, "%s; given up after %" PRIu64 " s", why,
					 since / 1000) : -1;
	nap = nap_length(d->options->nap_ms, d->naps++);
	if (nap > patience - since)
		nap = patience - since;
	d->retries++;
	if (d->meter)
		meter_clear(d->meter);
	warn("%s; trying again in %.1f s", why, (double)nap / 1000);
	return deliver_nap(d, nap);
}

/* what was sent is on the other side, but it is not whole: for the reason that the input gave */
static int end_cut(struct delivery *d)
{
	struct cargo *c = d->cargo;
	struct store *s = &d->store;

	if (cargo_is_laid(c) && !laid_is_useful(&c->laid)) {
		landing_remove(d);
		return fail(c->reason_code == ERR_STOPPED ? ERR_CORRUPT : c->reason_code,
			    "%s; what came before is of no use and was not kept", c->reason);
	}
	if (s->ops->finish(s, false))
		info("%s", err_text());
	return fail(ERR_STOPPED, "%s; what came before is %s %s%s", c->reason,
		    d->temp == d->path ? "on" : "in", d->temp,
		    d->temp == d->path ? ": dumpsend --recover gets it" : "");
}

/* no more is sent, but what was taken shall be on the disk; a few seconds for that, no more */
static void settle(struct delivery *d)
{
	struct store *s = &d->store;
	uint64_t until = clock_ms() + SETTLE_MS;
	bool asked = false;
	unsigned failures = 0;

	while (clock_left(until) > 0 && failures < 2 * STORE_FDS + d->store.in_flight) {
		struct pollfd fds[STORE_FDS];
		int n;

		if (s->in_flight == 0 && !s->committing) {
			/* what was refused is never acknowledged, and what follows it stays */
			if (asked || d->cargo->window.unsynced == 0 || s->ops->commit(s))
				break;
			asked = true;
		}
		n = s->ops->poll(s, fds);
		if (n < 0 || net_wait(fds, (unsigned)n, until) < 0)
			break;
		if (s->ops->service(s)) {
			if (err_code() == ERR_AGAIN)
				break;
			failures++;
		}
	}
	if (s->ops->finish(s, false))
		debug("%s", err_text());
}

/*
 * The reason is said by fail(): what the server has of the file is worth keeping, and
 * the user should know where. A server that is full may still make it durable.
 */
static int keep(struct delivery *d)
{
	const struct window *w = &d->cargo->window;
	enum err code = err_code();
	char why[ERR_TEXT], bytes[METER_TEXT];

	if (!d->created || d->temp == d->path)
		return -1;
	snprintf(why, sizeof why, "%s", err_text());
	if (w->dropped + w->unsynced == 0) {
		if (code == ERR_STOPPED)
			return fail(code, "%s; next to nothing is in %s", why, d->temp);
		landing_remove(d);
		return fail(code == ERR_FULL ? ERR_SYS : code, "%s", why);
	}
	meter_bytes(bytes, w->dropped + w->unsynced);
	if (code == ERR_FULL && d->connected)
		settle(d);
	/* after a signal a server would have to be waited for, but a file of this machine not */
	if (code == ERR_STOPPED && d->connected && d->store.target->kind == TARGET_FILE &&
	    d->store.ops->finish(&d->store, false))
		debug("%s", err_text());
	return fail(code, "%s; about %s are in %s", why, bytes, d->temp);
}

/*
 * What an earlier run has left was not all that it seemed: then it is moved aside, and all
 * is sent. Else each run would go on with it, and fail in the end.
 */
static bool begin_anew(struct delivery *d)
{
	if (!d->differs || !d->resumable)
		return false;
	warn("%s; all of it is sent again", err_text());
	d->differs = d->resumable = d->created = d->has_sha256 = false;
	d->compared = d->progress = 0;
	verify_forget(d);
	d->stage = STAGE_RESUME;
	return true;
}

int deliver(struct delivery *d)
{
	struct cargo *c = d->cargo;

	while (d->stage != STAGE_DONE) {
		if (d->stage == STAGE_VERIFY && c->cut)
			return end_cut(d);
		if (deliver_check(d))
			return keep(d);
		if (next_stage(d) == 0)
			continue;
		if (err_code() != ERR_AGAIN && begin_anew(d))
			continue;
		if (err_code() != ERR_AGAIN)
			return keep(d);
		if (wait_and_retry(d))
			return keep(d);
	}
	return 0;
}
