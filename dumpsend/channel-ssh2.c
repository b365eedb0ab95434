/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A channel through libssh2: needs no ssh program, as a capture kernel has none. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "err.h"
#include "login.h"
#include "say.h"
#include "ssh2.h"

enum { IN_SIZE = 64 << 10 };	/* two packets */

static void ssh2_close(struct channel *c)
{
	struct ssh2 *s = c->own;

	if (!s)
		return;
	ssh2_drop(s);
	if (s->always_fd >= 0)
		close(s->always_fd);
	free(s->out);
	free(s->in);
	free(s);
	c->own = NULL;
	libssh2_exit();
}

/* why the server opens no channel; it may be that it has too many */
static int fail_session(struct ssh2 *s, int rc)
{
	char *text = NULL;

	if (ssh2_is_lost(s, rc))
		return ssh2_lost(s, "ssh session");
	libssh2_session_last_error(s->session, &text, NULL, 0);
	return fail(ERR_AGAIN, "the server opens no session: %s", text ? text : "no reason");
}

/* a channel_refusal, or -1 */
static int start(struct ssh2 *s, const char *kind, const char *name)
{
	int rc;

	while (!(s->channel = libssh2_channel_open_session(s->session))) {
		rc = libssh2_session_last_errno(s->session);
		if (rc != LIBSSH2_ERROR_EAGAIN)
			return fail_session(s, rc);
		if (ssh2_wait(s))
			return -1;
	}
	while ((rc = libssh2_channel_process_startup(s->channel, kind, (unsigned)strlen(kind),
						     name, (unsigned)strlen(name))) ==
	       LIBSSH2_ERROR_EAGAIN)
		if (ssh2_wait(s))
			return -1;
	if (rc == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED)
		return CHANNEL_NO_SUBSYSTEM;
	return rc ? ssh2_lost(s, name) : CHANNEL_OPEN;
}

static int open_all(struct ssh2 *s, struct channel *c, const char *subsystem,
		    const char *command)
{
	int rc;

	s->deadline_ms = clock_ms() + c->options->connect_ms;
	s->is_command = !subsystem;
	s->in = malloc(IN_SIZE);
	if (!s->in)
		return fail(ERR_MEMORY, "out of memory");
	s->always_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->always_fd < 0)
		return fail_sys("eventfd");
	rc = ssh2_shake(s, c);
	if (rc == CHANNEL_OPEN)
		rc = login(s, c);
	if (rc == CHANNEL_OPEN)
		rc = start(s, subsystem ? "subsystem" : "exec",
			   subsystem ? subsystem : command);
	s->deadline_ms = 0;
	return rc;
}

static int ssh2_open(struct channel *c, const char *subsystem, const char *command)
{
	struct ssh2 *s = calloc(1, sizeof *s);
	int rc;

	c->own = NULL;
	c->server[0] = '\0';
	if (!s)
		return fail(ERR_MEMORY, "out of memory");
	s->fd = s->always_fd = -1;
	if (libssh2_init(0)) {
		free(s);
		return fail(ERR_SYS, "libssh2 %s cannot start", libssh2_version(0));
	}
	c->own = s;
	rc = open_all(s, c, subsystem, command);
	if (rc != CHANNEL_OPEN)
		ssh2_close(c);
	return rc;
}

/*
 * Into our own buffer, because libssh2 must be asked for the same length each time: when
 * new keys delay its window adjustment it reckons with the length of the call that
 * ends it, and would throw away what the server sends beyond that.
 */
static ssize_t read_stream(struct ssh2 *s, int stream)
{
	return libssh2_channel_read_ex(s->channel, stream, (char *)s->in, IN_SIZE);
}

/* what a command has to say for itself: for those who want to know. in is empty */
static void read_stderr(struct ssh2 *s)
{
	char text[256];
	ssize_t n;

	while ((n = read_stream(s, SSH_EXTENDED_DATA_STDERR)) > 0) {
		channel_clean(text, sizeof text, s->in, (size_t)n);
		if (text[0])
			info("the server says: %s", text);
	}
}

static int finish_eof(struct ssh2 *s)
{
	int rc = s->want_eof ? libssh2_channel_send_eof(s->channel) : 0;

	/* while new keys are agreed upon nothing else is sent */
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return 0;
	s->want_eof = false;
	return rc ? ssh2_lost(s, "send") : 0;
}

