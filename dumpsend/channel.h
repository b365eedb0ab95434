/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel: bytes to and from a subsystem or a command on an SSH server,
 * without waiting. Two kinds: libssh2, and a child process (the ssh program).
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "store.h"

enum channel_refusal {
	CHANNEL_OPEN,		/* 0: it is open */
	CHANNEL_NO_SUBSYSTEM,	/* the server has no such subsystem, or allows no command */
	CHANNEL_NO_ALGORITHM,	/* this library and that server, or key, share no algorithm; fail() says it */
};

struct channel {
	const struct channel_ops *ops;
	const struct target *target;		/* borrowed */
	const struct store_options *options;	/* borrowed */
	const char *key_types;			/* borrowed: the only host keys to ask for; NULL: any */
	char server[64];	/* what the server calls itself, cleaned of strange bytes; "" if unknown */
	void *own;
};

struct channel_ops {
	const char *name;	/* "libssh2", "ssh" */
	/*
	 * Connects, checks the host key, logs in and starts the subsystem or, if that is
	 * NULL, the command. Waits at most options->connect_ms. An enum channel_refusal, or -1.
	 */
	int (*open)(struct channel *c, const char *subsystem, const char *command);
	/* 0: nothing now; -1 with ERR_AGAIN: the connection is gone. The end of input is *eof */
	ssize_t (*read)(struct channel *c, void *buf, size_t len, bool *eof);
	/*
	 * How many bytes were taken; 0: none now, and the next call must have the same buf
	 * and len again, with no read() of data expected in between (libssh2 1.10 insists).
	 */
	ssize_t (*write)(struct channel *c, const void *buf, size_t len);
	int (*poll)(struct channel *c, struct pollfd fds[STORE_FDS]);	/* how many it filled */
	/* no more will be written */
	int (*send_eof)(struct channel *c);
	/* after the end of input: the command's exit status, or -1 */
	int (*status)(struct channel *c);
	void (*close)(struct channel *c);	/* never waits; for closed ones, too */
};

extern const struct channel_ops channel_ssh2, channel_child;

/*
 * Run one command over a new channel of the same kind and gather at most len - 1
 * bytes of what it prints: its exit status, or -1. NUL-terminated.
 */
int channel_run(const struct channel *like, const char *command, char *buf, size_t len);

/* the same for len bytes of any kind: how many came, and the exit status; or -1 */
ssize_t channel_gather(const struct channel *like, const char *command, void *buf, size_t len,
		       int *status);

/*
 * What somebody else wrote, for a message: printable ASCII only, blanks at its ends
 * left out, others as "?"; to holds size bytes, and is always a string.
 */
void channel_clean(char *to, size_t size, const void *text, size_t len);

#endif
