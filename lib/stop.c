/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

#include "err.h"
#include "stop.h"

/* a signal handler can reach nothing but a global */
static volatile sig_atomic_t stopped_by;

static void remember(int signum)
{
	stopped_by = signum;
}

void stop_catch(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = remember };

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
		struct sigaction old;

		/* nohup and the like asked for it to be ignored: leave it so */
		if (sigaction(stops[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(stops[i], &act, NULL);
	}
	act.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGXFSZ, &act, NULL);
}

void stop_after(uint64_t ms)
{
	struct sigaction act = { .sa_handler = remember };
	struct itimerval t = {
		.it_value = { .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000) },
	};

	/* 0 would stop the clock */
	if (ms == 0)
		t.it_value.tv_usec = 1;
	sigemptyset(&act.sa_mask);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

int stop_check(void)
{
	int signum = stopped_by;

	if (signum == 0)
		return 0;
	if (signum == SIGALRM)
		return fail(ERR_STOPPED, "the time limit is over");
	return fail(ERR_STOPPED, "stopped by SIG%s", sigabbrev_np(signum));
}
