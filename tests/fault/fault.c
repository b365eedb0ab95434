/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.so - preloaded, makes calls of the C library fail
 *
 *	FAULT_CALL=pwrite FAULT_AT=17 FAULT_ERRNO=28 LD_PRELOAD=./fault.so program ...
 *
 *   FAULT_CALL, FAULT_AT	the call to fail, and the how-manieth of them (from 1 on)
 *   FAULT_ERRNO		with which errno, a number (EIO); getaddrinfo: an EAI_ number
 *   FAULT_STICKY		all later ones fail too
 *   FAULT_COUNT=FILE	fail nothing; write "CALL TIMES" lines to FILE at the end
 *   FAULT_SHORT=K	every K-th read or write moves 1 byte, or half of them
 *   FAULT_EINTR=K	every K-th read, write or wait is interrupted first
 *   FAULT_SPARE=A:B...	the memory that these libraries, libnfs.so:ld-linux, ask for is no call
 *   FAULT_BAD=FROM-TO	reading these bytes of any file by pread fails with EIO
 *
 * Standard error never fails, and what the C library calls within itself is not
 * seen, but for memory. close() closes even when it fails, as Linux does. Programs
 * that this one starts are spared. Before a libasan.so it works with that, too.
 */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SPARED = 4 };

static const char *const names[NCALLS] = {
	"malloc", "calloc", "realloc", "posix_memalign", "open", "read", "pread", "write",
	"pwrite", "writev", "pwritev", "fsync", "close", "rename", "renameat2", "unlink",
	"mmap", "ftruncate", "fallocate", "lseek", "pthread_create", "fopen", "stat", "statvfs",
	"mkdir", "flock", "fcntl", "ioctl", "pipe2", "eventfd", "posix_spawnp", "waitpid", "poll",
	"socket", "connect", "send", "recv", "getaddrinfo", "getifaddrs", "setsockopt",
	"getsockopt", "getsockname", "getrandom",
};

int fault_errno = EIO;
uint64_t fault_bad_from, fault_bad_to;
bool fault_partial;

static atomic_long count[NCALLS], transfers, interrupts;
static int fail_call = -1;
static long fail_at, short_every, eintr_every;
static bool sticky, ready;
/* where the libraries are that FAULT_SPARE names */
static struct { uintptr_t from, to; } spared[MOST_SPARED];
static unsigned nspared;

bool fails(enum call call)
{
	long n;

	if (!ready)
		return false;
	n = atomic_fetch_add(&count[call], 1) + 1;
	if ((int)call != fail_call || (sticky ? n < fail_at : n != fail_at))
		return false;
	errno = fault_errno;
	return true;
}

bool fails_fd(enum call call, int fd)
{
	return fd != STDERR_FILENO && fails(call);
}

bool interrupted(void)
{
	if (!ready || !eintr_every || (atomic_fetch_add(&interrupts, 1) + 1) % eintr_every)
		return false;
	errno = EINTR;
	return true;
}

/* a call that never waits is never interrupted */
static bool waits(int fd)
{
	REAL(int, "fcntl64", int, int, ...);

	return !(real(fd, F_GETFL) & O_NONBLOCK);
}

size_t limit(int fd, size_t len)
{
	long n;

	if (!ready || fd == STDERR_FILENO || len < 2)
		return len;
	if (eintr_every && waits(fd) && interrupted())
		return 0;
	if (!short_every)
		return len;
	n = atomic_fetch_add(&transfers, 1) + 1;
	if (n % short_every)
		return len;
	return n / short_every % 2 ? 1 : len / 2;
}

void *next(const char *name)
{
	void *real = dlsym(RTLD_NEXT, name);

	if (!real)
		abort();
	return real;
}

/* the C library's own names: dlsym() itself takes memory; and libasan's, where that is loaded */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);
extern void *__interceptor_malloc(size_t n) __attribute__((weak));
extern void *__interceptor_calloc(size_t n, size_t size) __attribute__((weak));
extern void *__interceptor_realloc(void *p, size_t n) __attribute__((weak));
extern void *__interceptor_memalign(size_t align, size_t n) __attribute__((weak));

/* who has called us? */
#define MEMORY_FAILS(call) \
	(!is_spared((uintptr_t)__builtin_return_address(0)) && fails(call))

static bool is_spared(uintptr_t caller)
{
	for (unsigned i = 0; i < nspared; i++)
		if (caller >= spared[i].from && caller < spared[i].to)
			return true;
	return false;
}

#define ALLOC(name) (__interceptor_##name ? __interceptor_##name : __libc_##name)

void *malloc(size_t n)
{
	return MEMORY_FAILS(C_MALLOC) ? NULL : ALLOC(malloc)(n);
}

void *calloc(size_t n, size_t size)
{
	return MEMORY_FAILS(C_CALLOC) ? NULL : ALLOC(calloc)(n, size);
}

void *realloc(void *p, size_t n)
{
	return MEMORY_FAILS(C_REALLOC) ? NULL : ALLOC(realloc)(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails(C_MEMALIGN) ? NULL : ALLOC(memalign)(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	void *got;

	if (fails(C_MEMALIGN))
		return fault_errno;
	got = ALLOC(memalign)(align, n);
	if (!got)
		return ENOMEM;
	*p = got;
	return 0;
}

char *strdup(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = MEMORY_FAILS(C_MALLOC) ? NULL : ALLOC(malloc)(len);

	return copy ? memcpy(copy, text, len) : NULL;
}

/* the addresses of a library's code */
static int find_library(struct dl_phdr_info *info, size_t size, void *name)
{
	(void)size;
	if (!strstr(info->dlpi_name, name))
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && p->p_flags & PF_X && nspared < MOST_SPARED) {
			spared[nspared].from = info->dlpi_addr + p->p_vaddr;
			spared[nspared].to = spared[nspared].from + p->p_memsz;
			nspared++;
		}
	}
	return 1;
}

static void spare(char *list)
{
	char *save, *name = strtok_r(list, ":", &save);

	for (; name; name = strtok_r(NULL, ":", &save))
		dl_iterate_phdr(find_library, name);
}

static long number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL"), *bad = getenv("FAULT_BAD");
	char *list = getenv("FAULT_SPARE");

	for (int i = 0; call && i < NCALLS; i++)
		if (!strcmp(call, names[i]))
			fail_call = i;
	if (call && fail_call < 0) {
		fprintf(stderr, "fault.so: no call %s\n", call);
		_exit(99);
	}
	fail_at = number("FAULT_AT", 0);
	fault_errno = (int)number("FAULT_ERRNO", EIO);
	short_every = number("FAULT_SHORT", 0);
	eintr_every = number("FAULT_EINTR", 0);
	fault_partial = short_every || eintr_every;
	sticky = getenv("FAULT_STICKY") != NULL;
	if (bad) {
		fault_bad_from = strtoull(bad, NULL, 0);
		fault_bad_to = strtoull(strchr(bad, '-') ? strchr(bad, '-') + 1 : bad, NULL, 0);
	}
	if (list)
		spare(list);
	/* its children are other programs */
	unsetenv("LD_PRELOAD");
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
