/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/judge.c dumpmsg/salvage.c dumpmsg/salvage-look.c dumpmsg/salvage-find.c dumpmsg/salvage-solve.c dumpmsg/salvage-ring.c dumpmsg/salvage-records.c dumpmsg/salvage-text.c */
/*
 * log - logs cut short at each byte, and with each bit turned: what is intact is read
 *
 * usage: log EVERY START FILE...
 *
 * Of all cuts and bits each EVERY-th from START on is tried; bits where the file has
 * something in the 64 bytes around. The log is read as dumpmsg does it: by the kernel's own
 * structures, and if they are of no use, by looking through memory.
 *
 * One bit may cost one record, or change it; three in logs before 5.10. Only in
 * the ELF headers it may cost more, since all that is read lies elsewhere then. A cut may
 * cost what lies behind it, but not more than a shorter cut. No case may
 * take longer than a second of CPU time.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../../dumpmsg/judge.h"
#include "../../../dumpmsg/log.h"
#include "err.h"
#include "space.h"
#include "vmcore.h"

enum {
	RECORDS = 4096, BLOCK = 64, NEAR = 16, SECOND = 1000000000, HEADERS = 4096,
	LIMIT_KIB = 200 << 10,	/* the sanitizers' own memory among it */
};

/* what was read: a number for each record */
struct list {
	size_t n, gaps;
	bool salvaged;
	uint64_t hash[RECORDS];
};

