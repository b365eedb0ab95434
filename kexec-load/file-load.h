/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panic kernel, by kexec_file_load(2). */
#ifndef FILE_LOAD_H
#define FILE_LOAD_H

#include <stdbool.h>

struct load;

/*
 * 0 or an errno: EBUSY only after having waited for some seconds, ECANCELED (after
 * fail()) when nothing was tried: a signal asked us to stop waiting, or somebody has
 * written to the files or is about to. log: the kernel logs what it puts where.
 */
int file_load(const struct load *ld, bool log);
int file_unload(void);

#endif
