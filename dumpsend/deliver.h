/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One delivery: from the input, through the window, to a file on one store, which
 * gets its name when it is whole. deliver.c goes from stage to stage and connects
 * again when the connection was lost; each stage can be begun again.
 *
 *	stage		file
 *	STAGE_BEGIN	landing.c	folders, what is there already, NAME-incomplete
 *	STAGE_RESUME	resume.c	of a file: what an earlier run has sent already
 *	STAGE_SEND	pump.c		input to window to store, until all is durable
 *	STAGE_VERIFY	verify.c	read back and compare
 *	STAGE_NAME	landing.c	NAME, NAME.sha256
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "beside.h"
#include "cargo.h"
#include "meter.h"
#include "store.h"

enum verify {
	VERIFY_DEFAULT,		/* full for NFS, nothing guards the way there; else size */
	VERIFY_SIZE,
	VERIFY_SAMPLE,
	VERIFY_FULL,
};

struct deliver_options {
	struct store_options store;
	bool force;		/* may replace NAME */
	bool sha256;		/* write NAME.sha256 where it can be known */
	enum verify verify;
	uint64_t retry_ms;	/* without any progress; 0: one try */
	uint64_t nap_ms;	/* before the second try; each later one waits twice as long */
	uint64_t deadline_ms;	/* of the whole, as clock_ms(); UINT64_MAX: none */
	uint64_t rate;		/* bytes a second; 0: as fast as can be */
	const struct beside *beside;	/* borrowed */
	unsigned nbeside;
};

/* how far a reader of the whole file has come; goes on there after a lost connection */
struct reading {
	uint64_t at;		/* bytes of the file that were compared */
	unsigned next;		/* the extent that is being compared */
	uint32_t crc;
	uint64_t seen;		/* bytes of that extent */
	void *sha;		/* sha.h's; NULL: not wanted, or not begun */
};

enum stage { STAGE_BEGIN, STAGE_RESUME, STAGE_SEND, STAGE_VERIFY, STAGE_NAME, STAGE_DONE };

struct delivery {
	struct cargo *cargo;			/* borrowed */
	struct meter *meter;			/* borrowed; NULL to show nothing */
	const struct deliver_options *options;	/* borrowed */
	struct store store;
	char *path;		/* NAME, and .flat where the stream is kept */
	char *temp;		/* NAME-incomplete; the same as path for a raw device */
	enum stage stage;
	bool connected;
	bool created;		/* temp is there, and ours as far as we know */
	bool warned_of_space;
	bool is_last;		/* set by the caller: no other target would be tried */
	uint64_t covered;	/* bytes the window had acknowledged when the last commit was sent */
	uint32_t epoch;		/* of the window; while it differs, nothing is sent but answers awaited */
	uint64_t trouble_ms;	/* since when nothing has become durable in spite of trying; 0: all is well */
	uint64_t progress;	/* bytes that were durable when that was asked last */
	unsigned retries;
	unsigned naps;		/* in a row: how long the next one is */

	/* of a file that is sent again: see resume.c */
	bool resumable;		/* an earlier run has left NAME-incomplete of this size */
	uint64_t there;		/* bytes */
	bool differs;		/* what is on the server is not what was sent */
	bool lacks;		/* the file is whole, but something beside it is not there */

	uint8_t sha256[DIGEST_SHA256];
	bool has_sha256;
	struct reading reading;
	uint64_t compared;	/* bytes */
};

/* path is the target's, names filled in; target, cargo, meter and options stay borrowed */
int deliver_open(struct delivery *d, const struct target *t, const char *path,
		 struct cargo *cargo, struct meter *meter, const struct deliver_options *o);
/*
 * 0: the file has its name. -1: ERR_STOPPED or ERR_FULL when NAME-incomplete was kept,
 * ERR_AGAIN when the server could not be reached (any more), else it was refused.
 */
int deliver(struct delivery *d);
void deliver_close(struct delivery *d);

/* the stages: 0, or -1 */
int landing_begin(struct delivery *d);
int resume(struct delivery *d);
int pump(struct delivery *d);
int verify(struct delivery *d);
/* are an extent's bytes on the server? Read into buf, size bytes at a time. 1, 0, or -1 */
int verify_extent(struct delivery *d, const struct digest_extent *e, uint8_t *buf, size_t size);
/* begin with the first byte next time */
void verify_forget(struct delivery *d);
int landing_name(struct delivery *d);

/* what an earlier run has left is moved aside, and a new NAME-incomplete made: 0 or -1 */
int landing_afresh(struct delivery *d);

/* removes NAME-incomplete, if it is (still) what this run has made; says nothing */
void landing_remove(struct delivery *d);

/* reopen.c: after a new connection: open the file again, if it had been created; 0 or -1 */
int landing_reopen(struct delivery *d);

/* there is nothing that the server owes us: patience begins anew with the next failure */
void deliver_is_well(struct delivery *d);
/* has the time for the whole run out? -1 after fail(ERR_STOPPED) or stop_check() */
int deliver_check(const struct delivery *d);
/* sleep, but not over deliver_check(): 0 or -1 */
int deliver_nap(const struct delivery *d, uint64_t ms);

#endif
