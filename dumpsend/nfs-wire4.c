/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFSv4.0: a COMPOUND of PUTFH and one operation, RFC 7530 16.25 READ, 16.38 WRITE,
 * 16.5 COMMIT. All with the anonymous state of 9.1.4.3, zeros: nothing of ours is open
 * on the server, so there is no lease to renew while the input is slow, and no
 * state that a restart of the server could make it forget.
 *
 * libnfs 4 encodes a COMPOUND into 4096 bytes, whatever it holds: header, handle
 * and all. Since 5.0.0 the caller says how much more is needed.
 */
#include <errno.h>
#include <string.h>

#include <nfsc/libnfs-raw-nfs4.h>

#include "nfs-wire.h"

#ifdef LIBNFS_FEATURE_MULTITHREADING	/* libnfs 5 */
enum { WRITE_MAX = NFS_MEGABYTE, FLIGHT_MAX = 8 << 20 };
#define compound rpc_nfs4_compound_async2
#else
enum { WRITE_MAX = 3760, FLIGHT_MAX = 512 * WRITE_MAX };
#define compound(rpc, cb, args, private, more) \
	((void)(more), rpc_nfs4_compound_async(rpc, cb, args, private))
#endif

/* what was asked of the file comes second, after PUTFH */
static int ask(struct rpc_context *rpc, const struct nfs_handle *h, const nfs_argop4 *what,
	       uint32_t len, rpc_cb cb, void *private)
{
	nfs_argop4 ops[2] = { { .argop = OP_PUTFH }, *what };
	COMPOUND4args args = { .argarray.argarray_len = 2, .argarray.argarray_val = ops };

	ops[0].nfs_argop4_u.opputfh.object.nfs_fh4_len = h->len;
	ops[0].nfs_argop4_u.opputfh.object.nfs_fh4_val = (char *)(uintptr_t)h->data;
	return compound(rpc, cb, &args, private, len);
}

static int write4(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		  const void *data, uint32_t len, rpc_cb cb, void *private)
{
	nfs_argop4 op = { .argop = OP_WRITE };
	WRITE4args *w = &op.nfs_argop4_u.opwrite;

	w->offset = at;
	w->stable = UNSTABLE4;
	w->data.data_len = len;
	w->data.data_val = (char *)(uintptr_t)data;
	return ask(rpc, h, &op, len, cb, private);
}

static int commit4(struct rpc_context *rpc, const struct nfs_handle *h, rpc_cb cb, void *private)
{
	nfs_argop4 op = { .argop = OP_COMMIT };		/* offset 0, count 0: all of it */

	return ask(rpc, h, &op, 0, cb, private);
}

static int read4(struct rpc_context *rpc, const struct nfs_handle *h, uint64_t at,
		 uint32_t len, rpc_cb cb, void *private)
{
	nfs_argop4 op = { .argop = OP_READ };

	op.nfs_argop4_u.opread.offset = at;
	op.nfs_argop4_u.opread.count = len;
	return ask(rpc, h, &op, 0, cb, private);
}

/*
 * The answer to the second operation, or false and why not. libnfs lays what it decodes
 * at any multiple of four bytes: hence the copy.
 */
static bool answer_of(const COMPOUND4res *r, nfs_opnum4 which, nfs_resop4 *op,
		      struct nfs_reply *bad)
{
	const void *all = r->resarray.resarray_val;

	if (r->status != NFS4_OK) {
		/* what both versions have has the same number in both */
		*bad = (struct nfs_reply){ .errnum = -nfsstat3_to_errno((int)r->status),
					   .words = nfsstat4_to_str((int)r->status) };
		return false;
	}
	*bad = (struct nfs_reply){ .errnum = EPROTO };
	if (r->resarray.resarray_len != 2)
		return false;
	memcpy(op, (const char *)all + sizeof *op, sizeof *op);
	return op->resop == which;
}

static void written4(const void *data, struct nfs_reply *r)
{
	const WRITE4resok *ok;
	nfs_resop4 op;

	if (!answer_of(data, OP_WRITE, &op, r))
		return;
	ok = &op.nfs_resop4_u.opwrite.WRITE4res_u.resok4;
	*r = (struct nfs_reply){ .count = ok->count, .stable = ok->committed != UNSTABLE4 };
	memcpy(r->verifier, ok->writeverf, NFS_VERIFIER);
}

static void committed4(const void *data, struct nfs_reply *r)
{
	nfs_resop4 op;

	if (!answer_of(data, OP_COMMIT, &op, r))
		return;
	*r = (struct nfs_reply){ 0 };
	memcpy(r->verifier, op.nfs_resop4_u.opcommit.COMMIT4res_u.resok4.writeverf, NFS_VERIFIER);
}

static void taken4(const void *data, struct nfs_reply *r)
{
	const READ4resok *ok;
	nfs_resop4 op;

	if (!answer_of(data, OP_READ, &op, r))
		return;
	ok = &op.nfs_resop4_u.opread.READ4res_u.resok4;
	*r = (struct nfs_reply){ .count = ok->data.data_len, .data = ok->data.data_val,
				 .eof = ok->eof };
}

const struct nfs_wire nfs_wire4 = {
	.write = write4,
	.commit = commit4,
	.read = read4,
	.written = written4,
	.committed = committed4,
	.taken = taken4,
	.write_max = WRITE_MAX,
	.flight_max = FLIGHT_MAX,
};
