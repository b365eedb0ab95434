/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault.so's files, and what goes with them */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	REAL(int, "open", const char *, int, ...);

	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails(C_OPEN) ? -1 : real(path, flags, mode);
}
ALSO(open64, open);

ssize_t read(int fd, void *buf, size_t len)
{
	REAL(ssize_t, "read", int, void *, size_t);
	size_t some = limit(fd, len);

	if (fails_fd(C_READ, fd) || (len && !some))
		return -1;
	return real(fd, buf, some);
}

ssize_t pread(int fd, void *buf, size_t len, off_t at)
{
	REAL(ssize_t, "pread64", int, void *, size_t, off_t);
	size_t some = limit(fd, len);
	uint64_t from = (uint64_t)at;

	if (fails_fd(C_PREAD, fd) || (len && !some))
		return -1;
	if (from < fault_bad_to && from + some > fault_bad_from) {
		if (from >= fault_bad_from) {
			errno = EIO;
			return -1;
		}
		some = fault_bad_from - from;
	}
	return real(fd, buf, some, at);
}
ALSO(pread64, pread);

ssize_t write(int fd, const void *buf, size_t len)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	size_t some = limit(fd, len);

	if (fails_fd(C_WRITE, fd) || (len && !some))
		return -1;
	return real(fd, buf, some);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
	size_t some = limit(fd, len);

	if (fails_fd(C_PWRITE, fd) || (len && !some))
		return -1;
	return real(fd, buf, some, at);
}
ALSO(pwrite64, pwrite);

/* a short one ends inside the first piece */
static bool shorten(int fd, const struct iovec *iov, int n, struct iovec *first)
{
	if (n < 1 || !fault_partial)
		return false;
	*first = iov[0];
	first->iov_len = limit(fd, first->iov_len);
	return first->iov_len != iov[0].iov_len;
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	REAL(ssize_t, "writev", int, const struct iovec *, int);
	struct iovec first;

	if (fails_fd(C_WRITEV, fd))
		return -1;
	if (!shorten(fd, iov, n, &first))
		return real(fd, iov, n);
	return first.iov_len ? real(fd, &first, 1) : -1;
}

ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off_t);
	struct iovec first;

	if (fails_fd(C_PWRITEV, fd))
		return -1;
	if (!shorten(fd, iov, n, &first))
		return real(fd, iov, n, at);
	return first.iov_len ? real(fd, &first, 1, at) : -1;
}
ALSO(pwritev64, pwritev);

int fsync(int fd)
{
	REAL(int, "fsync", int);

	return fails_fd(C_FSYNC, fd) ? -1 : real(fd);
}
ALSO(fdatasync, fsync);

int close(int fd)
{
	REAL(int, "close", int);
	bool bad = fails_fd(C_CLOSE, fd);
	int rc = real(fd);

	if (bad)
		errno = fault_errno;
	return bad ? -1 : rc;
}

int rename(const char *from, const char *to)
{
	REAL(int, "rename", const char *, const char *);

	return fails(C_RENAME) ? -1 : real(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	REAL(int, "renameat2", int, const char *, int, const char *, unsigned);

	return fails(C_RENAMEAT2) ? -1 : real(from_dir, from, to_dir, to, flags);
}

int unlink(const char *path)
{
	REAL(int, "unlink", const char *);

	return fails(C_UNLINK) ? -1 : real(path);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	REAL(void *, "mmap64", void *, size_t, int, int, int, off_t);

	return fails(C_MMAP) ? MAP_FAILED : real(addr, len, prot, flags, fd, at);
}
ALSO(mmap64, mmap);

int ftruncate(int fd, off_t len)
{
	REAL(int, "ftruncate64", int, off_t);

	return fails_fd(C_FTRUNCATE, fd) ? -1 : real(fd, len);
}
ALSO(ftruncate64, ftruncate);

int fallocate(int fd, int mode, off_t at, off_t len)
{
	REAL(int, "fallocate64", int, int, off_t, off_t);

	return fails_fd(C_FALLOCATE, fd) ? -1 : real(fd, mode, at, len);
}
ALSO(fallocate64, fallocate);

int posix_fallocate(int fd, off_t at, off_t len)
{
	REAL(int, "posix_fallocate64", int, off_t, off_t);

	return fails_fd(C_FALLOCATE, fd) ? fault_errno : real(fd, at, len);
}
ALSO(posix_fallocate64, posix_fallocate);

off_t lseek(int fd, off_t at, int whence)
{
	REAL(off_t, "lseek64", int, off_t, int);

	return fails_fd(C_LSEEK, fd) ? -1 : real(fd, at, whence);
}
ALSO(lseek64, lseek);

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
		   void *arg)
{
	REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *),
	     void *);

	return fails(C_THREAD) ? fault_errno : real(thread, attr, start, arg);
}

FILE *fopen(const char *path, const char *mode)
{
	REAL(FILE *, "fopen64", const char *, const char *);

	return fails(C_FOPEN) ? NULL : real(path, mode);
}
ALSO(fopen64, fopen);

int stat(const char *path, struct stat *st)
{
	REAL(int, "stat64", const char *, struct stat *);

	return fails(C_STAT) ? -1 : real(path, st);
}

int lstat(const char *path, struct stat *st)
{
	REAL(int, "lstat64", const char *, struct stat *);

	return fails(C_STAT) ? -1 : real(path, st);
}

int fstat(int fd, struct stat *st)
{
	REAL(int, "fstat64", int, struct stat *);

	return fails_fd(C_STAT, fd) ? -1 : real(fd, st);
}

/* on a 64-bit machine both have one form */
int stat64(const char *path, struct stat64 *st)
{
	return stat(path, (struct stat *)st);
}

int lstat64(const char *path, struct stat64 *st)
{
	return lstat(path, (struct stat *)st);
}

int fstat64(int fd, struct stat64 *st)
{
	return fstat(fd, (struct stat *)st);
}

int statvfs(const char *path, struct statvfs *v)
{
	REAL(int, "statvfs64", const char *, struct statvfs *);

	return fails(C_STATVFS) ? -1 : real(path, v);
}

int statvfs64(const char *path, struct statvfs64 *v)
{
	return statvfs(path, (struct statvfs *)v);
}

int mkdir(const char *path, mode_t mode)
{
	REAL(int, "mkdir", const char *, mode_t);

	return fails(C_MKDIR) ? -1 : real(path, mode);
}

int flock(int fd, int how)
{
	REAL(int, "flock", int, int);

	return fails_fd(C_FLOCK, fd) ? -1 : real(fd, how);
}
