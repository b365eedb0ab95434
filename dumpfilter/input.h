/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be filtered: a file, the parts of a split dump, or standard input. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>

#include "spool.h"
#include "vmcore.h"

struct options;

struct input {
	struct vmcore vm;
	struct spool spool;		/* what standard input brought, if it did */
};

/*
 * Open a dump as the options say: within their memory, with VMCOREINFO from -i or -x, or,
 * where the dump has none, from the dead kernel's memory; what the user should know of it
 * is told. "-" is standard input. The paths are borrowed. -1 after fail().
 */
int input_open(struct input *in, const char *const *paths, size_t n, const struct options *o);
void input_close(struct input *in);

#endif
