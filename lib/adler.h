/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ADLER_H
#define ADLER_H

#include <stddef.h>
#include <stdint.h>

/* Adler-32 (RFC 1950, 8.2) of len bytes */
uint32_t adler(const uint8_t *p, size_t len);

#endif
