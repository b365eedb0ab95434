/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount protocol, version 3 (RFC 1813 appendix I): EXPORT lists what there is,
 * MNT gives a handle. A server may keep its list to itself, or let folders within an
 * export be mounted: then each prefix is tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nfsc/libnfs-raw-mount.h>

#include "err.h"
#include "nfs-conn.h"
#include "nfs-export.h"
#include "nfs-mount.h"
#include "store.h"

struct search {
	struct nfs_conn conn;
	const char *path;	/* what must lie in it; ends before the first %-name */
	int best;		/* bytes of path; -1: none */
	char list[100];		/* some of what the server has, for a message */
	mountstat3 status;	/* of the last MNT */
};

static void note(struct search *f, const char *dir)
{
	size_t n = strlen(f->list);

	snprintf(f->list + n, sizeof f->list - n, " %.40s", dir);
	for (char *p = f->list + n; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

static void listed(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct search *f = private;

	if (status == RPC_STATUS_SUCCESS) {
		struct exportnode e;

		/* libnfs aligns to four bytes what it decodes: hence the copies */
		for (const void *next = *(exports *)data; next; next = e.ex_next) {
			memcpy(&e, next, sizeof e);

			int len = nfs_mount_prefix(e.ex_dir, f->path);

			if (len > f->best)
				f->best = len;
			note(f, e.ex_dir);
		}
	}
	nfs_conn_rpc_answered(rpc, status, data, &f->conn);
}

static void mounted(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct search *f = private;

	if (status == RPC_STATUS_SUCCESS)
		f->status = ((const mountres3 *)data)->fhs_status;
	nfs_conn_rpc_answered(rpc, status, data, &f->conn);
}

/* what went wrong below the mount protocol; 1 when there is nobody who speaks it */
static int no_answer(const struct nfs_conn *c)
{
	if (strstr(c->words, "not available") || strstr(c->words, "mismatch")) {
		fail(ERR_SYS, "%s: the server does not speak NFSv3", c->peer);
		return 1;
	}
	return nfs_conn_refused(c, c->peer, "mount daemon");
}

static int reach(struct search *f, const struct store *s, uint64_t deadline)
{
	struct nfs_conn *c = &f->conn;
	const struct target *t = s->target;
	int rc;

	nfs_conn_expect(c, NULL, 0);
	if (t->mountport)
		rc = rpc_connect_port_async(c->rpc, c->peer, t->mountport, MOUNT_PROGRAM, MOUNT_V3,
					    nfs_conn_rpc_answered, c);
	else
		rc = rpc_connect_program_async(c->rpc, c->peer, MOUNT_PROGRAM, MOUNT_V3,
					       nfs_conn_rpc_answered, c);
	if (rc)
		return fail(ERR_AGAIN, "%s: cannot connect", c->peer);
	if (nfs_conn_wait(c, deadline))
		return fail_in(t->mountport ? "mount daemon" : "portmapper or mount daemon");
	return c->status < 0 ? no_answer(c) : 0;
}

static int list(struct search *f, uint64_t deadline)
{
	struct nfs_conn *c = &f->conn;

	nfs_conn_expect(c, NULL, 0);
	if (rpc_mount3_export_async(c->rpc, listed, f))
		return fail(ERR_MEMORY, "%s: out of memory", c->peer);
	if (nfs_conn_wait(c, deadline))
		return fail_in("list of exports");
	/* a server that does not tell may still let us mount */
	return 0;
}

/* the longest prefix that the server gives a handle for */
static int probe(struct search *f, uint64_t deadline)
{
	struct nfs_conn *c = &f->conn;
	size_t len = strlen(f->path);
	bool denied = false;

	for (bool more = true; more && f->best < 0; ) {
		char *dir = len > 0 ? strndup(f->path, len) : strdup("/");
		int rc;

		if (!dir)
			return fail(ERR_MEMORY, "%s: out of memory", c->peer);
		nfs_conn_expect(c, NULL, 0);
		rc = rpc_mount3_mnt_async(c->rpc, mounted, dir, f);
		free(dir);
		if (rc)
			return fail(ERR_MEMORY, "%s: out of memory", c->peer);
		if (nfs_conn_wait(c, deadline))
			return fail_in("mount");
		if (c->status < 0)
			return no_answer(c);
		if (f->status == MNT3_OK)
			f->best = (int)len;
		if (f->status == MNT3ERR_ACCES || f->status == MNT3ERR_PERM)
			denied = true;
		more = len > 0;
		while (len > 0 && f->path[--len] != '/')
			;
	}
	if (f->best >= 0)
		return 0;
	return fail(ERR_SYS, "%s: %s; its exports:%s", *f->path ? f->path : "/",
		    denied ? "the server does not let us mount that" :
			     "lies in no export of the server",
		    *f->list ? f->list : " none that it tells of");
}

int nfs_export_find(const struct store *s, const char *address, uint64_t deadline_ms,
		    char **export)
{
	const char *path = s->target->path, *name = strchr(path, '%');
	size_t len = name ? (size_t)(name - path) : strlen(path);
	struct search f = { .best = -1 };
	char *known;
	int rc = -1;

	/* the last component is the file, or begins with what is not known yet */
	while (len > 0 && path[len - 1] != '/')
		len--;
	while (len > 0 && path[len - 1] == '/')
		len--;
	f.path = known = strndup(path, len);
	if (!known)
		return fail(ERR_MEMORY, "%s: out of memory", address);
	if (nfs_conn_open_rpc(&f.conn, s, address) == 0)
		rc = reach(&f, s, deadline_ms);
	if (rc == 0)
		rc = list(&f, deadline_ms);
	if (rc == 0 && f.best < 0)
		rc = probe(&f, deadline_ms);
	nfs_conn_close(&f.conn);
	if (rc == 0)
		*export = strndup(path, (size_t)f.best);
	free(known);
	return rc;
}
