/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure - run a command: how long it took, what it cost, how much memory it had
 *
 * usage: measure [-m] SECONDS RESULT COMMAND...
 *
 * One line is appended to the file RESULT: seconds that passed, seconds of processor time
 * (user and system, of the command and of all that it started: what it leaves behind is
 * waited for), and the peak of the command's anonymous memory in KiB. That one is asked
 * for with -m, and is the greatest RssAnon in /proc/PID/status, looked at every 2 ms;
 * without -m it is 0, so that looking costs nothing. After SECONDS everything is killed.
 *
 * The exit status is the command's, 124 after a time-out, 126 if it was killed.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_NS = 2000000, TIMED_OUT = 124, KILLED = 126 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(125);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* the anonymous memory of a process in KiB, 0 when it has none any more */
static unsigned long rss_anon(pid_t pid)
{
	unsigned long kib = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "RssAnon: %lu", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

static pid_t start(char *command[])
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0) {
		setpgid(pid, pid);
		return pid;
	}
	setpgid(0, 0);
	execvp(command[0], command);
	die(command[0]);
}

/* until one child ended, or the time is over: its number, or 0 */
static pid_t wait_until(double deadline, pid_t watched, unsigned long *peak, int *status)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((pid = waitpid(-1, status, WNOHANG)) == 0) {
		double left = deadline - now();
		struct timespec rest = { .tv_sec = (time_t)left + 1 };

		if (left <= 0)
			return 0;
		if (peak) {
			unsigned long kib = rss_anon(watched);

			if (kib > *peak)
				*peak = kib;
		}
		sigtimedwait(&child, NULL, peak ? &look : &rest);
	}
	return pid;
}

static void append(const char *path, double wall, unsigned long peak)
{
	struct rusage used;
	FILE *f = fopen(path, "ae");

	if (!f)
		die(path);
	getrusage(RUSAGE_CHILDREN, &used);
	fprintf(f, "%.3f %.3f %lu\n", wall,
		seconds_of(used.ru_utime) + seconds_of(used.ru_stime), peak);
	if (fclose(f) != 0)
		die(path);
}

int main(int argc, char *argv[])
{
	bool memory = argc > 1 && strcmp(argv[1], "-m") == 0;
	unsigned long peak = 0;
	double begin = now(), end, deadline;
	int status = 0, last = 0;
	sigset_t child;
	pid_t pid, each;

	argv += memory;
	if (argc - memory < 4) {
		fprintf(stderr, "usage: measure [-m] SECONDS RESULT COMMAND...\n");
		return 125;
	}
	deadline = begin + atof(argv[1]);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid = start(argv + 3);
	/* not before: the command would inherit it */
	sigprocmask(SIG_BLOCK, &child, NULL);
	do
		each = wait_until(deadline, pid, memory ? &peak : NULL, &last);
	while (each > 0 && each != pid);
	status = last;
	end = now();
	while (each > 0)
		each = wait_until(deadline, pid, NULL, &last);
	if (each == 0) {
		kill(-pid, SIGKILL);
		return TIMED_OUT;
	}
	append(argv[2], end - begin, peak);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}
