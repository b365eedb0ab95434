/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/unwind.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c */
/* ORC tables of all kernels, searched and decoded; and the call that no table describes. */
#include "kinfo.h"
#include "stack.h"

#define F(n) (TEXT + 0x100 * (n))

static void place(uint64_t i, uint64_t ip, uint8_t regs, uint8_t type)
{
	int32_t offset = (int32_t)(ip - (IPS + 4 * i));
	const uint8_t entry[6] = { (uint8_t)i, (uint8_t)(i >> 8), 0xff, 0xff, regs, type };

	put(IPS + 4 * i, &offset, sizeof offset);
	put(ENTRIES + 6 * i, entry, sizeof entry);
	if (i >= u.image.n)
		u.image.n = i + 1;
}

static struct orc_rule decode(enum orc_format format, bool renumbered, uint8_t regs, uint8_t type)
{
	const uint8_t entry[6] = { 0x10, 0, 0xf8, 0xff, regs, type };
	struct orc_rule r;

	u.format = format;
	u.renumbered = renumbered;
	orc_decode(&u, entry, &r);
	assert_int_equal(r.sp_offset, 16);
	assert_int_equal(r.bp_offset, -8);
	return r;
}

static void types(void **state)
{
	static const enum orc_type older[] = { ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_BAD };
	static const enum orc_type newer[] = {
		ORC_UNDEFINED, ORC_END, ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_BAD, ORC_BAD,
		ORC_BAD,
	};

	(void)state;
	begin(EM_X86_64);
	for (uint8_t i = 0; i < 4; i++) {
		struct orc_rule r = decode(ORC_TO_6_2, false, 5, i);

		assert_int_equal(r.type, older[i]);
		assert_int_equal(r.signal, i != 0);
		assert_int_equal(decode(ORC_OF_6_3, false, 5, i).type, older[i]);
		assert_false(decode(ORC_OF_6_3, false, 5, i).signal);
		assert_true(decode(ORC_OF_6_3, false, 5, i | 4).signal);
	}
	for (uint8_t i = 0; i < 8; i++) {
		assert_int_equal(decode(ORC_SINCE_6_4, false, 5, i).type, newer[i]);
		assert_false(decode(ORC_SINCE_6_4, false, 5, i).signal);
		assert_true(decode(ORC_SINCE_6_4, false, 5, i | 8).signal);
	}
	/* before 6.4 no stack pointer meant no way on, or with a bit the end */
	assert_int_equal(decode(ORC_TO_6_2, false, 0, 0).type, ORC_UNDEFINED);
	assert_int_equal(decode(ORC_TO_6_2, false, 0, 4).type, ORC_END);
	assert_int_equal(decode(ORC_OF_6_3, false, 0, 4).type, ORC_UNDEFINED);
	assert_int_equal(decode(ORC_OF_6_3, false, 0, 8).type, ORC_END);
}

static void registers(void **state)
{
	static const struct { uint8_t before, since; enum orc_base base; } numbers[] = {
		{ 0, 0, BASE_UNDEFINED }, { 1, 8, BASE_PREV_SP }, { 2, 2, BASE_DX },
		{ 3, 5, BASE_DI }, { 4, 4, BASE_BP }, { 5, 3, BASE_SP }, { 6, 6, BASE_R10 },
		{ 7, 7, BASE_R13 }, { 8, 10, BASE_BP_INDIRECT }, { 9, 9, BASE_SP_INDIRECT },
		{ 10, 1, BASE_AX }, { 11, 11, BASE_BAD }, { 15, 15, BASE_BAD },
	};

	(void)state;
	begin(EM_X86_64);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		assert_int_equal(decode(ORC_SINCE_6_4, false, numbers[i].before, 2).sp,
				 numbers[i].base);
		assert_int_equal(decode(ORC_SINCE_6_4, true, numbers[i].since, 2).sp,
				 numbers[i].base);
		assert_int_equal(decode(ORC_TO_6_2, false, (uint8_t)(numbers[i].before << 4), 0).bp,
				 numbers[i].base);
	}
}

