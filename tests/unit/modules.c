/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "module-image.h"
#include "modules.h"
#include "symbols.h"

static void opened(struct symbols *s)
{
	if (symbols_open(s, &m.sp))
		fail_msg("%s", err_text());
	if (!s->btf)
		fail_msg("%s", s->trouble);
}

static void prints(struct symbols *s, uint64_t address, int back, const char *expected)
{
	char text[200];

	assert_string_equal(symbols_print(s, address, back, text, sizeof text), expected);
}

static void fields(void **state)
{
	struct symbols s;

	(void)state;
	for (int i = 0; i < 4; i++) {
		int since = i & 1;

		made(since, i >> 1);
		put(&m, module_at(1) + STATE, 4, 1);
		put(&m, module_at(2) + STATE, 4, 2);
		put(&m, module_at(1) + TAINTS, 8, 1 << 0 | 1 << 12 | 1 << 13 | 1 << 9);
		opened(&s);
		assert_string_equal(s.trouble, "");
		assert_int_equal(s.modules.n, N);
		for (int k = 0; k < N; k++) {
			const struct module *mod = &s.modules.module[k];

			assert_string_equal(mod->name, names[k]);
			assert_true(mod->at == BASE + module_at(k));
			assert_true(mod->part[0].base == BASE + module_at(k) + TEXT);
			assert_int_equal(mod->part[0].size,
					 since ? TEXT_LEN : DATA + DATA_LEN - TEXT);
			assert_int_equal(mod->part[0].named, TEXT_LEN);
			assert_int_equal(mod->part[1].size, since ? DATA_LEN : MODULE);
			assert_int_equal(mod->num_orcs, 0x33);
			assert_true(mod->orc_ip == mod->part[0].base + 0x11);
			assert_true(mod->orc == mod->part[0].base + 0x22);
			assert_int_equal(mod->state, k == 1 ? '+' : k == 2 ? '-' : ' ');
			assert_string_equal(mod->taints, k == 1 ? "POE" : "");
			assert_ptr_equal(modules_of(&s.modules, mod->part[0].base + 5), mod);
		}
		assert_null(modules_of(&s.modules, BASE + FIRST - 1));
		assert_null(modules_of(&s.modules, 0));
		symbols_close(&s);
		machine_end(&m);
	}
}

static void lookups(void **state)
{
	struct symbols s;
	struct symbol sym;

	(void)state;
	for (int since = 0; since < 2; since++) {
		uint64_t text = BASE + module_at(1) + TEXT, data = BASE + module_at(1) + DATA;

		made(since, false);
		opened(&s);
		prints(&s, text, 0, "first_function+0x0/0x80 [nfs_acl]");
		prints(&s, text + 0x80, 0, since ? "second_function+0x0/0x180 [nfs_acl]" :
		       "second_function+0x0/0x80 [nfs_acl]");
		prints(&s, text + 0x80, 1, "first_function+0x80/0x80 [nfs_acl]");
		prints(&s, text + 0x99, 1, since ? "second_function+0x19/0x180 [nfs_acl]" :
		       "second_function+0x19/0x80 [nfs_acl]");
		prints(&s, text + 0x2ff, 0, "last_function+0xff/0x100 [nfs_acl]");
		if (since)
			prints(&s, data + 0x11, 0, "data+0x1/0x1f0 [nfs_acl]");
		/* before the first one of this part there is none */
		if (since)
			prints(&s, data + 1, 0, "0xffffffff81026001");
		assert_int_equal(modules_get(&s.modules, &s.modules.module[1], 7, &sym), 1);
		assert_string_equal(sym.name, "second_function");
		assert_int_equal(sym.type, 'T');
		assert_true(sym.at == text + 0x80);
		assert_int_equal(modules_get(&s.modules, &s.modules.module[1], nsyms, &sym), 0);
		symbols_close(&s);
		machine_end(&m);
	}
}

/* one that is still being made is no module yet */
static void unformed(void **state)
{
	struct symbols s;

	(void)state;
	made(NEW, false);
	put(&m, module_at(0) + STATE, 4, 3);
	opened(&s);
	assert_int_equal(s.modules.n, N - 1);
	assert_string_equal(s.modules.module[0].name, names[1]);
	assert_int_equal(s.modules.damaged, 0);
	symbols_close(&s);
	machine_end(&m);
}

/* what is lost of a broken list is what cannot be reached from either end */
static void broken(int where, uint64_t value, bool everything)
{
	struct symbols s;

	made(NEW, false);
	put(&m, module_at(where) + LIST, 8, value);
	opened(&s);
	assert_int_equal(s.modules.damaged, 1);
	assert_non_null(strstr(s.trouble, "the list of modules is damaged"));
	assert_int_equal(s.modules.n, everything ? N : N - 1);
	for (size_t i = 0; i < s.modules.n; i++)
		assert_string_equal(s.modules.module[i].name, names[i]);
	symbols_close(&s);
	machine_end(&m);
}

