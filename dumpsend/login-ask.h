/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question to the user whose answer is not shown. */
#ifndef LOGIN_ASK_H
#define LOGIN_ASK_H

#include <stddef.h>

/*
 * Asks on the terminal (never on standard input, which is the dump) and waits for one
 * line: 1 and a string; 0 when there is no terminal to ask on, or nothing was typed; -1
 * for stop_check(). The caller clears the answer.
 */
int ask_secret(const char *question, char *answer, size_t size);

#endif
