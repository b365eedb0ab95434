/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an errno of either call means on this machine. */
#ifndef DOCTOR_H
#define DOCTOR_H

struct load;
struct machine;

/*
 * Records the cause and the cure with fail(); always returns -1. ld is NULL for an
 * unload. m should have been looked at after the failure.
 */
int doctor_explain(int errnum, const struct load *ld, const struct machine *m);

#endif
