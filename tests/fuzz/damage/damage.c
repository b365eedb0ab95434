/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/plan.c dumpfilter/scan.c dumpfilter/scan-look.c dumpfilter/memory.c dumpfilter/vmemmap.c dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/judge.c dumpmsg/salvage.c dumpmsg/salvage-look.c dumpmsg/salvage-find.c dumpmsg/salvage-solve.c dumpmsg/salvage-ring.c dumpmsg/salvage-records.c dumpmsg/salvage-text.c */
/*
 * damage - dumps cut short at each byte, and with each bit turned
 *
 * usage: damage EVERY START FILE...
 *
 * Of all cuts and bits each EVERY-th from START on is tried: all that the tools do
 * with a dump is done in this process, under the sanitizers. No case may take longer
 * than a second of CPU time, nor all of them more memory than the limit. Cuts further
 * on in a file, where there is little but memory, are tried at every 512th byte.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "../dump.h"

enum {
	HEADERS = 128 << 10,	/* cut at every byte */
	STRIDE = 512,		/* and further on at each of these */
	SECOND = 1000000000,
	LIMIT_KIB = 400 << 10,	/* the sanitizers' own memory among it */
};

struct subject {
	const char *name;
	uint8_t *bytes;
	size_t len;
	int fd;			/* a copy to damage */
	char path[64];
	unsigned long cases, every, start;
	uint64_t slowest;	/* nanoseconds */
	bool failed;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static void fail_file(const char *name)
{
	perror(name);
	exit(2);
}

static void subject_open(struct subject *s, const char *name)
{
	int fd = open(name, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		fail_file(name);
	s->name = name;
	s->len = (size_t)st.st_size;
	s->bytes = malloc(s->len);
	s->fd = memfd_create("dump", 0);
	if (!s->bytes || read(fd, s->bytes, s->len) != (ssize_t)s->len || s->fd < 0 ||
	    pwrite(s->fd, s->bytes, s->len, 0) != (ssize_t)s->len)
		fail_file(name);
	snprintf(s->path, sizeof s->path, "/proc/self/fd/%d", s->fd);
	close(fd);
}

/* what is printed last, should it be the end */
static void announce(const char *what, size_t at, unsigned bit)
{
	static char line[128];
	int n = snprintf(line, sizeof line, "%s at %zu.%u          \r", what, at, bit);

	if (write(STDERR_FILENO, line, (size_t)n) != n)
		exit(2);
}

static void try(struct subject *s, const char *what, size_t at, unsigned bit)
{
	uint64_t began = now(), took;

	announce(what, at, bit);
	dump_check(s->path);
	took = now() - began;
	if (took > s->slowest)
		s->slowest = took;
	if (took > SECOND) {
		printf("%s: %s at %zu, bit %u: %llu ms\n", s->name, what, at, bit,
		       (unsigned long long)took / 1000000);
		s->failed = true;
	}
}

static bool chosen(struct subject *s)
{
	return s->cases++ % s->every == s->start % s->every;
}

static void cut(struct subject *s)
{
	for (size_t at = 0; at < s->len; at += at < HEADERS ? 1 : STRIDE) {
		if (!chosen(s))
			continue;
		if (ftruncate(s->fd, (off_t)at))
			fail_file(s->name);
		try(s, "cut", at, 0);
		if (pwrite(s->fd, s->bytes + at, s->len - at, (off_t)at) !=
		    (ssize_t)(s->len - at))
			fail_file(s->name);
	}
}

static void turn(struct subject *s)
{
	for (size_t at = 0; at < s->len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t byte = s->bytes[at] ^ (uint8_t)(1u << bit);

			if (!chosen(s))
				continue;
			if (pwrite(s->fd, &byte, 1, (off_t)at) != 1)
				fail_file(s->name);
			try(s, "bit", at, bit);
			if (pwrite(s->fd, &s->bytes[at], 1, (off_t)at) != 1)
				fail_file(s->name);
		}
}

int main(int argc, char *argv[])
{
	struct rusage use;
	bool failed = false;

	if (argc < 4) {
		fprintf(stderr, "usage: damage EVERY START FILE...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		struct subject s = { .every = strtoul(argv[1], NULL, 10),
				     .start = strtoul(argv[2], NULL, 10) };

		if (s.every == 0)
			return 2;
		subject_open(&s, argv[i]);
		cut(&s);
		turn(&s);
		printf("%s: %lu cases of %lu, the slowest %llu ms\n", s.name,
		       s.cases / s.every, s.cases, (unsigned long long)s.slowest / 1000000);
		failed |= s.failed;
		close(s.fd);
		free(s.bytes);
	}
	getrusage(RUSAGE_SELF, &use);
	printf("memory: %ld MiB at most\n", use.ru_maxrss >> 10);
	return failed || use.ru_maxrss > LIMIT_KIB;
}
