/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What target.c and target-server.c share; for those two only. */
#ifndef TARGET_PARTS_H
#define TARGET_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target;

/*
 * %XX become bytes. With names, %h and the like stay, and a percent sign that was
 * written as %25 becomes %%, so that it is not taken for one of them. To be freed.
 */
char *target_decode(const char *from, size_t len, bool names);

/* a port; one that was given before must be the same; what: how to call it in messages */
int target_port(const char *text, size_t len, const char *what, uint16_t *port);

/* [USER@]HOST[:PORT], all of text[0..len) */
int target_server(struct target *t, const char *text, size_t len);

#endif
