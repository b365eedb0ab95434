/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SFTP version 3 (draft-ietf-secsh-filexfer-02, and OpenSSH's file PROTOCOL for
 * the names that end in @openssh.com), over any channel, for one file at a time.
 *
 * Many requests are on their way at a time and every answer is matched by its
 * number; the order of the answers is the server's affair. What is written is not
 * copied: all but the first bytes of each request go to the channel from where
 * they lie in the window.
 *
 * -1 as store.h has it. A server that breaks the protocol is ERR_SYS, and so is
 * every call after that.
 */
#ifndef SFTP_H
#define SFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel.h"
#include "cursor.h"
#include "store.h"
#include "window.h"

enum {
	SFTP_REQUESTS = 1024,		/* at a time; a power of two */
	SFTP_STAGE = 32700,		/* bytes: what fills one packet of SSH */
	SFTP_CALL = 12 << 10,		/* bytes: a request with two paths */
	SFTP_DATA = 261120,		/* bytes in one request or answer: OpenSSH's limit */
	SFTP_ANSWER = SFTP_DATA + 1024,	/* bytes: the longest answer that we take */
	SFTP_IN = 2 * SFTP_ANSWER,	/* bytes: what is kept of what came in */
	SFTP_HANDLE = 256,		/* bytes: the protocol's limit */
	SFTP_READS = 256,		/* at a time */
	SFTP_TEXT = 96,
};

enum sftp_type {
	SFTP_INIT = 1, SFTP_VERSION, SFTP_OPEN, SFTP_CLOSE, SFTP_READ, SFTP_WRITE,
	SFTP_LSTAT, SFTP_FSTAT, SFTP_SETSTAT, SFTP_FSETSTAT,
	SFTP_REMOVE = 13, SFTP_MKDIR, SFTP_STAT = 17, SFTP_RENAME,
	SFTP_STATUS = 101, SFTP_IS_HANDLE, SFTP_IS_DATA, SFTP_IS_ATTRS = 105,
	SFTP_EXTENDED = 200, SFTP_EXTENDED_REPLY,
};

enum sftp_code {
	SFTP_OK, SFTP_EOF, SFTP_NO_SUCH_FILE, SFTP_PERMISSION_DENIED, SFTP_FAILURE,
	SFTP_BAD_MESSAGE, SFTP_NO_CONNECTION, SFTP_CONNECTION_LOST, SFTP_OP_UNSUPPORTED,
	/* of later versions, and sent all the same by some servers */
	SFTP_WRITE_PROTECT = 12, SFTP_NO_SPACE = 14, SFTP_QUOTA = 15,
};

/* the server's answer when it is no more than a number and some words */
struct sftp_status {
	uint32_t code;
	char text[SFTP_TEXT];	/* cleaned */
};

struct sftp_attrs {
	bool has_size, has_mode, has_mtime;
	uint64_t size;		/* bytes */
	uint32_t mode;		/* st_mode */
	uint32_t mtime;		/* seconds since 1970 */
};

struct sftp_space {
	uint64_t free;		/* bytes that may still be written */
	bool read_only;
};

enum sftp_kind {
	SFTP_FREE,
	SFTP_FOR_CALL,		/* somebody waits for the answer */
	SFTP_FOR_WRITE,
	SFTP_FOR_READ,
	SFTP_FOR_SYNC,
	SFTP_FOR_NOBODY,	/* he has given up waiting */
};

struct sftp_request {
	enum sftp_kind kind;
	uint32_t id;
	struct part part;	/* of a write */
	struct mark mark;	/* of a sync */
	uint8_t *to;		/* of a read: where len bytes from at on go */
	uint32_t len;
	uint64_t at;
};

struct sftp {
	struct channel *channel;	/* borrowed; open */
	struct store *store;		/* borrowed: its window is told of answers */

	/* what the server can do */
	uint32_t version;		/* 0 before it has said so */
	uint32_t write_max, read_max;	/* bytes in one request */
	bool has_fsync, has_rename, has_statvfs, has_limits;

	/* the file */
	uint8_t handle[SFTP_HANDLE];
	uint32_t handle_len;		/* 0: none is open */

	/* requests: those before sending are out or in the stage, [sending, next) wait */
	struct sftp_request *request;	/* SFTP_REQUESTS; that of an id is [id % SFTP_REQUESTS] */
	uint32_t sending, next;
	uint32_t waiting;		/* how many are not answered */
	uint64_t alive_ms;		/* when something was last sent or answered */

	/* what goes out: the stage, then the rest of its last write from the window */
	uint8_t *stage;
	size_t stage_len, stage_done;
	const uint8_t *rest;
	size_t rest_len;

