/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules in a machine's memory, and BTF that says how their structures are. */
#ifndef MODULE_IMAGE_H
#define MODULE_IMAGE_H

#include "btf-image.h"

/* two layouts of struct module: before 6.4 and since */
enum { OLD, NEW };
enum {
	HEAD = 0x900,
	STATE = 0, LIST = 8, NAME = 24, NAME_LEN = 56, PARTS = 80, KALLSYMS = 304, TAINTS = 312,
	NUM_ORCS = 320, ORC_IP = 328, ORC = 336, MODULE = 512, TABLE = 400,
	FIRST = 0x20000, EACH = 0x4000,		/* where modules are */
	TEXT = 0x1000, TEXT_LEN = 0x300, DATA = 0x2000, DATA_LEN = 0x200,
	SYMTAB = 0x3000, STRTAB = 0x3400, TYPETAB = 0x3700,
};

static struct machine m;
static struct types t;
static uint64_t head = HEAD;

/* struct module, as this kernel has it; parts[] of 24 bytes each */
static inline void module_types(int since)
{
	uint32_t u32 = integer(&t, "unsigned int", 4), u64 = integer(&t, "unsigned long", 8);
	uint32_t pointer = type(&t, 2, "", 0, 0), name, list, part, arch, table;

	list = type(&t, 4, "list_head", 2, 16);
	member(&t, "next", pointer, 0);
	member(&t, "prev", pointer, 64);
	name = array_of(&t, integer(&t, "char", 1), NAME_LEN);
	part = type(&t, 4, since ? "module_memory" : "module_layout", since ? 2 : 3, 24);
	member(&t, "base", pointer, 0);
	member(&t, "size", u32, 64);
	if (!since)
		member(&t, "text_size", u32, 96);
	arch = type(&t, 4, "mod_arch_specific", 3, 24);
	member(&t, "num_orcs", u32, 0);
	member(&t, "orc_unwind_ip", pointer, 64);
	member(&t, "orc_unwind", pointer, 128);
	table = type(&t, 4, "mod_kallsyms", 4, 32);
	member(&t, "symtab", pointer, 0);
	member(&t, "num_symtab", u32, 64);
	member(&t, "strtab", pointer, 128);
	member(&t, "typetab", pointer, 192);
	if (since)
		part = array_of(&t, part, 7);
	table = type(&t, 2, "", 0, table);
	type(&t, 4, "module", since ? 7 : 8, MODULE);
	member(&t, "state", u32, 8 * STATE);
	member(&t, "list", list, 8 * LIST);
	member(&t, "name", name, 8 * NAME);
	member(&t, since ? "mem" : "core_layout", part, 8 * PARTS);
	if (!since)
		member(&t, "init_layout", part, 8 * (PARTS + 24));
	member(&t, "kallsyms", table, 8 * KALLSYMS);
	member(&t, "taints", u64, 8 * TAINTS);
	member(&t, "arch", arch, 8 * NUM_ORCS);
}

static inline uint64_t module_at(int i)
{
	return FIRST + (uint64_t)i * EACH;
}

static inline void put_text(uint64_t at, const char *text)
{
	memcpy(m.memory + at, text, strlen(text) + 1);
}

static inline void put_part(int since, uint64_t module, int i, uint64_t at, uint32_t len,
			    uint32_t named)
{
	put(&m, module + PARTS + 24 * (uint64_t)i, 8, BASE + at);
	put(&m, module + PARTS + 24 * (uint64_t)i + 8, 4, len);
	if (!since)
		put(&m, module + PARTS + 24 * (uint64_t)i + 12, 4, named);
}

static uint32_t nsyms, nstrings;

static inline void put_symbol(uint64_t module, const char *name, char type_, uint16_t section,
		       uint64_t value)
{
	uint64_t at = module + SYMTAB + 24 * (uint64_t)nsyms;

	put(&m, at, 4, nstrings);
	put(&m, at + 4, 2, 0);
	put(&m, at + 6, 2, section);
	put(&m, at + 8, 8, value);
	put(&m, at + 16, 8, 0x10);
	put(&m, module + TYPETAB + nsyms, 1, (uint8_t)type_);
	put_text(module + STRTAB + nstrings, name);
	nstrings += (uint32_t)strlen(name) + 1;
	nsyms++;
}

