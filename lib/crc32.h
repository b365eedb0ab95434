/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 as zlib, gzip and Ethernet have it: polynomial 0xedb88320, bits reversed. */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

/* of len bytes, from the start; any thread */
uint32_t crc32_of(const void *p, size_t len);

#endif
