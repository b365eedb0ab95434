/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/unwind.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c */
/* Stacks of x86_64, walked by tables that are made here. */
#include "stack.h"

/* registers' numbers of 6.12, and types: arch/x86/include/asm/orc_types.h */
enum { NONE, PREV, DX, DI, BP, SP, R10, R13, BP_IND, SP_IND, AX };
enum { UNDEFINED, END, CALL, REGS, PARTIAL, SIGNAL = 8 };
enum { REG_R13 = 2, REG_BP = 4, REG_R10 = 7, REG_AX = 10, REG_DX = 12, REG_DI = 14,
       REG_IP = 16, REG_CS = 17, REG_SP = 19, KERNEL_CS = 0x10, USER_CS = 0x33 };

/* functions, of 256 bytes each */
#define F(n) (TEXT + 0x100 * (n))

static void rule(uint64_t ip, int sp, int sp_offset, int bp, int bp_offset, int type)
{
	uint64_t i = u.image.n++;
	int32_t offset = (int32_t)(ip - (IPS + 4 * i));
	int16_t offsets[2] = { (int16_t)sp_offset, (int16_t)bp_offset };
	uint8_t bits[2] = { (uint8_t)(bp << 4 | sp), (uint8_t)type };

	put(IPS + 4 * i, &offset, sizeof offset);
	put(ENTRIES + 6 * i, offsets, sizeof offsets);
	put(ENTRIES + 6 * i + 4, bits, sizeof bits);
}

/* F(0) has the thread's begin, F(1) 32 bytes of frame, F(2) 8 and rbp saved by F(1)'s */
static void usual(void)
{
	begin(EM_X86_64);
	u.format = ORC_SINCE_6_4;
	rule(F(0), NONE, 0, NONE, 0, END);
	rule(F(1), SP, 32, NONE, 0, CALL);
	rule(F(2), SP, 8, NONE, 0, CALL);
}

static struct regs at(uint64_t pc, uint64_t sp, uint64_t bp)
{
	struct regs r = { .machine = EM_X86_64, .pc = pc, .sp = sp, .fp = bp, .n = 27 };

	r.value[REG_BP] = bp;
	return r;
}

static void walk(const struct regs *r)
{
	assert_int_equal(unwind(&u, r, &trace), 0);
}

static void calls(void **state)
{
	struct regs r = at(F(2) + 9, TASK + 0x1000, 0);

	(void)state;
	usual();
	put64(TASK + 0x1000, F(1) + 0x20);
	put64(TASK + 0x1008 + 24, F(0) + 0x10);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(1) + 0x20, F(0) + 0x10);
	assert_true(trace.frame[0].interrupted && !trace.frame[0].back);
	assert_true(trace.frame[1].back && !trace.frame[1].interrupted);
	assert_false(trace.frame[2].guessed);
}

/* a call at a function's end returns to what is no part of it */
static void looked_up_by_the_call(void **state)
{
	struct regs r = at(F(2), TASK + 0x1000, 0);

	(void)state;
	usual();
	rule(F(3), NONE, 0, NONE, 0, UNDEFINED);
	put64(TASK + 0x1000, F(2));	/* from the end of F(1) */
	put64(TASK + 0x1008 + 24, F(3));	/* from the end of F(2) */
	put64(TASK + 0x1028, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2), F(2), F(3), F(0) + 1);
}

static void by_rbp(void **state)
{
	struct regs r = at(F(3) + 9, TASK + 0x1000, TASK + 0x1100);

	(void)state;
	usual();
	rule(F(3), BP, 16, PREV, -16, CALL);
	rule(F(4), BP, 8, BP, 8, CALL);
	put64(TASK + 0x1100, TASK + 0x1200);	/* rbp as F(4) had it */
	put64(TASK + 0x1108, F(4) + 0x40);
	put64(TASK + 0x1200, F(3) + 0x40);
	put64(TASK + 0x1208, TASK + 0x1300);
	put64(TASK + 0x1308, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(3) + 9, F(4) + 0x40, F(3) + 0x40, F(0) + 1);
}

static void put_regs(uint64_t virt, uint64_t ip, uint64_t cs, uint64_t sp, uint64_t bp)
{
	put64(virt + 8 * REG_IP, ip);
	put64(virt + 8 * REG_CS, cs);
	put64(virt + 8 * REG_SP, sp);
	put64(virt + 8 * REG_BP, bp);
}

