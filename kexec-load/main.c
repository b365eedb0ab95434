/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec-load - load the kernel that captures the memory of a crashed one */
#include "arm.h"
#include "options.h"
#include "say.h"
#include "status.h"
#include "stop.h"
#include "unload.h"

int main(int argc, char *argv[])
{
	struct request rq;

	say_start(argv[0]);
	int done = options_read(&rq, argv + (argc > 0));

	if (done >= 0)
		return done;
	stop_catch();
	if (rq.status)
		return status_show(&rq);
	if (rq.unload)
		return unload();
	return arm(&rq);
}
