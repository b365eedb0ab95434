/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs. Each tells what happened and returns an exit status. */
#ifndef SHOW_H
#define SHOW_H

#include <stddef.h>

struct options;
struct out;

enum { DONE = 0, FAILED = 1, INCOMPLETE = 3, LESS = 6 };

/* the log of the dump that these n files are */
int show_log(const char *const *paths, size_t n, const struct options *o);
/* --summary, --facts */
int show_summary(const char *const *paths, size_t n, const struct options *o);

/* open the output, which must not be one of the inputs. -1 after fail() */
int show_open(struct out *out, const struct options *o, const char *const *paths, size_t n);

#endif
