/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an NFS server's refusal means, and what to do about it. */
#ifndef NFS_ERROR_H
#define NFS_ERROR_H

#include <stdbool.h>

/*
 * fail() for a call about path (what: "create", "write"...). errnum is an errno as
 * libnfs gives it, without its sign; words hold the name of the protocol's own error, if
 * there is one ("NFS3ERR_DQUOT"), since libnfs turns many into one errno. as_root: we
 * come as uid 0. Always -1: ERR_FULL, ERR_AGAIN, ERR_SYS.
 */
int nfs_error(const char *path, const char *what, int errnum, const char *words, bool as_root);

/* the server is busy, and the same call should be made again a little later */
bool nfs_error_is_busy(int errnum, const char *words);

/* an RPC failed with these words: did the server say so, or has libnfs given it up? */
bool nfs_error_is_reply(const char *words);

#endif
