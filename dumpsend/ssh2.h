/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection through libssh2, never blocking.
 *
 * libssh2 1.10 and 1.11.0 cannot be trusted when the socket takes only a part of a
 * packet: with anything but the same call afterwards they fail or send bytes twice
 * (its issues 1397, 1431 and 1672). So its bytes go through a buffer of ours that
 * takes every packet whole, and new data waits until that buffer is empty.
 */
#ifndef SSH2_H
#define SSH2_H

#include <libssh2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel.h"

struct ssh2 {
	int fd;
	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	uint64_t deadline_ms;	/* for all that open() does; 0 once it is open */

	uint8_t *out;		/* what the socket has not taken yet */
	size_t out_at, out_len;	/* the first byte, and how many from there */

	uint8_t *in;		/* what libssh2 has given and the caller has not taken yet */
	size_t in_at, in_len;

	int error;		/* the socket's errno, once it has failed */
	bool dead;		/* nothing is sent or received any more */
	bool hung_up;		/* the server has closed the connection */
	char bye[96];		/* the server's reason for closing it, cleaned */

	/* the channel */
	bool is_command;	/* has an exit status */
	bool want_eof;		/* send_eof() was called and could not finish */
	bool ended;		/* the caller knows of the end of input */
	bool refused;		/* the last write: no window, or new keys are being agreed on */
	bool drained;		/* the last read: nothing there, or new keys ... */
	bool heard;		/* something came in since the last write was refused */
	int always_fd;		/* is readable at any time: data is waiting inside libssh2 */
};

/*
 * A connected socket with its session: -1 after fail(). deadline_ms is set by the
 * caller before. ssh2_drop() is due in any case.
 */
int ssh2_dial(struct ssh2 *s, const struct target *t, const struct store_options *o);
/* gives up socket and session without a word to the server; may be dialled again */
void ssh2_drop(struct ssh2 *s);

/* hand to the socket what it takes now; -1: ERR_AGAIN, the connection is gone */
int ssh2_flush(struct ssh2 *s);
/* after LIBSSH2_ERROR_EAGAIN: 0 when the same call should be made again, or -1 */
int ssh2_wait(struct ssh2 *s);
/*
 * The connection is lost or unusable, as libssh2 just found out while doing what:
 * always -1, ERR_AGAIN, with the server's reason if it gave one.
 */
int ssh2_lost(struct ssh2 *s, const char *what);
/* is this error of libssh2 one of the connection, and not an answer of the server? */
bool ssh2_is_lost(const struct ssh2 *s, int error);

/* rsa-sha2, encrypt-then-MAC and GCM came with libssh2 1.11 */
bool ssh2_is_modern(void);

/* ssh2-methods.c: algorithms */

/* cipher and MAC that cost the least; host keys of these types first, or only these */
int ssh2_prefer(struct ssh2 *s, unsigned key_types, bool only);
/* after a failed handshake: what is it that the two do not share? NULL if it is not that */
const char *ssh2_not_shared(struct ssh2 *s, int error);

/* ssh2-shake.c: connect, agree on keys, and check who the server is: a channel_refusal or -1 */
int ssh2_shake(struct ssh2 *s, struct channel *c);

#endif
