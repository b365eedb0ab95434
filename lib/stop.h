/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals that ask us to stop set a flag; loops ask for it. SIGPIPE and
 * SIGXFSZ are ignored, so that the write that met them fails with an errno.
 */
#ifndef STOP_H
#define STOP_H

#include <stdint.h>

/* from now on SIGINT, SIGTERM and SIGHUP only set the flag */
void stop_catch(void);
/* and when so many milliseconds are over, as if a signal had come then */
void stop_after(uint64_t ms);
/* 0, or -1 after fail(ERR_STOPPED) with the signal's name */
int stop_check(void);

#endif
