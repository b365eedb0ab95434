/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GETATTR (RFC 7530 16.9) after PUTFH, or after PUTROOTFH and a LOOKUP for every
 * name of the path. The answer's attributes follow one another without tags, in the
 * order of the bits in its mask: 31 maxwrite and 42 space_avail, both 64 bits (5.8).
 */
#include <endian.h>
#include <string.h>

#include <nfsc/libnfs-raw-nfs4.h>

#include "clock.h"
#include "cursor.h"
#include "err.h"
#include "nfs-attr4.h"

enum {
	DEPTH = 64,		/* names in a path */
	MAX_WRITE_BIT = 31,
	SPACE_BIT = 42 - 32,
};

static void take(struct nfs_attr4 *found, const fattr4 *a)
{
	bool little = htobe16(1) != 1;
	struct cursor c = cursor_over(a->attr_vals.attrlist4_val, a->attr_vals.attrlist4_len,
				      little);
	uint32_t low = a->attrmask.bitmap4_len > 0 ? a->attrmask.bitmap4_val[0] : 0;
	uint32_t high = a->attrmask.bitmap4_len > 1 ? a->attrmask.bitmap4_val[1] : 0;

	/* with one that was not asked for, nobody knows what is where */
	if ((low & ~(1u << MAX_WRITE_BIT)) || (high & ~(1u << SPACE_BIT)))
		return;
	if (low)
		found->write_max = cursor_u64(&c);
	if (high)
		found->space = cursor_u64(&c);
	found->has_space = high && cursor_ok(&c);
	if (!cursor_ok(&c))
		found->write_max = 0;
}

static void told(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct nfs_conn *c = private;
	const COMPOUND4res *r = data;
	nfs_resop4 last;

	if (status == RPC_STATUS_SUCCESS && r->status == NFS4_OK && r->resarray.resarray_len > 0) {
		const void *all = r->resarray.resarray_val;

		/* libnfs aligns to four bytes what it decodes */
		memcpy(&last, (const char *)all + (r->resarray.resarray_len - 1) * sizeof last,
		       sizeof last);
		if (last.resop == OP_GETATTR)
			take(c->answer,
			     &last.nfs_resop4_u.opgetattr.GETATTR4res_u.resok4.obj_attributes);
	}
	nfs_conn_rpc_answered(rpc, status, data, c);
}

/* operations that lead to path; -1: it is too deep */
static int lead_to(nfs_argop4 *ops, const char *path)
{
	int n = 1;

	ops[0].argop = OP_PUTROOTFH;
	while (*(path += strspn(path, "/"))) {
		component4 *name = &ops[n].nfs_argop4_u.oplookup.objname;

		if (n > DEPTH)
			return -1;
		ops[n++].argop = OP_LOOKUP;
		name->utf8string_len = (u_int)strcspn(path, "/");
		name->utf8string_val = (char *)(uintptr_t)path;
		path += name->utf8string_len;
	}
	return n;
}

int nfs_attr4_ask(struct nfs_conn *c, const struct nfs_handle *file, const char *path,
		  struct nfs_attr4 *found)
{
	nfs_argop4 ops[DEPTH + 2] = { { .argop = OP_PUTFH } };
	uint32_t mask[2] = { 1u << MAX_WRITE_BIT, 1u << SPACE_BIT };
	COMPOUND4args args = { .argarray.argarray_val = ops };
	int n = 1;

	*found = (struct nfs_attr4){ 0 };
	if (file) {
		ops[0].nfs_argop4_u.opputfh.object.nfs_fh4_len = file->len;
		ops[0].nfs_argop4_u.opputfh.object.nfs_fh4_val = (char *)(uintptr_t)file->data;
	} else {
		n = lead_to(ops, path);
		if (n < 0)
			return 0;
	}
	ops[n].argop = OP_GETATTR;
	ops[n].nfs_argop4_u.opgetattr.attr_request.bitmap4_len = 2;
	ops[n].nfs_argop4_u.opgetattr.attr_request.bitmap4_val = mask;
	args.argarray.argarray_len = (u_int)n + 1;
	if (c->lost)
		return fail(ERR_AGAIN, "%s: the connection is lost", c->peer);
	nfs_conn_expect(c, found, sizeof *found);
	/* a path that libnfs 4 has no room for: then nothing is known */
	if (rpc_nfs4_compound_async(c->rpc, told, &args, c))
		return 0;
	return nfs_conn_wait(c, clock_ms() + c->silence_ms);
}
