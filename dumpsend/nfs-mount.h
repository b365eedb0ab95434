/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which version of NFS, which export, and the mount of it. */
#ifndef NFS_MOUNT_H
#define NFS_MOUNT_H

#include "nfs-conn.h"

struct nfs_mount {
	unsigned version;	/* 3 or 4 */
	char *export;		/* absolute, without a slash at the end; "" is the root */
};

/*
 * Find the server among its addresses and mount what target->path lies in. spoke: the
 * version that worked before, to which it then keeps; or 0. On success c is connected,
 * and m->export the caller's to free. -1: ERR_AGAIN, ERR_SYS, ERR_STOPPED, ERR_MEMORY;
 * c is closed.
 */
int nfs_mount_any(struct nfs_conn *c, const struct store *s, unsigned spoke,
		  struct nfs_mount *m);

/* how much of path dir is: its length if path is dir or lies in it, or -1 */
int nfs_mount_prefix(const char *dir, const char *path);

#endif
