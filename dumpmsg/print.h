/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as text, byte for byte as dmesg of util-linux prints them in a UTF-8
 * locale when it reads /dev/kmsg (sys-utils/dmesg.c, 2.38.1
 * and that of August 2026):
 *
 *	[    1.234567] a message
 *	               of two lines
 *
 * A message without text is an empty line, without a time. Bytes that are
 * neither printable, nor white space, nor part of a valid UTF-8 character are
 * printed as \xNN. With ->raw, the time comes after <N>, which is the facility
 * times 8 plus the level.
 *
 * Where we differ on purpose: dmesg also escapes characters that its own C
 * library does not know, so what it prints depends on the machine it runs on;
 * and its 2.38 gets <N> wrong when the facility is not 0.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>

struct out;
struct record;

struct printer {
	struct out *out;	/* borrowed */
	bool raw;
	size_t used;
	char buf[32768];
};

void print_open(struct printer *p, struct out *out, bool raw);
/* -1: what out_write() says */
int print_record(struct printer *p, const struct record *r);
int print_flush(struct printer *p);

#endif
