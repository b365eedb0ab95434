/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "note.h"
#include "unit.h"

struct block {
	uint8_t bytes[256];
	size_t len;
};

static void put(struct block *b, const void *p, size_t len)
{
	assert_true(b->len + len <= sizeof b->bytes);
	memcpy(b->bytes + b->len, p, len);
	b->len = (b->len + len + 3) & ~(size_t)3;
}

static void put_note(struct block *b, const char *name, uint32_t namesz, uint32_t type,
		     const char *desc, uint32_t descsz)
{
	uint32_t head[] = { namesz, descsz, type };

	put(b, head, sizeof head);
	put(b, name, namesz);
	put(b, desc, descsz);
}

static void three_notes(void **state)
{
	struct block b = { 0 };
	struct note note;

	(void)state;
	put_note(&b, "CORE", 5, 1, "status", 6);
	put_note(&b, "VMCOREINFO", 11, 0, "PAGESIZE=4096\n", 14);
	put_note(&b, "abc", 3, 77, "", 0);	/* a name that is not terminated */
	b.len += 16;				/* zeros, as /proc/vmcore pads */

	struct cursor c = cursor_over(b.bytes, b.len, false);
	assert_int_equal(note_next(&c, &note), 1);
	assert_int_equal(note.namelen, 4);
	assert_memory_equal(note.name, "CORE", 4);
	assert_int_equal(note.type, 1);
	assert_int_equal(note.desclen, 6);
	assert_memory_equal(note.desc, "status", 6);
	assert_int_equal(note_next(&c, &note), 1);
	assert_int_equal(note.namelen, 10);
	assert_int_equal(note.desclen, 14);
	assert_int_equal(note_next(&c, &note), 1);
	assert_int_equal(note.namelen, 3);
	assert_int_equal(note.type, 77);
	assert_int_equal(note.desclen, 0);
	assert_int_equal(note_next(&c, &note), 0);
}

/* cut at every byte: whatever is found lies inside, and the walk ends */
static void cut_short(void **state)
{
	enum { HEADER = 12 };
	const size_t first = HEADER + 8 + 5, next = first + 3, second = next + HEADER + 8 + 9;
	struct block b = { 0 };

	(void)state;
	put_note(&b, "CORE", 5, 1, "12345", 5);
	put_note(&b, "LINUX", 6, 2, "123456789", 9);
	for (size_t len = 0; len <= b.len; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		struct cursor c = cursor_over(copy, len, false);
		struct note note;
		int rc, found = 0;

		memcpy(copy, b.bytes, len);
		while ((rc = note_next(&c, &note)) == 1) {
			assert_true(note.desc + note.desclen <= copy + len);
			found++;
		}
		/* the padding of the last one may be missing */
		assert_int_equal(found, len >= second ? 2 : len >= first ? 1 : 0);
		if (len < HEADER || (len >= first && len < next + HEADER) || len >= second)
			assert_int_equal(rc, 0);
		else
			assert_int_equal(rc, -1);
		if (rc < 0)
			assert_failed(ERR_CORRUPT, "runs past");
		free(copy);
	}
}

static void hostile_sizes(void **state)
{
	static const uint32_t sizes[][2] = {
		{ UINT32_MAX, 0 }, { 0, UINT32_MAX }, { UINT32_MAX, UINT32_MAX },
		{ UINT32_MAX - 3, 4 }, { 0x80000000, 0x80000000 }, { 4, 0x7fffffff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint32_t words[8] = { sizes[i][0], sizes[i][1], 1 };
		struct cursor c = cursor_over(words, sizeof words, false);
		struct note note;

		assert_int_equal(note_next(&c, &note), -1);
		assert_failed(ERR_CORRUPT, "runs past");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_notes),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(hostile_sizes),
	};

	return RUN(tests);
}
