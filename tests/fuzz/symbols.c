/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols: whatever a kernel's tables, types and list of modules are, opening them and
 * asking ends, and names can be printed.
 *
 * Input: a byte (bit 0: the machine's byte order is not ours), VMCOREINFO up to a NUL, and
 * memory: pieces of a 32-bit offset, a 16-bit length, and so many bytes; zeros elsewhere.
 * tests/unit/modules writes seeds.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "cursor.h"
#include "err.h"
#include "space.h"
#include "symbols.h"
#include "vmcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MEMORY = 256 << 10, ASKED = 300 };
#define BASE UINT64_C(0xffffffff81000000)

static uint8_t memory[MEMORY];

static int read_memory(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	if (len > MEMORY || phys > MEMORY - len)
		return fail(ERR_CORRUPT, "no memory there");
	memcpy(buf, memory + phys, len);
	return 0;
}

static const struct vmcore_ops ops = { .name = "fuzz", .read = read_memory };

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void fill(struct cursor *c)
{
	memset(memory, 0, MEMORY);
	while (cursor_left(c) > 6) {
		uint32_t at = cursor_u32(c);
		size_t len = cursor_u16(c);
		const uint8_t *p;

		len = len < cursor_left(c) ? len : cursor_left(c);
		p = cursor_take(c, len);
		if (at < MEMORY && len)
			memcpy(memory + at, p, len < MEMORY - at ? len : MEMORY - at);
	}
}

static void check_name(const char *name, size_t room)
{
	size_t len = strnlen(name, room);

	require(len < room);
	for (size_t i = 0; i < len; i++)
		require(name[i] >= ' ' && name[i] <= '~');
}

static void ask_address(struct symbols *s, uint64_t address)
{
	const struct module *m;
	struct symbol sym;
	char text[700];

	if (symbols_at(s, address, &sym, &m) == 1) {
		check_name(sym.name, sizeof sym.name);
		require(m || sym.at <= address);
	}
	symbols_print(s, address, 1, text, sizeof text);
	check_name(text, sizeof text);
}

static void ask_kallsyms(struct symbols *s)
{
	static const char *const names[] = { "modules", "_stext", "no such" };
	uint64_t found[3];
	struct symbol sym;

	for (uint32_t i = 0; i < ASKED; i++) {
		int got = kallsyms_get(s->ks, i, &sym);

		require(i < kallsyms_count(s->ks) ? got != 0 : got == 0);
		if (got == 1)
			ask_address(s, sym.at + i % 3);
	}
	require(kallsyms_find(s->ks, names, found, 3) <= 3);
}

static void ask_types(struct btf *b)
{
	static const char *const paths[] = { "list.next", "mem[2].base", "arch.num_orcs", "x" };
	struct btf_member m;
	int64_t value;
	uint64_t size;

	for (int i = 0; i < 4; i++)
		if (btf_member(b, "module", paths[i], &m) == 1)
			require(m.count <= UINT32_MAX && m.bits < 256);
	btf_size(b, "mod_kallsyms", &size);
	btf_enumerator(b, "next", &value);
}

static void ask_modules(struct symbols *s)
{
	struct symbol sym;

	require(s->modules.n <= MODULES_MAX);
	for (size_t i = 0; i < s->modules.n && i < 16; i++) {
		const struct module *m = &s->modules.module[i];

		check_name(m->name, sizeof m->name);
		check_name(m->taints, sizeof m->taints);
		for (int k = 0; k < MODULE_PARTS; k++)
			ask_address(s, m->part[k].base + m->part[k].size / 2);
		for (uint32_t k = 0; k < 16; k++)
			if (modules_get(&s->modules, m, k, &sym) == 1)
				check_name(sym.name, sizeof sym.name);
	}
}

static void ask(struct vmcore *vm)
{
	struct space sp = { .vm = vm };
	struct symbols s;

	space_add_linear(&sp, BASE, MEMORY, 0);
	if (symbols_open(&s, &sp) == 0) {
		check_name(s.trouble, sizeof s.trouble);
		ask_kallsyms(&s);
		if (s.btf)
			ask_types(s.btf);
		ask_modules(&s);
		ask_address(&s, BASE + 0x1234);
	}
	symbols_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor c = cursor_over(data, len, false);
	uint8_t choice = cursor_u8(&c);
	const uint8_t *end = memchr(c.pos, '\0', cursor_left(&c));
	struct vmcore vm = {
		.ops = &ops, .machine = EM_X86_64, .swap = choice & 1, .page_size = 4096,
		.page_shift = 12, .npfns = MEMORY >> 12,
	};

	if (!cursor_ok(&c) || !end ||
	    kinfo_open(&vm.info, c.pos, (size_t)(end - c.pos)))
		return 0;
	cursor_take(&c, (size_t)(end - c.pos) + 1);
	fill(&c);
	ask(&vm);
	kinfo_close(&vm.info);
	return 0;
}
