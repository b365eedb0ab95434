/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection to an NFS server, or to its mount daemon: a libnfs context, the
 * loop that drives it by our own clock, and calls that wait for their answer.
 *
 * libnfs' own time-outs and its reconnecting stay off: the first break the stream
 * of a half-sent call, the second hides that a server was restarted.
 */
#ifndef NFS_CONN_H
#define NFS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nfsc/libnfs.h>
#include <nfsc/libnfs-raw.h>

#include "net.h"

struct store;

enum { NFS_PAUSE_MS = 1000 };	/* before a busy server is asked again */

enum nfs_verb {
	NFS_STAT,	/* answer: struct nfs_stat_64; follows links */
	NFS_LSTAT,	/* the same, does not */
	NFS_STATVFS,	/* answer: struct nfs_statvfs_64 */
	NFS_MKDIR,
	NFS_UNLINK,
	NFS_RENAME,
	NFS_CREATE,	/* file: new, for reading and writing */
	NFS_OPEN,	/* file: for reading and writing */
	NFS_LOOK,	/* file: for reading */
	NFS_CLOSE,
};

struct nfs_ask {
	enum nfs_verb verb;
	const char *path, *to;	/* below the export */
	struct nfsfh *file;	/* taken by NFS_CLOSE */
	void *answer;		/* where it goes; NULL if there is none */
	size_t size;		/* bytes */
};

struct nfs_conn {
	struct nfs_context *ctx;	/* NULL for a mount daemon's */
	struct rpc_context *rpc;	/* ctx's, or our own */
	char peer[NET_ADDRESS_LEN];
	uint64_t silence_ms;
	bool as_root;		/* we come as uid 0 */
	bool lost;		/* nothing may be asked any more */

	/* the answer that is waited for, or came last */
	bool done;
	int status;		/* 0, or -errno */
	char words[200];	/* what libnfs says about a failure */
	void *answer;
	size_t size;
	struct nfsfh *file;	/* the caller's, after a call that opens one */
};

/* a context for this version at this address, not yet connected; -1: ERR_MEMORY */
int nfs_conn_open(struct nfs_conn *c, const struct store *s, const char *address,
		  unsigned version);
/* one that only speaks to the mount daemon; -1: ERR_MEMORY */
int nfs_conn_open_rpc(struct nfs_conn *c, const struct store *s, const char *address);
/* never waits; callbacks still due come now, with RPC_STATUS_CANCEL */
void nfs_conn_close(struct nfs_conn *c);

/* what poll() said about the connection; -1: ERR_AGAIN, it is lost */
int nfs_conn_service(struct nfs_conn *c, int revents);
/*
 * Wait until something came or could be sent, and deal with it: 1; 0 when the
 * deadline passed; -1: lost or stopped.
 */
int nfs_conn_turn(struct nfs_conn *c, uint64_t deadline_ms);

/* before a call that is waited for: where its answer goes */
void nfs_conn_expect(struct nfs_conn *c, void *answer, size_t size);
/* callbacks for such a call, with the struct nfs_conn as its private data */
void nfs_conn_answered(int status, struct nfs_context *ctx, void *data, void *conn);
void nfs_conn_rpc_answered(struct rpc_context *rpc, int status, void *data, void *conn);
/* until the answer is there: 0 and status; -1: ERR_AGAIN or ERR_STOPPED, it never came */
int nfs_conn_wait(struct nfs_conn *c, uint64_t deadline_ms);

/*
 * Ask and wait for the answer; a server that is busy is asked again: 0 and status, or -1
 * as above. What a bad status means says nfs_conn_refused().
 */
int nfs_conn_ask(struct nfs_conn *c, const struct nfs_ask *a);
/* fail() for the last answer */
int nfs_conn_refused(const struct nfs_conn *c, const char *path, const char *what);

#endif
