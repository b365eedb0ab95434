/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log in a dump, record by record, oldest first. How it is kept
 * changed over the years: each way is a row of the table in log.c.
 *
 *	if (log_open(&log, &space))
 *		return -1;
 *	while ((rc = log_next(&log, &r)) == 1)
 *		...
 *	log_close(&log);
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct space;

struct record {
	uint64_t seq;		/* counts up from 0 at boot */
	uint64_t ts_nsec;	/* nanoseconds since boot */
	uint32_t caller;	/* thread id; with bit 31 set, a CPU's number */
	unsigned facility;	/* as syslog(3) has them, 0 is the kernel */
	unsigned level;		/* 0 (emergency) to 7 (debug) */
	const char *text;	/* not terminated; valid until the next call */
	size_t len;		/* bytes of text, 0 for an empty line */
};

struct log_format {
	const char *name;	/* the kernels that keep their log so */
	const char *symbol;	/* VMCOREINFO has it for these kernels alone */

	/* NULL: known, but not read by this version; sets log->state */
	int (*open)(struct log *log);
	int (*next)(struct log *log, struct record *r);
	void (*close)(struct log *log);
};

struct log {
	const struct log_format *format;
	struct space *sp;	/* borrowed */
	void *state;		/* owned by the format */

	/* records that log_next() passed over or changed, and why */
	uint64_t missing;	/* in memory that the dump does not hold, or see trouble */
	uint64_t damaged;	/* what is said of them contradicts itself */
	uint64_t shortened;	/* printed, but their text ended too soon */
	uint64_t unfinished;	/* the kernel was still writing, or had lost, them */
	bool mended;		/* the log's ends were wrong and had to be looked for */
	char trouble[200];	/* the first reason why the dump's file cannot be read, or "" */
};

/*
 * Find the log and its first record. -1 with ERR_UNKNOWN: no log, or one that
 * this version does not read; ERR_CORRUPT: its structures cannot be used; others:
 * the dump's file cannot be read.
 */
int log_open(struct log *log, struct space *sp);
/* 1: *r is the next record; 0: there are no more; -1 after fail() */
int log_next(struct log *log, struct record *r);
/* accepts a log that log_open() refused */
void log_close(struct log *log);

/* for the formats: space_read(), but the first error of the file is kept in trouble */
int log_read(struct log *log, void *buf, size_t len, uint64_t virt);

#endif
