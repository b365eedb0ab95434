/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding types by their ids and names; btf-open.c says what they look like. */
#include <inttypes.h>
#include <string.h>

#include "btf-parts.h"
#include "err.h"
#include "vmcore.h"

enum { TYPE = 12 };

int btf_parse(struct btf *b, uint64_t at, struct btf_type *t, uint64_t *next)
{
	uint64_t end = b->types + b->types_len, extra;
	const uint8_t *p;

	if (end - at < TYPE)
		return fail(ERR_CORRUPT, "BTF: the last type is cut off");
	p = peek(&b->peek_types, at, TYPE);
	if (!p)
		return fail_in("BTF");

	const struct vmcore *vm = b->peek_types.sp->vm;
	uint32_t info = vmcore_u32(vm, p + 4);

	t->name = vmcore_u32(vm, p);
	t->vlen = info & 0xffffff;
	t->kind = info >> 24 & 0x7f;
	t->flag = info >> 31;
	t->size = vmcore_u32(vm, p + 8);
	t->data = at + TYPE;
	if (!b->extra[t->kind].known)
		return fail(ERR_UNKNOWN, "BTF: a type of kind %" PRIu32, t->kind);
	extra = b->extra[t->kind].fixed + (uint64_t)t->vlen * b->extra[t->kind].each;
	if (extra > end - t->data)
		return fail(ERR_CORRUPT, "BTF: a type of kind %" PRIu32 " with %" PRIu32
			    " members", t->kind, t->vlen);
	*next = t->data + extra;
	return 0;
}

int btf_type(struct btf *b, uint32_t id, struct btf_type *t)
{
	uint64_t at;

	if (id == 0 || id > b->ntypes)
		return fail(ERR_CORRUPT, "BTF: no type %" PRIu32 "%s%s", id,
			    b->trouble[0] ? ": " : "", b->trouble);
	at = b->types + b->index[(id - 1) / BTF_STRIDE];
	for (uint32_t i = (id - 1) % BTF_STRIDE + 1; i > 0; i--)
		if (btf_parse(b, at, t, &at))
			return -1;
	return 0;
}

int btf_string_is(struct btf *b, uint32_t offset, const char *text, size_t len)
{
	for (size_t done = 0; done <= len;) {
		/* at most to the end of a page, and with the byte that ends it */
		uint64_t at = b->strings + offset + done;
		size_t n = PEEK_PAGE - at % PEEK_PAGE;
		const uint8_t *p;

		n = n > len + 1 - done ? len + 1 - done : n;
		n = n > PEEK_MAX ? PEEK_MAX : n;
		if (offset >= b->strings_len || b->strings_len - offset < done + n)
			return 0;
		p = peek(&b->peek_strings, at, n);
		if (!p)
			return fail_in("BTF: strings");
		if (memcmp(p, text + done, n - (done + n > len)) != 0)
			return 0;
		done += n;
		if (done > len)
			return p[n - 1] == '\0';
	}
	return 0;
}

/* some of the strings from offset on, *n bytes */
static const uint8_t *strings(struct btf *b, uint64_t offset, size_t *n)
{
	const uint8_t *p;

	*n = PEEK_MAX - (b->strings + offset) % PEEK_MAX;
	if (*n > b->strings_len - offset)
		*n = (size_t)(b->strings_len - offset);
	p = peek(&b->peek_strings, b->strings + offset, *n);
	if (!p)
		fail_in("BTF: strings");
	return p;
}

/* where in the strings this one is: 1, 0, -1 */
static int find_string(struct btf *b, const char *text, uint32_t *found)
{
	size_t len = strlen(text), n;

	for (uint64_t offset = 0; offset < b->strings_len;) {
		const uint8_t *p = strings(b, offset, &n), *end;

		if (p && *p == (uint8_t)text[0]) {
			int is = btf_string_is(b, (uint32_t)offset, text, len);

			*found = (uint32_t)offset;
			if (is)
				return is;
			p = strings(b, offset, &n);
		}
		for (; p; p = strings(b, offset, &n)) {
			end = memchr(p, '\0', n);
			offset += end ? (size_t)(end - p) + 1 : n;
			if (end || offset == b->strings_len)
				break;
		}
		if (!p)
			return -1;
	}
	return 0;
}

/* the types end before they should: 0 turns into -1 */
static int not_found(const struct btf *b)
{
	return b->trouble[0] ? fail(ERR_CORRUPT, "%s", b->trouble) : 0;
}

int btf_struct(struct btf *b, const char *name, struct btf_type *t)
{
	uint64_t at = b->types;
	uint32_t string;
	int got;

	if (!name[0] || strlen(name) >= BTF_NAME)
		return 0;
	for (int i = 0; i < BTF_FOUND; i++)
		if (b->found[i].id && strcmp(b->found[i].name, name) == 0)
			return btf_type(b, b->found[i].id, t) ? -1 : 1;
	got = find_string(b, name, &string);
	if (got != 1)
		return got;
	for (uint32_t id = 1; id <= b->ntypes; id++) {
		if (btf_parse(b, at, t, &at))
			return -1;
		if (t->name != string || (t->kind != KIND_STRUCT && t->kind != KIND_UNION))
			continue;
		strcpy(b->found[b->next].name, name);
		b->found[b->next].id = id;
		b->next = (b->next + 1) % BTF_FOUND;
		return 1;
	}
	return not_found(b);
}

int btf_size(struct btf *b, const char *name, uint64_t *size)
{
	struct btf_type t;
	int got = btf_struct(b, name, &t);

	if (got == 1)
		*size = t.size;
	return got;
}

/* of an enum's values: 1, 0, -1. Each is its name's offset and 32 or 64 bits */
static int enumerator(struct btf *b, const struct btf_type *t, uint32_t string, int64_t *value)
{
	const struct vmcore *vm = b->peek_types.sp->vm;
	uint64_t each = b->extra[t->kind].each;

	for (uint32_t i = 0; i < t->vlen; i++) {
		const uint8_t *p = peek(&b->peek_types, t->data + i * each, each);

		if (!p)
			return fail_in("BTF");
		if (vmcore_u32(vm, p) != string)
			continue;

		uint32_t low = vmcore_u32(vm, p + 4);

		if (t->kind == KIND_ENUM64)
			*value = (int64_t)((uint64_t)vmcore_u32(vm, p + 8) << 32 | low);
		else
			*value = t->flag ? (int32_t)low : (int64_t)low;
		return 1;
	}
	return 0;
}

int btf_enumerator(struct btf *b, const char *name, int64_t *value)
{
	uint64_t at = b->types;
	struct btf_type t;
	uint32_t string;
	int got = find_string(b, name, &string);

	if (got != 1)
		return got;
	for (uint32_t id = 1; id <= b->ntypes; id++) {
		if (btf_parse(b, at, &t, &at))
			return -1;
		if (t.kind != KIND_ENUM && t.kind != KIND_ENUM64)
			continue;
		got = enumerator(b, &t, string, value);
		if (got)
			return got;
	}
	return not_found(b);
}
