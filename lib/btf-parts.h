/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What btf.c, btf-open.c and btf-member.c share. */
#ifndef BTF_PARTS_H
#define BTF_PARTS_H

#include "btf.h"
#include "peek.h"

enum btf_kind {
	KIND_INT = 1, KIND_PTR, KIND_ARRAY, KIND_STRUCT, KIND_UNION, KIND_ENUM, KIND_FWD,
	KIND_TYPEDEF, KIND_VOLATILE, KIND_CONST, KIND_RESTRICT, KIND_FUNC, KIND_FUNC_PROTO,
	KIND_VAR, KIND_DATASEC, KIND_FLOAT, KIND_DECL_TAG, KIND_TYPE_TAG, KIND_ENUM64,
	KINDS,
};

enum { BTF_STRIDE = 64, BTF_FOUND = 16, BTF_KINDS = 128, BTF_NAME = 128, MEMBER = 12 };

struct btf {
	struct peek peek_types, peek_strings;
	uint64_t types, types_len, strings, strings_len;	/* virtual addresses, bytes */
	struct { uint8_t fixed, each; bool known; } extra[BTF_KINDS];	/* after a type */
	uint32_t ntypes;		/* ids go from 1 to this; 0 is void */
	char trouble[120];		/* why there are no more, or "" */
	uint32_t *index;		/* where each BTF_STRIDE-th type is in types */
	struct { char name[BTF_NAME]; uint32_t id; } found[BTF_FOUND];
	unsigned next;			/* of found, to be replaced */
};

struct btf_type {
	uint32_t name;			/* in strings */
	uint32_t kind, vlen;
	bool flag;			/* of a structure: members have bit sizes; enum: signed */
	uint32_t size;			/* or another type's id */
	uint64_t data;			/* address of what follows */
};

/* the type at that address, and where the one behind it would begin; -1: damaged, unknown */
int btf_parse(struct btf *b, uint64_t at, struct btf_type *t, uint64_t *next);
/* the type of that number, which has to be there: 0, -1 */
int btf_type(struct btf *b, uint32_t id, struct btf_type *t);
/* struct or union NAME: 1, 0, -1 */
int btf_struct(struct btf *b, const char *name, struct btf_type *t);
/* is the string at this offset this one of len bytes? 1, 0, -1 */
int btf_string_is(struct btf *b, uint32_t offset, const char *text, size_t len);

#endif
