/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "stop.h"

enum {
	SLICE_MS = 500,		/* a signal just before poll() waits no longer than this */
	DISCARD_PORT = 9,	/* any would do: nothing is sent there */
};

/* does anything but the loopback work? Before the network is up no answer is final */
static bool network_is_up(void)
{
	struct ifaddrs *list;
	bool up = false;

	if (getifaddrs(&list))
		return true;
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		if (!i->ifa_addr || (i->ifa_flags & IFF_LOOPBACK) ||
		    !(i->ifa_flags & IFF_RUNNING))
			continue;
		if (i->ifa_addr->sa_family == AF_INET)
			up = true;
		/* a link-local address is there before any router has answered */
		if (i->ifa_addr->sa_family == AF_INET6) {
			const struct sockaddr_in6 *six = (const void *)i->ifa_addr;

			if (!IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
				up = true;
		}
	}
	freeifaddrs(list);
	return up;
}

static int fail_resolve(const char *host, int error)
{
	switch (error) {
	case EAI_AGAIN:
		return fail(ERR_AGAIN, "%s: no name server answers", host);
	case EAI_MEMORY:
		return fail(ERR_MEMORY, "%s: resolve: out of memory", host);
	case EAI_SYSTEM:
		return fail_sys("%s: resolve", host);
	case EAI_NONAME:
	case EAI_NODATA:
		/* without a name server glibc looks only into /etc/hosts, and is sure of it */
		if (!network_is_up())
			return fail(ERR_AGAIN, "%s: name is unknown, and no network is up",
				    host);
		return fail(ERR_SYS, "%s: %s", host,
			    error == EAI_NONAME ? "no such host" : "host has no address");
	default:
		return fail(ERR_SYS, "%s: resolve: %s", host, gai_strerror(error));
	}
}

/* the name server's own time limits hold here (resolv.conf(5)): getaddrinfo() has none */
static int look_up(const char *host, uint16_t port, struct addrinfo **list)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	char service[8];
	int error;

	snprintf(service, sizeof service, "%u", port);
	error = getaddrinfo(host, service, &hints, list);
	return error ? fail_resolve(host, error) : 0;
}

static void address_text(const struct sockaddr *addr, socklen_t len,
			 char text[NET_ADDRESS_LEN])
{
	if (getnameinfo(addr, len, text, NET_ADDRESS_LEN, NULL, 0, NI_NUMERICHOST))
		snprintf(text, NET_ADDRESS_LEN, "?");
}

int net_resolve(const char *host, struct addresses *found)
{
	struct addrinfo *list;

	found->count = 0;
	if (stop_check() || look_up(host, 0, &list))
		return -1;
	for (struct addrinfo *a = list; a && found->count < NET_ADDRESSES; a = a->ai_next) {
		if (a->ai_family == AF_INET || a->ai_family == AF_INET6)
			address_text(a->ai_addr, a->ai_addrlen, found->text[found->count++]);
	}
	freeaddrinfo(list);
	return found->count > 0 ? 0 : fail(ERR_SYS, "%s: host has no address", host);
}

int net_wait(struct pollfd *fds, unsigned count, uint64_t deadline_ms)
{
	for (;;) {
		int left = clock_left(deadline_ms);
		int n;

		if (stop_check())
			return -1;
		n = poll(fds, count, left < SLICE_MS ? left : SLICE_MS);
		if (n > 0)
			return 1;
		if (n < 0 && errno != EINTR)
			return fail_sys("poll");
		if (left == 0)
			return 0;
	}
}

void net_guard(int fd, uint64_t silence_ms)
{
	/* a probe after a quarter of the time, and every quarter again */
	int quarter = (int)(silence_ms / 4000 < 3600 ? silence_ms / 4000 : 3600);
	unsigned ms = silence_ms < INT32_MAX ? (unsigned)silence_ms : INT32_MAX;
	struct linger reset = { .l_onoff = 1 };
	int on = 1, count = 3;

	if (quarter < 1)
		quarter = 1;
	/*
	 * A connection that was given up must not go on sending what the kernel still holds:
	 * it could arrive behind what is sent over the next one.
	 */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &quarter, sizeof quarter);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &quarter, sizeof quarter);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
	/* for what was sent and is not acknowledged: keepalive does not look at that */
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

/* 0 once it is connected; an errno, or -1 for stop_check() */
static int finish_connect(int fd, uint64_t deadline_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof error;

	switch (net_wait(&pfd, 1, deadline_ms)) {
	case 0:
		return ETIMEDOUT;
	case -1:
		return -1;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return errno;
	return error;
}

/* one address: a socket, or -1 and the reason: an errno, or -1 for stop_check() */
static int connect_to(const struct addrinfo *a, uint64_t deadline_ms, int *reason)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*reason = 0;
	if (fd < 0) {
		*reason = errno;
		return -1;
	}
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
		*reason = errno == EINPROGRESS || errno == EINTR ?
			finish_connect(fd, deadline_ms) : errno;
	if (*reason == 0)
		return fd;
	close(fd);
	return -1;
}

/* "; ADDRESS: reason"; of one address that is what the host was called, only the reason */
static void add_reason(char *text, size_t size, const struct addrinfo *a, const char *host,
		       int reason)
{
	size_t used = strlen(text);
	char address[NET_ADDRESS_LEN];

	address_text(a->ai_addr, a->ai_addrlen, address);
	if (strcmp(address, host) == 0)
		snprintf(text + used, size - used, "%s", strerror(reason));
	else
		snprintf(text + used, size - used, "%s%s: %s", used > 0 ? "; " : "", address,
			 strerror(reason));
}

int net_connect(const char *host, uint16_t port, uint64_t deadline_ms)
{
	unsigned left = 0;
	char reasons[192] = "";
	struct addrinfo *list;
	int fd = -1, reason = 0;

	if (stop_check() || look_up(host, port, &list))
		return -1;
	for (struct addrinfo *a = list; a && left < NET_ADDRESSES; a = a->ai_next)
		left++;
	for (struct addrinfo *a = list; a && left > 0 && fd < 0; a = a->ai_next, left--) {
		/* each gets its share of what is left: the first may be a dead one */
		uint64_t share = (uint64_t)clock_left(deadline_ms) / left;

		fd = connect_to(a, clock_ms() + share, &reason);
		if (reason == -1)
			break;
		if (fd < 0)
			add_reason(reasons, sizeof reasons, a, host, reason);
	}
	freeaddrinfo(list);
	if (fd >= 0)
		return fd;
	if (reason == -1)
		return -1;
	return fail(ERR_AGAIN, "%s port %u: %s", host, port, reasons);
}

/* false when there is no way to that address */
static bool own_address(const struct addrinfo *a, char text[NET_ADDRESS_LEN])
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	bool found = false;
	int fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    getsockname(fd, (struct sockaddr *)&own, &len) == 0) {
		address_text((struct sockaddr *)&own, len, text);
		/* fe80::1%eth0: the interface is no part of a name */
		text[strcspn(text, "%")] = '\0';
		found = strcmp(text, "?") != 0;
	}
	close(fd);
	return found;
}

void net_own_address(const char *host, char text[NET_ADDRESS_LEN])
{
	struct addrinfo *list;
	bool found = false;

	if (look_up(host, DISCARD_PORT, &list) == 0) {
		for (struct addrinfo *a = list; a && !found; a = a->ai_next)
			found = own_address(a, text);
		freeaddrinfo(list);
	}
	if (!found)
		snprintf(text, NET_ADDRESS_LEN, "127.0.0.1");
}
