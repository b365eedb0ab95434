/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for other programs to read, little endian, wherever they are to be in a buffer. */
#ifndef PUT_H
#define PUT_H

#include <stdint.h>

static inline void put_u16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void put_u32(uint8_t *p, uint32_t value)
{
	put_u16(p, (uint16_t)value);
	put_u16(p + 2, (uint16_t)(value >> 16));
}

static inline void put_u64(uint8_t *p, uint64_t value)
{
	put_u32(p, (uint32_t)value);
	put_u32(p + 4, (uint32_t)(value >> 32));
}

#endif