/* all that comes has been read; of a command also its exit status, which comes later */
static bool at_end(struct ssh2 *s)
{
	if (libssh2_channel_eof(s->channel) != 1)
		return false;
	return !s->is_command || libssh2_channel_wait_closed(s->channel) == 0;
}

static int fill(struct ssh2 *s)
{
	ssize_t n = read_stream(s, 0);

	if (n == LIBSSH2_ERROR_EAGAIN || n == 0) {
		/* this takes in packets of both streams: then the socket has them no more */
		read_stderr(s);
		n = read_stream(s, 0);
	}
	s->drained = n == LIBSSH2_ERROR_EAGAIN;
	if (n > 0) {
		s->in_at = 0;
		s->in_len = (size_t)n;
		return 0;
	}
	if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
		return ssh2_lost(s, "receive");
	s->ended = at_end(s);
	if (!s->ended && (s->error || s->hung_up))
		return ssh2_lost(s, "receive");
	return 0;
}

static ssize_t ssh2_read(struct channel *c, void *buf, size_t len, bool *eof)
{
	struct ssh2 *s = c->own;

	if (ssh2_flush(s))
		return -1;
	if (s->in_len == 0 && (fill(s) || finish_eof(s)))
		return -1;
	if (len > s->in_len)
		len = s->in_len;
	memcpy(buf, s->in + s->in_at, len);
	s->in_at += len;
	s->in_len -= len;
	*eof = len == 0 && s->ended;
	return (ssize_t)len;
}

static ssize_t ssh2_write(struct channel *c, const void *buf, size_t len)
{
	struct ssh2 *s = c->own;
	ssize_t n;

	if (ssh2_flush(s))
		return -1;
	/* who has said all it will say takes nothing either; the window would never open */
	if (s->out_len > 0 || libssh2_channel_eof(s->channel) == 1)
		return 0;
	n = libssh2_channel_write(s->channel, buf, len);
	s->refused = n == LIBSSH2_ERROR_EAGAIN || n == 0;
	s->drained = s->heard = false;
	if (n >= 0)
		return n;
	return n == LIBSSH2_ERROR_EAGAIN ? 0 : ssh2_lost(s, "send");
}

/* is there something to do that the socket does not know of? */
static bool is_ready(struct ssh2 *s)
{
	unsigned long waiting = 0;

	/* write() takes in what comes, too */
	libssh2_channel_window_read_ex(s->channel, &waiting, NULL);
	if (s->in_len > 0 || (waiting > 0 && !s->drained))
		return true;
	/* and read() the window for which write() has to wait */
	if (s->refused && s->heard)
		return true;
	return !s->ended && at_end(s);
}

static int ssh2_poll(struct channel *c, struct pollfd fds[STORE_FDS])
{
	struct ssh2 *s = c->own;

	fds[0] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
	if (s->out_len > 0)
		fds[0].events |= POLLOUT;
	if (!is_ready(s))
		return 1;
	fds[1] = (struct pollfd){ .fd = s->always_fd, .events = POLLIN };
	return 2;
}

static int ssh2_send_eof(struct channel *c)
{
	struct ssh2 *s = c->own;

	s->want_eof = true;
	return finish_eof(s);
}

static int ssh2_status(struct channel *c)
{
	struct ssh2 *s = c->own;
	char *name = NULL, text[32];

	/* libssh2 says 0 for a command that a signal has ended */
	if (libssh2_channel_get_exit_signal(s->channel, &name, NULL, NULL, NULL, NULL,
					    NULL) == 0 && name) {
		channel_clean(text, sizeof text, name, strlen(name));
		libssh2_free(s->session, name);
		return fail(ERR_SYS, "the server's command was ended by SIG%s", text);
	}
	return libssh2_channel_get_exit_status(s->channel);
}

const struct channel_ops channel_ssh2 = {
	.name = "libssh2",
	.open = ssh2_open,
	.read = ssh2_read,
	.write = ssh2_write,
	.poll = ssh2_poll,
	.send_eof = ssh2_send_eof,
	.status = ssh2_status,
	.close = ssh2_close,
};
