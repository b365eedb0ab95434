/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of salvage.c: how memory is looked through, and what each kind of log looks like. */
#ifndef SALVAGE_H
#define SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "records.h"
#include "ring.h"
#include "space.h"

struct vmcore;

/* bytes behind those to be looked at that can be read with them: zeros, if there are no more */
enum { SALVAGE_AHEAD = 4096 };

/*
 * Called with the memory that the dump holds, in pieces, from lower to higher addresses.
 * len is a multiple of 8; apart: nothing is known of what lies before this piece.
 */
typedef void salvage_look(void *arg, const uint8_t *p, size_t len, uint64_t phys, bool apart);
/* -1: ERR_STOPPED, ERR_MEMORY, or what vmcore_held() says; what cannot be read is passed over */
int salvage_through(struct vmcore *vm, salvage_look *look, void *arg);

/* n things in a row whose numbers rise by one: the first one's number and physical address */
struct salvage_run {
	uint64_t phys, key, n;
};

enum { SALVAGE_RUNS = 64 };

/* the longest ones that were seen, the longest first once they are sorted */
struct salvage_runs {
	unsigned n;
	struct salvage_run run[SALVAGE_RUNS];
};

void salvage_keep(struct salvage_runs *rs, struct salvage_run run);
void salvage_sort(struct salvage_runs *rs);

/* the same, of what is being looked through: run.n pairs so far */
enum { SALVAGE_OPEN = 32, SALVAGE_CHAINS = 8 };

struct salvage_chain {
	struct salvage_run run;
	uint64_t last;			/* physical address of the last one */
};

/* a printk_ringbuffer, as it is being found: salvage-find.c */
struct salvage_find {
	const struct vmcore *vm;
	struct ring_layout l;
	uint64_t id_mask;
	struct salvage_run desc[SALVAGE_OPEN], info[SALVAGE_OPEN];
	struct salvage_chain chain[SALVAGE_CHAINS];
	struct salvage_runs descs, infos, texts;
};

/* the layout that all kernels had so far, 5.10 to 7.2 */
void salvage_find_open(struct salvage_find *f, const struct vmcore *vm);
/* VMCOREINFO's, if it is another one: true */
bool salvage_find_open_other(struct salvage_find *f, const struct vmcore *vm);
salvage_look salvage_find_look;		/* arg: struct salvage_find */
void salvage_find_end(struct salvage_find *f);
/* can a record's text begin with these eight bytes? */
bool salvage_is_text(const uint8_t *text);

/* one that was found: physical addresses; 0: these were not found */
struct salvage_ring {
	uint64_t descs, infos, data;
	unsigned count_bits;
	uint64_t origin;		/* the id of the record with seq 0 */
	uint64_t last;			/* the newest id of those in a row */
	struct salvage_runs texts;	/* blocks in a row, where they are needed */
	unsigned agreed;		/* of those tried */
};

/*
 * A ring that the runs in *f are parts of, which are taken out: 1; 0: there is none; -1.
 * log is for log_read(), and its space maps physical addresses.
 */
int salvage_solve(struct log *log, struct salvage_find *f, struct salvage_ring *found);

/* salvage-ring.c: reading one */
struct salvage_reader {
	struct ring ring;
	struct salvage_ring found;
	uint64_t id, left;		/* the next record; how many are left with it */
	uint64_t expected;		/* where the next block would begin, 0: not known */
	bool any;			/* a record with text was good */
	uint64_t doubtful;		/* since then: places without a trace of a record */
};

int salvage_ring_open(struct salvage_reader *rd, struct log *log, const struct ring_layout *l,
		      const struct salvage_ring *found);
int salvage_ring_next(struct log *log, struct salvage_reader *rd, struct record *r);

/*
 * The buffer of an older log: records, or lines, in a row. Where time falls back, the ring
 * has its seam; where it does so once more, there are remains of the lap before.
 */
struct salvage_buffer {
	uint64_t phys, end;
	uint64_t seam;			/* where the oldest begins; 0: at phys */
	uint64_t n;			/* records, lines with a level */
	uint64_t before, last;		/* times of the last but one, and the last, nanoseconds */
	uint64_t low;			/* TEXT: where time may have fallen back; 0: nowhere */
	bool ended;			/* what follows is no longer the log */
	unsigned kind;			/* how the records' headers are: which of salvage_records.l */
};

enum { SALVAGE_BUFFERS = 4, SALVAGE_KINDS = 4 };

struct salvage_buffers {
	unsigned n;
	struct salvage_buffer buffer[SALVAGE_BUFFERS];	/* those with the most records */
};

/* keeps it if it is one of those, and *b becomes an empty one */
void salvage_keep_buffer(struct salvage_buffers *bs, struct salvage_buffer *b);

/* the records of 3.5 to 5.9, as they are being found: salvage-records.c */
struct salvage_records {
	const struct vmcore *vm;
	unsigned nkinds;
	struct records_layout l[SALVAGE_KINDS];
	struct salvage_chain_of_records {
		uint64_t phys, next;	/* of the first one, and behind the last one */
		uint64_t n, second, before, last;	/* records; times: of the last but one, ... */
	} chain[SALVAGE_KINDS];
	struct salvage_buffer open[SALVAGE_KINDS];
	struct salvage_buffers found;
};

void salvage_records_open(struct salvage_records *f, const struct vmcore *vm);
salvage_look salvage_records_look;	/* arg: struct salvage_records */
void salvage_records_end(struct salvage_records *f);
/* a state for log_records; NULL: ERR_MEMORY */
struct records *salvage_records_begin(struct log *log, const struct salvage_records *f,
				      const struct salvage_buffer *b);

/* the lines of kernels before 3.5: salvage-text.c */
struct salvage_text {
	struct salvage_buffer open;
	uint64_t line;			/* where the current one begins; 0: not in any */
	uint64_t remains;		/* the first line without a level since one with */
	uint64_t bare;			/* the last line without a level, */
	unsigned nremains;		/* and how many there are behind the first one with */
	unsigned strange;		/* bytes in a row that are no text */
	uint64_t next;			/* the next byte's address, if memory goes on */
	uint64_t hole;			/* where memory last ended */
	struct salvage_buffers found;
};

salvage_look salvage_text_look;		/* arg: struct salvage_text */
void salvage_text_end(struct salvage_text *f);
/* a state for log_text; NULL: ERR_MEMORY */
struct text *salvage_text_begin(struct log *log, const struct salvage_buffer *b);

#endif
