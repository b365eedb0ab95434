/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream for those who print with stdio: what it is given goes to out_write(). */
#ifndef OUT_FILE_H
#define OUT_FILE_H

#include <stdio.h>

struct out;

/*
 * NULL after fail(). fclose() it before the output is committed; that, fflush() or
 * ferror() tell that out_write() has failed, and why is what fail() said.
 */
FILE *out_file(struct out *out);

#endif
