/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/unwind.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c */
/* Frame records: arm64's, and those of x86_64 kernels that have frame pointers. */
#include "kinfo.h"
#include "stack.h"

#define F(n) (TEXT + 0x100 * (n))
#define SIGNED UINT64_C(0x003a000000000000)	/* bits of a pointer's signature */

enum { RECORD = 296, ARM64_FP = 29, ARM64_PC = 32 };

static struct regs at(uint64_t pc, uint64_t fp, uint64_t lr)
{
	return (struct regs){ .machine = vm.machine, .pc = pc, .sp = TASK, .fp = fp, .lr = lr };
}

static void record(uint64_t where, uint64_t fp, uint64_t lr)
{
	put64(where, fp);
	put64(where + 8, lr);
}

static void walk(const struct regs *r)
{
	assert_int_equal(unwind(&u, r, &trace), 0);
}

/* the thread's first record is of zeros; a leaf's lr is not printed by the kernel, either */
static void chain(void **state)
{
	struct regs r = at(0, 0, 0);

	(void)state;
	begin(EM_AARCH64);
	r = at(F(1), TASK + 0x100, F(9));
	record(TASK + 0x100, TASK + 0x200, F(2));
	record(TASK + 0x200, TASK + 0x300, F(3));
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3));
	assert_true(trace.frame[0].interrupted && trace.frame[1].back);

	r.pc = 0;	/* but it is where a call through NULL came from */
	walk(&r);
	EXPECT(TRACE_WHOLE, 0, F(9), F(2), F(3));
	assert_true(trace.frame[1].guessed && trace.frame[1].back && !trace.frame[2].guessed);

	r.user = true;
	r.pc = 0x401000;
	walk(&r);
	EXPECT(TRACE_WHOLE, 0x401000);
}

static void signed_addresses(void **state)
{
	struct regs r;

	(void)state;
	begin(EM_AARCH64);
	u.code_mask = UINT64_C(0xff7f000000000000);
	r = at(F(1), TASK + 0x100, 0);
	record(TASK + 0x100, TASK + 0x200, F(2) ^ SIGNED);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2));
	/* a user's address has bit 55 clear, and stays what it is */
	record(TASK + 0x100, TASK + 0x200, SIGNED | 0x401000);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), SIGNED | 0x401000);
}

/* since 6.13: zeros, and what kind of zeros they are */
static void meta_records(void **state)
{
	const uint64_t pt_regs = TASK + 0x200, meta = pt_regs + RECORD;
	struct regs r;

	(void)state;
	begin(EM_AARCH64);
	u.meta = true;
	u.record = RECORD;
	r = at(F(1), IRQ + 0x100, 0);
	record(IRQ + 0x100, meta, F(2));
	put64(meta + 16, 2);
	put64(pt_regs + 8 * ARM64_FP, TASK + 0x800);
	put64(pt_regs + 8 * ARM64_PC, F(3));
	record(TASK + 0x800, TASK + 0x900, F(4));
	put64(TASK + 0x910, 1);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3), F(4));
	assert_true(trace.frame[2].interrupted && !trace.frame[2].back);

	u.meta = false;
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2));
}

/* before, the record itself had what was interrupted, as the registers that it is in */
static void regs_records(void **state)
{
	const uint64_t pt_regs = TASK + 0x200, in = pt_regs + RECORD;
	struct regs r;

	(void)state;
	begin(EM_AARCH64);
	u.record = RECORD;
	r = at(F(1), IRQ + 0x100, 0);
	record(IRQ + 0x100, in, F(2));
	record(in, TASK + 0x800, F(3));
	put64(pt_regs + 8 * ARM64_FP, TASK + 0x800);
	put64(pt_regs + 8 * ARM64_PC, F(3));
	record(TASK + 0x800, TASK + 0x900, F(4));
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3), F(4));
	assert_true(trace.frame[2].interrupted && !trace.frame[2].back);
	assert_true(trace.frame[3].back && !trace.frame[3].interrupted);
	put64(pt_regs + 8 * ARM64_PC, F(3) + 4);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3), F(4));
	assert_true(trace.frame[2].back && !trace.frame[2].interrupted);
}

