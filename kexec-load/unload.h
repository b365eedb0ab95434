/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNLOAD_H
#define UNLOAD_H

/* -p -u; the exit status */
int unload(void);

#endif
