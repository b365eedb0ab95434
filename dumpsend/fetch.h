/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --fetch: a small file, as the record of a crash is one, from where dumps are kept. */
#ifndef FETCH_H
#define FETCH_H

#include <stdint.h>

#include "deliver.h"

/*
 * Reads what is at path, at most limit bytes, and then writes it to file as out_open_stream()
 * does (NULL: standard output): what is written is whole. One attempt, nothing is changed
 * there. Over after options->deadline_ms, whatever the server does.
 *
 * -1: ERR_UNKNOWN, no such file; ERR_AGAIN, no connection, or not in time; ERR_SYS, refused,
 * or longer than limit; or as out.h says.
 */
int fetch(const struct target *t, const char *path, const struct deliver_options *o,
	  uint64_t limit, const char *file);

#endif
