/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store over ssh. Until connect() has found out what the server offers, a store
 * has the operations of store_ssh; then, until close(), those of one of these two.
 */
#ifndef SSH_H
#define SSH_H

#include "channel.h"
#include "sftp.h"
#include "store.h"

struct exec;

/* store->own */
struct ssh {
	struct channel channel;	/* SFTP's; with exec it is closed, and the example for others */
	struct sftp sftp;
	struct exec *exec;	/* NULL with SFTP */
	char *path;		/* of the file that is open or was the last */
	struct sftp_attrs last;	/* of it, when it was closed */
	bool has_last;
};

extern const struct store_ops store_sftp, store_exec;

/* connect() and close() of all three */
int ssh_connect(struct store *s);
void ssh_close(struct store *s);

/* "/~/x" is x in the account's home: what the server shall see; lives in path */
const char *ssh_path(const char *path);
/* the same for a shell: in quotes, and never like an option. To be freed; NULL after fail() */
char *ssh_quote(const char *path);
/* the path of the open file is kept: 0, or -1 */
int ssh_keep_path(struct ssh *h, const char *path);
/* store_ops.sha256 of both */
int ssh_sha256(struct store *s, const char *path, uint8_t sum[32]);

/* finds out whether there is a shell: 0, or -1. h->channel is closed, but tells the kind */
int exec_begin(struct store *s, struct ssh *h);
void exec_end(struct ssh *h);

#endif