static void lists(void **state)
{
	struct symbols s;

	(void)state;
	broken(1, 0, true);
	broken(1, UINT64_MAX, true);
	broken(1, BASE + MEMORY - 4, true);
	broken(1, BASE + module_at(0) + LIST, true);	/* round and round */
	broken(2, BASE + module_at(2) + LIST, true);
	broken(0, BASE + HEAD + 8, true);
	/* one of them is gone */
	made(NEW, false);
	m.hole[0].at = module_at(2);
	m.hole[0].len = MODULE;
	opened(&s);
	assert_int_equal(s.modules.damaged, 1);
	assert_int_equal(s.modules.n, N - 1);
	assert_string_equal(s.modules.module[2].name, "oldest");
	symbols_close(&s);
	/* the head */
	m.hole[0].at = HEAD;
	opened(&s);
	assert_int_equal(s.modules.n, 0);
	assert_int_equal(s.modules.damaged, 1);
	symbols_close(&s);
	machine_end(&m);
	/* none are loaded */
	made(NEW, false);
	link_list(0);
	opened(&s);
	assert_int_equal(s.modules.n, 0);
	assert_string_equal(s.trouble, "");
	symbols_close(&s);
	machine_end(&m);
}

/* a module's own numbers */
static void hostile(void **state)
{
	uint64_t at = module_at(1);
	struct symbols s;

	(void)state;
	made(NEW, false);
	put(&m, at + TABLE + 8, 4, UINT32_MAX);			/* symbols */
	put(&m, module_at(2) + KALLSYMS, 8, 1);
	put(&m, module_at(3) + PARTS + 8, 4, UINT32_MAX);	/* bytes of text */
	memset(m.memory + module_at(0) + NAME, '\033', NAME_LEN);
	opened(&s);
	assert_int_equal(s.modules.n, N);
	assert_int_equal(strlen(s.modules.module[0].name), NAME_LEN);
	assert_int_equal(s.modules.module[0].name[3], '?');
	prints(&s, BASE + at + TEXT + 1, 0, "0xffffffff81025001");
	prints(&s, BASE + module_at(2) + TEXT + 1, 0, "0xffffffff81029001");
	prints(&s, BASE + module_at(3) + TEXT + 1, 0, "0xffffffff8102d001");
	symbols_close(&s);
	/* names without end, symbols in nothing */
	put(&m, at + TABLE + 8, 4, nsyms);
	put(&m, at + TABLE + 16, 8, BASE + MEMORY - 2);
	put(&m, module_at(2) + KALLSYMS, 8, BASE + module_at(2) + TABLE);
	put(&m, module_at(2) + TABLE, 8, UINT64_MAX - 20);
	opened(&s);
	prints(&s, BASE + at + TEXT + 1, 0, "0xffffffff81025001");
	prints(&s, BASE + module_at(2) + TEXT + 1, 0, "0xffffffff81029001");
	symbols_close(&s);
	machine_end(&m);
}

/* BTF that has no such structures, or with members outside of them */
static void layouts(void **state)
{
	static const struct { const char *name, *words; } renamed[] = {
		{ "module", "no struct module" }, { "list", "struct module has no list" },
		{ "mem", "struct module has no core_layout.base" },
		{ "mod_kallsyms", "no struct mod_kallsyms" }, { "symtab", "has no symtab" },
	};
	struct symbols s;

	(void)state;
	for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++) {
		made(NEW, false);
		m.memory[t.types + t.len + string(&t, renamed[i].name)] = 'X';
		opened(&s);
		assert_non_null(strstr(s.trouble, renamed[i].words));
		assert_int_equal(s.modules.n, 0);
		symbols_close(&s);
		machine_end(&m);
	}
}

/* symbols of functions only: the list is found by what it is */
static void searched(void **state)
{
	static const uint64_t heads[] = { 0x908, 0xff8, 0x1d000, 0x1dff8, 0x1e600 };
	struct symbols s;

	(void)state;
	for (int i = 0; i < 10; i++) {
		machine_start(&m, false);
		types_start(&t, &m);
		module_types(i & 1);
		m.used = 0x2000;
		put_types(&t, NULL, 0);
		align(&m, 4096);
		put_functions_of(&m, &t);
		for (int k = 0; k < N; k++)
			put_module(i & 1, k, names[k]);
		head = heads[i / 2];
		link_list(N);
		/* lists of something else */
		memset(m.memory + 0x1e100, 0, 0x400);
		put(&m, 0x1e100, 8, BASE + 0x1e140);
		put(&m, 0x1e108, 8, BASE + 0x1e140);
		put(&m, 0x1e140, 8, BASE + 0x1e100);
		put(&m, 0x1e148, 8, BASE + 0x1e100);
		/* with a name, and memory that is not a module's */
		put_text(0x1e140 - LIST + NAME, "almost");
		put_part(i & 1, 0x1e140 - LIST, 0, 0x1e001, 0x1000, 0);
		opened(&s);
		assert_string_equal(s.trouble, "");
		assert_int_equal(s.modules.n, N);
		for (int k = 0; k < N; k++)
			assert_string_equal(s.modules.module[k].name, names[k]);
		symbols_close(&s);
		/* none is loaded */
		link_list(0);
		for (int k = 0; k < N; k++)
			memset(m.memory + module_at(k), 0, EACH);
		opened(&s);
		assert_non_null(strstr(s.trouble, "no list of modules is in the kernel's data"));
		symbols_close(&s);
		machine_end(&m);
	}
	head = HEAD;
}

int main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields), cmocka_unit_test(lookups), cmocka_unit_test(unformed),
		cmocka_unit_test(lists), cmocka_unit_test(hostile), cmocka_unit_test(layouts),
		cmocka_unit_test(searched),
	};

	if (argc == 2)
		return write_seeds(argv[1]);
	return RUN(tests);
}
