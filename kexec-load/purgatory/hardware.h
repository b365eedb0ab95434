/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one machine does otherwise than another: a file each, machine-*.c. */
#ifndef HARDWARE_H
#define HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../lib/sha256.h"

/* the fastest way to make a digest here */
sha256_blocks *fastest_sha256(void);
/* has comparing taken too long? What was in the works when it did is worth nothing. */
bool time_is_up(void);

/* I/O ports; a machine that has none reads 0xff, as where there is no device */
uint8_t io_read(uint16_t port);
void io_write(uint16_t port, uint8_t value);

/* registers of devices in memory, 8 or 32 bits wide, at physical addresses */
uint8_t mem_read8(uint64_t addr);
void mem_write8(uint64_t addr, uint8_t value);
uint32_t mem_read32(uint64_t addr);
void mem_write32(uint64_t addr, uint32_t value);

#endif
