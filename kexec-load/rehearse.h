/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own tests of a set of files, without the panic kernel being at risk: it is
 * loaded where kexec keeps the kernel of an ordinary reboot, and unloaded at once.
 */
#ifndef REHEARSE_H
#define REHEARSE_H

#include <stdbool.h>

struct load;
struct machine;

bool rehearse_possible(const struct load *ld, const struct machine *m);
/*
 * 1: the kernel takes it. 0: not known, and *why says why it could not be tried. -1: the
 * kernel refuses; *errnum says how (ECANCELED: fail() was called).
 */
int rehearse(const struct load *ld, const struct machine *m, int *errnum, const char **why);

/*
 * Unloads what a rehearsal has left that was killed in between. Only while record_lock()
 * is held: another one may be at it.
 */
void rehearse_mend(struct machine *m);

#endif
