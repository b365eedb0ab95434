/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpio archives, entry by entry. */
#ifndef CPIO_FILE_H
#define CPIO_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct cpio_file {
	uint8_t bytes[64 << 10];
	size_t len;
};

static inline void cpio_fill(struct cpio_file *f)
{
	while (f->len % 4)
		f->bytes[f->len++] = 0;
}

/* a header with the fields as they are given */
static inline void cpio_head(struct cpio_file *f, const char *magic, unsigned mode, unsigned size,
			     unsigned name_len, unsigned sum)
{
	char head[112];

	snprintf(head, sizeof head, "%s%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", magic,
		 7, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_len, sum);
	memcpy(f->bytes + f->len, head, 110);
	f->len += 110;
}

static inline void cpio_add(struct cpio_file *f, const char *name, unsigned mode,
			    const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += p[i];
	cpio_head(f, "070702", mode, (unsigned)size, (unsigned)strlen(name) + 1, sum);
	memcpy(f->bytes + f->len, name, strlen(name) + 1);
	f->len += strlen(name) + 1;
	cpio_fill(f);
	if (size)
		memcpy(f->bytes + f->len, bytes, size);
	f->len += size;
	cpio_fill(f);
}

static inline void cpio_trailer(struct cpio_file *f)
{
	cpio_add(f, "TRAILER!!!", 0, NULL, 0);
}

#endif
