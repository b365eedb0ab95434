/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store: a place where files are kept, reached over one connection, with one
 * file in it that is being written. Each protocol fills a struct store_ops.
 *
 * Calls that change or ask for something wait for the answer, at most
 * options->silence_ms, and obey stop_check(). Only write() and commit() do not
 * wait: they queue, and service() tells the window what became of them.
 *
 * -1 with ERR_AGAIN means that the connection is lost or the server is busy: the
 * same may work over a new one. Every other code is an answer: trying again would
 * give the same. After -1 with ERR_AGAIN from any call only close() is allowed.
 *
 * Nothing the server sends is trusted: counts, sizes, strings are checked.
 */
#ifndef STORE_H
#define STORE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "target.h"
#include "window.h"

enum {
	STORE_FDS = 3,
	STORE_EXISTS = 1,	/* create(): there is one already */
	STORE_BUSY = 1,		/* write(): not now, after service() */
};

struct store_options {
	uint64_t connect_ms;		/* for name, connection and login together */
	uint64_t silence_ms;		/* the longest wait for any answer */
	const char *known_hosts;	/* a file; NULL for the user's and the system's */
	const char *host_key;		/* "SHA256:..."; NULL to go by known_hosts */
	const char *ssh_program;	/* NULL: libssh2, and "ssh" where that cannot */
	const char *const *identities;	/* files; ends with NULL; an empty list for the usual ones */
	bool interactive;		/* may ask on the terminal for a passphrase */
};

struct store_stat {
	uint64_t size;		/* bytes */
	bool is_dir;
};

struct store {
	const struct store_ops *ops;
	const struct target *target;		/* borrowed */
	const struct store_options *options;	/* borrowed */
	struct window *window;		/* borrowed; NULL as long as nothing is written */

	/* set by connect() */
	char where[128];	/* "nfs://host/export, NFSv3": for messages */
	uint32_t write_max;	/* bytes: the longest single write */
	uint32_t flight_max;	/* bytes that should be on their way at a time */
	bool sequential;	/* takes bytes only in order, and keeps them as a stream */
	unsigned commits_max;	/* commits that may be on their way at a time; 0: one */
	bool can_sync;		/* false: what it acknowledges is all that it can promise */

	/* set by the caller before create(), for a sequential store */
	bool flat;		/* what is sent has offsets: keep it as a flattened stream */
	/* set by the sender when no more comes than is in the window: a commit may be dear then */
	bool ending;
	bool force;		/* what a raw device holds may be overwritten */
	bool reads;		/* set by the caller: open() is only for reading */

	/* kept by the store */
	uint32_t in_flight;	/* bytes given to write() and not yet answered */
	unsigned committing;	/* commits on their way */
	void *own;		/* the store's; made by connect(), freed by close() */
};

struct store_ops {
	const char *name;

	/* resolve, connect, log in; everything else needs this first */
	int (*connect)(struct store *s);
	/* drops the connection, never waits; the open file stays as it is. For closed ones, too */
	void (*close)(struct store *s);

	/* paths are the target's, with %-names filled in */
	int (*stat)(struct store *s, const char *path, struct store_stat *st);	/* 1; 0: not there */
	int (*make_dir)(struct store *s, const char *path);	/* mode 0700; 0 also when it is there */
	int (*remove)(struct store *s, const char *path);	/* 0 also when it is not there */
	/* replace false: fails with ERR_SYS where to exists, as surely as the protocol can */
	int (*rename)(struct store *s, const char *from, const char *to, bool replace);
	/* bytes that may still be written under path, a folder: 1; 0 when it cannot be known */
	int (*space)(struct store *s, const char *path, uint64_t *bytes);

	/* the file: for reading and, unless reads is set, writing */
	int (*create)(struct store *s, const char *path);	/* mode 0600, new; or STORE_EXISTS */
	int (*open)(struct store *s, const char *path);		/* that is there: 1; 0: not there */
	int (*write)(struct store *s, const struct part *p);	/* at most write_max bytes; or STORE_BUSY */
	int (*commit)(struct store *s);		/* of window_mark(); in the end window_durable() */
	int (*poll)(struct store *s, struct pollfd fds[STORE_FDS]);	/* how many it filled */
	int (*service)(struct store *s);	/* what can be done without waiting */
	/*
	 * len bytes, or fewer at the end of the file: how many, or -1. len may be many
	 * times write_max: the store asks for the parts at the same time. Only
	 * while nothing is in flight.
	 */
	ssize_t (*read)(struct store *s, void *buf, size_t len, uint64_t at);
	/* closes the file: all is written; complete: a stream gets its end mark */
	int (*finish)(struct store *s, bool complete);
	/*
	 * Does path still lead to the file that is (or was) open? 1, 0, or -1. As well as
	 * the protocol can tell: by its handle, or else by size and time.
	 */
	int (*is_ours)(struct store *s, const char *path);
	/*
	 * SHA-256 of a file, worked out by the server: 1 and sum; 0 when it cannot.
	 * NULL for stores that never can.
	 */
	int (*sha256)(struct store *s, const char *path, uint8_t sum[32]);
};

extern const struct store_ops store_nfs, store_ssh, store_local, store_raw;

#endif
