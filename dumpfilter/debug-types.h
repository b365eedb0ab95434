/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What DWARF says of structures and enumerations. */
#ifndef DEBUG_TYPES_H
#define DEBUG_TYPES_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum debug_ask {
	ASK_NOTHING,
	ASK_SIZE,	/* of type, in bytes */
	ASK_OFFSET,	/* of type.member, in bytes */
	ASK_LENGTH,	/* of the array type.member, in elements */
	ASK_NUMBER,	/* the value of the enumerator member; type may be NULL: of any enum */
};

struct debug_query {
	enum debug_ask ask;
	const char *type;	/* of a struct, union, enum or typedef; "page" */
	const char *member;
	bool known;		/* found: value is set */
	int64_t value;
};

/* answers what it can; -1: there is no DWARF, or it cannot be read */
int debug_types(Elf *elf, struct debug_query *queries, size_t n);

#endif
