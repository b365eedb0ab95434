/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -R: lay a flattened stream down as the file that it stands for. */
#ifndef UNFLAT_H
#define UNFLAT_H

#include <stdbool.h>

/*
 * Reads the stream from fd as it comes and writes PATH. When the stream ends
 * too soon, or a signal comes, PATH-incomplete is kept, says that it is
 * incomplete, and -1 is returned with ERR_STOPPED or ERR_FULL.
 */
int unflat(int fd, const char *path, bool force);

#endif
