/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.so - preloaded, makes calls of the C library fail
 *
 *	FAULT_CALL=pwrite FAULT_AT=17 FAULT_ERRNO=28 LD_PRELOAD=./fault.so program ...
 *
 *   FAULT_CALL, FAULT_AT	the call to fail, and the how-manieth of them (from 1 on)
 *   FAULT_ERRNO		with which errno, a number (EIO)
 *   FAULT_STICKY		all later ones fail too
 *   FAULT_COUNT=FILE	fail nothing; write "CALL TIMES" lines to FILE at the end
 *   FAULT_SHORT=K	every K-th read or write moves 1 byte, or half of them
 *   FAULT_EINTR=K	every K-th read or write is interrupted first
 *   FAULT_BAD=FROM-TO	reading these bytes of any file by pread fails with EIO
 *
 * Standard error never fails, and what the C library calls within itself is not
 * seen, but for memory. close() closes even when it fails, as Linux does.
 */
#undef _FILE_OFFSET_BITS	/* both names of each call are defined here */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
	C_MALLOC, C_CALLOC, C_REALLOC, C_MEMALIGN, C_OPEN, C_READ, C_PREAD, C_WRITE, C_PWRITE,
	C_WRITEV, C_PWRITEV, C_FSYNC, C_CLOSE, C_RENAME, C_RENAMEAT2, C_UNLINK, C_MMAP,
	C_FTRUNCATE, C_FALLOCATE, C_LSEEK, C_THREAD, NCALLS,
};

static const char *const names[NCALLS] = {
	"malloc", "calloc", "realloc", "posix_memalign", "open", "read", "pread", "write",
	"pwrite", "writev", "pwritev", "fsync", "close", "rename", "renameat2", "unlink",
	"mmap", "ftruncate", "fallocate", "lseek", "pthread_create",
};

static atomic_long count[NCALLS], transfers, interrupts;
static int fail_call = -1, fail_errno = EIO;
static long fail_at, short_every, eintr_every;
static bool sticky, ready;
static uint64_t bad_from, bad_to;

static bool fails(enum call call)
{
	long n;

	if (!ready)
		return false;
	n = atomic_fetch_add(&count[call], 1) + 1;
	if ((int)call != fail_call || (sticky ? n < fail_at : n != fail_at))
		return false;
	errno = fail_errno;
	return true;
}

static bool fails_fd(enum call call, int fd)
{
	return fd != STDERR_FILENO && fails(call);
}

/* how many bytes a transfer may move; 0: it is interrupted */
static size_t limit(int fd, size_t len)
{
	long n;

	if (!ready || fd == STDERR_FILENO || len < 2)
		return len;
	if (eintr_every && (atomic_fetch_add(&interrupts, 1) + 1) % eintr_every == 0) {
		errno = EINTR;
		return 0;
	}
	if (!short_every)
		return len;
	n = atomic_fetch_add(&transfers, 1) + 1;
	if (n % short_every)
		return len;
	return n / short_every % 2 ? 1 : len / 2;
}

static void *next(const char *name)
{
	void *real = dlsym(RTLD_NEXT, name);

	if (!real)
		abort();
	return real;
}

#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) \
		*(void **)&real = next(name)
#define ALSO(name, of) __typeof__(of) name __attribute__((alias(#of)))

/* the C library's own names: dlsym() itself takes memory */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n)
{
	return fails(C_MALLOC) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails(C_CALLOC) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails(C_REALLOC) ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails(C_MEMALIGN) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	void *got;

	if (fails(C_MEMALIGN))
		return fail_errno;
	got = __libc_memalign(align, n);
	if (!got)
		return ENOMEM;
	*p = got;
	return 0;
}

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
	if (from < bad_to && from + some > bad_from) {
		if (from >= bad_from) {
			errno = EIO;
			return -1;
		}
		some = bad_from - from;
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
	if (n < 1 || !(short_every || eintr_every))
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
		errno = fail_errno;
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

	return fails_fd(C_FALLOCATE, fd) ? fail_errno : real(fd, at, len);
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

	return fails(C_THREAD) ? fail_errno : real(thread, attr, start, arg);
}

static long number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL"), *bad = getenv("FAULT_BAD");

	for (int i = 0; call && i < NCALLS; i++)
		if (!strcmp(call, names[i]))
			fail_call = i;
	if (call && fail_call < 0) {
		fprintf(stderr, "fault.so: no call %s\n", call);
		_exit(99);
	}
	fail_at = number("FAULT_AT", 0);
	fail_errno = (int)number("FAULT_ERRNO", EIO);
	short_every = number("FAULT_SHORT", 0);
	eintr_every = number("FAULT_EINTR", 0);
	sticky = getenv("FAULT_STICKY") != NULL;
	if (bad) {
		bad_from = strtoull(bad, NULL, 0);
		bad_to = strtoull(strchr(bad, '-') ? strchr(bad, '-') + 1 : bad, NULL, 0);
	}
	ready = true;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *f;

	ready = false;
	f = path ? fopen(path, "w") : NULL;
	for (int i = 0; f && i < NCALLS; i++)
		fprintf(f, "%s %ld\n", names[i], atomic_load(&count[i]));
	if (f)
		fclose(f);
}
