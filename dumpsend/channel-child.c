/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A channel through the ssh program, with all that its configuration can do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "err.h"

enum {
	PIPE_SIZE = 1 << 20,	/* bytes: what any user may have */
	END_MS = 1000,		/* for a program that has closed its output to end */
	KILL_MS = 200,		/* ... and for one that was told to */
};

struct child {
	pid_t pid;		/* 0: none, or it has ended */
	bool session;		/* it leads a session of its own */
	int in, out, err;	/* its standard files, our ends; -1: closed */
	bool blocked;		/* the last write found no room */
	bool full;		/* ... and nobody has waited since */
	bool deaf;		/* it reads no more */
	bool ended;
	int exit_status;	/* -1: not known, or a signal */
	struct child_said said;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ends[0], [1], [2]: its files; what is left open is ours */
static int make_pipes(struct child *k, int ends[3])
{
	const int size = PIPE_SIZE;
	int *ours[3] = { &k->in, &k->out, &k->err };

	for (int i = 0; i < 3; i++) {
		int fd[2], mine = i == 0;

		/* towards it a socket, as scp has: a pipe wakes us for every page that is read */
		if (i == 0 ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) :
			     pipe2(fd, O_CLOEXEC))
			return fail_sys("pipe");
		*ours[i] = fd[mine];
		ends[i] = fd[!mine];
		if (fcntl(fd[mine], F_SETFL, O_NONBLOCK))
			return fail_sys("pipe");
		/* fewer switches between the two; it may be refused */
		if (i == 0)
			setsockopt(fd[mine], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
		if (i == 1)
			fcntl(fd[mine], F_SETPIPE_SZ, PIPE_SIZE);
	}
	return 0;
}

/* our ignored signals and our terminal are not its business: 0 or an errno */
static int spawn_with(struct child *k, const int ends[3], char *const argv[],
		      posix_spawn_file_actions_t *files, posix_spawnattr_t *attr)
{
	sigset_t all, none;
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	int rc = 0;

	sigfillset(&all);
	sigemptyset(&none);
	/* a child without one of these would have ours, and take the stream for its input */
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(files, ends[i], i);
	if (rc)
		return rc;
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	if (k->session)
		flags |= POSIX_SPAWN_SETSID;
	posix_spawnattr_setflags(attr, flags);
	return posix_spawnp(&k->pid, argv[0], files, attr, argv, environ);
}

static int spawn(struct child *k, const int ends[3], char *const argv[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	rc = spawn_with(k, ends, argv, &files, &attr);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (rc == 0)
		return 0;
	k->pid = 0;
	errno = rc;
	return fail_sys("%s", argv[0]);
}

static void child_close(struct channel *c);

static int child_open(struct channel *c, const char *subsystem, const char *command)
{
	struct child *k = calloc(1, sizeof *k);
	int ends[3] = { -1, -1, -1 };
	struct args args;
	int rc = -1;

	c->own = k;
	if (!k)
		return fail(ERR_MEMORY, "ssh: out of memory");
	k->in = k->out = k->err = k->exit_status = -1;
	/* so that Ctrl-C is for us alone; but it needs the terminal for a passphrase */
	k->session = !c->options->interactive;
	if (args_make(&args, c, subsystem, command) == 0) {
		if (make_pipes(k, ends) == 0)
			rc = spawn(k, ends, args.word);
		args_free(&args);
	}
	for (int i = 0; i < 3; i++)
		close_end(&ends[i]);
	if (rc)
		child_close(c);
	return rc ? -1 : CHANNEL_OPEN;
}

static void hear(struct child *k)
{
	char buf[1024];
	ssize_t n;

	while (k->err >= 0 && (n = read(k->err, buf, sizeof buf)) >= 0) {
		child_hear(&k->said, buf, (size_t)n);
		if (n == 0)
			close_end(&k->err);
	}
}

/* wait at most so long for its end */
static void reap(struct child *k, uint64_t ms)
{
	uint64_t deadline = clock_ms() + ms;
	int status;

	while (k->pid > 0) {
		pid_t pid = waitpid(k->pid, &status, WNOHANG);

		if (pid == k->pid && WIFEXITED(status))
			k->exit_status = WEXITSTATUS(status);
		if (pid == k->pid || (pid < 0 && errno != EINTR))
			k->pid = 0;
		else if (clock_left(deadline) == 0)
			return;
		else
			nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
}

/* its output has ended: is that the command's end, or the program's failure? */
static int end_of_output(struct channel *c, bool *eof)
{
	struct child *k = c->own;

	if (!k->ended)
		reap(k, END_MS);
	hear(k);
	k->ended = *eof = true;
	if (k->pid > 0 || k->said.no_subsystem)
		return 0;
	if (k->exit_status == 255 || k->exit_status == -1)
		return child_fail(&k->said, c->target, "the program ended");
	return 0;
}

static ssize_t child_read(struct channel *c, void *buf, size_t len, bool *eof)
{
	struct child *k = c->own;
	ssize_t n = read(k->out, buf, len);

	if (n > 0)
		return n;
	hear(k);
	if (n == 0)
		return end_of_output(c, eof);
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return fail(ERR_AGAIN, "%s: ssh: %s", c->target->host, strerror(errno));
}

static ssize_t child_write(struct channel *c, const void *buf, size_t len)
{
	struct child *k = c->own;
	ssize_t n = k->deaf || k->full ? 0 : write(k->in, buf, len);

	k->blocked = k->full = n < (ssize_t)len;
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	/* it has ended, and read() will say why */
	k->deaf = true;
	return 0;
}

static int child_poll(struct channel *c, struct pollfd fds[STORE_FDS])
{
	struct child *k = c->own;
	int n = 0;

	k->full = false;
	fds[n++] = (struct pollfd){ .fd = k->out, .events = POLLIN };
	if (k->err >= 0)
		fds[n++] = (struct pollfd){ .fd = k->err, .events = POLLIN };
	if (k->blocked && !k->deaf)
		fds[n++] = (struct pollfd){ .fd = k->in, .events = POLLOUT };
	return n;
}

static int child_send_eof(struct channel *c)
{
	struct child *k = c->own;

	close_end(&k->in);
	k->deaf = true;
	return 0;
}

static int child_status(struct channel *c)
{
	const struct child *k = c->own;

	return k->said.no_subsystem ? -1 : k->exit_status;
}

static void child_close(struct channel *c)
{
	struct child *k = c->own;

	c->own = NULL;
	if (!k)
		return;
	close_end(&k->in);
	close_end(&k->out);
	close_end(&k->err);
	if (k->pid > 0)
		reap(k, 0);
	if (k->pid > 0) {
		/* a jump host's program is in the same session */
		kill(k->session ? -k->pid : k->pid, SIGTERM);
		reap(k, KILL_MS);
	}
	if (k->pid > 0) {
		kill(k->session ? -k->pid : k->pid, SIGKILL);
		reap(k, KILL_MS);
	}
	free(k);
}

const struct channel_ops channel_child = {
	.name = "ssh",
	.open = child_open,
	.read = child_read,
	.write = child_write,
	.poll = child_poll,
	.send_eof = child_send_eof,
	.status = child_status,
	.close = child_close,
};
