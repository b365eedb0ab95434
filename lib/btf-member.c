/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member is: a path of names and indices is followed through structures and arrays. */
#include <inttypes.h>
#include <string.h>

#include "btf-parts.h"
#include "err.h"
#include "num.h"
#include "vmcore.h"

enum { NESTED_MAX = 16, CHAIN_MAX = 64, STEPS_MAX = 1 << 17, POINTER = 8 };

struct walk {
	struct btf *b;
	unsigned steps;		/* structures may contain each other in a damaged one */
};

/* the type behind typedefs and qualifiers */
static int plain(struct btf *b, uint32_t id, struct btf_type *t)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		if (btf_type(b, id, t))
			return -1;
		switch (t->kind) {
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = t->size;
			continue;
		default:
			return 0;
		}
	}
	return fail(ERR_CORRUPT, "BTF: type %" PRIu32 " is one of itself", id);
}

static int array(struct btf *b, const struct btf_type *t, uint32_t *element, uint32_t *n)
{
	if (peek_u32(&b->peek_types, t->data, element) ||
	    peek_u32(&b->peek_types, t->data + 8, n))
		return fail_in("BTF");
	return 0;
}

static int size_of(struct btf *b, const struct btf_type *of, uint64_t *size)
{
	struct btf_type t = *of;
	uint32_t element, n;
	uint64_t times = 1;

	for (int i = 0; t.kind == KIND_ARRAY; i++) {
		if (array(b, &t, &element, &n) || plain(b, element, &t))
			return -1;
		if (i == NESTED_MAX || !num_mul(times, n, &times))
			return fail(ERR_CORRUPT, "BTF: an array without end");
	}
	switch (t.kind) {
	case KIND_INT:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FLOAT:
		*size = t.size;
		break;
	case KIND_PTR:
		*size = POINTER;
		break;
	default:
		return fail(ERR_CORRUPT, "BTF: a member of kind %" PRIu32, t.kind);
	}
	return num_mul(*size, times, size) ? 0 : fail(ERR_CORRUPT, "BTF: an array without end");
}

/*
 * The member of this name, len bytes of it, of t or of an unnamed structure in it: 1, 0,
 * -1. *type is its type, m->bit is counted on.
 */
static int named(struct walk *w, const struct btf_type *t, const char *name, size_t len,
		 int depth, struct btf_member *m, uint32_t *type)
{
	const struct vmcore *vm = w->b->peek_types.sp->vm;

	if (depth == NESTED_MAX)
		return fail(ERR_CORRUPT, "BTF: structures nested without end");
	for (uint32_t i = 0; i < t->vlen; i++) {
		const uint8_t *p = peek(&w->b->peek_types, t->data + MEMBER * (uint64_t)i, MEMBER);
		struct btf_type inner;
		int got;

		if (!p)
			return fail_in("BTF");
		if (++w->steps > STEPS_MAX)
			return fail(ERR_CORRUPT, "BTF: structures nested without end");

		uint32_t string = vmcore_u32(vm, p), id = vmcore_u32(vm, p + 4);
		uint32_t offset = vmcore_u32(vm, p + 8), bits = t->flag ? offset >> 24 : 0;

		offset &= t->flag ? 0xffffff : UINT32_MAX;
		if (string) {
			got = btf_string_is(w->b, string, name, len);
			if (got == 1) {
				*type = id;
				m->bit += offset;
				m->bits = bits;
			}
		} else {
			uint64_t before = m->bit;

			if (plain(w->b, id, &inner))
				return -1;
			if (inner.kind != KIND_STRUCT && inner.kind != KIND_UNION)
				continue;	/* an unnamed bit field */
			m->bit += offset;
			got = named(w, &inner, name, len, depth + 1, m, type);
			if (got == 0)
				m->bit = before;
		}
		if (got)
			return got;
	}
	return 0;
}

/* "[1]" or "[1][2]" at *path: t becomes the element. 1, 0: there is no such element, -1 */
static int indices(struct btf *b, const char **path, struct btf_type *t, struct btf_member *m)
{
	while (**path == '[') {
		size_t len = strcspn(++*path, "]");
		uint64_t i, size;
		uint32_t element, n;

		if (!num_parse(*path, len, 10, &i) || (*path)[len] != ']' ||
		    t->kind != KIND_ARRAY)
			return 0;
		if (array(b, t, &element, &n) || plain(b, element, t) || size_of(b, t, &size))
			return -1;
		if (i >= n || !num_mul(i, size, &i) || i > UINT32_MAX)
			return 0;
		m->bit += 8 * i;
		*path += len + 1;
	}
	return 1;
}

/* kernels built without the flag have bit fields as integers of fewer bits */
static int bit_field(struct btf *b, const struct btf_type *t, struct btf_member *m)
{
	uint32_t encoding;

	if (t->kind != KIND_INT || m->bits)
		return 0;
	if (peek_u32(&b->peek_types, t->data, &encoding))
		return fail_in("BTF");
	if ((encoding & 0xff) && (encoding & 0xff) < 8 * (uint64_t)t->size) {
		m->bits = encoding & 0xff;
		m->bit += encoding >> 16 & 0xff;
	}
	return 0;
}

int btf_member(struct btf *b, const char *name, const char *path, struct btf_member *m)
{
	struct walk w = { .b = b };
	struct btf_type t;
	int got = btf_struct(b, name, &t);

	*m = (struct btf_member){ .count = 1 };
	for (;;) {
		size_t len = strcspn(path, ".[");
		uint32_t type;

		if (got != 1)
			return got;
		if (len == 0 || (t.kind != KIND_STRUCT && t.kind != KIND_UNION))
			return 0;
		m->bits = 0;
		got = named(&w, &t, path, len, 0, m, &type);
		if (got != 1)
			return got;
		path += len;
		if (plain(b, type, &t))
			return -1;
		got = indices(b, &path, &t, m);
		if (got != 1 || *path != '.')
			break;
		path++;
	}
	if (got != 1 || *path)
		return got < 0 ? -1 : 0;
	if (t.kind == KIND_ARRAY) {
		uint32_t element, n;

		if (array(b, &t, &element, &n))
			return -1;
		m->count = n;
	}
	return bit_field(b, &t, m) || size_of(b, &t, &m->size) ? -1 : 1;
}
