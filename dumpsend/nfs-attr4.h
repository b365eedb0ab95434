/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What NFSv4 says of a file system. libnfs asks it only of the root of what is mounted,
 * which for NFSv4 is a tree of names on no disk at all.
 */
#ifndef NFS_ATTR4_H
#define NFS_ATTR4_H

#include "nfs-conn.h"
#include "nfs-wire.h"

struct nfs_attr4 {
	uint64_t write_max;	/* bytes; 0: not told */
	uint64_t space;		/* bytes */
	bool has_space;
};

/*
 * Of an open file, or of a path from the root on where file is NULL. 0, even when nothing is
 * found out; -1: ERR_AGAIN or ERR_STOPPED.
 */
int nfs_attr4_ask(struct nfs_conn *c, const struct nfs_handle *file, const char *path,
		  struct nfs_attr4 *found);

#endif
