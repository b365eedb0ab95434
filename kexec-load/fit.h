/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel will put what is loaded, computed before it is asked to. */
#ifndef FIT_H
#define FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "range.h"

/* in which order the kernel places what it loads; uname -m says which machine it is */
enum fit_order { FIT_X86_64, FIT_ARM64 };

struct fit_need {
	enum fit_order order;
	uint64_t headers;	/* bytes of the ELF header of memory (elfcorehdr) */
	uint64_t params;	/* boot parameters and command line; arm64: the device tree */
	uint64_t kernel, align, lowest;	/* as struct bootimage has them */
	uint64_t initrd;	/* 0: none */
};

enum { FIT_PLACES = 6 };

struct fit_place {
	const char *what;	/* static */
	uint64_t at, size;	/* bytes */
};

struct fit {
	bool fits;
	uint64_t used;		/* bytes of the region that segments take, in whole pages */
	uint64_t missing;	/* by how much the region is too small, in whole MiB; 0 if it fits */
	struct fit_place place[FIT_PLACES];	/* if it fits */
	unsigned n;
};

/*
 * The placement of kexec_file_load. Sizes not known outside the kernel are
 * taken as small as they can be, so what does not fit here cannot be loaded; what fits
 * by less than FIT_SLACK may still fail.
 */
enum { FIT_SLACK = 1 << 20 };

struct fit fit_compute(const struct fit_need *need, struct range region);

#endif
