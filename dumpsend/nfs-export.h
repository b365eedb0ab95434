/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the mount daemon which of its exports target->path lies in. */
#ifndef NFS_EXPORT_H
#define NFS_EXPORT_H

#include <stdint.h>

struct store;

/*
 * 0 and *export, the caller's to free: the longest prefix of the path that is in the
 * server's list, or else the longest that it lets us mount. 1: there is no mount daemon
 * that speaks NFSv3; -1: ERR_AGAIN, ERR_SYS (no prefix will do). Both after fail().
 */
int nfs_export_find(const struct store *s, const char *address, uint64_t deadline_ms,
		    char **export);

#endif
