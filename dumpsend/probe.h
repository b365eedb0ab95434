/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --probe: does everything but the dump, to be tried before the day it is needed. */
#ifndef PROBE_H
#define PROBE_H

#include "deliver.h"

/*
 * Prints a line on standard output for each thing that works, and says what does not:
 * 0, or -1 after fail(). What it wrote is removed again; folders that it made stay.
 */
int probe(const struct target *t, const char *path, const struct deliver_options *o);

#endif
