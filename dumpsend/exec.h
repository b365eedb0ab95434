/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store for accounts with a shell but without SFTP: commands, and one that runs
 * as long as a file is written, a cat into the file from a given offset on. What it
 * is given twice, after a broken connection, it writes to the same place twice.
 *
 * cat says nothing before it ends. So its bytes count as acknowledged when the
 * channel has taken them, and as durable when the channel has taken a good deal
 * more than the network and the server keep on the way; should that ever be wrong,
 * the file's size tells after the next connection. A commit ends the cat, and syncs.
 */
#ifndef EXEC_H
#define EXEC_H

#include "channel.h"
#include "ssh.h"
#include "window.h"

enum {
	EXEC_STAGE = 32700,	/* bytes: what fills one packet of SSH */
	EXEC_LAG = 4 << 20,	/* bytes that may be on the way, at most */
	EXEC_TEXT = 4096,
};

struct exec_part {
	struct part part;
	uint64_t end;		/* where it ends in the stream */
};

struct exec {
	char *quoted;		/* the open file's name, for the shell */
	uint64_t size;		/* of it, when it was opened; bytes */
	bool placed;		/* pos and taken are known */
	uint64_t pos;		/* in the stream: where the next part will begin */
	uint64_t taken;		/* ... and how far the channel has it */

	struct channel cat;	/* the command that is given the stream */
	bool running, ending;	/* it runs; it was told that nothing more comes */
	bool failed;		/* it has ended otherwise than it should */
	char said[EXEC_TEXT];	/* what it printed */
	size_t said_len;
	uint64_t alive_ms;	/* when it last took or said something */
	uint64_t wrote_ms;	/* when a part last came */

	/* parts: [first, unacked) are acknowledged, [unacked, staged) in the channel, others wait */
	struct exec_part *part;	/* WINDOW_EXTENTS of them, a ring */
	uint64_t first, unacked, staged, next;

	uint8_t *stage;
	size_t stage_len, stage_done;
	const uint8_t *rest;
	size_t rest_len;
};

/* the stream: store-exec-file.c */
int exec_write(struct store *s, const struct part *p);
int exec_commit(struct store *s);
int exec_poll(struct store *s, struct pollfd fds[STORE_FDS]);
int exec_service(struct store *s);
int exec_finish(struct store *s, bool complete);

/* run a command that was made with the name of path; text holds what it printed */
int exec_ask(struct store *s, char text[EXEC_TEXT], const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* -1: a command has failed with these words */
int exec_refused(struct store *s, const char *path, const char *said);

#endif
