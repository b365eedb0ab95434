/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "kallsyms.h"
#include "kernel-memory.h"
#include "symbols.h"

enum { MANY = 700 };

static struct machine m;
static struct tables t;

#define END (BASE + 0x20000)

/* per-cpu ones come first where they are absolute; some have the same address */
static const struct sym few[] = {
	{ 0, "Dfixed_percpu_data" }, { 0x1000, "dcpu_info" },
	{ BASE, "t_text" }, { BASE + 0x40, "T_stext" }, { BASE + 0x40, "Talias_of_stext" },
	{ BASE + 0x100, "Tsys_do_open" }, { BASE + 0x180, "tdo_open" },
	{ BASE + 0x180, "tdo_other" }, { BASE + 0x200, "Tdo_sys_" }, { BASE + 0x300, "T_etext" },
	{ BASE + 0x8000, "dmodules" }, { BASE + 0x8010, "bwith.suffix.llvm.123" },
	{ END, "B_end" },
};
enum { FEW = sizeof few / sizeof few[0] };

/* those of few that this way of keeping addresses can have */
static const struct sym *some(enum how how, size_t *n)
{
	size_t skip = how == OFFSETS || how == PLACES ? 2 : 0;

	*n = FEW - skip;
	return few + skip;
}

static struct kallsyms *opened(void)
{
	struct kallsyms *ks = kallsyms_open(&m.sp);

	if (!ks)
		fail_msg("%s", err_text());
	return ks;
}

static void refused(enum err code, const char *words)
{
	assert_null(kallsyms_open(&m.sp));
	assert_failed(code, words);
}

static void check_all(struct kallsyms *ks, const struct sym *syms, size_t n)
{
	struct symbol s;

	assert_int_equal(kallsyms_count(ks), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(kallsyms_get(ks, (uint32_t)i, &s), 1);
		assert_string_equal(s.name, syms[i].name + 1);
		assert_int_equal(s.type, syms[i].name[0]);
		assert_true(s.at == syms[i].at);
	}
	assert_int_equal(kallsyms_get(ks, (uint32_t)n, &s), 0);
	/* the other way round, so that none is where the last one ended */
	for (size_t i = n; i-- > 0;) {
		assert_int_equal(kallsyms_get(ks, (uint32_t)i, &s), 1);
		assert_string_equal(s.name, syms[i].name + 1);
	}
}

static void at(struct kallsyms *ks, uint64_t address, const char *name, uint64_t start,
	       uint64_t size)
{
	struct symbol s;

	if (kallsyms_at(ks, address, &s) != 1)
		fail_msg("nothing at %#llx: %s", (unsigned long long)address, err_text());
	assert_string_equal(s.name, name);
	assert_true(s.at == start);
	assert_true(s.size == size);
}

static void check_few(enum how how, bool gap, const char *release)
{
	static const char *const names[] = { "modules", "no_such", "do_sys_", "do_open" };
	uint64_t found[4];
	struct symbol s;
	size_t n;
	const struct sym *syms = some(how, &n);
	struct kallsyms *ks;

	put_kallsyms(&m, &t, syms, n, how, gap, release);
	ks = opened();
	check_all(ks, syms, n);
	at(ks, BASE + 0x40, "_stext", BASE + 0x40, 0xc0);
	at(ks, BASE + 0xff, "_stext", BASE + 0x40, 0xc0);
	at(ks, BASE + 0x100, "sys_do_open", BASE + 0x100, 0x80);
	at(ks, BASE + 0x1ff, "do_open", BASE + 0x180, 0x80);
	at(ks, BASE + 0x7fff, "_etext", BASE + 0x300, 0x7d00);
	at(ks, END - 1, "with.suffix.llvm.123", BASE + 0x8010, END - BASE - 0x8010);
	/* before _stext, after _end, and per-cpu addresses are not the image's */
	assert_int_equal(kallsyms_at(ks, BASE + 0x3f, &s), 0);
	assert_int_equal(kallsyms_at(ks, END, &s), 0);
	assert_int_equal(kallsyms_at(ks, 0, &s), 0);
	assert_int_equal(kallsyms_at(ks, 0x1004, &s), 0);
	assert_int_equal(kallsyms_at(ks, UINT64_MAX, &s), 0);
	assert_int_equal(kallsyms_find(ks, names, found, 4), 3);
	assert_true(found[0] == BASE + 0x8000 && found[1] == 0);
	assert_true(found[2] == BASE + 0x200 && found[3] == BASE + 0x180);
	kallsyms_close(ks);
}

