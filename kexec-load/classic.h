/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The classical system call, kexec_load(2). */
#ifndef CLASSIC_H
#define CLASSIC_H

#include <stdbool.h>

struct layout;

/*
 * Loads. 0, or the errno of the call; ECANCELED after fail() when it was not made. With
 * hotplug the kernel is asked to keep the elfcorehdr up to date itself; *hotplug turns
 * false where it does not know how to.
 */
int classic_load(const struct layout *ly, const char *arch, bool *hotplug);
/* unload; what file_unload() falls back on */
int classic_unload(void);

#endif