struct subject {
	const char *name;
	uint8_t *bytes;
	size_t len;
	int fd;				/* a copy to damage */
	char path[64];
	bool lines, ring;		/* a log of characters; of 5.10 and later */
	unsigned long cases, every, start, tried;
	unsigned long worse, salvaged;
	size_t lost;			/* records, in the last case */
	uint64_t slowest;		/* nanoseconds */
	struct list whole, got;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static void die(const char *name)
{
	perror(name);
	exit(2);
}

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

static void take(struct list *l, const struct record *r)
{
	uint64_t h = hash(0xcbf29ce484222325, &r->ts_nsec, sizeof r->ts_nsec);

	if (r->loss != LOSS_NONE) {
		l->gaps++;
		return;
	}
	h = hash(h, &r->level, sizeof r->level);
	h = hash(h, &r->facility, sizeof r->facility);
	h = hash(h, r->text, r->len);
	if (l->n < RECORDS)
		l->hash[l->n] = h;
	l->n++;
}

/* as input_log() in dumpmsg does it */
static int find_log(struct log *log, struct space *sp, bool mapped, struct list *l)
{
	struct judgement j;
	struct log log2;

	*log = (struct log){ 0 };
	if (!mapped || log_open(log, sp) || judge(log, &j) || j.records == 0) {
		log_close(log);
		l->salvaged = true;
		return log_salvage(log, sp) || judge(log, &j) ? -1 : 0;
	}
	if (!judge_doubts(log, &j))
		return 0;
	if (log_salvage(&log2, sp) || judge_beats(&log2, &j) != 1) {
		log_close(&log2);
		return 0;
	}
	log_close(log);
	*log = log2;
	l->salvaged = true;
	return 0;
}

static void read_log(const char *path, struct list *l)
{
	struct vmcore vm;
	struct space sp;
	struct log log;
	struct record r;

	memset(l, 0, sizeof *l);
	if (vmcore_open(&vm, path))
		return;
	if (find_log(&log, &sp, space_open(&sp, &vm) == 0, l) == 0)
		while (log_next(&log, &r) == 1)
			take(l, &r);
	log_close(&log);
	vmcore_close(&vm);
}

static void subject_open(struct subject *s, const char *name)
{
	int fd = open(name, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(name);
	s->name = name;
	s->len = (size_t)st.st_size;
	s->bytes = malloc(s->len);
	s->fd = memfd_create("dump", 0);
	if (!s->bytes || read(fd, s->bytes, s->len) != (ssize_t)s->len || s->fd < 0 ||
	    pwrite(s->fd, s->bytes, s->len, 0) != (ssize_t)s->len)
		die(name);
	snprintf(s->path, sizeof s->path, "/proc/self/fd/%d", s->fd);
	close(fd);
	read_log(s->path, &s->whole);
	s->lines = strstr(name, "chars");
	s->ring = strstr(name, "ring");
	if (s->whole.n < 3 || s->whole.n > RECORDS || s->whole.salvaged) {
		fprintf(stderr, "%s: %zu records: not fit for this\n", name, s->whole.n);
		exit(2);
	}
}

static bool chosen(struct subject *s)
{
	return s->cases++ % s->every == s->start % s->every;
}

/* is there nothing but zeros around that byte? */
static bool is_zeros(const struct subject *s, size_t at)
{
	static const uint8_t zeros[BLOCK];
	size_t block = at / BLOCK * BLOCK, n = s->len - block < BLOCK ? s->len - block : BLOCK;

	return memcmp(s->bytes + block, zeros, n) == 0;
}

/*
 * Records of the whole log that are not there, in this order, and others that are. Lines: in
 * any order; which of them is the oldest is known by one number only, log_end.
 */
static void compare(const struct list *whole, const struct list *got, bool lines, size_t *lost,
		    size_t *strange)
{
	size_t next = 0, found = 0;

	for (size_t i = 0; i < whole->n; i++)
		for (size_t k = lines ? 0 : next;
		     k < got->n && k < RECORDS && (lines || k < next + NEAR); k++)
			if (got->hash[k] == whole->hash[i]) {
				next = k + 1;
				found++;
				break;
			}
	*lost = whole->n - found;
	*strange = got->n - found;
}

static void complain(struct subject *s, const char *what, size_t at, unsigned bit, size_t lost,
		     size_t strange)
{
	if (s->worse++ < 20)
		printf("%s: %s at %zu, bit %u: %zu records lost, %zu strange%s: %s\n", s->name,
		       what, at, bit, lost, strange, s->got.salvaged ? ", salvaged" : "",
		       err_text());
}

/* most: records that may be lost; as many and none else may be strange */
static void try(struct subject *s, const char *what, size_t at, unsigned bit, size_t most)
{
	static char line[128];
	int n = snprintf(line, sizeof line, "%s at %zu.%u          \r", what, at, bit);
	/* log_buf may be a few bytes further on: what is there is lost */
	size_t lost, strange, allowed = s->ring ? 1 : 3, odd = s->ring ? 1 : 4;
	uint64_t began = now(), took;

	/* what is printed last, should it be the end */
	if (write(STDERR_FILENO, line, (size_t)n) != n)
		exit(2);
	s->tried++;
	read_log(s->path, &s->got);
	s->salvaged += s->got.salvaged;
	compare(&s->whole, &s->got, s->lines, &lost, &strange);
	if (lost > (most > allowed ? most : allowed) || (strange > odd && at >= HEADERS))
		complain(s, what, at, bit, lost, strange);
	took = now() - began;
	if (took > SECOND)
		printf("%s: %s at %zu, bit %u: %llu ms\n", s->name, what, at, bit,
		       (unsigned long long)took / 1000000);
	if (took > s->slowest)
		s->slowest = took;
	s->lost = lost;
}

/* the longer the file, the more is read of it */
static void cut(struct subject *s)
{
	size_t before = s->whole.n, written = 0;

	if (ftruncate(s->fd, 0))
		die(s->name);
	for (size_t at = 0; at < s->len; at += is_zeros(s, at) ? BLOCK : 1) {
		if (!chosen(s))
			continue;
		if (pwrite(s->fd, s->bytes + written, at - written, (off_t)written) !=
		    (ssize_t)(at - written))
			die(s->name);
		written = at;
		try(s, "cut", at, 0, before);
		before = s->lost;
	}
	if (pwrite(s->fd, s->bytes, s->len, 0) != (ssize_t)s->len)
		die(s->name);
}

static void turn(struct subject *s)
{
	for (size_t at = 0; at < s->len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t byte = s->bytes[at] ^ (uint8_t)(1u << bit);

			if (is_zeros(s, at) || !chosen(s))
				continue;
			if (pwrite(s->fd, &byte, 1, (off_t)at) != 1)
				die(s->name);
			try(s, "bit", at, bit, at < HEADERS ? s->whole.n : 0);
			if (pwrite(s->fd, &s->bytes[at], 1, (off_t)at) != 1)
				die(s->name);
		}
}

int main(int argc, char *argv[])
{
	bool failed = false;
	struct rusage use;

	if (argc < 4) {
		fprintf(stderr, "usage: log EVERY START FILE...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		struct subject *s = calloc(1, sizeof *s);

		if (!s)
			die("log");
		s->every = strtoul(argv[1], NULL, 10);
		s->start = strtoul(argv[2], NULL, 10);
		if (s->every == 0)
			return 2;
		subject_open(s, argv[i]);
		cut(s);
		turn(s);
		printf("%s: %zu records, %lu cases of %lu, %lu salvaged, %lu worse, the slowest %llu ms\n",
		       s->name, s->whole.n, s->tried, s->cases, s->salvaged, s->worse,
		       (unsigned long long)s->slowest / 1000000);
		failed |= s->worse > 0 || s->slowest > SECOND;
		close(s->fd);
		free(s->bytes);
		free(s);
	}
	getrusage(RUSAGE_SELF, &use);
	printf("memory: %ld MiB at most\n", use.ru_maxrss >> 10);
	return failed || use.ru_maxrss > LIMIT_KIB;
}