/* every way of keeping addresses, names without and with their order, in both byte orders */
static void layouts(void **state)
{
	static const char *const releases[] = { "5.14.0-570.el9", "6.0.3", "6.1.192", "7.2.13" };

	(void)state;
	for (int i = 0; i < 64; i++) {
		machine_start(&m, i & 1);
		check_few((enum how)(i >> 1 & 3), i >> 3 & 1, releases[i >> 4 & 3]);
		machine_end(&m);
	}
}

static struct sym many[MANY];
static char names[MANY][300];

static void make_many(void)
{
	for (size_t i = 0; i < MANY; i++) {
		many[i] = (struct sym){ BASE + 0x40 + 0x10 * i, names[i] };
		snprintf(names[i], sizeof names[i], "tfunction_%zu_of_many", i);
	}
	snprintf(names[0], sizeof names[0], "T_stext");
	snprintf(names[MANY - 1], sizeof names[0], "B_end");
	/* the length takes two bytes */
	memset(names[300], 'x', 299);
	memset(names[301], 'y', 128);
	memset(names[302], 'z', 127);
	names[301][128] = names[302][127] = '\0';
}

static void blocks(void **state)
{
	struct kallsyms *ks;

	(void)state;
	make_many();
	for (int gap = 0; gap < 2; gap++) {
		machine_start(&m, false);
		put_kallsyms(&m, &t, many, MANY, OFFSETS, gap, "6.12.1");
		ks = opened();
		check_all(ks, many, MANY);
		kallsyms_close(ks);
		/* another release that has this format all the same */
		memcpy(strstr(m.vm.info.text, "6.12.1"), "5.14.0", 6);
		m.vm.info.version = KINFO_VERSION(5, 14, 0);
		ks = opened();
		check_all(ks, many, MANY);
		kallsyms_close(ks);
		machine_end(&m);
	}
}

/* a page that is missing costs the names in it */
static void holes(void **state)
{
	static const char *const want[] = { "function_5_of_many", "function_500_of_many" };
	struct kallsyms *ks;
	uint64_t found[2];
	struct symbol s;

	(void)state;
	make_many();
	machine_start(&m, false);
	put_kallsyms(&m, &t, many, MANY, OFFSETS, false, "6.12.1");
	m.hole[0].at = t.names;
	m.hole[0].len = 16;
	ks = opened();
	assert_int_equal(kallsyms_find(ks, want, found, 2), 1);
	if (found[0] || found[1] != many[500].at)
		fail_msg("%llx %llx", (unsigned long long)found[0], (unsigned long long)found[1]);
	at(ks, many[500].at + 1, "function_500_of_many", many[500].at, 0x10);
	assert_int_equal(kallsyms_at(ks, many[5].at, &s), -1);
	assert_failed(ERR_CORRUPT, "");
	kallsyms_close(ks);
	m.hole[1].at = t.table;
	m.hole[1].len = 1;
	refused(ERR_CORRUPT, "kallsyms_token_table");
	m.hole[1].at = t.index;
	refused(ERR_CORRUPT, "kallsyms_token_index");
	m.hole[1].at = t.count;
	refused(ERR_CORRUPT, "kallsyms_num_syms");
	m.hole[1].at = t.values;
	m.hole[1].len = 4 * MANY;
	refused(ERR_CORRUPT, "kallsyms");
	machine_end(&m);
}

/* each key that is missing */
static void unknown(void **state)
{
	static const char *const keys[] = {
		"kallsyms_names", "kallsyms_num_syms", "kallsyms_token_table",
		"kallsyms_token_index", "kallsyms_offsets",
	};

	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, few + 2, FEW - 2, OFFSETS, false, "6.1.0");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char *key = strstr(m.vm.info.text, keys[i]);

		*key = 'K';
		refused(ERR_UNKNOWN, "VMCOREINFO does not say");
		*key = 'k';
	}
	kallsyms_close(opened());
	machine_end(&m);
}

