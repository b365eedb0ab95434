/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault.so's sockets, waits and processes */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int socket(int family, int type, int protocol)
{
	REAL(int, "socket", int, int, int);

	return fails(C_SOCKET) ? -1 : real(family, type, protocol);
}

/* glibc's headers have a type of their own for addresses */
int connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	REAL(int, "connect", int, __CONST_SOCKADDR_ARG, socklen_t);

	return fails(C_CONNECT) ? -1 : real(fd, addr, len);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	REAL(ssize_t, "send", int, const void *, size_t, int);
	size_t some = limit(fd, len);

	if (fails(C_SEND) || (len && !some))
		return -1;
	return real(fd, buf, some, flags);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	REAL(ssize_t, "recv", int, void *, size_t, int);
	size_t some = limit(fd, len);

	if (fails(C_RECV) || (len && !some))
		return -1;
	return real(fd, buf, some, flags);
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	REAL(int, "poll", struct pollfd *, nfds_t, int);

	if (fails(C_POLL))
		return -1;
	/* only a call that would wait is interrupted */
	if (fault_partial && real(fds, n, 0) == 0 && interrupted())
		return -1;
	return real(fds, n, ms);
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	REAL(int, "getaddrinfo", const char *, const char *, const struct addrinfo *,
	     struct addrinfo **);

	return fails(C_GETADDRINFO) ? fault_errno : real(host, service, hints, list);
}

int getifaddrs(struct ifaddrs **list)
{
	REAL(int, "getifaddrs", struct ifaddrs **);

	return fails(C_GETIFADDRS) ? -1 : real(list);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	REAL(int, "setsockopt", int, int, int, const void *, socklen_t);

	return fails(C_SETSOCKOPT) ? -1 : real(fd, level, name, value, len);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	REAL(int, "getsockopt", int, int, int, void *, socklen_t *);

	return fails(C_GETSOCKOPT) ? -1 : real(fd, level, name, value, len);
}

int getsockname(int fd, __SOCKADDR_ARG addr, socklen_t *len)
{
	REAL(int, "getsockname", int, __SOCKADDR_ARG, socklen_t *);

	return fails(C_GETSOCKNAME) ? -1 : real(fd, addr, len);
}

/* the third argument of these two is a number, a pointer or nothing */

int fcntl(int fd, int what, ...)
{
	REAL(int, "fcntl64", int, int, ...);
	va_list ap;
	void *value;

	va_start(ap, what);
	value = va_arg(ap, void *);
	va_end(ap);
	return fails_fd(C_FCNTL, fd) ? -1 : real(fd, what, value);
}
ALSO(fcntl64, fcntl);

int ioctl(int fd, unsigned long what, ...)
{
	REAL(int, "ioctl", int, unsigned long, ...);
	va_list ap;
	void *value;

	va_start(ap, what);
	value = va_arg(ap, void *);
	va_end(ap);
	return fails_fd(C_IOCTL, fd) ? -1 : real(fd, what, value);
}

int pipe2(int fds[2], int flags)
{
	REAL(int, "pipe2", int *, int);

	return fails(C_PIPE) ? -1 : real(fds, flags);
}

int eventfd(unsigned value, int flags)
{
	REAL(int, "eventfd", unsigned, int);

	return fails(C_EVENTFD) ? -1 : real(value, flags);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	REAL(int, "posix_spawnp", pid_t *, const char *, const posix_spawn_file_actions_t *,
	     const posix_spawnattr_t *, char *const *, char *const *);

	return fails(C_SPAWN) ? fault_errno : real(pid, file, actions, attr, argv, envp);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	REAL(pid_t, "waitpid", pid_t, int *, int);

	return fails(C_WAITPID) || interrupted() ? -1 : real(pid, status, options);
}

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	REAL(ssize_t, "getrandom", void *, size_t, unsigned);

	return fails(C_GETRANDOM) ? -1 : real(buf, len, flags);
}
