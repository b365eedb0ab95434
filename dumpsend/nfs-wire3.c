/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFSv3: RFC 1813 3.3.6 READ, 3.3.7 WRITE, 3.3.21 COMMIT. */
#include <string.h>

#include <nfsc/libnfs-raw-nfs.h>

#include "nfs-wire.h"

static nfs_fh3 file_of(const struct nfs_handle *h)
{
	/* libnfs only reads it */
	return (nfs_fh3){ .data.data_len = h->len, .data.data_val = (char *)(uintptr_t)h->data };
}

static int write3(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		  const void *data, uint32_t len, rpc_cb cb, void *private)
{
	WRITE3args args = {
		.file = file_of(h),
		.offset = at,
		.count = len,
		.stable = UNSTABLE,
		.data.data_len = len,
		.data.data_val = (char *)(uintptr_t)data,
	};

	return rpc_nfs3_write_async(rpc, cb, &args, private);
}

static int commit3(struct rpc_context *rpc, const struct nfs_handle *h, rpc_cb cb, void *private)
{
	COMMIT3args args = { .file = file_of(h) };	/* offset 0, count 0: all of it */

	return rpc_nfs3_commit_async(rpc, cb, &args, private);
}

static int read3(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		 uint32_t len, rpc_cb cb, void *private)
{
	READ3args args = { .file = file_of(h), .offset = at, .count = len };

	return rpc_nfs3_read_async(rpc, cb, &args, private);
}

static struct nfs_reply failed(nfsstat3 status)
{
	return (struct nfs_reply){ .errnum = -nfsstat3_to_errno((int)status),
				   .words = nfsstat3_to_str((int)status) };
}

static void written3(const void *data, struct nfs_reply *r)
{
	const WRITE3res *res = data;
	const WRITE3resok *ok = &res->WRITE3res_u.resok;

	*r = failed(res->status);
	if (res->status != NFS3_OK)
		return;
	*r = (struct nfs_reply){ .count = ok->count, .stable = ok->committed != UNSTABLE };
	memcpy(r->verifier, ok->verf, NFS_VERIFIER);
}

static void committed3(const void *data, struct nfs_reply *r)
{
	const COMMIT3res *res = data;

	*r = failed(res->status);
	if (res->status == NFS3_OK)
		memcpy(r->verifier, res->COMMIT3res_u.resok.verf, NFS_VERIFIER);
}

static void taken3(const void *data, struct nfs_reply *r)
{
	const READ3res *res = data;
	const READ3resok *ok = &res->READ3res_u.resok;

	*r = failed(res->status);
	/* the length of what really came, not the number beside it */
	if (res->status == NFS3_OK)
		*r = (struct nfs_reply){ .count = ok->data.data_len, .data = ok->data.data_val,
					 .eof = ok->eof };
}

const struct nfs_wire nfs_wire3 = {
	.write = write3,
	.commit = commit3,
	.read = read3,
	.written = written3,
	.committed = committed3,
	.taken = taken3,
	.write_max = NFS_MEGABYTE,
	.flight_max = 8 << 20,
};
