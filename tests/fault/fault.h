/* SPDX-License-Identifier: GPL-2.0-or-later */
/* what the parts of fault.so share */
#ifndef FAULT_H
#define FAULT_H

#undef _FILE_OFFSET_BITS	/* both names of each call are defined here */

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum call {
	C_MALLOC, C_CALLOC, C_REALLOC, C_MEMALIGN, C_OPEN, C_READ, C_PREAD, C_WRITE, C_PWRITE,
	C_WRITEV, C_PWRITEV, C_FSYNC, C_CLOSE, C_RENAME, C_RENAMEAT2, C_UNLINK, C_MMAP,
	C_FTRUNCATE, C_FALLOCATE, C_LSEEK, C_THREAD, C_FOPEN, C_STAT, C_STATVFS, C_MKDIR, C_FLOCK,
	C_FCNTL, C_IOCTL, C_PIPE, C_EVENTFD, C_SPAWN, C_WAITPID, C_POLL, C_SOCKET, C_CONNECT,
	C_SEND, C_RECV, C_GETADDRINFO, C_GETIFADDRS, C_SETSOCKOPT, C_GETSOCKOPT, C_GETSOCKNAME,
	C_GETRANDOM, NCALLS,
};

extern int fault_errno;			/* what the call fails with */
extern uint64_t fault_bad_from, fault_bad_to;	/* FAULT_BAD */
extern bool fault_partial;		/* FAULT_SHORT or FAULT_EINTR */

/* this call is to fail: errno is set. fails_fd() spares standard error */
bool fails(enum call call);
bool fails_fd(enum call call, int fd);
/* is it to be interrupted? errno is set */
bool interrupted(void);
/* how many bytes a transfer may move; 0: it is interrupted */
size_t limit(int fd, size_t len);
/* the real function of this name */
void *next(const char *name);

#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) \
		*(void **)&real = next(name)
#define ALSO(name, of) __typeof__(of) name __attribute__((alias(#of)))

#endif
