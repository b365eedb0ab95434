/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A serial port as the dead kernel has left it: its speed is set already. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>

struct told;

/*
 * Sends a character. Waits for a slow port, but not for ever; false: nothing is there,
 * or it takes no more, and there is no use in sending another.
 */
bool port_put(const struct told *told, char c);
/* waits, likewise, until all has left the port */
void port_drain(const struct told *told);

#endif