/* an interrupt at the first byte of a function, which has another rule than the one before */
static void interrupted(void **state)
{
	struct regs r = at(F(2) + 9, TASK + 0x1000, 1);

	(void)state;
	usual();
	rule(F(3), SP, 0, NONE, 0, REGS | SIGNAL);
	rule(F(4), BP, 16, NONE, 0, CALL);
	put64(TASK + 0x1000, F(3) + 0x10);
	put_regs(TASK + 0x1008, F(2), KERNEL_CS, TASK + 0x2000, TASK + 0x2100);
	put64(TASK + 0x2000, F(4) + 0x10);	/* rbp is the interrupted code's */
	put64(TASK + 0x2108, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(3) + 0x10, F(2), F(4) + 0x10, F(0) + 1);
	assert_true(trace.frame[2].interrupted && !trace.frame[2].back);
	assert_true(trace.frame[3].back && !trace.frame[3].interrupted);
}

static void from_user_mode(void **state)
{
	struct regs r = at(F(2) + 9, TASK + 0x1000, 0);

	(void)state;
	usual();
	rule(F(3), SP, 8, NONE, 0, REGS);
	put64(TASK + 0x1000, F(3) + 0x10);
	put_regs(TASK + 0x1010, 0x401000, USER_CS, 0x7fff0000, 0);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(3) + 0x10);

	r.user = true;
	r.pc = 0x401000;
	walk(&r);
	EXPECT(TRACE_WHOLE, 0x401000);
}

/* an NMI in the entry code, where only five words of the interrupt were there */
static void entry_interrupted(void **state)
{
	struct regs r = at(F(2) + 9, IRQ + 0x1000, 0);

	(void)state;
	usual();
	rule(F(3), SP, 0, NONE, 0, REGS | SIGNAL);
	rule(F(4), SP, 8, NONE, 0, PARTIAL | SIGNAL);
	rule(F(5), R10, -8, BP, 0, CALL);
	put64(IRQ + 0x1000, F(3) + 0x10);
	put_regs(IRQ + 0x1008, F(4), KERNEL_CS, TASK + 0x1000, TASK + 0x3000);
	put64(IRQ + 0x1008 + 8 * REG_R10, TASK + 0x2000);
	put64(TASK + 0x1008, F(5) + 1);
	put64(TASK + 0x1010, KERNEL_CS);
	put64(TASK + 0x1020, TASK + 0x1800);
	put64(TASK + 0x1ff8, F(0) + 1);		/* the entry's r10 is as it is: no offset */
	put64(TASK + 0x3000, 77);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(3) + 0x10, F(4), F(5) + 1, F(0) + 1);
	assert_true(trace.frame[3].interrupted);
}

/* the entry code interrupted twice in a row, and before it was there: from user mode */
static void entry_from_a_call(void **state)
{
	struct regs r = at(F(2) + 9, TASK + 0x1000, TASK + 0x1800);

	(void)state;
	usual();
	rule(F(3), SP, 0, NONE, 0, PARTIAL | SIGNAL);
	rule(F(4), R13, 0, NONE, 0, CALL);
	rule(F(5), BP, 8, NONE, 0, CALL);
	put64(TASK + 0x1000, F(3) + 0x10);	/* a call: after it nothing is known but rbp */
	put64(TASK + 0x1008, F(5));
	put64(TASK + 0x1010, KERNEL_CS);
	put64(TASK + 0x1020, TASK + 0x1700);
	put64(TASK + 0x1800, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(3) + 0x10, F(5), F(0) + 1);
	put64(TASK + 0x1008, F(4));
	walk(&r);
	EXPECT(TRACE_BROKEN, F(2) + 9, F(3) + 0x10, F(4));
	BROKEN("needs r13");
	put64(TASK + 0x1010, USER_CS);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2) + 9, F(3) + 0x10);
}

