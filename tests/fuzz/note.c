/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF notes: what is found lies inside the input, and the walk always ends */
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "err.h"
#include "note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void inside(const void *p, size_t n, const uint8_t *data, size_t len)
{
	const uint8_t *from = p;

	if (n && (from < data || n > len || from > data + len - n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor c;
	struct note note;
	size_t before;
	int rc;

	if (len < 1)
		return 0;
	/* the first byte tells the order of bytes */
	c = cursor_over(data + 1, len - 1, data[0] & 1);
	before = cursor_left(&c);
	while ((rc = note_next(&c, &note)) == 1) {
		if (cursor_left(&c) >= before)
			abort();
		before = cursor_left(&c);
		inside(note.name, note.namelen, data, len);
		inside(note.desc, note.desclen, data, len);
	}
	if (rc < 0 && err_code() != ERR_CORRUPT)
		abort();
	return 0;
}