static void numbering(void **state)
{
	(void)state;
	begin(EM_X86_64);
	u.format = ORC_SINCE_6_4;
	for (uint64_t i = 0; i < 1000; i++)
		place(i, F(0) + i, i % 8 ? 5 : i % 16 ? 4 : 3, 2);
	assert_int_equal(orc_numbering(&u), 0);
	assert_false(u.renumbered);
	for (uint64_t i = 0; i < 1000; i++)
		place(i, F(0) + i, i % 8 ? 3 : i % 16 ? 4 : 5, 2);
	assert_int_equal(orc_numbering(&u), 0);
	assert_true(u.renumbered);

	/* the types are another kernel's */
	u.format = ORC_TO_6_2;
	assert_int_equal(orc_numbering(&u), -1);
	assert_failed(ERR_UNKNOWN, "not as this version knows");
	u.format = ORC_SINCE_6_4;
	for (uint64_t i = 0; i < 1000; i++)
		place(i, F(0) + i, i % 2 ? 3 : 5, 2);
	assert_int_equal(orc_numbering(&u), -1);
	for (uint64_t i = 0; i < 1000; i++)
		place(i, F(0) + i, 12, 2);
	assert_int_equal(orc_numbering(&u), -1);
	u.image.entries = 8;
	assert_int_equal(orc_numbering(&u), -1);
	assert_failed(ERR_CORRUPT, "unwind tables");
	u.image.entries = ENTRIES;
	u.image.n = 1;
	place(0, F(0), 5, 2);
	assert_int_equal(orc_numbering(&u), 0);
	assert_false(u.renumbered);
}

static void finds(uint64_t ip, uint64_t i)
{
	struct orc_rule r;

	if (orc_find(&u, ip, &r) != 1)
		fail_msg("%#llx: not found", (unsigned long long)ip);
	assert_int_equal(r.sp_offset, i);
}

static void search(void **state)
{
	struct orc_rule r;

	(void)state;
	for (uint64_t n = 1; n < 40; n++) {
		begin(EM_X86_64);
		u.format = ORC_SINCE_6_4;
		for (uint64_t i = 0; i < n; i++)
			place(i, F(1) + 16 * i, 5, 2);
		for (uint64_t i = 0; i < n; i++) {
			finds(F(1) + 16 * i, i);
			finds(F(1) + 16 * i + 15, i);
		}
		finds(F(0), 0);
		finds(F(1) + 16 * n + 500, n - 1);
	}
	/* of equal ones the last */
	place(3, F(1) + 64, 5, 2);
	place(4, F(1) + 64, 5, 2);
	memset(u.memo, 0, sizeof u.memo);
	finds(F(1) + 64, 4);
	finds(F(1) + 79, 4);

	assert_int_equal(orc_find(&u, TEXT + 0x8000, &r), 0);
	assert_int_equal(orc_find(&u, MODULE, &r), 0);		/* has none of its own */
	assert_int_equal(orc_find(&u, 0x401000, &r), 0);
	u.text[1].start = TEXT + 0x9000;
	u.text[1].end = TEXT + 0xa000;
	finds(TEXT + 0x9fff, 38);
	assert_int_equal(orc_find(&u, TEXT + 0xa000, &r), 0);
}

/* places in the code, in order, that do not end where .init.text begins */
static void endless_run(void **state)
{
	(void)state;
	begin(EM_X86_64);
	u.text[1].start = TEXT + 0x1b000;
	u.text[1].end = TEXT + 0x1c000;
	for (uint64_t at = 0x8000; at < TASK_AT; at += 4) {
		int32_t offset = (int32_t)((at - 0x8000) / 4 - at);

		put(TEXT + at, &offset, sizeof offset);
	}
	assert_int_equal(orc_search(&u), -1);
	assert_failed(ERR_UNKNOWN, "no unwind tables");
}

