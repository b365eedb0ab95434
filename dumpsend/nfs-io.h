/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of one file: many writes on their way at a time, commits, reads. It
 * tells the store's window what the server has taken and what it has made durable.
 */
#ifndef NFS_IO_H
#define NFS_IO_H

#include "nfs-conn.h"
#include "nfs-wire.h"
#include "window.h"

struct store;
struct nfs_piece;
struct nfs_io;

/*
 * What was acknowledged stays in the window until the answer of the commit after it. With one
 * commit at a time on a long line the window would be full of that.
 */
enum { NFS_COMMITS = 8 };

struct nfs_commit {
	struct nfs_io *io;
	struct mark mark;		/* what it covers */
	bool flying;			/* it has no answer yet */
	bool again;			/* ... but that the server was too busy */
};

struct nfs_io {
	struct store *s;		/* borrowed: window, in_flight, committing */
	struct nfs_conn *conn;		/* borrowed */
	const struct nfs_wire *wire;
	struct nfs_handle file;
	const char *path;		/* for messages */

	/* writing */
	struct nfs_piece *pieces;	/* all of them */
	struct nfs_piece *spare;	/* of those, not in use */
	struct nfs_piece *again;	/* of those, to be sent once more */
	uint64_t again_ms;		/* but not before */
	char verifier[NFS_VERIFIER];	/* of all that was acknowledged since... */
	uint32_t verified;		/* ...in this epoch of the window... */
	bool has_verifier;		/* ...if anything was */
	struct nfs_commit commits[NFS_COMMITS];

	/* reading: as many parts as there were */
	struct nfs_take *takes;
	unsigned takes_max;

	/* what a callback found out, until service() is asked */
	int code;			/* an enum err; 0: nothing */
	char text[200];
};

/* callbacks may come until conn is closed: only then nfs_io_close() */
void nfs_io_open(struct nfs_io *io, struct store *s, struct nfs_conn *conn,
		 const struct nfs_wire *wire);
void nfs_io_close(struct nfs_io *io);

/* queue; -1: ERR_MEMORY */
int nfs_io_write(struct nfs_io *io, const struct part *p);
int nfs_io_commit(struct nfs_io *io);
/* send again what is due, and tell of a failure: -1, once for each */
int nfs_io_service(struct nfs_io *io);
/* as read() in store.h */
ssize_t nfs_io_read(struct nfs_io *io, void *buf, size_t len, uint64_t at);

#endif
