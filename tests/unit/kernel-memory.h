/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine of one linear map, with a kernel's symbol tables in its memory. */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kinfo.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

#define BASE UINT64_C(0xffffffff81000000)

enum { MEMORY = 256 << 10, HOLES = 2 };

struct machine {
	struct vmcore vm;
	struct space sp;
	bool big_endian;
	struct { uint64_t at, len; } hole[HOLES];	/* not in the dump; offsets */
	unsigned long reads;
	uint64_t used;			/* of memory: the next thing goes there */
	uint8_t memory[MEMORY];
};

static inline int machine_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	struct machine *m = vm->priv;

	m->reads++;
	if (len > MEMORY || phys > MEMORY - len)
		return fail(ERR_CORRUPT, "no such memory");
	for (int i = 0; i < HOLES; i++)
		if (m->hole[i].len && phys < m->hole[i].at + m->hole[i].len && m->hole[i].at < phys + len)
			return fail(ERR_CORRUPT, "not in the dump");
	memcpy(buf, m->memory + phys, len);
	return 0;
}

static const struct vmcore_ops machine_ops = { .name = "machine", .read = machine_read };

static inline void machine_start(struct machine *m, bool big_endian)
{
	uint64_t state = 7;

	*m = (struct machine){ .vm = { .ops = &machine_ops, .priv = m }, .big_endian = big_endian };
	m->vm.swap = big_endian;
	m->sp.vm = &m->vm;
	space_add_linear(&m->sp, BASE, MEMORY, 0);
	for (size_t i = 0; i < MEMORY; i++)
		m->memory[i] = (uint8_t)unit_random(&state);
	m->used = 0x1000;
}

/* offset at, bytes */
static inline void put(struct machine *m, uint64_t at, unsigned len, uint64_t value)
{
	assert_true(at + len <= MEMORY);
	for (unsigned i = 0; i < len; i++) {
		unsigned shift = 8 * (m->big_endian ? len - 1 - i : i);

		m->memory[at + i] = (uint8_t)(value >> shift);
	}
}

static inline void append(struct machine *m, unsigned len, uint64_t value)
{
	put(m, m->used, len, value);
	m->used += len;
}

static inline void align(struct machine *m, unsigned to)
{
	while (m->used % to)
		append(m, 1, 0);
}

/* a symbol as kallsyms has it: the type first, "Tpanic" */
struct sym {
	uint64_t at;
	const char *name;
};

enum how { ADDRESSES, OFFSETS, PERCPU, PLACES };

/* where what was put in memory; offsets */
struct tables {
	uint64_t names, names_end, markers, table, index, values, count;
};

static const char *const tokens[] = { "sys_", "do_", "Tdo_", "sys_do_", "_end" };
enum { NTOKENS = sizeof tokens / sizeof tokens[0] };

/* the longest token that it begins with; those of several characters are 1, 2, ... */
static inline uint8_t token_of(const char *name, size_t *len)
{
	uint8_t best = (uint8_t)name[0];

	*len = 1;
	for (int i = 0; i < NTOKENS; i++) {
		size_t n = strlen(tokens[i]);

		if (n > *len && strncmp(name, tokens[i], n) == 0) {
			best = (uint8_t)(i + 1);
			*len = n;
		}
	}
	return best;
}

static inline void put_name(struct machine *m, const char *name, bool two_bytes)
{
	uint8_t packed[600];
	size_t n = 0, len;

	for (; *name; name += len)
		packed[n++] = token_of(name, &len);
	if (two_bytes && n > 127) {
		append(m, 1, (n & 0x7f) | 0x80);
		append(m, 1, n >> 7);
	} else {
		assert_true(n < 256);
		append(m, 1, n);
	}
	for (size_t i = 0; i < n; i++)
		append(m, 1, packed[i]);
}

static inline void put_tokens(struct machine *m, struct tables *t)
{
	uint64_t at[256];

	t->table = m->used;
	for (int i = 0; i < 256; i++) {
		const char *token = i > 0 && i <= NTOKENS ? tokens[i - 1] : "";

		at[i] = m->used - t->table;
		for (; *token; token++)
			append(m, 1, (uint8_t)*token);
		if (i >= ' ' && i <= '~')
			append(m, 1, (unsigned)i);
		append(m, 1, 0);
	}
	align(m, 8);
	t->index = m->used;
	for (int i = 0; i < 256; i++)
		append(m, 2, at[i]);
	align(m, 8);
}