static void other_registers(void **state)
{
	static const struct { int base, word; } bases[] = {
		{ R10, REG_R10 }, { R13, REG_R13 }, { DI, REG_DI }, { DX, REG_DX }, { AX, REG_AX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
		struct regs r = at(F(3), TASK + 0x1000, 0);

		usual();
		rule(F(3), bases[i].base, 0, NONE, 0, CALL);
		r.value[bases[i].word] = TASK + 0x2008;
		put64(TASK + 0x2000, F(0) + 1);
		walk(&r);
		EXPECT(TRACE_WHOLE, F(3), F(0) + 1);

		/* what a function has called is not known of it */
		put64(TASK + 0x2000, F(3) + 1);
		walk(&r);
		EXPECT(TRACE_BROKEN, F(3), F(3) + 1);
		BROKEN("not known");
	}
}

/* the interrupt's stack has at its top where the task's was */
static void stack_switched(void **state)
{
	struct regs r = at(F(2), IRQ + 0x3fe8, 0);

	(void)state;
	usual();
	rule(F(3), SP_IND, 8, NONE, 0, CALL);
	rule(F(4), BP_IND, -8, NONE, 0, CALL);
	put64(IRQ + 0x3fe8, F(3) + 1);
	put64(IRQ + 0x3ff0, TASK + 0x1000);
	put64(TASK + 0x1000, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2), F(3) + 1, F(0) + 1);

	r = at(F(4), IRQ + 0x3f00, IRQ + 0x3ff8);
	put64(IRQ + 0x3ff0, TASK + 0x1008);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(4), F(0) + 1);
}

static const uint8_t call[] = { 0xff, 0xd0 };	/* by rax */

static void pc_is_no_code(void **state)
{
	struct regs r = at(0, TASK + 0x1000, 0);

	(void)state;
	usual();
	put64(TASK + 0x1000, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, 0, F(0) + 1);
	assert_false(trace.frame[1].guessed);	/* the kernel does the same */

	/* any other bad pointer: there must be a call, or else there is a frame pointer */
	r.pc = 0xdead0000beef;
	walk(&r);
	EXPECT(TRACE_BROKEN, 0xdead0000beef);
	BROKEN("stack: 0x8");
	put(F(0) + 0x11, call, sizeof call);
	put64(TASK + 0x1000, F(0) + 0x13);
	walk(&r);
	EXPECT(TRACE_WHOLE, 0xdead0000beef, F(0) + 0x13);
	assert_false(trace.frame[1].guessed);
	put64(TASK + 0x1000, 0x1234);
	walk(&r);
	EXPECT(TRACE_BROKEN, 0xdead0000beef);
	r.fp = TASK + 0x1100;
	put64(TASK + 0x1108, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, 0xdead0000beef, F(0) + 1);
	assert_true(trace.frame[1].guessed);
}

/* a pointer to data that lies behind a module's last function: its rule is of no use */
static void pc_is_data(void **state)
{
	struct regs r = at(F(3), TASK + 0x1000, 0);

	(void)state;
	usual();
	rule(F(3), SP, 24, NONE, 0, CALL);
	put64(TASK + 0x1010, F(0) + 1);		/* not behind a call, nor is there another */
	walk(&r);
	EXPECT(TRACE_WHOLE, F(3), F(0) + 1);
	put(F(0) + 0x11, call, sizeof call);
	put64(TASK + 0x1000, F(0) + 0x13);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(3), F(0) + 0x13);
	put64(TASK + 0x1010, F(0) + 0x13);		/* but then it is */
	put64(TASK + 0x1000, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(3), F(0) + 0x13);
}

/* a return address of 0, or one that is data, is not believed */
static void called_from_nowhere(void **state)
{
	struct regs r = at(F(2), TASK + 0x1000, 0);

	(void)state;
	usual();
	walk(&r);
	EXPECT(TRACE_BROKEN, F(2));
	BROKEN("no code");
	put64(TASK + 0x1000, TASK);
	walk(&r);
	BROKEN("no code");
}

/* BPF has a frame pointer */
static void generated_code(void **state)
{
	const uint64_t program = MODULE + 0x100000;
	struct regs r = at(F(2), TASK + 0x1000, TASK + 0x1100);

	(void)state;
	usual();
	put64(TASK + 0x1000, program + 9);
	put64(TASK + 0x1108, F(0) + 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(2), program + 9, F(0) + 1);
	assert_true(!trace.frame[1].guessed && trace.frame[2].guessed);
}

