/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --recover: from a raw device to a file. */
#ifndef RECOVER_H
#define RECOVER_H

#include <stdbool.h>

/*
 * Makes the file at path of the dump that a raw target has left on device: a flattened
 * stream is laid down. Then the device is marked, so that this is not done again (unless
 * force says so) and the next dump may overwrite it. Force also replaces path.
 *
 * -1: ERR_UNKNOWN, no dump is there; ERR_SYS, it was recovered before, or what is in
 * PATH-incomplete does not match its checksum; ERR_STOPPED or ERR_FULL, what came is in
 * PATH-incomplete, which says so inside.
 */
int recover(const char *device, const char *path, bool force);

#endif
