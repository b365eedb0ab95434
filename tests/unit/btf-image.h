/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF in a machine's memory, written type by type. */
#ifndef BTF_IMAGE_H
#define BTF_IMAGE_H

#include "kernel-memory.h"

enum { TYPES_MAX = 8192, STRINGS_MAX = 8192 };

struct types {
	struct machine *m;
	uint8_t bytes[TYPES_MAX];
	uint64_t len;			/* of bytes */
	uint32_t n;			/* the last type's id */
	char strings[STRINGS_MAX];
	uint32_t strings_len;
	uint64_t start, types, stop;	/* offsets, once it is in memory */
};

static inline void types_start(struct types *t, struct machine *m)
{
	*t = (struct types){ .m = m, .strings_len = 1 };
}

static inline uint32_t string(struct types *t, const char *text)
{
	uint32_t at = t->strings_len;

	if (!text[0])
		return 0;
	for (uint32_t i = 1; i < t->strings_len; i += (uint32_t)strlen(t->strings + i) + 1)
		if (strcmp(t->strings + i, text) == 0)
			return i;
	assert_true(at + strlen(text) < STRINGS_MAX);
	strcpy(t->strings + at, text);
	t->strings_len += (uint32_t)strlen(text) + 1;
	return at;
}

static inline void word(struct types *t, uint32_t value)
{
	assert_true(t->len + 4 <= TYPES_MAX);
	for (unsigned i = 0; i < 4; i++)
		t->bytes[t->len++] = (uint8_t)(value >> 8 * (t->m->big_endian ? 3 - i : i));
}

/* the id of a type of this kind; vlen, with bit 31 for the flag; what follows is the caller's */
static inline uint32_t type(struct types *t, uint32_t kind, const char *name, uint32_t vlen,
			    uint32_t size)
{
	word(t, string(t, name));
	word(t, kind << 24 | vlen);
	word(t, size);
	return ++t->n;
}

static inline uint32_t integer(struct types *t, const char *name, uint32_t size)
{
	uint32_t id = type(t, 1, name, 0, size);

	word(t, 8 * size);
	return id;
}

static inline uint32_t array_of(struct types *t, uint32_t element, uint32_t n)
{
	uint32_t id = type(t, 3, "", 0, 0);

	word(t, element);
	word(t, 1);
	word(t, n);
	return id;
}

/* a member of the structure begun last; bits counts from its start */
static inline void member(struct types *t, const char *name, uint32_t of, uint32_t bits)
{
	word(t, string(t, name));
	word(t, of);
	word(t, bits);
}

/* into memory; hdr_len is 24, or 32 with the kinds' sizes: layout, n bytes */
static inline void put_types(struct types *t, const uint8_t *layout, uint32_t n)
{
	struct machine *m = t->m;
	uint32_t hdr_len = n ? 32 : 24;

	align(m, 8);
	t->start = m->used;
	append(m, 2, 0xeb9f);
	append(m, 2, m->big_endian ? 0x0100 : 1);	/* version, flags */
	append(m, 4, hdr_len);
	append(m, 4, n);
	append(m, 4, t->len);
	append(m, 4, n + t->len);
	append(m, 4, t->strings_len);
	if (n) {
		append(m, 4, 0);
		append(m, 4, n);
	}
	for (uint32_t i = 0; i < n; i++)
		append(m, 1, layout[i]);
	t->types = m->used;
	for (uint64_t i = 0; i < t->len; i++)
		append(m, 1, t->bytes[i]);
	for (uint32_t i = 0; i < t->strings_len; i++)
		append(m, 1, (uint8_t)t->strings[i]);
	t->stop = m->used;
}

/* a kernel's symbols, which say where this BTF is, and where its list of modules */
static inline void put_symbols_of(struct machine *m, const struct types *t, uint64_t modules)
{
	struct sym syms[] = {
		{ BASE, "T_stext" }, { BASE + 0x800, "T_etext" }, { BASE + modules, "dmodules" },
		{ BASE + t->start, "R__start_BTF" }, { BASE + t->stop, "R__stop_BTF" },
		{ BASE + 0x20000, "B_end" },
	};
	struct tables where;

	assert_in_range(modules, 0x800, t->start);
	align(m, 8);
	put_kallsyms(m, &where, syms, sizeof syms / sizeof syms[0], OFFSETS, false, "6.12.1");
}

/* the same of a kernel whose symbols are of functions only */
static inline void put_functions_of(struct machine *m, const struct types *t)
{
	struct sym syms[] = {
		{ BASE, "T_stext" }, { BASE + 0x800, "T_etext" },
		{ BASE + 0x1c000, "T_sinittext" }, { BASE + 0x1d000, "T_einittext" },
	};
	struct tables where;

	align(m, 8);
	put_kallsyms(m, &where, syms, sizeof syms / sizeof syms[0], OFFSETS, false, "6.12.1");
	assert_in_range(t->start, 0x800, 0x1c000);
}

#endif