static void hostile_tables(void **state)
{
	struct orc_rule r;
	uint64_t random = 7;

	(void)state;
	begin(EM_X86_64);
	u.format = ORC_SINCE_6_4;
	for (uint64_t i = 0; i < 1000; i++)
		place(i, unit_random(&random), 5, 2);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(orc_find(&u, TEXT + unit_random(&random) % 0x8000, &r), 1);

	/* longer than what is in memory; the first place that is asked for is not there */
	u.image.n = 1 << 20;
	assert_int_equal(orc_find(&u, F(1), &r), -1);
	assert_failed(ERR_CORRUPT, "unwind table");
	u.image = (struct orc_table){ .ip = UINT64_MAX - 2, .entries = UINT64_MAX - 3, .n = 2 };
	assert_int_equal(orc_find(&u, F(1), &r), -1);
	u.image.n = 1;
	assert_int_equal(orc_find(&u, F(1), &r), -1);
	u.image.n = UINT64_MAX;
	assert_int_equal(orc_find(&u, F(1), &r), 0);
	module.orc_ip = module.orc = 8;
	module.num_orcs = UINT32_MAX;
	assert_int_equal(orc_find(&u, MODULE, &r), 0);
	module.num_orcs = 7;
	assert_int_equal(orc_find(&u, MODULE, &r), -1);
}

static void calls(void **state)
{
	static const struct { uint8_t code[7]; int what; } before[] = {
		{ { 0x90, 0x90, 0xe8, 0xf9, 0xff, 0xff, 0xff }, 1 },
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0 }, 2 },	/* call *%rax */
		{ { 0x90, 0x90, 0x90, 0x90, 0x41, 0xff, 0xd3 }, 2 },	/* call *%r11 */
		{ { 0x90, 0xff, 0x15, 1, 2, 3, 4 }, 2 },		/* call *x(%rip) */
		{ { 0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 0x18 }, 2 },	/* call *24(%rax) */
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 }, 0 },
		{ { 0x90, 0x90, 0xe9, 1, 0, 0, 0 }, 0 },
		{ { 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0 }, 0 },	/* jmp *%rax */
	};

	(void)state;
	begin(EM_X86_64);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		uint64_t to = 0;

		put(F(2) - 7, before[i].code, 7);
		if (call_before(&u, F(2), &to) != before[i].what)
			fail_msg("%zu: not %d", i, before[i].what);
		assert_int_equal(to, i == 0 ? F(2) - 7 : 0);
	}
	assert_int_equal(call_before(&u, 3, &(uint64_t){ 0 }), 0);
}

/* a module with one function, at its begin, of 256 bytes; and another after it */
static void functions(void)
{
	static const char names[] = "\0dies\0other";
	const Elf64_Sym table[] = {
		{ 0 }, { .st_name = 1, .st_shndx = 1, .st_value = MODULE },
		{ .st_name = 6, .st_shndx = 1, .st_value = MODULE + 0x100 },
	};

	begin(EM_X86_64);
	put(MODULE + 0x2000, table, sizeof table);
	put(MODULE + 0x3000, names, sizeof names);
	module.symtab = MODULE + 0x2000;
	module.strtab = MODULE + 0x3000;
	module.num_symtab = 3;
}

static void put_call(uint64_t behind, uint64_t to)
{
	uint8_t code[5] = { 0xe8 };
	int32_t offset = (int32_t)(to - behind);

	memcpy(code + 1, &offset, sizeof offset);
	put(behind - sizeof code, code, sizeof code);
}

