/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF, include/uapi/linux/btf.h: a header, types one after the other, and strings. A type
 * is 12 bytes (name's offset, info, size or other type) and what its kind has besides: a
 * fixed part, and so many bytes for each of its vlen members. The id of a type is its
 * number, so that types can only be found by walking; where every 64th begins is kept.
 *
 * info: vlen in bits 0-23 (0-15 before 7.2, the others 0), kind in 24-30 (24-28), a flag
 * in 31. Since 7.1 the header may have a third section: two bytes for each kind, the sizes
 * of those parts, so that kinds that were not known when this was written can be passed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf-parts.h"
#include "err.h"
#include "kallsyms.h"
#include "vmcore.h"

enum { MAGIC = 0xeb9f, VERSION_1 = 1, HEADER = 24, HEADER_LAYOUT = 32 };
enum { BTF_MAX = 1 << 28, TYPES_MAX = 1 << 24 };
enum { TRIES = 16 };	/* no kernel has so much that looks like BTF */

static const struct { uint8_t fixed, each; } known[KINDS] = {
	[KIND_INT] = { 4, 0 }, [KIND_ARRAY] = { 12, 0 },
	[KIND_STRUCT] = { 0, MEMBER }, [KIND_UNION] = { 0, MEMBER },
	[KIND_ENUM] = { 0, 8 }, [KIND_ENUM64] = { 0, 12 }, [KIND_FUNC_PROTO] = { 0, 8 },
	[KIND_VAR] = { 4, 0 }, [KIND_DATASEC] = { 0, 12 }, [KIND_DECL_TAG] = { 4, 0 },
};

/* sections are counted from the header's end; all have to be between start and stop */
static int read_header(struct btf *b, uint64_t start, uint64_t stop)
{
	uint8_t raw[HEADER_LAYOUT];
	struct space *sp = b->peek_types.sp;
	uint64_t room, layout = 0, layout_len = 0;

	if (stop <= start || stop - start < HEADER || stop - start > BTF_MAX)
		return fail(ERR_UNKNOWN, "the kernel has no BTF");
	memset(raw, 0, sizeof raw);
	if (space_read(sp, raw, HEADER, start))
		return fail_in("BTF");

	uint32_t hdr_len = vmcore_u32(sp->vm, raw + 4);

	room = stop - start - hdr_len;
	if (vmcore_u16(sp->vm, raw) != MAGIC || raw[2] != VERSION_1 || hdr_len < HEADER ||
	    hdr_len > stop - start)
		return fail(ERR_CORRUPT, "BTF: no header at %#" PRIx64, start);
	if (hdr_len >= HEADER_LAYOUT) {
		if (space_read(sp, raw, HEADER_LAYOUT, start))
			return fail_in("BTF");
		layout = vmcore_u32(sp->vm, raw + 24);
		layout_len = vmcore_u32(sp->vm, raw + 28);
	}
	b->types = vmcore_u32(sp->vm, raw + 8);
	b->types_len = vmcore_u32(sp->vm, raw + 12);
	b->strings = vmcore_u32(sp->vm, raw + 16);
	b->strings_len = vmcore_u32(sp->vm, raw + 20);
	if (b->types > room || b->types_len > room - b->types || b->strings > room ||
	    b->strings_len > room - b->strings || layout > room || layout_len > room - layout)
		return fail(ERR_CORRUPT, "BTF: its sections are longer than it is");
	b->types += start + hdr_len;
	b->strings += start + hdr_len;

	for (int i = 1; i < KINDS; i++) {
		b->extra[i].fixed = known[i].fixed;
		b->extra[i].each = known[i].each;
		b->extra[i].known = true;
	}
	for (uint64_t i = KINDS; i < BTF_KINDS && i < layout_len / 4; i++) {
		const uint8_t *p = peek(&b->peek_strings, start + hdr_len + layout + 4 * i, 4);

		if (!p)
			break;
		b->extra[i].fixed = p[0];
		b->extra[i].each = p[1];
		b->extra[i].known = true;
	}
	return 0;
}

/* as far as types can be read; -1: not one */
static int make_index(struct btf *b)
{
	uint64_t at = b->types, next, end = b->types + b->types_len;
	size_t room = 0;

	while (at < end && b->ntypes < TYPES_MAX) {
		struct btf_type t;

		if (btf_parse(b, at, &t, &next)) {
			if (err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN)
				return -1;
			snprintf(b->trouble, sizeof b->trouble, "%s", err_text());
			break;
		}
		if (b->ntypes % BTF_STRIDE == 0) {
			uint32_t n = b->ntypes / BTF_STRIDE;

			if (n == room) {
				room = room ? 2 * room : 1024;
				uint32_t *more = realloc(b->index, room * sizeof *more);

				if (!more)
					return fail_sys("BTF");
				b->index = more;
			}
			b->index[n] = (uint32_t)(at - b->types);
		}
		b->ntypes++;
		at = next;
	}
	if (b->ntypes == 0)
		return b->trouble[0] ? -1 : fail(ERR_UNKNOWN, "BTF has no types");
	return 0;
}

/*
 * Kernels whose kallsyms have functions only (without KALLSYMS_ALL) do not say where BTF
 * is: behind the read-only data, which are between functions and what is for init only.
 * Something that looks like a header and is followed by types to the last byte is it.
 */
static int search(struct btf *b, uint64_t from, uint64_t to)
{
	struct space *sp = b->peek_types.sp;
	uint8_t page[PEEK_PAGE];
	int tries = TRIES;

	for (uint64_t at = from & ~(uint64_t)(PEEK_PAGE - 1); at < to; at += PEEK_PAGE) {
		if (space_read(sp, page, sizeof page, at)) {
			if (err_code() == ERR_STOPPED)
				return -1;
			continue;
		}
		for (size_t i = 0; i < sizeof page; i += 4) {
			uint64_t end = to - at - i > BTF_MAX ? at + i + BTF_MAX : to;

			if (page[i + 2] != VERSION_1 || page[i + 3] ||
			    vmcore_u16(sp->vm, page + i) != MAGIC)
				continue;
			if (read_header(b, at + i, end))
				continue;
			if (make_index(b) == 0 && !b->trouble[0])
				return 0;
			b->ntypes = 0;
			b->trouble[0] = '\0';
			if (--tries == 0)
				return fail(ERR_UNKNOWN, "the kernel's image has no BTF, but "
					    "much that looks like it");
		}
	}
	return fail(ERR_UNKNOWN, "no BTF is in the kernel's image");
}

static int find(struct btf *b, struct kallsyms *ks)
{
	static const char *const names[] = {
		"__start_BTF", "__stop_BTF", "_etext", "_sinittext",
	};
	uint64_t at[4];

	if (kallsyms_find(ks, names, at, 4) < 0)
		return -1;
	if (at[0] && at[1])
		return read_header(b, at[0], at[1]) || make_index(b) ? -1 : 0;
	if (at[2] < at[3] && at[2] && at[3] - at[2] < BTF_MAX)
		return search(b, at[2], at[3]);
	return fail(ERR_UNKNOWN, "the kernel has no BTF");
}

struct btf *btf_open(struct space *sp, struct kallsyms *ks)
{
	struct btf *b = calloc(1, sizeof *b);

	if (!b) {
		fail_sys("BTF");
		return NULL;
	}
	peek_open(&b->peek_types, sp);
	peek_open(&b->peek_strings, sp);
	if (find(b, ks)) {
		btf_close(b);
		return NULL;
	}
	return b;
}

void btf_close(struct btf *b)
{
	if (!b)
		return;
	free(b->index);
	free(b);
}
