/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libdw and libelf read a file that may be damaged, or made to harm, and libdw is known
 * to crash and to go in circles on such. So a child process reads it, with a limit of
 * time, and sends the text through a pipe, or the reason why there is none.
 */
#include "err.h"
#include "vmlinux.h"

#ifdef HAVE_dw

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stop.h"
#include "vmlinux-text.h"

enum {
	CPU_SECONDS = 300,	/* a kernel of 600 MB takes less than one */
	POLL_MS = 200,
	REPLY_MAX = VMLINUX_TEXT_MAX,
};

static void send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			_exit(ERR_SYS);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

/* the exit status is what fail() was given, ERR_NONE if all is well */
static _Noreturn void child(const char *path, int fd)
{
	static char text[VMLINUX_TEXT_MAX];
	const struct rlimit none = { 0, 0 }, cpu = { CPU_SECONDS, CPU_SECONDS };
	size_t len;

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &cpu);
	if (vmlinux_text(path, text, &len)) {
		send_all(fd, err_text(), strlen(err_text()));
		_exit(err_code());
	}
	send_all(fd, text, len);
	_exit(ERR_NONE);
}

/* up to the end of what the child sends; -1 after fail() */
static int receive(int fd, char *reply, size_t *len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (*len = 0; *len < REPLY_MAX; ) {
		ssize_t n;

		if (stop_check())
			return -1;
		if (poll(&p, 1, POLL_MS) <= 0)	/* time is up, or a signal came */
			continue;
		n = read(fd, reply + *len, REPLY_MAX - *len);
		if (n < 0 && errno != EINTR)
			return fail_sys("pipe");
		if (n == 0)
			break;
		if (n > 0)
			*len += (size_t)n;
	}
	return 0;
}

static int reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return fail_sys("waiting for a process");
	return 0;
}

/* reply has a byte more than len for its end */
static int judge(const char *path, char *reply, size_t len, int status)
{
	reply[len] = '\0';
	if (WIFSIGNALED(status))
		return fail(ERR_CORRUPT, "%s: damaged: reading it ended with signal %d", path,
			    WTERMSIG(status));
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != ERR_NONE && len == 0))
		return fail(ERR_CORRUPT, "%s: it could not be read", path);
	if (WEXITSTATUS(status) != ERR_NONE)
		return fail((enum err)WEXITSTATUS(status), "%s", reply);
	return 0;
}

static int ask(const char *path, char *reply, size_t *len)
{
	int fds[2], status, rc;
	pid_t pid;

	if (pipe(fds))
		return fail_sys("pipe");
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return fail_sys("starting a process");
	}
	if (pid == 0) {
		close(fds[0]);
		child(path, fds[1]);
	}
	close(fds[1]);
	rc = receive(fds[0], reply, len);
	close(fds[0]);
	if (rc)
		kill(pid, SIGKILL);
	if (reap(pid, &status) || rc)
		return -1;
	return judge(path, reply, *len, status);
}

int vmlinux_info(const char *path, char **text, size_t *len)
{
	char *reply = malloc(REPLY_MAX + 1);

	if (!reply)
		return fail_sys("VMCOREINFO");
	if (ask(path, reply, len)) {
		free(reply);
		return -1;
	}
	*text = reply;
	return 0;
}

#else

int vmlinux_info(const char *path, char **text, size_t *len)
{
	(void)text;
	(void)len;
	return fail(ERR_USAGE, "%s: this dumpfilter was built without libdw and reads no vmlinux",
		    path);
}

#endif
