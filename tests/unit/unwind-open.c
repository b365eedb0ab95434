/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/unwind.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c */
/* Unwind tables found by a kernel's own symbols, or without such symbols in its memory. */
#include "../../dumpmsg/regs.h"
#include "../../dumpmsg/unwind-parts.h"
#include "kallsyms.h"
#include "kernel-memory.h"
#include "symbols.h"

enum {
	COUNT = 16500, IPS = 0x8010, ENTRIES = IPS + 4 * COUNT, ETEXT = 0x4000,
	INIT = 0x31000, STACK = 0x38000, OLD_SP = 5, NEW_SP = 3, CALL = 2,
};

static struct machine m;
static struct tables t;
static struct symbols s;
static struct trace trace;

#define SECTIONS \
	{ BASE + 0x40, "T_stext" }, { BASE + 0x100, "Tpanic" }, { BASE + 0x200, "Tvfs_write" }, \
	{ BASE + ETEXT, "T_etext" }
#define TABLES \
	{ BASE + IPS, "R__start_orc_unwind_ip" }, { BASE + ENTRIES, "R__stop_orc_unwind_ip" }, \
	{ BASE + ENTRIES, "R__start_orc_unwind" }
#define INITTEXT \
	{ BASE + INIT, "T_sinittext" }, { BASE + INIT + 0x1000, "T_einittext" }, \
	{ BASE + MEMORY, "B_end" }

static const struct sym named[] = {
	SECTIONS, TABLES, { BASE + ENTRIES + 6 * COUNT, "R__stop_orc_unwind" }, INITTEXT,
};
static const struct sym uneven[] = {
	SECTIONS, TABLES, { BASE + ENTRIES + 6 * COUNT - 2, "R__stop_orc_unwind" }, INITTEXT,
};
static const struct sym functions[] = { SECTIONS, INITTEXT };
static const struct sym no_init[] = { SECTIONS, { BASE + MEMORY, "B_end" } };
#define LEN(array) (sizeof(array) / sizeof *(array))

/* places all through the code, a few behind .init.text; of entries each is a call's */
static void put_tables(uint8_t sp, uint8_t sp_offset, uint8_t type)
{
	for (uint64_t i = 0; i < COUNT; i++) {
		uint64_t ip = BASE + 0x40 + i * (ETEXT - 0x40) / COUNT;

		if (i + 10 > COUNT)
			ip = BASE + INIT + i;
		put(&m, IPS + 4 * i, 4, ip - (BASE + IPS + 4 * i));
		put(&m, ENTRIES + 6 * i, 2, sp_offset);
		put(&m, ENTRIES + 6 * i + 2, 2, 0);
		put(&m, ENTRIES + 6 * i + 4, 1, sp);
		put(&m, ENTRIES + 6 * i + 5, 1, type);
	}
}

static struct unwinder *opened(const struct sym *syms, size_t n, const char *release,
			       uint8_t sp, uint8_t sp_offset, uint8_t type)
{
	struct unwinder *u;

	machine_start(&m, false);
	m.vm.machine = EM_X86_64;
	put_kallsyms(&m, &t, syms, n, OFFSETS, false, release);
	assert_true(m.used < ETEXT);
	put_tables(sp, sp_offset, type);
	s = (struct symbols){ .sp = &m.sp, .ks = kallsyms_open(&m.sp) };
	if (!s.ks)
		fail_msg("%s", err_text());
	u = unwind_open(&m.sp, &s);
	assert_non_null(u);
	return u;
}

static void closed(struct unwinder *u)
{
	unwind_close(u);
	kallsyms_close(s.ks);
	machine_end(&m);
}

static void check_found(struct unwinder *u, bool renumbered, enum orc_format format)
{
	struct regs r = { .machine = EM_X86_64, .pc = BASE + 0x105, .sp = BASE + STACK, .n = 27 };

	if (u->image.n != COUNT)
		fail_msg("%llu places: %s", (unsigned long long)u->image.n, u->trouble);
	assert_true(u->image.ip == BASE + IPS && u->image.entries == BASE + ENTRIES);
	assert_int_equal(u->renumbered, renumbered);
	assert_int_equal(u->format, format);
	put(&m, STACK, 8, BASE + 0x204);
	put(&m, STACK + 8, 8, BASE + 0x444);
	put(&m, STACK + 16, 8, 0);
	assert_int_equal(unwind(u, &r, &trace), 0);
	assert_int_equal(trace.n, 3);
	assert_true(trace.frame[2].pc == BASE + 0x444);
	assert_int_equal(trace.end, TRACE_BROKEN);
}

static void check_none(struct unwinder *u, const char *words)
{
	struct regs r = { .machine = EM_X86_64, .pc = BASE + 0x105, .sp = BASE + STACK, .n = 27 };

	assert_int_equal(u->image.n, 0);
	assert_int_equal(u->format, ORC_NONE);
	if (!strstr(u->trouble, words))
		fail_msg("\"%s\" does not say \"%s\"", u->trouble, words);
	/* what is left are frame pointers, of which there is none here */
	assert_int_equal(unwind(u, &r, &trace), 0);
	assert_int_equal(trace.n, 1);
	closed(u);
}

static void by_name(void **state)
{
	struct unwinder *u = opened(named, LEN(named), "6.12.0", OLD_SP, 8, CALL);

	(void)state;
	check_found(u, false, ORC_SINCE_6_4);
	closed(u);
	u = opened(named, LEN(named), "7.2.0", NEW_SP, 8, CALL);
	check_found(u, true, ORC_SINCE_6_4);
	closed(u);
	u = opened(named, LEN(named), "6.3.5", OLD_SP, 8, 0);
	check_found(u, false, ORC_OF_6_3);
	closed(u);
	u = opened(named, LEN(named), "6.2.16", OLD_SP, 8, 0);
	check_found(u, false, ORC_TO_6_2);
	closed(u);
}

static void without_names(void **state)
{
	struct unwinder *u = opened(functions, LEN(functions), "6.12.0", OLD_SP, 8, CALL);

	(void)state;
	check_found(u, false, ORC_SINCE_6_4);
	closed(u);
	u = opened(functions, LEN(functions), "7.2.0", NEW_SP, 8, CALL);
	check_found(u, true, ORC_SINCE_6_4);
	closed(u);
}

static void not_found(void **state)
{
	(void)state;
	check_none(opened(uneven, LEN(uneven), "6.12.0", OLD_SP, 8, CALL), "unwind tables of");
	check_none(opened(named, LEN(named), "6.12.0", 12, 8, CALL), "not as this version");
	/* the functions do not begin as they must */
	check_none(opened(functions, LEN(functions), "6.12.0", OLD_SP, 16, CALL),
		   "has no unwind tables");
	check_none(opened(no_init, LEN(no_init), "6.12.0", OLD_SP, 8, CALL), "nor where");
}

/* the places are not in order somewhere: fewer of them, and the entries are not behind them */
static void disordered(void **state)
{
	struct unwinder *u = opened(functions, LEN(functions), "6.12.0", OLD_SP, 8, CALL);

	(void)state;
	put(&m, IPS + 4 * 9000, 4, 0);
	memset(u->memo, 0, sizeof u->memo);
	assert_int_equal(orc_search(u), -1);
	assert_failed(ERR_UNKNOWN, "no unwind tables");
	m.hole[0].at = IPS + 4 * 12000;
	m.hole[0].len = 4096;
	assert_int_equal(orc_search(u), -1);
	closed(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name), cmocka_unit_test(without_names),
		cmocka_unit_test(not_found), cmocka_unit_test(disordered),
	};

	return RUN(tests);
}
