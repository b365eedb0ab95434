/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "cursor.h"
#include "err.h"
#include "note.h"

enum { NOTE_HEADER = 12 };

/* n bytes and what pads them to four; the padding of the very last may be missing */
static const uint8_t *take_padded(struct cursor *c, uint32_t n)
{
	const uint8_t *p = cursor_take(c, n);
	size_t pad = -(size_t)n & 3;

	cursor_take(c, pad < cursor_left(c) ? pad : cursor_left(c));
	return p;
}

int note_next(struct cursor *c, struct note *note)
{
	if (cursor_left(c) < NOTE_HEADER)
		return 0;	/* /proc/vmcore pads its notes with zeros */

	uint32_t namesz = cursor_u32(c);
	uint32_t descsz = cursor_u32(c);
	note->type = cursor_u32(c);
	if (namesz == 0 && descsz == 0)
		return 0;

	note->name = (const char *)take_padded(c, namesz);
	note->desc = take_padded(c, descsz);
	if (!cursor_ok(c))
		return fail(ERR_CORRUPT, "note of %u+%u bytes runs past its segment",
			    namesz, descsz);

	note->namelen = namesz;
	if (namesz > 0 && note->name[namesz - 1] == '\0')
		note->namelen--;
	note->desclen = descsz;
	return 1;
}