	/* what comes in */
	uint8_t *in;
	size_t in_len, in_used;
	bool eof;

	/* the call that somebody waits for */
	uint8_t *call;
	size_t call_len;
	uint32_t call_id;
	bool call_too_long, answered;
	uint8_t answer_type;
	struct cursor answer;		/* valid until the next request */

	/* what went wrong with a write or a sync, not yet told */
	bool refused;
	struct sftp_status refusal;
	uint32_t refused_len;		/* bytes of that write */

	/* a read of many parts */
	uint32_t reads, mores;
	struct sftp_request more[SFTP_READS];	/* what is left of those answered in part */
	uint64_t read_end;		/* where the file has ended */
	bool read_failed;
	struct sftp_status read_status;

	const char *broken;		/* what the server did against the protocol */
};

/*
 * Greets the server. CHANNEL_OPEN, or CHANNEL_NO_SUBSYSTEM when the channel ends
 * before a word of SFTP, or -1.
 */
int sftp_open(struct sftp *f, struct channel *c, struct store *s);
/* accepts a closed or zeroed one; the channel stays */
void sftp_close(struct sftp *f);

/* sftp.c: the engine */

/* do what can be done without waiting: 1 when something moved, 0, or -1 */
int sftp_pump(struct sftp *f);
/* the same, but wait for something to move, as long as the server may be silent */
int sftp_step(struct sftp *f);
/* a request to fill, or NULL after fail(); waits when too many are on their way */
struct sftp_request *sftp_queue(struct sftp *f, enum sftp_kind kind);
/* give the channel what it takes: 1 when it took something, 0, or -1 */
int sftp_push(struct sftp *f);
/* the server does not speak as it should: -1, now and ever after */
int sftp_bad(struct sftp *f, const char *what);
/* false when the answer is no status */
bool sftp_parse_status(struct cursor *c, uint8_t type, struct sftp_status *st);

/* a request of our own words; sftp_call() waits for the answer: its type, or -1 */
void sftp_begin(struct sftp *f, enum sftp_type type);
void sftp_put_u32(struct sftp *f, uint32_t value);
void sftp_put_string(struct sftp *f, const void *p, size_t len);
int sftp_call(struct sftp *f);
/* sftp_call() for an answer that is a status: 0 and *st, or -1 */
int sftp_call_status(struct sftp *f, struct sftp_status *st);

/* sftp-name.c: what is done to names; st->code says what the server answered */

/* 0 with *a for SFTP_OK */
int sftp_stat(struct sftp *f, enum sftp_type how, const char *path, struct sftp_attrs *a,
	      struct sftp_status *st);
int sftp_make_dir(struct sftp *f, const char *path, uint32_t mode, struct sftp_status *st);
int sftp_remove(struct sftp *f, const char *path, struct sftp_status *st);
int sftp_set_mode(struct sftp *f, const char *path, uint32_t mode, struct sftp_status *st);
/* posix: an existing file is replaced (posix-rename@openssh.com) */
int sftp_rename(struct sftp *f, const char *from, const char *to, bool posix,
		struct sftp_status *st);
/* 1, or 0 when the server cannot tell */
int sftp_statvfs(struct sftp *f, const char *path, struct sftp_space *space);
/* -1 with the reason for a status; near: a path on the same file system */
int sftp_refused(struct sftp *f, const char *what, const struct sftp_status *st,
		 const char *near, uint64_t need);

/* sftp-file.c: the file */

enum sftp_purpose {
	SFTP_GO_ON,	/* reading and writing one that is there */
	SFTP_CREATE,	/* the same with a new one, mode 0600 */
	SFTP_READ_ONLY,
};
int sftp_open_file(struct sftp *f, const char *path, enum sftp_purpose purpose,
		   struct sftp_status *st);
int sftp_close_file(struct sftp *f, struct sftp_status *st);
/* these only queue; the window hears of it, and f->refused of what went wrong */
int sftp_write(struct sftp *f, const struct part *p);
int sftp_sync(struct sftp *f);
/* forget what is queued but was not given to the channel */
void sftp_drop_queue(struct sftp *f);
/* len bytes, or fewer at the file's end: how many, or -1 */
ssize_t sftp_read(struct sftp *f, void *buf, size_t len, uint64_t at, struct sftp_status *st);

/* the answers; for sftp.c */
int sftp_wrote(struct sftp *f, const struct sftp_request *r, uint8_t type, struct cursor *c);
int sftp_synced(struct sftp *f, const struct sftp_request *r, uint8_t type, struct cursor *c);
int sftp_got(struct sftp *f, struct sftp_request *r, uint8_t type, struct cursor *c);

#endif