static void hostile_chains(void **state)
{
	struct regs r;

	(void)state;
	begin(EM_AARCH64);
	r = at(F(1), TASK + 0x104, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));
	BROKEN("no frame pointer");
	r = at(F(1), 0x1000, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));
	BROKEN("stack: 0x1000");
	r = at(F(1), UINT64_MAX - 7, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));

	r = at(F(1), TASK + 0x100, 0);
	record(TASK + 0x100, TASK + 0x100, F(2));	/* itself */
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1), F(2));
	BROKEN("wrong way");
	record(TASK + 0x100, TASK + 0x80, F(2));
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1), F(2));
	record(TASK + 0x100, IRQ + 0x100, F(2));	/* to and fro */
	record(IRQ + 0x100, TASK + 0x100, F(3));
	walk(&r);
	BROKEN("wrong way");
	assert_in_range(trace.n, 4, 16);

	/* registers that are where the record is said to be in them, below all memory */
	u.meta = true;
	u.record = UINT64_MAX / 2;
	record(TASK + 0x100, 0, 0);
	put64(TASK + 0x110, 2);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));
}

static void x86_frames(void **state)
{
	enum { REG_BP = 4, REG_IP = 16, REG_CS = 17 };
	const uint64_t pt_regs = TASK + 0x400;
	struct regs r;

	(void)state;
	begin(EM_X86_64);		/* no tables, but symbols */
	r = at(F(1), TASK + 0x100, 0);
	record(TASK + 0x100, pt_regs | 1, F(2));
	put64(pt_regs + 8 * REG_IP, F(3));
	put64(pt_regs + 8 * REG_CS, 0x10);
	put64(pt_regs + 8 * REG_BP, TASK + 0x800);
	record(TASK + 0x800, (TASK + 0x900) | 1, F(4));
	put64(TASK + 0x900 + 8 * REG_IP, 0x401000);
	put64(TASK + 0x900 + 8 * REG_CS, 0x33);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3), F(4));
	assert_true(trace.frame[2].interrupted && trace.frame[1].guessed);

	/* a kernel's thread begins with registers of zeros */
	put64(TASK + 0x900 + 8 * REG_IP, 0);
	put64(TASK + 0x900 + 8 * REG_CS, 0);
	walk(&r);
	EXPECT(TRACE_WHOLE, F(1), F(2), F(3), F(4));

	put64(TASK + 0x900 + 8 * REG_CS, 0x10);
	walk(&r);
	BROKEN("no address of code");
	r.fp = 0x1000;
	walk(&r);
	BROKEN("stack: 0x1000");
	r.fp = TASK + 0x100;
	record(TASK + 0x100, TASK + 0x100, F(2));
	walk(&r);
	BROKEN("wrong way");
}

/* what unwind_open() finds out for arm64 without any symbols */
static void opened(void **state)
{
	static const char old[] = "OSRELEASE=6.12.9\nNUMBER(KERNELPACMASK)=0xff7f000000000000\n";
	static const char new[] = "OSRELEASE=6.13.0\n";
	struct unwinder *none;

	(void)state;
	begin(EM_AARCH64);
	assert_int_equal(kinfo_open(&vm.info, old, sizeof old - 1), 0);
	none = unwind_open(&space, NULL);
	assert_non_null(none);
	assert_false(none->meta);
	assert_int_equal(none->record, 304);
	assert_true(none->code_mask == UINT64_C(0xff7f000000000000));
	unwind_close(none);
	kinfo_close(&vm.info);
	assert_int_equal(kinfo_open(&vm.info, new, sizeof new - 1), 0);
	none = unwind_open(&space, NULL);
	assert_non_null(none);
	assert_true(none->meta);
	assert_int_equal(none->record, RECORD);
	unwind_close(none);
	kinfo_close(&vm.info);
}

static void other_machines(void **state)
{
	struct regs r;

	(void)state;
	begin(EM_S390);
	r = at(F(1), 0, 0);
	walk(&r);
	EXPECT(TRACE_BROKEN, F(1));
	BROKEN("machine type");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain), cmocka_unit_test(signed_addresses),
		cmocka_unit_test(meta_records), cmocka_unit_test(regs_records),
		cmocka_unit_test(hostile_chains),
		cmocka_unit_test(x86_frames), cmocka_unit_test(opened),
		cmocka_unit_test(other_machines),
	};

	return RUN(tests);
}
