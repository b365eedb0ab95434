/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file needs of its file system besides reading and writing; fail() is the caller's. */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>

/* rename(), but fails with EEXIST instead of replacing: as surely as the file system can */
int disk_rename_new(const char *from, const char *to);

/* fsync(): 0 also for what has nothing to sync (a pipe, some devices: EINVAL) */
int disk_sync(int fd);

/* makes the names in the directory of path durable: -1 with errno */
int disk_sync_dir(const char *path);

/* does another process hold the lock of this file, which a writer of ours takes? */
bool disk_is_being_written(const char *path);

#endif
