/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What syslog(3) and dmesg(1) call levels and facilities. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

/* "emerg" to "debug"; of what is above 7, that of the lowest three bits */
const char *name_of_level(unsigned level);
/* "kern" to "local7"; NULL: it has none */
const char *name_of_facility(unsigned facility);

/* the len bytes at name as a number, or a name in capital or small letters; -1: neither */
int level_of_name(const char *name, size_t len);
int facility_of_name(const char *name, size_t len);

#endif
