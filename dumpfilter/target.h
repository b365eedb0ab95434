/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that a dump goes to, and what becomes of it when the dump cannot be finished. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

struct options;
struct out;
struct writer;

enum { EXIT_INCOMPLETE = 3, EXIT_LESS = 6 };

/* would opening the output destroy the input? A plain file is replaced at the end only */
bool target_is_input(const char *input, const char *output);
/* out_open(), as the options say */
int target_open(struct out *out, const char *output, const struct options *o);
/*
 * The dump stays PATH-incomplete, and says so inside; the user is told why. It has said
 * so from its first byte on, so it is worth keeping even when its end cannot be written
 * any more. Returns an exit status.
 */
int target_keep(struct out *out, struct writer *w, const char *why);
/* nothing was saved that is of any use: the reason, and no file. An exit status */
int target_give_up(struct out *out);

#endif
