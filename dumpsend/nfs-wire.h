/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing as the two versions of the protocol put it, over libnfs' raw
 * calls: its own write() hides the server's errors and never looks at the write
 * verifier, so that a restarted server could lose data in silence.
 */
#ifndef NFS_WIRE_H
#define NFS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <nfsc/libnfs.h>
#include <nfsc/libnfs-raw.h>

#ifdef LIBNFS_API_V2
#error "libnfs 6 has other raw calls: libnfs 4 or 5 is needed"
#endif

enum {
	NFS_HANDLE = 128,	/* bytes: the longest of NFSv4; NFSv3 has 64 */
	NFS_VERIFIER = 8,
	NFS_MEGABYTE = 1 << 20,	/* libnfs takes no longer message */
};

struct nfs_handle {
	char data[NFS_HANDLE];
	uint32_t len;	/* bytes; 0: none */
};

/* an answer, both versions' alike */
struct nfs_reply {
	int errnum;		/* 0, or an errno */
	const char *words;	/* the server's name for it */
	uint32_t count;		/* bytes written, or in data */
	bool stable;		/* written: it is on the server's disk */
	bool eof;
	const char *data;	/* holds until the callback returns */
	char verifier[NFS_VERIFIER];
};

struct nfs_wire {
	/* they queue a call: 0, or not 0 when there is no memory for it */
	int (*write)(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		     const void *data, uint32_t len, rpc_cb cb, void *private);
	int (*commit)(struct rpc_context *rpc, const struct nfs_handle *h, rpc_cb cb,
		      void *private);
	int (*read)(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		    uint32_t len, rpc_cb cb, void *private);
	/* what the callback got as its data, when its status was RPC_STATUS_SUCCESS */
	void (*written)(const void *data, struct nfs_reply *r);
	void (*committed)(const void *data, struct nfs_reply *r);
	void (*taken)(const void *data, struct nfs_reply *r);	/* of read() */
	uint32_t write_max, flight_max;		/* bytes: what libnfs can do */
};

extern const struct nfs_wire nfs_wire3, nfs_wire4;

#endif
