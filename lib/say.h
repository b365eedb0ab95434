/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program tells its user: messages go to standard error, data never. */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>

extern const char *say_name;	/* the program's name, for every message */

void say_start(const char *argv0);
void say_more(void);		/* -v */
void say_less(void);		/* -q: errors only */
bool say_is_quiet(void);
bool say_is_verbose(void);

/* what the user should know although nothing failed outright; silent after -q */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* -v */
void debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* -vv */

/* an error that is told although the work goes on; never silent */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* flush and check standard output: an exit status */
int say_flush(void);
/* print the text of fail() and return the exit status that goes with it */
int say_failure(void);

#endif
