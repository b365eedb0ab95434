/* SPDX-License-Identifier: GPL-2.0-or-later */
/* whatever a page holds, zlib unpacks what we made of it to the same page */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "deflate.h"

enum { PAGE = 4096, PAGE_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* the input again and again, each time a little changed: pages are full of such */
static void fill(uint8_t *page, size_t size, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < size; i++)
		page[i] = (uint8_t)(data[i % len] + (i / len) * (data[0] & 7));
}

static void check(struct deflate *d, const uint8_t *page, size_t size, size_t cap)
{
	static uint8_t packed[PAGE_MAX], back[PAGE_MAX];
	uLongf got = size;
	size_t n = deflate_page(d, packed, cap, page, size);

	if (n == 0)
		return;
	if (n > cap || n >= size)
		abort();
	if (uncompress(back, &got, packed, n) != Z_OK || got != size ||
	    memcmp(page, back, size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t page[PAGE_MAX];
	static struct deflate *d;
	size_t size;

	if (len < 2)
		return 0;
	if (!d)
		d = deflate_open(PAGE_MAX);
	if (!d)
		abort();
	size = (size_t)PAGE << (data[1] & 4);
	fill(page, size, data, len);
	check(d, page, size, size);
	check(d, page, size, size / 4 + data[0] % 64);
	memset(page, 0, size);
	memcpy(page, data, len < size ? len : size);
	check(d, page, size, size);
	return 0;
}
