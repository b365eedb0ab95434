/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main job: a dump in, a smaller one out. */
#ifndef FILTER_H
#define FILTER_H

#include <stddef.h>

struct options;

/*
 * Read a dump (one file, or the parts of a split one) and write it as the options say;
 * output is a path, or NULL or "-" for standard output. What happened is told; returns an
 * exit status.
 */
int filter(const char *const *inputs, size_t ninputs, const char *output,
	   const struct options *o);
/* the same, to several files: a range of the pages to each */
int filter_split(const char *input, const char *const *outputs, size_t noutputs,
		 const struct options *o);

#endif
