/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in to an SSH server with a key, from a file or an agent. Never with a password. */
#ifndef LOGIN_H
#define LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "channel.h"
#include "ssh2.h"

/* what was tried without success, for the message */
struct login {
	struct ssh2 *ssh;
	const char *user;
	unsigned count;		/* keys that were tried */
	bool rsa;		/* one of them RSA, which an old libssh2 signs with SHA-1 */
	char tried[112];	/* "FILE, FILE (no passphrase), agent" */
};

/*
 * CHANNEL_OPEN: logged in. CHANNEL_NO_ALGORITHM: what might help is an RSA key, which
 * this libssh2 cannot use with that server; -1: ERR_SYS, refused, with what was tried;
 * ERR_AGAIN, the connection is gone.
 */
int login(struct ssh2 *s, const struct channel *c);

/* each key of the agent, if SSH_AUTH_SOCK names one: 1 logged in, 0 not, -1 as above */
int login_agent(struct login *l);

/* name was tried; what: why it was not even offered to the server, or NULL */
void login_note(struct login *l, const char *name, const char *what);
/* what became of an offered key: 1 it was taken, 0 refused, -1 the connection is gone */
int login_result(struct login *l, int rc);

#endif