static void contradictions(void **state)
{
	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, few + 2, FEW - 2, OFFSETS, false, "6.1.0");
	put(&m, t.count, 4, 0);
	refused(ERR_CORRUPT, "kallsyms_num_syms is 0");
	put(&m, t.count, 4, UINT32_MAX);
	refused(ERR_CORRUPT, "kallsyms_num_syms");
	put(&m, t.count, 4, FEW - 3);
	refused(ERR_CORRUPT, "do not end before their tokens");
	put(&m, t.count, 4, FEW - 2);
	put(&m, t.names, 1, 0);
	refused(ERR_CORRUPT, "do not end before their tokens");
	put(&m, t.names, 1, strlen("t_text"));
	put(&m, t.values + 4, 4, 0x41);
	refused(ERR_CORRUPT, "no symbol is at _stext");
	put(&m, t.values + 4, 4, 0x40);
	put(&m, t.index + 2 * 65, 2, 3);
	refused(ERR_CORRUPT, "token");
	put(&m, t.index + 2 * 65, 2, 0xffff);
	refused(ERR_CORRUPT, "token");
	machine_end(&m);
}

/* only functions have symbols: the last one reaches to the end of the text, or of init's */
static void functions_only(void **state)
{
	static const struct sym syms[] = {
		{ BASE + 0x40, "T_stext" }, { BASE + 0x100, "Tlast" }, { BASE + 0x200, "T_etext" },
		{ BASE + 0x1000, "T_sinittext" }, { BASE + 0x1080, "tsetup" },
		{ BASE + 0x1100, "T_einittext" },
	};
	struct kallsyms *ks;
	struct symbol s;

	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, syms, 6, OFFSETS, false, "6.1.0");
	ks = opened();
	at(ks, BASE + 0x1ff, "last", BASE + 0x100, 0x100);
	at(ks, BASE + 0x10ff, "setup", BASE + 0x1080, 0x80);
	assert_int_equal(kallsyms_at(ks, BASE + 0x200, &s), 0);
	assert_int_equal(kallsyms_at(ks, BASE + 0xfff, &s), 0);
	assert_int_equal(kallsyms_at(ks, BASE + 0x1100, &s), 0);
	kallsyms_close(ks);
	machine_end(&m);
}

/* what comes from the dump may be printed */
static void printable(void **state)
{
	static const struct sym syms[] = { { BASE, "T_stext" }, { BASE + 16, "Tab" }, { BASE + 32, "B_end" } };
	struct kallsyms *ks;
	struct symbol s;

	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, syms, 3, OFFSETS, false, "6.1.0");
	for (uint64_t i = t.table; i < t.index; i++)
		if (m.memory[i] == 'b')
			m.memory[i] = '\033';
	ks = opened();
	assert_int_equal(kallsyms_get(ks, 1, &s), 1);
	assert_string_equal(s.name, "a?");
	kallsyms_close(ks);
	machine_end(&m);
}

static void prints(void **state)
{
	struct symbols s;
	char text[100];

	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, few + 2, FEW - 2, OFFSETS, false, "6.1.0");
	assert_int_equal(symbols_open(&s, &m.sp), 0);
	assert_non_null(strstr(s.trouble, "no types, and no modules: "));
	assert_string_equal(symbols_print(&s, BASE + 0x180, 0, text, sizeof text), "do_open+0x0/0x80");
	assert_string_equal(symbols_print(&s, BASE + 0x180, 1, text, sizeof text),
			    "sys_do_open+0x80/0x80");
	assert_string_equal(symbols_print(&s, BASE + 0x8012, 0, text, sizeof text),
			    "with.suffix+0x2/0x17ff0");
	assert_string_equal(symbols_print(&s, 0x1234, 1, text, sizeof text), "0x1234");
	assert_string_equal(symbols_print(&s, BASE + 0x180, 0, text, 5), "do_o");
	symbols_close(&s);
	machine_end(&m);
}

