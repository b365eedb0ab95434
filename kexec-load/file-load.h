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
/* unload; where this call is missing, by the classical one */
int file_unload(void);
/*
 * The same load into the slot of kexec's ordinary reboot, which the kernel tests in the
 * same way, and out of it again: the panic kernel is not touched. 0 or an errno, as
 * file_load(). *left: what was loaded for the rehearsal could not be unloaded. No signal
 * but SIGKILL can end the program in between.
 */
int file_rehearse(const struct load *ld, bool *left);
/* unload the kernel of the ordinary reboot */
int file_unload_reboot(void);
/* 1: this kernel has the call; 0: it lacks it. Costs an attempt of the reboot slot. */
int file_exists(void);

#endif
