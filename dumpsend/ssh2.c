/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "ssh2.h"

enum {
	/* a packet has 35000 bytes at most, and answers to the server come besides */
	OUT_SIZE = 256 << 10,
	UNSURE_MS = 20,		/* libssh2 waits and does not say for what */
	SSH_PORT = 22,
};

bool ssh2_is_modern(void)
{
	return libssh2_version(0x010b00) != NULL;
}

/* an errno once there is no way on */
static int send_out(struct ssh2 *s)
{
	while (s->out_len > 0) {
		ssize_t n = send(s->fd, s->out + s->out_at, s->out_len, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return errno;
		s->out_at += (size_t)n;
		s->out_len -= (size_t)n;
	}
	s->out_at = 0;
	return 0;
}

int ssh2_flush(struct ssh2 *s)
{
	if (s->error == 0 && s->out_len > 0)
		s->error = send_out(s);
	return s->error ? ssh2_lost(s, "send") : 0;
}

/* as libssh2 wants it: the negative errno */
static ssize_t plain(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EINTR ? -EAGAIN : -errno;
}

/* libssh2's send(): takes all of it, or fails */
static LIBSSH2_SEND_FUNC(take)
{
	struct ssh2 *s = *abstract;
	size_t taken = 0;

	/* the agent's socket: libssh2 asks for its bytes in the same way */
	if (socket != s->fd)
		return plain(send(socket, buffer, length, flags | MSG_NOSIGNAL));
	if (s->dead || s->error)
		return -EPIPE;
	if (s->out_len == 0) {
		ssize_t n = send(s->fd, buffer, length, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			s->error = errno;
			return -errno;
		}
		taken = n > 0 ? (size_t)n : 0;
	}
	if (s->out_at > 0) {
		memmove(s->out, s->out + s->out_at, s->out_len);
		s->out_at = 0;
	}
	/* a server that asks and asks and reads no answer */
	if (length - taken > OUT_SIZE - s->out_len) {
		s->error = ENOBUFS;
		return -ENOBUFS;
	}
	memcpy(s->out + s->out_len, (const uint8_t *)buffer + taken, length - taken);
	s->out_len += length - taken;
	return (ssize_t)length;
}

static LIBSSH2_RECV_FUNC(give)
{
	struct ssh2 *s = *abstract;
	ssize_t n;

	if (socket != s->fd)
		return plain(recv(socket, buffer, length, flags));
	if (s->dead || s->error || s->hung_up)
		return -ECONNRESET;
	/* libssh2 reads on as long as something comes, be it line after line of greeting */
	if (s->deadline_ms && clock_left(s->deadline_ms) == 0) {
		s->error = ETIMEDOUT;
		return -ETIMEDOUT;
	}
	n = recv(s->fd, buffer, length, 0);
	if (n > 0) {
		s->heard = true;
		return n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (n < 0)
		s->error = errno;
	else
		s->hung_up = true;
	return -ECONNRESET;
}

static LIBSSH2_DISCONNECT_FUNC(farewell)
{
	struct ssh2 *s = *abstract;

	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	if (message && message_len > 0)
		channel_clean(s->bye, sizeof s->bye, message, (size_t)message_len);
}

/* a callback of any kind as the library wants it */
static void set_callback(LIBSSH2_SESSION *session, int kind, void (*callback)(void))
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(session, kind, callback);
#else
	void *p;

	/* ISO C has no cast from one to the other; POSIX says that they are alike */
	memcpy(&p, &callback, sizeof p);
	libssh2_session_callback_set(session, kind, p);
#endif
}

int ssh2_dial(struct ssh2 *s, const struct target *t, const struct store_options *o)
{
	if (!s->out)
		s->out = malloc(OUT_SIZE);
	if (!s->out)
		return fail(ERR_MEMORY, "out of memory");
	s->out_at = s->out_len = 0;
	s->error = 0;
	s->dead = s->hung_up = false;
	s->bye[0] = '\0';
	s->fd = net_connect(t->host, t->port ? t->port : SSH_PORT, s->deadline_ms);
	if (s->fd < 0)
		return -1;
	net_guard(s->fd, o->silence_ms);
	s->session = libssh2_session_init_ex(NULL, NULL, NULL, s);
	if (!s->session)
		return fail(ERR_MEMORY, "out of memory");
	libssh2_session_set_blocking(s->session, 0);
	set_callback(s->session, LIBSSH2_CALLBACK_SEND, (void (*)(void))take);
	set_callback(s->session, LIBSSH2_CALLBACK_RECV, (void (*)(void))give);
	set_callback(s->session, LIBSSH2_CALLBACK_DISCONNECT, (void (*)(void))farewell);
	return 0;
}

void ssh2_drop(struct ssh2 *s)
{
	/* nothing waits once every attempt to send or receive fails */
	s->dead = true;
	for (int i = 0; s->session && i < 16; i++) {
		if (libssh2_session_free(s->session) != LIBSSH2_ERROR_EAGAIN)
			s->session = NULL;
	}
	s->session = NULL;
	s->channel = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int ssh2_wait(struct ssh2 *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	uint64_t until = s->deadline_ms;

	if (ssh2_flush(s))
		return -1;
	if (s->out_len > 0)
		pfd.events |= POLLOUT;
	else if (libssh2_session_block_directions(s->session) == 0 &&
		 clock_ms() + UNSURE_MS < until)
		until = clock_ms() + UNSURE_MS;
	switch (net_wait(&pfd, 1, until)) {
	case -1:
		return -1;
	case 0:
		if (clock_left(s->deadline_ms) == 0)
			return fail(ERR_AGAIN, "the ssh server gave no answer in time");
	}
	return 0;
}

int ssh2_lost(struct ssh2 *s, const char *what)
{
	char *text = NULL;

	if (s->bye[0])
		return fail(ERR_AGAIN, "%s: the server says: %s", what, s->bye);
	if (s->error == ENOBUFS)
		return fail(ERR_AGAIN, "%s: the server sends and does not read", what);
	if (s->error)
		return fail(ERR_AGAIN, "%s: connection lost: %s", what, strerror(s->error));
	if (s->hung_up)
		return fail(ERR_AGAIN, "%s: the server closed the connection", what);
	libssh2_session_last_error(s->session, &text, NULL, 0);
	return fail(ERR_AGAIN, "%s: connection lost: %s", what, text ? text : "no reason");
}

bool ssh2_is_lost(const struct ssh2 *s, int error)
{
	switch (error) {
	case LIBSSH2_ERROR_SOCKET_NONE:
	case LIBSSH2_ERROR_SOCKET_SEND:
	case LIBSSH2_ERROR_SOCKET_RECV:
	case LIBSSH2_ERROR_SOCKET_DISCONNECT:
	case LIBSSH2_ERROR_SOCKET_TIMEOUT:
	case LIBSSH2_ERROR_INVALID_MAC:
	case LIBSSH2_ERROR_DECRYPT:
		return true;
	default:
		return s->error != 0 || s->hung_up || s->bye[0] != '\0';
	}
}