static inline void put_values(struct machine *m, struct tables *t, const struct sym *syms,
			      size_t n, enum how how, uint64_t base)
{
	t->values = m->used;
	for (size_t i = 0; i < n; i++)
		switch (how) {
		case ADDRESSES:
			append(m, 8, syms[i].at);
			break;
		case OFFSETS:
			append(m, 4, syms[i].at - base);
			break;
		case PERCPU:
			append(m, 4, syms[i].at < base ? syms[i].at : base - 1 - syms[i].at);
			break;
		case PLACES:
			append(m, 4, syms[i].at - (BASE + m->used));
			break;
		}
	align(m, 8);
}

/* gap: the order of the names is between markers and tokens. VMCOREINFO follows */
static inline void put_kallsyms(struct machine *m, struct tables *t, const struct sym *syms,
				size_t n, enum how how, bool gap, const char *release)
{
	uint64_t marker[64], base = BASE, stext = 0;
	bool two_bytes = kinfo_version(release) >= KINFO_VERSION(6, 1, 0);
	char text[1000];
	size_t k;

	t->count = m->used;
	append(m, 4, n);
	align(m, 8);
	t->names = m->used;
	for (size_t i = 0; i < n; i++) {
		if (i % 256 == 0)
			marker[i / 256] = m->used - t->names;
		put_name(m, syms[i].name, two_bytes);
		if (strcmp(syms[i].name, "T_stext") == 0)
			stext = syms[i].at;
	}
	t->names_end = m->used;
	align(m, 8);
	t->markers = m->used;
	for (size_t i = 0; i < (n + 255) / 256; i++)
		append(m, 4, marker[i]);
	align(m, 8);
	for (size_t i = 0; gap && i < n; i++)
		append(m, 3, 0x102030);
	align(m, 8);
	put_tokens(m, t);
	put_values(m, t, syms, n, how, base);
	k = (size_t)snprintf(text, sizeof text, "OSRELEASE=%s\nSYMBOL(kallsyms_names)=%llx\n"
			     "SYMBOL(kallsyms_num_syms)=%llx\n"
			     "SYMBOL(kallsyms_token_table)=%llx\n"
			     "SYMBOL(kallsyms_token_index)=%llx\nSYMBOL(kallsyms_%s)=%llx\n",
			     release, (unsigned long long)(BASE + t->names),
			     (unsigned long long)(BASE + t->count),
			     (unsigned long long)(BASE + t->table),
			     (unsigned long long)(BASE + t->index),
			     how == ADDRESSES ? "addresses" : "offsets",
			     (unsigned long long)(BASE + t->values));
	if (how == OFFSETS || how == PERCPU) {
		k += (size_t)snprintf(text + k, sizeof text - k,
				      "SYMBOL(kallsyms_relative_base)=%llx\n",
				      (unsigned long long)(BASE + m->used));
		append(m, 8, base);
	}
	if (stext)
		k += (size_t)snprintf(text + k, sizeof text - k, "SYMBOL(_stext)=%llx\n",
				      (unsigned long long)stext);
	kinfo_close(&m->vm.info);
	assert_int_equal(kinfo_open(&m->vm.info, text, k), 0);
}

/* the same before 6.0: one after the other, and VMCOREINFO has only _stext */
static inline void put_old_kallsyms(struct machine *m, struct tables *t, const struct sym *syms,
				    size_t n, enum how how, unsigned marker_size,
				    const char *release)
{
	uint64_t marker[64], stext = 0;
	char text[200];
	size_t len;

	align(m, 8);
	put_values(m, t, syms, n, how, BASE);
	if (how != ADDRESSES)
		append(m, 8, BASE);
	t->count = m->used;
	append(m, marker_size, n);
	align(m, 8);
	t->names = m->used;
	for (size_t i = 0; i < n; i++) {
		if (i % 256 == 0)
			marker[i / 256] = m->used - t->names;
		put_name(m, syms[i].name, false);
		if (strcmp(syms[i].name, "T_stext") == 0)
			stext = syms[i].at;
	}
	t->names_end = m->used;
	align(m, 8);
	t->markers = m->used;
	for (size_t i = 0; i < (n + 255) / 256; i++)
		append(m, marker_size, marker[i]);
	align(m, 8);
	put_tokens(m, t);
	len = (size_t)snprintf(text, sizeof text, "OSRELEASE=%s\nSYMBOL(_stext)=%llx\n", release,
			       (unsigned long long)stext);
	kinfo_close(&m->vm.info);
	assert_int_equal(kinfo_open(&m->vm.info, text, len), 0);
}

static inline void machine_end(struct machine *m)
{
	kinfo_close(&m->vm.info);
}

#endif
