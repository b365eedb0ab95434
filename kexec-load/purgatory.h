/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The purgatory: a small program that runs between the two kernels. It compares the
 * SHA-256 of each segment with what it was when it was loaded, says on the serial port
 * which one has changed, and starts the capture kernel in any case. Its code is
 * purgatory/, built for the machine that kexec-load itself is built for.
 */
#ifndef PURGATORY_H
#define PURGATORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "told.h"

struct layout;

struct purgatory_serial {
	enum purgatory_port kind;
	uint64_t addr;		/* an I/O port, or a physical address */
	unsigned shift;		/* register n is n << shift bytes behind it */
};

struct purgatory_job {
	uint64_t kernel;	/* physical address to jump to */
	uint64_t argument;	/* x86_64: RSI, the boot parameters; arm64: x0, the device tree */
	struct purgatory_serial serial;
	bool no_checks;
	bool talk;		/* it says so, too, when nothing has changed */
};

/* bytes of its segment, 0 if there is none for this architecture in this build */
size_t purgatory_size(const char *arch);
/*
 * The bytes for a segment: code, and what it is told: the job, and a digest of each
 * segment ly has by now except those that change. Its entry is its first byte. To be
 * freed; NULL after fail().
 */
uint8_t *purgatory_make(const char *arch, const struct purgatory_job *job,
			const struct layout *ly);
/*
 * The port that text names ("ttyS0", "ttyAMA0", "0x3f8", "none"), or that the last
 * console= of cmdline that is one does when text is NULL. None is no error; -1: text is
 * nonsense.
 */
int purgatory_serial(struct purgatory_serial *port, const char *text, const char *cmdline,
		     const char *root, const char *arch);

#endif
