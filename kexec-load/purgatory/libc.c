/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What compilers may call without being asked to, where there is no C library. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);

void *memcpy(void *to, const void *from, size_t len)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (len-- > 0)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t len)
{
	unsigned char *t = to;

	while (len-- > 0)
		*t++ = (unsigned char)value;
	return to;
}
