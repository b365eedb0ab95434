/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <unistd.h>

#include "arm.h"
#include "check.h"
#include "err.h"
#include "file-load.h"
#include "kmsg.h"
#include "machine.h"
#include "record.h"
#include "say.h"
#include "state.h"
#include "unload.h"

static int unload_now(const struct machine *m)
{
	int log = kmsg_mark(), errnum = file_unload();

	if (errnum) {
		int status = state_explain(errnum, NULL, m);

		state_log(log);
		state_tell("the previous capture kernel is still loaded");
		close(log);
		return status;
	}
	close(log);
	int loaded = machine_loaded(NULL);

	if (loaded < 0)
		return state_unknown();
	if (loaded) {
		fail(ERR_SYS, "the kernel unloaded nothing: another program has loaded"
		     " one since");
		return say_failure();
	}
	record_forget();
	warn("%s", m->loaded ? "unloaded: no capture kernel is loaded now" :
	     "no capture kernel was loaded");
	return 0;
}

int unload(void)
{
	struct machine m;
	int lock;

	if (machine_look(&m, NULL) || check_permission(&m) || arm_lock(&lock))
		return say_failure();
	int status = unload_now(&m);

	close(lock);
	return status;
}
