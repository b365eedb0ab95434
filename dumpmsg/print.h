/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as bytes, in one of four styles; print.c is what they share.
 *
 *	PRINT_TEXT	as dmesg of util-linux prints them in a UTF-8 locale when it reads
 *			/dev/kmsg (sys-utils/dmesg.c, 2.38.1 and that of August 2026):
 *				[    1.234567] a message
 *				               of two lines
 *	PRINT_RAW	the same with <N> before the time, facility times 8 plus level
 *	PRINT_KMSG	what reading /dev/kmsg gives (kernel/printk/printk.c, 5.10 to 6.12):
 *				6,339,5140900,-,caller=T1;a message
 *				 SUBSYSTEM=pci
 *				 DEVICE=+pci:0000:00:1f.2
 *	PRINT_JSON	an object a line
 *
 * Text: a message without text is an empty line, without a time. Bytes that are
 * neither printable, nor white space, nor part of a valid UTF-8 character are
 * printed as \xNN. A gap is the line "[... N records lost: why]".
 *
 * Where we differ on purpose: dmesg also escapes characters that its own C
 * library does not know, so what it prints depends on the machine it runs on;
 * its 2.38 gets <N> wrong when the facility is not 0; and the column with the
 * caller is as wide as the kernel makes it (print_caller() in printk.c), not as
 * the largest thread id of the machine that dmesg runs on.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out;
struct record;

enum print_style { PRINT_TEXT, PRINT_RAW, PRINT_KMSG, PRINT_JSON };

struct printer {
	struct out *out;	/* borrowed */
	enum print_style style;
	bool caller;		/* a column with T123 or C3, as the kernel prints it */
	bool ctime;		/* the wall clock instead of seconds since boot; JSON: as well */
	int64_t boot_nsec;	/* nanoseconds from 1970 to the boot, for ctime */

	/* private */
	FILE *json;		/* NULL for the other styles */
	bool any;		/* a record was printed */
	size_t used;
	char buf[32768];
};

/* set the options in *p after it; -1: out of memory */
int print_open(struct printer *p, struct out *out, enum print_style style);
/* -1: what out_write() says */
int print_record(struct printer *p, const struct record *r);
int print_flush(struct printer *p);
/* what was not flushed is gone; accepts what was never opened, but zeroed */
void print_close(struct printer *p);

#endif
