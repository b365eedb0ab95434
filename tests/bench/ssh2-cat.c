/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh2-cat - standard input to a file on an SSH server, by libssh2 and "cat" there
 *
 * usage: ssh2-cat ADDRESS PORT USER KEY FILE < STREAM
 *
 * What dumpsend's speed is compared with: the least that a client of libssh2 can do. It
 * asks for the algorithms that dumpsend prefers. KEY is a private key's file, KEY.pub the
 * public one; FILE is a path without quotes in it. The server's key is not checked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libssh2.h>

enum { BUFFER = 1 << 20 };

static _Noreturn void die(const char *what, LIBSSH2_SESSION *s)
{
	char *words = NULL;

	if (s)
		libssh2_session_last_error(s, &words, NULL, 0);
	fprintf(stderr, "ssh2-cat: %s: %s\n", what, words ? words : strerror(errno));
	exit(1);
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((in_port_t)atoi(port));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		errno = EINVAL;
	else if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
		 setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0)
		return fd;
	die(address, NULL);
}

static LIBSSH2_SESSION *login(int fd, const char *user, const char *key)
{
	LIBSSH2_SESSION *s = libssh2_session_init();
	char public[4096];

	if (!s)
		die("libssh2", NULL);
	snprintf(public, sizeof public, "%s.pub", key);
	if (libssh2_session_method_pref(s, LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr") != 0 ||
	    libssh2_session_method_pref(s, LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256") != 0)
		die("algorithms", s);
	if (libssh2_session_handshake(s, fd) != 0)
		die("handshake", s);
	if (libssh2_userauth_publickey_fromfile(s, user, public, key, NULL) != 0)
		die("login", s);
	return s;
}

static void send_all(LIBSSH2_SESSION *s, LIBSSH2_CHANNEL *ch)
{
	static char data[BUFFER];
	ssize_t n;

	while ((n = read(STDIN_FILENO, data, sizeof data)) > 0)
		for (ssize_t sent = 0, some; sent < n; sent += some) {
			some = libssh2_channel_write(ch, data + sent, (size_t)(n - sent));
			if (some < 0)
				die("write", s);
		}
	if (n < 0)
		die("standard input", NULL);
}

int main(int argc, char *argv[])
{
	LIBSSH2_SESSION *s;
	LIBSSH2_CHANNEL *ch;
	char command[4096];
	int status;

	if (argc != 6) {
		fprintf(stderr, "usage: ssh2-cat ADDRESS PORT USER KEY FILE\n");
		return 2;
	}
	if (libssh2_init(0) != 0)
		die("libssh2", NULL);
	s = login(connect_to(argv[1], argv[2]), argv[3], argv[4]);
	ch = libssh2_channel_open_session(s);
	snprintf(command, sizeof command, "cat >'%s'", argv[5]);
	if (!ch || libssh2_channel_exec(ch, command) != 0)
		die("cat", s);
	send_all(s, ch);
	if (libssh2_channel_send_eof(ch) != 0 || libssh2_channel_wait_eof(ch) != 0 ||
	    libssh2_channel_close(ch) != 0 || libssh2_channel_wait_closed(ch) != 0)
		die("end", s);
	status = libssh2_channel_get_exit_status(ch);
	libssh2_channel_free(ch);
	libssh2_session_disconnect(s, "done");
	libssh2_session_free(s);
	return status;
}
