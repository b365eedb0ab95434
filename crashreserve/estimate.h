/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much memory a capture kernel needs: sums, and the judge of a reservation that is
 * there. Nothing here reads a file; all sizes are bytes.
 *
 * There are three needs. To be loaded, the parts must find room. To boot, the kernel must
 * unpack its initial RAM disk while the packed one still lies there. To capture, the
 * programs in it must run. The first is the smallest: a reservation between it and the
 * others loads without a complaint, and fails at the crash.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

enum estimate_target { ESTIMATE_LOCAL, ESTIMATE_NFS, ESTIMATE_SSH };

struct estimate_in {
	const char *arch;		/* as uname -m says it; borrowed */
	uint64_t page_size;		/* of the capture kernel; 0: 4096 */
	uint64_t init_size;		/* struct bootimage's; not 0 */
	uint64_t kernel_size;		/* of the kernel once it runs; 0: unknown, init_size then */
	uint64_t initrd_packed;		/* the file, 0: there is none */
	uint64_t initrd_unpacked;	/* struct initrd's; 0: unknown, 3 * initrd_packed then */
	uint64_t modules;		/* kernel modules that will be loaded from it */
	const char *cmdline;		/* of the capture kernel, NULL: unknown; borrowed */
	uint64_t ram;			/* of the machine that is to be dumped */
	unsigned cpus;			/* the capture kernel makes room for; 0 counts as 1 */
	unsigned crashed_cpus;		/* of the machine: a note each in the elfcorehdr */
	enum estimate_target target;
};

/* what a line counts for */
enum estimate_when {
	ESTIMATE_LOAD = 1,
	ESTIMATE_UNPACK = 2,
	ESTIMATE_CAPTURE = 4,
	ESTIMATE_LOW = 8,	/* below 4 GiB, where the reservation itself lies above */
};

struct estimate_line {
	const char *what;	/* "kernel, running" */
	uint64_t bytes;
	unsigned when;		/* of enum estimate_when */
	const char *why;	/* where the number is from */
};

enum { ESTIMATE_LINES = 20 };

struct estimate {
	struct estimate_line lines[ESTIMATE_LINES];
	unsigned nlines;
	uint64_t load_bytes;		/* the three sums */
	uint64_t unpack_bytes;
	uint64_t capture_bytes;
	uint64_t low_bytes;
	uint64_t boot_bytes;		/* the largest of the three: so much boots and captures */
	uint64_t least_bytes;		/* so little never did */
	uint64_t recommended;		/* boot_bytes rounded up, for crashkernel=SIZE */
	uint64_t recommended_low;	/* for SIZE,low beside SIZE,high */
};

/* -1 after ERR_CORRUPT: an init_size of 0, or sizes that no machine has */
int estimate_compute(struct estimate *est, const struct estimate_in *in);

/* crashkernel= is written in steps of this */
uint64_t estimate_round(uint64_t bytes);

/* Is what is reserved enough for what is loaded? */
enum estimate_verdict {
	ESTIMATE_UNKNOWN,	/* init_size is 0: another program loaded, nothing is known */
	ESTIMATE_FITS,
	ESTIMATE_TIGHT,		/* may do: below boot_bytes, not below least_bytes */
	ESTIMATE_LOADS_ONLY,	/* loads, and fails at the crash: below least_bytes */
	ESTIMATE_TOO_SMALL,	/* cannot even be loaded */
};

struct estimate_judged {
	enum estimate_verdict verdict;
	uint64_t usable;	/* of main and low together */
	uint64_t least, wanted;	/* least_bytes and recommended; 0 if UNKNOWN */
};

/*
 * main is the region that segments go into (the last "Crash kernel" line), low the other
 * one or 0; the capture kernel uses both. in is filled from lib/record.h: init_size,
 * initrd_packed is initrd.size, initrd_unpacked is unpacked, and used its used, which
 * replaces what the sum says of loading; 0: unknown.
 */
void estimate_judge(struct estimate_judged *judged, const struct estimate_in *in,
		    uint64_t used, uint64_t main, uint64_t low);

#endif
