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

enum { SUBSYSTEM_MAX = 16, DEVICE_MAX = 48 };	/* bytes, NUL included: struct dev_printk_info */

/* why there is a gap in the log */
enum loss {
	LOSS_NONE,		/* no gap: this is a record */
	LOSS_MISSING,		/* pages not in the dump */
	LOSS_DAMAGED,		/* what the structures say contradicts itself */
};

struct record {
	enum loss loss;		/* a gap, and how many records it took: only these two count */
	uint64_t lost;		/* 0: how many is not known */

	uint64_t seq;		/* counts up from 0 at boot; in logs before 5.10 from the oldest record */
	bool timed;		/* false: this kernel kept no time for it */
	uint64_t ts_nsec;	/* nanoseconds since boot */
	bool has_caller;
	uint32_t caller;	/* thread id; with bit 31 set, a CPU's number */
	unsigned facility;	/* as syslog(3) has them, 0 is the kernel */
	unsigned level;		/* 0 (emergency) to 7 (debug) */
	char mark;		/* what /dev/kmsg says of it: '-', 'c' or '+' a fragment of a line; */
				/* NUL: that kernel said nothing, or had no /dev/kmsg to read */
	bool cleared;		/* written before somebody last said dmesg --clear */
	const char *text;	/* not terminated; valid until the next call */
	size_t len;		/* bytes of text, 0 for an empty line */
	char subsystem[SUBSYSTEM_MAX], device[DEVICE_MAX];	/* "" if it is no device's; any bytes */
};

struct log_format {
	const char *name;	/* the kernels that keep their log so */
	const char *symbol;	/* VMCOREINFO has it for these kernels alone */

	int (*open)(struct log *log);	/* sets log->state; called again after close: a second pass */
	/* *r is zeroed; gaps may be returned one by one: log_next() joins those in a row */
	int (*next)(struct log *log, struct record *r);
	void (*close)(struct log *log);	/* accepts what open refused */
	int (*rewind)(struct log *log);	/* NULL: close and open do as well */
};

struct log {
	const struct log_format *format;
	struct space *sp;	/* borrowed */
	void *state;		/* owned by the format */
	int caller_shown;	/* the kernel prints callers: 1, does not: 0, not known: -1 */
	struct record held;	/* read already, comes next; or */
	bool holds, ended;	/* there is nothing more */

	/* records that log_next() passed over or changed, and why */
	uint64_t missing;	/* in memory that the dump does not hold, or see trouble */
	uint64_t damaged;	/* what is said of them contradicts itself */
	uint64_t shortened;	/* printed, but their text ended too soon */
	uint64_t loose;		/* printed, but there was room for much more text */
	uint64_t unfinished;	/* the kernel was still writing, or had lost, them */
	bool uncounted;		/* a gap may be of many records, and was counted as one */
	bool mended;		/* the log's ends were wrong and had to be looked for */
	bool salvaged;		/* found by salvage.c, not by the kernel's own structures */
	char trouble[200];	/* the first reason why the dump's file cannot be read, or "" */
};

/*
 * Find the log and its first record. -1 with ERR_UNKNOWN: no log, or one that
 * this version does not read; ERR_CORRUPT: its structures cannot be used; others:
 * the dump's file cannot be read.
 */
int log_open(struct log *log, struct space *sp);
/*
 * The same log by looking through memory for what its records look like: for when
 * log_open() fails, or finds nothing. In the order of their time. -1: nothing was found.
 */
int log_salvage(struct log *log, struct space *sp);
/* 1: *r is the next record, or a gap; 0: there are no more; -1 after fail() */
int log_next(struct log *log, struct record *r);
/* from the first record on again, counts too; -1 after fail() */
int log_rewind(struct log *log);
/*
 * Make caller_shown known if it is -1 and the kernel's image says it; reads some MB of
 * the dump. -1: ERR_STOPPED, ERR_MEMORY.
 */
int log_find_caller(struct log *log);
/* accepts a log that log_open() refused */
void log_close(struct log *log);

/* for the formats: space_read(), but the first error of the file is kept in trouble */
int log_read(struct log *log, void *buf, size_t len, uint64_t virt);

/* for the formats: *r becomes a gap of so many records, 0: not known; counted as one. Always 1 */
int log_lose(struct log *log, struct record *r, enum loss why, uint64_t lost);

/* for the formats: bytes of the kernel's unsigned long and of its pointers, as far as is known */
unsigned log_word(const struct log *log);
/* for the formats: the value of size bytes, 4 or 8, at a symbol of VMCOREINFO */
int log_number(struct log *log, const char *symbol, unsigned size, uint64_t *value);
/* for the formats before 5.10: log_buf and log_buf_len, a power of two up to 2^31 */
int log_buffer(struct log *log, uint64_t *virt, uint64_t *len);

/* the rows' functions: ring.c, records.c, text.c, salvage.c */
extern const struct log_format log_ring, log_records, log_text, log_salvaged;

#endif
