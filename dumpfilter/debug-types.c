/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every unit of a kernel is looked through until all queries are answered. Only what
 * stands at a unit's top is of interest: C has no types elsewhere that others could use.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "debug-types.h"
#include "err.h"

enum { DEPTH_MAX = 16 };	/* typedefs of typedefs, unions in structures */

struct search {
	struct debug_query *queries;
	size_t n, left;
};

/* the type of a member or typedef, through qualifiers and typedefs */
static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	Dwarf_Die first;

	return dwarf_attr(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, &first) &&
	       dwarf_peel_type(&first, type) == 0;
}

static bool is_compound(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

/* DWARF 2 has an expression, later ones a number; members of unions have neither */
static bool offset_of(Dwarf_Die *member, uint64_t *offset)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;
	Dwarf_Op *ops;
	size_t n;

	*offset = 0;
	if (!dwarf_attr(member, DW_AT_data_member_location, &attr))
		return !dwarf_attr(member, DW_AT_data_bit_offset, &attr);
	if (dwarf_formudata(&attr, &word) == 0) {
		*offset = word;
		return true;
	}
	if (dwarf_getlocation(&attr, &ops, &n) || n != 1 || ops[0].atom != DW_OP_plus_uconst)
		return false;
	*offset = ops[0].number;
	return true;
}

/* a member by name, also one of an unnamed part; base is added to its offset */
static bool find_member(Dwarf_Die *type, const char *name, uint64_t base, unsigned depth,
			Dwarf_Die *member, uint64_t *offset)
{
	Dwarf_Die child, part;

	if (depth > DEPTH_MAX || dwarf_child(type, &child))
		return false;
	do {
		const char *its = dwarf_diename(&child);
		uint64_t at;

		if (dwarf_tag(&child) != DW_TAG_member || !offset_of(&child, &at))
			continue;
		if (its && strcmp(its, name) == 0) {
			*member = child;
			*offset = base + at;
			return true;
		}
		if (!its && type_of(&child, &part) && is_compound(&part) &&
		    find_member(&part, name, base + at, depth + 1, member, offset))
			return true;
	} while (dwarf_siblingof(&child, &child) == 0);
	return false;
}

/* elements of an array's first dimension */
static bool length_of(Dwarf_Die *member, int64_t *length)
{
	Dwarf_Attribute attr;
	Dwarf_Die array, range;
	Dwarf_Word n;

	if (!type_of(member, &array) || dwarf_tag(&array) != DW_TAG_array_type ||
	    dwarf_child(&array, &range) || dwarf_tag(&range) != DW_TAG_subrange_type)
		return false;
	if (dwarf_attr(&range, DW_AT_count, &attr) && dwarf_formudata(&attr, &n) == 0)
		*length = (int64_t)n;
	else if (dwarf_attr(&range, DW_AT_upper_bound, &attr) && dwarf_formudata(&attr, &n) == 0)
		*length = (int64_t)n + 1;
	else
		return false;
	return *length > 0;
}

static void answer(struct search *s, struct debug_query *q, int64_t value)
{
	q->known = true;
	q->value = value;
	s->left--;
}

/* type is complete, and is what the query names */
static void ask_type(struct search *s, struct debug_query *q, Dwarf_Die *type)
{
	Dwarf_Die member;
	Dwarf_Word size;
	uint64_t offset;
	int64_t length;

	if (q->ask == ASK_SIZE) {
		if (dwarf_aggregate_size(type, &size) == 0)
			answer(s, q, (int64_t)size);
	} else if (find_member(type, q->member, 0, 0, &member, &offset)) {
		if (q->ask == ASK_OFFSET)
			answer(s, q, (int64_t)offset);
		else if (length_of(&member, &length))
			answer(s, q, length);
	}
}

/* a structure, or a typedef that is another name of one */
static void see_type(struct search *s, Dwarf_Die *die, const char *name)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;

	for (size_t i = 0; i < s->n; i++) {
		struct debug_query *q = &s->queries[i];

		if (q->known || q->ask == ASK_NOTHING || q->ask == ASK_NUMBER ||
		    strcmp(q->type, name) != 0)
			continue;
		if (dwarf_peel_type(die, &type) == 0 && is_compound(&type) &&
		    !dwarf_attr(&type, DW_AT_declaration, &attr))
			ask_type(s, q, &type);
	}
}

static void see_enum(struct search *s, Dwarf_Die *die, const char *name)
{
	Dwarf_Attribute attr;
	Dwarf_Die child;
	Dwarf_Sword value;
	bool wanted = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct debug_query *q = &s->queries[i];

		wanted |= q->ask == ASK_NUMBER && !q->known &&
			  (!q->type || (name && strcmp(q->type, name) == 0));
	}
	if (!wanted || dwarf_child(die, &child))
		return;
	do {
		const char *its = dwarf_diename(&child);

		if (!its || !dwarf_attr(&child, DW_AT_const_value, &attr) ||
		    dwarf_formsdata(&attr, &value))
			continue;
		for (size_t i = 0; i < s->n; i++) {
			struct debug_query *q = &s->queries[i];

			if (q->ask == ASK_NUMBER && !q->known && strcmp(q->member, its) == 0 &&
			    (!q->type || (name && strcmp(q->type, name) == 0)))
				answer(s, q, value);
		}
	} while (dwarf_siblingof(&child, &child) == 0);
}

static void see_unit(struct search *s, Dwarf_Die *unit)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die))
		return;
	do {
		int tag = dwarf_tag(&die);
		const char *name;

		if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type &&
		    tag != DW_TAG_typedef && tag != DW_TAG_enumeration_type)
			continue;
		name = dwarf_diename(&die);
		if (tag == DW_TAG_enumeration_type)
			see_enum(s, &die, name);
		else if (name)
			see_type(s, &die, name);
	} while (s->left > 0 && dwarf_siblingof(&die, &die) == 0);
}

int debug_types(Elf *elf, struct debug_query *queries, size_t n)
{
	struct search s = { .queries = queries, .n = n };
	Dwarf *dw = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	Dwarf_Off at = 0, next;
	size_t head;
	int rc;

	if (!dw)
		return fail(ERR_UNKNOWN, "no debug information (%s): the vmlinux that the "
			    "kernel's debug package has is needed", dwarf_errmsg(-1));
	for (size_t i = 0; i < n; i++)
		s.left += queries[i].ask != ASK_NOTHING && !queries[i].known;
	while (s.left > 0 && (rc = dwarf_nextcu(dw, at, &next, &head, NULL, NULL, NULL)) == 0) {
		Dwarf_Die unit;

		if (dwarf_offdie(dw, at + head, &unit))
			see_unit(&s, &unit);
		at = next;
	}
	if (s.left > 0 && rc < 0)
		rc = fail(ERR_CORRUPT, "debug information: %s", dwarf_errmsg(-1));
	else
		rc = 0;
	dwarf_end(dw);
	return rc;
}