static void module_tables(void **state)
{
	struct regs r = at(MODULE + 0x10, TASK + 0x1000, 0);
	const uint8_t entry[6] = { 24, 0, 0, 0, SP, CALL };
	int32_t offset = -0x1000;

	(void)state;
	usual();
	put(MODULE + 0x1000, &offset, sizeof offset);
	put(MODULE + 0x1800, entry, sizeof entry);
	put64(TASK + 0x1010, F(0) + 1);
	module.orc_ip = MODULE + 0x1000;
	module.orc = MODULE + 0x1800;
	module.num_orcs = 1;
	walk(&r);
	EXPECT(TRACE_WHOLE, MODULE + 0x10, F(0) + 1);
	assert_false(trace.frame[1].guessed);
}

static void hostile_stacks(void **state)
{
	struct regs r = at(F(3), TASK + 0x1000, TASK + 0x1000);

	(void)state;
	usual();
	rule(F(3), BP, 16, NONE, 0, CALL);	/* and rbp stays where it was */
	rule(F(4), SP_IND, 0, NONE, 0, REGS | SIGNAL);
	put64(TASK + 0x1008, F(3) + 1);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(3), F(3) + 1);
	BROKEN("wrong way");

	/* from one stack to the other and back again */
	put64(TASK + 0x1000, IRQ + 0x100);
	put64(IRQ + 0x1000, TASK + 0x100);
	put_regs(IRQ + 0x100, F(4), KERNEL_CS, IRQ + 0x1000, 0);
	put_regs(TASK + 0x100, F(4), KERNEL_CS, TASK + 0x1000, 0);
	r = at(F(4), TASK + 0x1000, 0);
	walk(&r);
	BROKEN("wrong way");
	assert_in_range(trace.n, 3, 16);

	r = at(F(2), 8, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(2));
	BROKEN("stack: 0x8");
	r = at(F(2), UINT64_MAX, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(2));
	r = at(F(1), UINT64_MAX - 8, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));
}

static void as_deep_as_it_goes(void **state)
{
	struct regs r = at(F(2), TASK, 0);

	(void)state;
	usual();
	for (uint64_t i = 0; i < STACK_SIZE; i += 8)
		put64(TASK + i, F(2) + 1);
	walk(&r);
	assert_int_equal(trace.n, TRACE_MAX);
	assert_int_equal(trace.end, TRACE_FULL);
	put64(TASK + STACK_SIZE - 16, F(0) + 1);
	walk(&r);
	assert_int_equal(trace.n, TRACE_MAX);
	assert_int_equal(trace.end, TRACE_WHOLE);
}

static void hostile_rules(void **state)
{
	static const struct { int sp, bp, type; const char *why; } bad[] = {
		{ 11, NONE, CALL, "damaged" }, { SP, 12, CALL, "damaged" }, { SP, DX, CALL, "damaged" },
		{ SP, NONE, 5, "damaged" }, { SP, NONE, 7, "damaged" }, { NONE, NONE, CALL, "damaged" },
		{ SP, NONE, UNDEFINED, "no rule" }, { PREV, NONE, CALL, "damaged" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct regs r = at(F(3), TASK + 0x1000, 0);

		usual();
		rule(F(3), bad[i].sp, 8, bad[i].bp, 0, bad[i].type);
		put64(TASK + 0x1000, F(0) + 1);
		walk(&r);
		EXPECT(TRACE_BROKEN, F(3));
		BROKEN(bad[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls), cmocka_unit_test(looked_up_by_the_call),
		cmocka_unit_test(by_rbp), cmocka_unit_test(interrupted),
		cmocka_unit_test(from_user_mode), cmocka_unit_test(entry_interrupted),
		cmocka_unit_test(entry_from_a_call),
		cmocka_unit_test(other_registers), cmocka_unit_test(stack_switched),
		cmocka_unit_test(pc_is_no_code), cmocka_unit_test(pc_is_data),
		cmocka_unit_test(called_from_nowhere),
		cmocka_unit_test(generated_code), cmocka_unit_test(module_tables),
		cmocka_unit_test(hostile_stacks), cmocka_unit_test(as_deep_as_it_goes),
		cmocka_unit_test(hostile_rules),
	};

	return RUN(tests);
}
