/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of Linux 3.5 to 5.9 (kernel/printk.c, kernel/printk/printk.c since 3.11): records
 * of many lengths, one behind the other, in a buffer of a power of two. A record is a struct
 * printk_log (struct log before 3.11), the text, a dictionary, and zeros up to a multiple of
 * 4 or 8 bytes:
 *
 *	u64 ts_nsec; u16 len, text_len, dict_len; u8 facility; u8 flags:5, level:3;
 *	u32 caller_id;		(since 5.1, only with CONFIG_PRINTK_CALLER)
 *
 * len is the whole record's. The log begins at log_first_idx and ends before log_next_idx.
 * Where a record does not fit before the end of the buffer, there is a header of zeros, and
 * the record is at the buffer's start; a header always fits behind the last record.
 *
 * VMCOREINFO says where the first fields are (since 3.6) but not the two bytes of facility,
 * flags and level: they follow dict_len in every version. The very first kernels of 3.5 had
 * a u16 there, facility times 8 plus level.
 *
 * The dictionary has strings like "SUBSYSTEM=pci" and "DEVICE=+pci:0000:00:03.0", a NUL
 * between them.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chunk.h"
#include "log.h"

struct kinfo;
struct vmcore;

enum { RECORDS_HEADER_MAX = 256 };	/* bytes: some vendors' kernels have more in it */
enum { RECORDS_ALIGN = 4 };

/* bytes; offsets in the header */
struct records_layout {
	uint64_t size;			/* of the header */
	uint64_t ts_nsec, len, text_len, dict_len;
	uint64_t facility;		/* and behind it the byte of flags and level */
	bool early;			/* 3.5: may be a u16 instead */
	bool has_caller;
	uint64_t caller_id;
};

/* -1 with ERR_CORRUPT: a key cannot be true */
int records_layout_read(struct records_layout *l, const struct kinfo *ki);

/* enum log_flags; NOCONS and PREFIX only up to 4.8 */
enum { LOG_NEWLINE = 2, LOG_PREFIX = 4, LOG_CONT = 8 };

struct header {
	uint64_t ts_nsec;
	uint32_t len, text_len, dict_len;	/* bytes */
	uint32_t caller;
	unsigned facility, level, flags;
	bool marker;			/* all zeros: go on at the buffer's start */
};

/* size bytes as a header; whether they can be one is not checked */
void records_header(struct header *h, const struct records_layout *l,
		    const struct vmcore *vm, const uint8_t *bytes);
/* lengths that agree with each other, and padding of less than 8 bytes */
bool records_plausible(const struct header *h, const struct records_layout *l);

/* the state of an open log; places are bytes from the start of the buffer */
struct records {
	struct log *log;
	const struct vmcore *vm;
	struct records_layout l;
	bool old_marks;			/* up to 4.8 /dev/kmsg told more of fragments */
	uint32_t buf_len;
	uint32_t first, next, clear;	/* clear is first if nobody did */

	uint32_t at;			/* the next record's place */
	uint32_t behind;		/* the last one's text and dictionary; not after at */
	bool wrapped;			/* the walk has gone from the buffer's end to its start */
	bool endless;			/* next is not true: go on for a round, while time does */
	bool quiet;			/* what the next search passes over is no loss */
	enum loss searching;		/* why there is no record at at, and one must be looked for */
	bool ended;
	uint64_t seq;			/* of the next record */
	uint64_t ts_nsec, not_before;	/* of the last one; the lesser of the last two ones' */
	unsigned flags;			/* of the last one */
	unsigned chains;		/* that were followed in searches */
	struct chunk chunk, ahead;	/* to walk with, and to look ahead with */
	uint8_t text[UINT16_MAX + 1];
};

/* records-find.c: when something is wrong */

/* where records must end on this side of the buffer's end, or on the other one */
uint32_t records_end(const struct records *rs, bool wrapped);
/* h is a record's header, if it is at that place; what is there is not looked at */
bool records_fits(const struct records *rs, const struct header *h, uint32_t at, bool wrapped);
/* the marker at that place is one: the record at the buffer's start would not have fitted here */
bool records_wraps(struct records *rs, uint32_t at, bool wrapped);
/* a record of that time can follow one of the time before: processors' clocks differ a little */
bool records_in_order(uint64_t ts_nsec, uint64_t before);
/*
 * So many records begin at that place and follow each other, or as many as there are before
 * the log's end or the next hole; the first is not before that time.
 */
bool records_chain(struct records *rs, uint32_t at, uint64_t not_before, int enough);
/* the next place from rs->at on where they do: 1; 0: there is none; -1: ERR_STOPPED */
int records_find(struct records *rs);

#endif