static inline void put_module(int since, int i, const char *name)
{
	uint64_t at = module_at(i), text = BASE + at + TEXT, data = BASE + at + DATA;

	memset(m.memory + at, 0, EACH);
	put_text(at + NAME, name);
	if (since) {
		put_part(since, at, 0, at + TEXT, TEXT_LEN, 0);
		put_part(since, at, 1, at + DATA, DATA_LEN, 0);
		put_part(since, at, 2, at, MODULE, 0);	/* struct module itself */
	} else {
		put_part(since, at, 1, at, MODULE, 0);
		put_part(since, at, 0, at + TEXT, DATA + DATA_LEN - TEXT, TEXT_LEN);
	}
	put(&m, at + KALLSYMS, 8, BASE + at + TABLE);
	put(&m, at + NUM_ORCS, 4, 0x33);
	put(&m, at + ORC_IP, 8, text + 0x11);
	put(&m, at + ORC, 8, text + 0x22);
	nsyms = nstrings = 0;
	put_symbol(at, "", '?', 0, 0);
	put_symbol(at, "last_function", 't', 1, text + 0x200);
	put_symbol(at, "$x", 't', 1, text + 0x90);
	put_symbol(at, ".L1", 't', 1, text + 0x91);
	put_symbol(at, "", 't', 1, text + 0x92);
	put_symbol(at, "imported", 'U', 0, text + 0x93);
	put_symbol(at, "first_function", 't', 1, text);
	put_symbol(at, "second_function", 'T', 1, text + 0x80);
	put_symbol(at, "its_alias", 't', 1, text + 0x80);
	put_symbol(at, "L0x", 't', 1, text + 0x100);
	put_symbol(at, "data", 'd', 2, data + 0x10);
	put(&m, at + TABLE, 8, BASE + at + SYMTAB);
	put(&m, at + TABLE + 8, 4, nsyms);
	put(&m, at + TABLE + 16, 8, BASE + at + STRTAB);
	put(&m, at + TABLE + 24, 8, BASE + at + TYPETAB);
}

static inline void link_list(int n)
{
	for (int i = -1; i < n; i++) {
		uint64_t at = i < 0 ? head : module_at(i) + LIST;
		int next = i + 1 == n ? -1 : i + 1, prev = i < 0 ? n - 1 : i - 1;

		put(&m, at, 8, BASE + (next < 0 ? head : module_at(next) + LIST));
		put(&m, at + 8, 8, BASE + (prev < 0 ? head : module_at(prev) + LIST));
	}
}

static const char *const names[] = { "newest", "nfs_acl", "crc32c", "oldest" };
enum { N = 4 };

static inline void made(int since, bool big_endian)
{
	machine_start(&m, big_endian);
	types_start(&t, &m);
	module_types(since);
	put_types(&t, NULL, 0);
	put_symbols_of(&m, &t, HEAD);
	assert_true(m.used < FIRST);
	for (int i = 0; i < N; i++)
		put_module(since, i, names[i]);
	link_list(N);
}

static inline void put_piece(FILE *f, uint64_t at, uint64_t end)
{
	while (end > at && !m.memory[end - 1])
		end--;
	fwrite(&(uint32_t){ (uint32_t)at }, 4, 1, f);
	fwrite(&(uint16_t){ (uint16_t)(end - at) }, 2, 1, f);
	fwrite(m.memory + at, 1, end - at, f);
}

/* for tests/fuzz/symbols: VMCOREINFO and memory, with symbols found in each way */
static inline int write_seeds(const char *dir)
{
	for (int i = 0; i < 8; i++) {
		struct tables where;
		char path[4096];
		FILE *f;

		machine_start(&m, i & 1);
		memset(m.memory, 0, MEMORY);
		types_start(&t, &m);
		module_types(i >> 1 & 1);
		put_types(&t, NULL, 0);
		align(&m, 4096);
		if (i & 4) {
			struct sym syms[] = {
				{ BASE, "T_stext" }, { BASE + 0x800, "T_etext" },
				{ BASE + HEAD, "dmodules" }, { BASE + t.start, "R__start_BTF" },
				{ BASE + t.stop, "R__stop_BTF" }, { BASE + 0x20000, "B_end" },
			};

			put_old_kallsyms(&m, &where, syms, 6, OFFSETS, 4, "5.10.1");
		} else {
			put_functions_of(&m, &t);
		}
		for (int k = 0; k < 2; k++)
			put_module(i >> 1 & 1, k, names[k]);
		link_list(2);
		snprintf(path, sizeof path, "%s/kernel-%d", dir, i);
		f = fopen(path, "w");
		if (!f)
			return 1;
		fputc(i & 1, f);
		fwrite(m.vm.info.text, 1, m.vm.info.len + 1, f);
		put_piece(f, HEAD, HEAD + 16);
		put_piece(f, 0x1000, m.used);
		put_piece(f, module_at(0), module_at(1));
		put_piece(f, module_at(1), module_at(2));
		if (fclose(f))
			return 1;
		machine_end(&m);
	}
	return 0;
}

#endif