/* kernels whose VMCOREINFO does not say where they are */
static void searched(void **state)
{
	struct kallsyms *ks;

	(void)state;
	make_many();
	names[300][120] = names[301][120] = names[302][120] = '\0';
	for (int i = 0; i < 12; i++) {
		enum how how = (enum how)(i >> 2);
		size_t n;
		const struct sym *syms = some(how, &n);

		machine_start(&m, i & 1);
		m.used = 0x3000 + 8 * (uint64_t)i;
		put_old_kallsyms(&m, &t, syms, n, how, i & 2 ? 8 : 4, i & 2 ? "4.18.0" : "5.10.1");
		ks = opened();
		check_all(ks, syms, n);
		at(ks, BASE + 0x1ff, "do_open", BASE + 0x180, 0x80);
		kallsyms_close(ks);
		machine_end(&m);

		/* an odd number of blocks, and an even one */
		for (n = MANY; n > MANY / 2; n -= 256) {
			machine_start(&m, i & 1);
			put_old_kallsyms(&m, &t, many, n, how, i & 2 ? 8 : 4, "5.10.1");
			ks = opened();
			check_all(ks, many, n);
			kallsyms_close(ks);
			/* what is not there is not found, nor what says something else */
			put(&m, t.values, 8, 0x77777777);
			if (how != PERCPU)
				refused(ERR_UNKNOWN, "it is not found");
			put(&m, t.count, 4, n + 1);
			refused(ERR_UNKNOWN, "it is not found");
			machine_end(&m);
		}
	}
	/* nothing is known of the image */
	machine_start(&m, false);
	put_old_kallsyms(&m, &t, many, MANY, OFFSETS, 4, "5.10.1");
	*strstr(m.vm.info.text, "_stext") = 'x';
	refused(ERR_UNKNOWN, "VMCOREINFO does not say where kallsyms is");
	machine_end(&m);
}

/* hostile memory: each of these takes its time */
static void many_look_alike(void **state)
{
	struct kallsyms *ks;

	(void)state;
	for (unsigned n = 127; n < 129; n++) {
		machine_start(&m, false);
		for (uint64_t i = 0; i < n * 256; i++)
			put(&m, 0x1000 + 2 * i, 2, i % 256 * 2);
		m.used = 0x1000 + n * 512;
		put_old_kallsyms(&m, &t, few + 2, FEW - 2, OFFSETS, 4, "5.10.1");
		if (n < 128) {
			ks = opened();
			kallsyms_close(ks);
		} else {
			refused(ERR_UNKNOWN, "it is not found");
		}
		machine_end(&m);
	}
}

static void ask(struct kallsyms *ks)
{
	static const char *const want[] = { "modules", "do_open" };
	uint64_t found[2];
	struct symbol s;

	for (size_t i = 0; i < FEW; i++) {
		memset(s.name, 'x', sizeof s.name);
		if (kallsyms_at(ks, few[i].at + 1, &s) == 1)
			assert_non_null(memchr(s.name, '\0', sizeof s.name));
	}
	assert_in_range(kallsyms_find(ks, want, found, 2), 0, 2);
}

/* bits from there on, so many of a byte, and every place where memory may end */
static void damaged(uint64_t from, int bits)
{
	size_t opens = 0;

	for (uint64_t i = from; i < m.used; i++) {
		struct kallsyms *ks;

		for (int bit = (int)i % 8 % (9 - bits), k = 0; k < bits; k++, bit++) {
			m.memory[i] ^= (uint8_t)(1 << bit);
			ks = kallsyms_open(&m.sp);
			if (ks) {
				ask(ks);
				opens++;
			}
			kallsyms_close(ks);
			m.memory[i] ^= (uint8_t)(1 << bit);
		}
		if (i % 8)
			continue;
		m.hole[0].at = i;
		m.hole[0].len = MEMORY;
		ks = kallsyms_open(&m.sp);
		if (ks)
			ask(ks);
		kallsyms_close(ks);
		m.hole[0].len = 0;
	}
	assert_true(opens > 0);
}

static void damage(void **state)
{
	(void)state;
	machine_start(&m, false);
	put_kallsyms(&m, &t, few, FEW, PERCPU, true, "6.1.0");
	damaged(t.count, 8);
	machine_end(&m);
	machine_start(&m, false);
	put_old_kallsyms(&m, &t, few, FEW, PERCPU, 4, "5.10.1");
	damaged(t.values, 1);
	machine_end(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts), cmocka_unit_test(blocks), cmocka_unit_test(holes),
		cmocka_unit_test(unknown), cmocka_unit_test(contradictions),
		cmocka_unit_test(functions_only), cmocka_unit_test(printable),
		cmocka_unit_test(prints), cmocka_unit_test(searched),
		cmocka_unit_test(many_look_alike), cmocka_unit_test(damage),
	};

	return RUN(tests);
}
