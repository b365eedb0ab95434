/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "again.h"
#include "err.h"
#include "machine.h"
#include "say.h"
#include "state.h"

enum {
	ATTEMPTS = 2,		/* the one that may fail, and this */
	STOPPED_TRIES = 100,
	STOPPED_MS = 100,
};

static void obstacle(struct again *ag, const char *text)
{
	snprintf(ag->why, sizeof ag->why, "%s", text);
}

/* opens and lays out what the record names; -1 after fail() */
static int open_recorded(struct again *ag, const struct machine *m)
{
	struct record *rec = &ag->rec;
	struct attempt *a = &ag->attempt;
	bool classic = strcmp(rec->call, "kexec_load") == 0;
	const char *why;

	a->type = rec->type;
	a->wish = (struct layout_wish){ .hotplug = rec->hotplug, .no_checks = rec->no_checks,
					.no_efi = rec->no_efi, .serial = rec->serial };
	if (load_open(&a->ld, rec->kernel.path, rec->initrd.path, rec->type))
		return -1;
	a->ld.cmdline = strdup(rec->cmdline);
	if (!a->ld.cmdline)
		return fail(ERR_MEMORY, "out of memory");
	if (attempt_choose(a, classic ? CALL_CLASSIC : CALL_AUTO, m, &why))
		return -1;
	a->ld.fit.used = rec->used;
	return attempt_lay(a, m);
}

void again_prepare(struct again *ag, const struct machine *m)
{
	*ag = (struct again){ .attempt.ld = { .kernel_fd = -1, .initrd_fd = -1,
					      .image = { .fd = -1, .initrd_fd = -1 } } };
	int there = record_read(&ag->rec, NULL);

	if (there < 0)
		obstacle(ag, err_text());
	else if (there == 0)
		obstacle(ag, "it was loaded by another program, so its files are not known");
	else if (!record_same(&ag->rec.kernel, NULL))
		snprintf(ag->why, sizeof ag->why, "%.200s was changed since", ag->rec.kernel.path);
	else if (!record_same(&ag->rec.initrd, NULL))
		snprintf(ag->why, sizeof ag->why, "%.200s was changed since", ag->rec.initrd.path);
	else if (m->limited && m->limit < ATTEMPTS)
		obstacle(ag, "kernel.kexec_load_limit_panic leaves no attempt for it");
	else if (open_recorded(ag, m))
		obstacle(ag, err_text());
	else
		ag->ready = true;
}

/* who was asked to stop does not wait for another loader; here it must be waited for */
static int call(struct again *ag, const struct machine *m)
{
	for (int tries = 0;; tries++) {
		int errnum = attempt_call(&ag->attempt, m->arch, false);

		if (errnum != ECANCELED || err_code() != ERR_STOPPED || tries == STOPPED_TRIES)
			return errnum;
		nanosleep(&(struct timespec){ .tv_nsec = STOPPED_MS * 1000000L }, NULL);
	}
}

bool again_load(struct again *ag, const struct machine *m, int log)
{
	if (!ag->ready) {
		complain("the previous set cannot be loaded again: %s", ag->why);
		return false;
	}
	int errnum = call(ag, m);

	if (errnum) {
		state_cause(errnum, &ag->attempt, m);
		complain("the previous set (%s) could not be loaded again: %s",
			 ag->attempt.ld.kernel, err_text());
		state_log(log);
		return false;
	}
	return machine_loaded(NULL) == 1;
}

void again_close(struct again *ag)
{
	attempt_close(&ag->attempt);
	record_free(&ag->rec);
}
