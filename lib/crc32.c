/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crc32.h"

#ifdef HAVE_libdeflate
#include <libdeflate.h>

/* many times as fast as zlib's where the processor can multiply without carry */
uint32_t crc32_of(const void *p, size_t len)
{
	return libdeflate_crc32(0, p, len);
}
#else
#include <zlib.h>

uint32_t crc32_of(const void *p, size_t len)
{
	return (uint32_t)crc32_z(0, p, len);
}
#endif