static void caller_seen(void **state)
{
	static const uint8_t plain[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0, 0, 0x53, 0x48 };
	static const uint8_t saves[] = { 0x0f, 0x1f, 0x44, 0, 0, 0x41, 0x57, 0x31, 0xc0, 0x41, 0x55,
					 0xba, 1, 0, 0, 0, 0x55, 0x53, 0x48, 0x83, 0xec, 8 };
	struct orc_rule r;

	(void)state;
	functions();
	put(MODULE, plain, sizeof plain);
	put64(TASK + 0x1010, F(4));			/* no call is before it */
	put_call(F(5), MODULE + 0x100);
	put64(TASK + 0x1018, F(5));			/* of another function */
	put_call(F(6), MODULE + 4);
	put64(TASK + 0x1020, F(6));
	put64(TASK + 0x1028, F(6));
	assert_true(orc_find_caller(&u, MODULE + 0x55, TASK + 0x1000, &r));
	assert_int_equal(r.type, ORC_CALL);
	assert_int_equal(r.sp, BASE_SP);
	assert_int_equal(r.sp_offset, 0x28);
	assert_int_equal(r.bp, BASE_UNDEFINED);

	put(MODULE, saves, sizeof saves);		/* rbp is the third that it saves */
	assert_true(orc_find_caller(&u, MODULE + 0x55, TASK + 0x1000, &r));
	assert_int_equal(r.sp_offset, 0x28);
	assert_int_equal(r.bp, BASE_PREV_SP);
	assert_int_equal(r.bp_offset, -0x20);

	/* further up than a frame is large, and where the stack ends */
	assert_false(orc_find_caller(&u, MODULE + 0x55, TASK, &r));
	assert_false(orc_find_caller(&u, MODULE + 0x55, TASK + 0x1030, &r));
	assert_false(orc_find_caller(&u, MODULE + 0x55, TASK + 0x3ff0, &r));
	assert_false(orc_find_caller(&u, MODULE + 0x155, TASK + 0x1019, &r));
	assert_false(orc_find_caller(&u, F(1), TASK + 0x1000, &r));	/* has no name */
	u.s = NULL;
	assert_false(orc_find_caller(&u, MODULE + 0x55, TASK + 0x1000, &r));
}

/* panic()'s registers: of a function of which the table says nothing */
static void without_a_rule(void **state)
{
	struct regs r = { .machine = EM_X86_64, .pc = MODULE + 0x55, .sp = TASK + 0x1000, .n = 27 };

	(void)state;
	functions();
	u.format = ORC_SINCE_6_4;
	module.orc_ip = IPS + 0x100;
	module.orc = ENTRIES + 0x100;
	module.num_orcs = 1;			/* zeros: undefined */
	place(0, F(0), 0, 1);			/* the end of the stack */
	put_call(F(6), MODULE);
	put64(TASK + 0x1020, F(6));
	assert_int_equal(unwind(&u, &r, &trace), 0);
	EXPECT(TRACE_WHOLE, MODULE + 0x55, F(6));
	put64(TASK + 0x1020, F(5));
	assert_int_equal(unwind(&u, &r, &trace), 0);
	EXPECT(TRACE_BROKEN, MODULE + 0x55);
	BROKEN("no rule");
}

/* no tables at all: what was found out when it was opened is said */
static void without_tables(void **state)
{
	static const char info[] = "OSRELEASE=6.1.0\n";
	struct regs r = { .machine = EM_X86_64, .pc = F(1), .sp = TASK, .n = 27 };
	struct unwinder *none;

	(void)state;
	begin(EM_X86_64);
	assert_int_equal(kinfo_open(&vm.info, info, sizeof info - 1), 0);
	none = unwind_open(&space, NULL);
	assert_non_null(none);
	assert_int_equal(unwind(none, &r, &trace), 0);
	EXPECT(TRACE_BROKEN, F(1));
	BROKEN("no symbols");
	unwind_close(none);
	unwind_close(NULL);
	kinfo_close(&vm.info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types), cmocka_unit_test(registers), cmocka_unit_test(numbering),
		cmocka_unit_test(search), cmocka_unit_test(endless_run),
		cmocka_unit_test(hostile_tables), cmocka_unit_test(calls),
		cmocka_unit_test(caller_seen), cmocka_unit_test(without_a_rule),
		cmocka_unit_test(without_tables),
	};

	return RUN(tests);
}
