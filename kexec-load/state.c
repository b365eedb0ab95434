/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>

#include "attempt.h"
#include "doctor.h"
#include "err.h"
#include "kmsg.h"
#include "machine.h"
#include "say.h"
#include "state.h"

int state_not_known(void)
{
	int status = say_failure();

	return status == 4 ? 4 : 1;
}

int state_unknown(void)
{
	int status = state_not_known();

	complain("it is not known whether a capture kernel is loaded");
	return status;
}

void state_tell(const char *loaded)
{
	int now = machine_loaded(NULL);

	if (now < 0)
		state_unknown();
	else
		complain("%s", now ? loaded : "NO capture kernel is loaded now");
}

void state_log(int log)
{
	char text[256];

	while (log >= 0 && kmsg_next(log, text, sizeof text))
		warn("the kernel says: %s", text);
}

int state_cause(int errnum, const struct attempt *a, const struct machine *before)
{
	const struct machine *m = before;
	struct machine now;

	/* ECANCELED is explained already; while the lock is held, looking would wait again */
	if (errnum != ECANCELED && errnum != EBUSY && machine_look(&now, NULL) == 0)
		m = &now;
	return doctor_explain(errnum, a ? &a->ld : NULL, m);
}

int state_explain(int errnum, const struct attempt *a, const struct machine *before)
{
	state_cause(errnum, a, before);
	return say_failure();
}
