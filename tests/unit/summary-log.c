/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/summary-log.c dumpmsg/summary-notable.c dumpmsg/summary-line.c dumpmsg/summary-call.c dumpmsg/summary-kind.c dumpmsg/summary-choose.c dumpmsg/summary-taint.c dumpmsg/summary-calls.c */
/* Reports found in a log: what they say, which one is the cause, and what is no report. */
#include <stdio.h>
#include <stdlib.h>

#include "../../dumpmsg/summary-line.h"
#include "summary-text.h"

/* the sure calls' names, each with a space behind it */
static const char *names(const struct report *r)
{
	static char text[REPORT_CALLS * CALL_NAME];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		if (!r->call[i].maybe)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s ", r->call[i].name);
	return text;
}

static void fault(void **state)
{
	struct summary *s = feed_all(null_61);
	const struct report *r = s->cause;

	(void)state;
	assert_ptr_equal(r, s->end);
	assert_int_equal(r->kind, KIND_NULL);
	assert_string_equal(r->title, "BUG: kernel NULL pointer dereference, address: 0000000000000018");
	assert_string_equal(r->detail, "Oops: 0002 [#1] PREEMPT SMP NOPTI");
	assert_int_equal(r->cpu, 3);
	assert_int_equal(r->pid, 712);
	assert_string_equal(r->comm, "my shell");
	assert_string_equal(r->taint, "OE");
	assert_string_equal(r->hardware, "Invented Inc. Box/Board, BIOS 2.1 01/02/2023");
	assert_string_equal(r->pc.name, "widget_store");
	assert_string_equal(r->pc.module, "widget");
	assert_int_equal(r->pc.offset, 0x1c);
	assert_int_equal(r->pc.size, 0x60);
	assert_string_equal(names(r), "widget_write.isra.0 kernfs_fop_write_iter vfs_write "
			    "ksys_write do_syscall_64 entry_SYSCALL_64_after_hwframe ");
	assert_int_equal(r->n, 8);	/* two with "?" */
	assert_string_equal(r->tainted, "widget(OE) evil(POE)");
	assert_int_equal(s->oopses, 1);
	free(s);
}

static void fault_with_panic(void **state)
{
	struct summary *s = feed_all(null_72);

	(void)state;
	assert_int_equal(s->cause->kind, KIND_NULL);
	assert_string_equal(s->end->title, "Kernel panic - not syncing: Fatal exception");
	assert_int_equal(s->end->n, 0);
	assert_false(s->earlier);
	assert_int_equal(s->cause->pid, 99);
	assert_string_equal(s->cause->comm, "tee");
	assert_string_equal(s->cause->taint, "OE");
	free(s);

	s = feed_all(null_arm64);
	assert_int_equal(s->cause->kind, KIND_NULL);
	assert_string_equal(s->cause->pc.name, "widget_store");
	assert_string_equal(s->cause->taint, "O");
	assert_string_equal(s->cause->tainted, "widget(O)");
	assert_int_equal(s->cause->n, 5);
	assert_int_equal(s->end->kind, KIND_PANIC);
	free(s);

	s = feed_all(overflow_arm64);
	assert_int_equal(s->cause->kind, KIND_STACK);
	assert_string_equal(s->cause->pc.name, "ping");
	assert_int_equal(s->cause->n, 0);
	assert_string_equal(s->end->title, "Kernel panic - not syncing: kernel stack overflow");
	assert_int_equal(s->end->n, 18);
	assert_false(s->earlier);
	free(s);
}

static void lockup(void **state)
{
	struct summary *s = feed_all(softlockup_510);

	(void)state;
	assert_int_equal(s->cause->kind, KIND_SOFT_LOCKUP);
	assert_int_equal(s->cause->cpu, 1);
	assert_string_equal(s->cause->comm, "my task:x");
	assert_true(s->cause->has_taint);
	assert_string_equal(s->cause->taint, "");
	assert_string_equal(s->cause->pc.name, "__const_udelay");
	assert_string_equal(names(s->cause), "widget_poll widget_wait kthread ret_from_fork ");
	assert_string_equal(s->end->taint, "L");
	assert_int_equal(s->end->n, 14);
	assert_true(s->end->call[9].interrupted);
	assert_int_equal(s->notable[NOTABLE_LOCKUP].count, 1);
	free(s);
}

/* of several tasks that hang, the first one that was told of */
static void hung(void **state)
{
	struct summary *s = feed_all(hung_61);

	(void)state;
	assert_int_equal(s->cause->kind, KIND_HUNG_TASK);
	assert_int_equal(s->cause->pid, 77);
	assert_string_equal(s->cause->comm, "my task:x");
	assert_string_equal(s->cause->taint, "WO");
	assert_string_equal(names(s->cause),
			    "__schedule schedule schedule_timeout widget_flush do_syscall_64 ");
	assert_int_equal(s->end->pid, 30);
	assert_string_equal(names(s->end), "dump_stack_lvl panic watchdog.cold kthread ");
	assert_int_equal(s->notable[NOTABLE_HUNG].count, 2);
	free(s);
}

static void sysrq(void **state)
{
	struct summary *s = feed_all(sysrq_612);

	(void)state;
	assert_int_equal(s->cause->kind, KIND_SYSRQ);
	assert_string_equal(s->cause->title, "Kernel panic - not syncing: sysrq triggered crash");
	assert_int_equal(s->cause->n, 4);
	free(s);
	s = feed_all(sysrq_49);
	assert_int_equal(s->cause->kind, KIND_SYSRQ);
	assert_string_equal(s->cause->pc.name, "sysrq_handle_crash");
	assert_int_equal(s->cause->n, 2);
	assert_true(s->cause->call[1].maybe);
	assert_string_equal(s->cause->call[1].name, "write_sysrq_trigger");
	free(s);
}

/* lines that come one after the other and are one report */
static void several_titles(void **state)
{
	struct summary *s = feed_all(
		"list_add corruption. prev->next should be next (ffff88), but was 00. (prev=ffff).\n"
		"------------[ cut here ]------------\n"
		"kernel BUG at lib/list_debug.c:30!\n"
		"Oops: invalid opcode: 0000 [#1] SMP\n"
		"CPU: 7 UID: 0 PID: 5 Comm: kworker/7:0 Not tainted 6.12.1 #1\n"
		"RIP: 0010:__list_add_valid_or_report+0x78/0xa0\n"
		"Call Trace:\n"
		" widget_add+0x5/0x10 [widget]\n");

	(void)state;
	assert_int_equal(s->cause->kind, KIND_LIST);
	assert_string_equal(s->cause->place, "lib/list_debug.c:30");
	assert_int_equal(s->oopses, 1);
	assert_string_equal(names(s->cause), "widget_add ");
	free(s);
}

/* the first oops is the cause of what comes later, but not of what somebody asked for */
static void first_oops(void **state)
{
	struct feed f = feed_open();

	(void)state;
	feed_lines(&f, 712, null_61);
	feed_lines(&f, 712, "---[ end trace 0000000000000000 ]---\n");
	f.nsec += UINT64_C(3600000000000);
	feed_lines(&f, 800, softlockup_510);
	summary_choose(f.s);
	assert_true(f.s->earlier);
	assert_int_equal(f.s->cause->kind, KIND_NULL);
	assert_string_equal(f.s->end->title, "Kernel panic - not syncing: softlockup: hung tasks");
	free(f.s);

	f = feed_open();
	feed_lines(&f, 712, null_61);
	feed_lines(&f, 800, sysrq_612);
	summary_choose(f.s);
	assert_int_equal(f.s->cause->kind, KIND_SYSRQ);
	assert_false(f.s->earlier);
	assert_int_equal(f.s->first.r.kind, KIND_NULL);
	free(f.s);
}

/* two processors write at the same time, line by line */
static void interleaved(void **state)
{
	const char *a = null_61, *b = softlockup_510;
	struct feed f = feed_open();

	(void)state;
	while (*a || *b) {
		size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

		if (*a)
			feed_bytes(&f, 712, a, n);
		if (*b)
			feed_bytes(&f, 0x80000001, b, m);
		a += n + (a[n] == '\n');
		b += m + (b[m] == '\n');
	}
	summary_choose(f.s);
	assert_string_equal(names(&f.s->first.r), "widget_write.isra.0 kernfs_fop_write_iter "
			    "vfs_write ksys_write do_syscall_64 entry_SYSCALL_64_after_hwframe ");
	assert_string_equal(names(&f.s->latest[GROUP_SOFT_LOCKUP].r),
			    "widget_poll widget_wait kthread ret_from_fork ");
	assert_int_equal(f.s->latest[GROUP_SOFT_LOCKUP].r.pid, 431);
	free(f.s);
}

/* an RCU stall's trace is that of the processor that stalls, whoever writes it */
static void stall(void **state)
{
	struct feed f = feed_open();

	(void)state;
	feed_lines(&f, 0x80000000,
		   "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
		   "rcu: \t1-....: (20999 ticks this GP) idle=e54c/1/0x4000000000000000\n"
		   "rcu: rcu_preempt kthread starved for 5250 jiffies! g1 f0x0\n"
		   "task:rcu_preempt     state:R stack:0     pid:17    ppid:2\n"
		   "Call Trace:\n"
		   " __schedule+0x1/0x2\n"
		   "Sending NMI from CPU 0 to CPUs 1:\n");
	feed_lines(&f, 55,
		   "NMI backtrace for cpu 1\n"
		   "CPU: 1 PID: 55 Comm: busy Not tainted 6.1.0 #1\n"
		   "RIP: 0010:spin+0x5/0x10 [widget]\n"
		   "Call Trace:\n"
		   " <TASK>\n"
		   " spinner+0x1/0x9 [widget]\n");
	feed_lines(&f, 0x80000000, "Kernel panic - not syncing: RCU Stall\n"
		   "CPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.1.0 #1\n");
	summary_choose(f.s);
	assert_int_equal(f.s->cause->kind, KIND_RCU_STALL);
	assert_int_equal(f.s->cause->cpu, 1);
	assert_string_equal(f.s->cause->pc.name, "spin");
	assert_string_equal(names(f.s->cause), "spinner ");
	free(f.s);
}

static void warnings(void **state)
{
	struct summary *s = feed_all(
		"------------[ cut here ]------------\n"
		"WARNING: CPU: 1 PID: 9 at drivers/widget.c:77 widget_warn+0x7/0x20 [widget]\n"
		"Modules linked in: widget(O)\n"
		"CPU: 1 PID: 9 Comm: a Not tainted 6.1.0 #1\n"
		"RIP: 0010:widget_warn+0x7/0x20 [widget]\n"
		"Call Trace:\n"
		" widget_go+0x7/0x20 [widget]\n"
		"---[ end trace 0000000000000000 ]---\n");

	(void)state;
	/* nobody died of it */
	assert_null(s->cause);
	assert_int_equal(s->warnings, 1);
	free(s);

	s = feed_all("WARNING: drivers/widget.c:77 at widget_warn+0x7/0x20 [widget], CPU#1: a/9\n"
		     "CPU: 1 UID: 0 PID: 9 Comm: a Not tainted 7.2.0 #1\n"
		     "Call Trace:\n"
		     " widget_go+0x7/0x20 [widget]\n"
		     "Kernel panic - not syncing: kernel: panic_on_warn set ...\n");
	assert_int_equal(s->cause->kind, KIND_WARNING);
	assert_string_equal(s->cause->place, "drivers/widget.c:77");
	assert_string_equal(s->cause->pc.name, "widget_warn");
	free(s);
}

static void memory_and_hardware(void **state)
{
	struct summary *s = feed_all(
		"Linux version 6.1.0-9-amd64 (somebody@example) (gcc) #1 SMP\n"
		"DMI: Invented Box, BIOS 1\n"
		"Memory: 983536K/1048040K available (14343K kernel code)\n"
		"smp: Brought up 1 node, 4 CPUs\n"
		"hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		"CPU: 1 PID: 40 Comm: hog Not tainted 6.1.0 #1\n"
		"Call Trace:\n"
		" out_of_memory+0x1/0x2\n"
		"Mem-Info:\n"
		"active_anon:1 inactive_anon:2\n"
		"Out of memory: Killed process 41 (hog) total-vm:1kB\n"
		"Kernel panic - not syncing: System is deadlocked on memory\n"
		"mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 4: b200000000070f0f\n"
		"mce: [Hardware Error]: TSC 0\n");

	(void)state;
	assert_int_equal(s->cause->kind, KIND_OOM);
	assert_string_equal(s->cause->comm, "hog");
	assert_int_equal(s->notable[NOTABLE_OOM].count, 2);
	assert_int_equal(s->notable[NOTABLE_MACHINE].count, 2);
	assert_string_equal(s->log_release, "6.1.0-9-amd64");
	assert_string_equal(s->log_hardware, "Invented Box, BIOS 1");
	assert_int_equal(s->log_memory, UINT64_C(1048040) * 1024);
	assert_int_equal(s->log_cpus, 4);
	free(s);
}

/* a sanitizer's report is a crash when a warning is one */
static void sanitizer(void **state)
{
	struct summary *s = feed_all(
		"BUG: KASAN: slab-use-after-free in widget_get+0x5/0x10 [widget]\n"
		"Write of size 8 at addr ffff88800 by task a/9\n"
		"CPU: 1 UID: 0 PID: 9 Comm: a Not tainted 6.12.0 #1\n"
		"Call Trace:\n <TASK>\n dump_stack_lvl+0x1/0x2\n print_report+0x1/0x2\n"
		" kasan_report+0x1/0x2\n widget_get+0x5/0x10 [widget]\n </TASK>\n"
		"Allocated by task 8:\n kasan_save_stack+0x1/0x2\n widget_new+0x1/0x2 [widget]\n"
		"Kernel panic - not syncing: KASAN: panic_on_warn set ...\n");

	(void)state;
	assert_int_equal(s->cause->kind, KIND_SANITIZER);
	assert_int_equal(s->cause->pid, 9);
	assert_string_equal(names(s->cause), "dump_stack_lvl print_report kasan_report widget_get ");
	free(s);
}

/* a process may write what it likes, but not as the kernel */
static void forged(void **state)
{
	struct summary *s = summary_open();
	struct record r = { .facility = 1, .text = "Kernel panic - not syncing: no\n", .len = 30 };

	(void)state;
	summary_take(s, &r);
	summary_choose(s);
	assert_null(s->cause);
	free(s);
}

static void hostile(void **state)
{
	struct feed f = feed_open();
	static char bytes[100000];
	uint64_t seed = 6;

	(void)state;
	feed_lines(&f, ANYBODY, "Kernel panic - not syncing: \033[2J\033]0;x\007\xc2\x9b\xff gr\xc3\xbc\xc3\x9f\n"
		   "CPU: 99999999999999999999 PID: 4294967296 Comm: \033[1m Tainted: G \n"
		   "Call Trace:\n");
	for (int i = 0; i < 5000; i++)
		feed_lines(&f, ANYBODY, " <IRQ>\n <IRQ>\n a+0x1/0x2\n </EOI>\n </NMI>\n b+0x1/0x2 [m]\n");
	memset(bytes, 'a', sizeof bytes);
	feed_bytes(&f, ANYBODY, bytes, sizeof bytes);
	memcpy(bytes + sizeof bytes - 20, "+0x1/0x2 [mmmmmmmmmm", 20);
	feed_bytes(&f, ANYBODY, bytes, sizeof bytes);
	memcpy(bytes + 700, "+0x1/0x2", 9);
	feed_bytes(&f, ANYBODY, bytes, 708);
	feed_lines(&f, ANYBODY, " +0x1/0x2\n x+0x/0x\n x+0x1/\n x+0x11111111111111111/0x1\n <\n <>\n <<<<\n"
		   " [<\n [<ffffffff81000000>\n ?\n ? \n RIP: \nRIP: 0010:\npc : \nCPU: \nWARNING:  at \n"
		   "INFO: task : blocked\nINFO: task blocked\nModules linked in: (\nOops: [#\n");
	for (int i = 0; i < 3000; i++) {
		size_t n = unit_random(&seed) % 300;

		for (size_t k = 0; k < n; k++)
			bytes[k] = "\n RIP:<>?+0x1/[](#abCPU\033\xff"[unit_random(&seed) % 25];
		feed_bytes(&f, (uint32_t)(seed % 9), bytes, n);
	}
	summary_choose(f.s);
	assert_string_equal(f.s->cause->title, "Kernel panic - not syncing: ?[2J?]0;x????"
			    " gr\xc3\xbc\xc3\x9f");
	assert_false(f.s->cause->has_cpu);
	assert_true(f.s->cause->cut);
	assert_int_equal(f.s->cause->n, REPORT_CALLS);
	free(f.s);
}

static void calls(void **state)
{
	static const struct {
		const char *line, *name, *module;
		bool maybe, interrupted;
		uint64_t at;
	} rows[] = {
		{ " panic+0x118/0x2f4", "panic", "", false, false, 0 },
		{ " ? a.cold+0x1/0x2 [mod]", "a.cold", "mod", true, false, 0 },
		{ " a+0x1/0x2 [mod 0123456789abcdef0123]", "a", "mod", false, false, 0 },
		{ " a+0x1/0x2 [mod(OE)] (P)", "a", "mod", false, true, 0 },
		{ " a+0x1/0x2 (C)", "a", "", false, false, 0 },
		{ " [<ffffffff81234567>] ? a+0x1/0x2", "a", "", true, false, 0 },
		{ "[c000000012345678] [c0000000abcdef01] a+0x1/0x2 (unreliable)", "a", "", false, false, 0 },
		{ " 0xffffffffc0001234", "", "", false, false, UINT64_C(0xffffffffc0001234) },
	};
	static const char *const none[] = {
		"", " ", "a", "a+1/2", "a+0x1", "a+0x1/0x2 and more", "RAX: 0000000000000000", "? ",
		"Code: 00 11", "a b+0x1/0x2", "a+0x1/0x2 (", "a+0x1/0x2 ()", "+0x1/0x2", "0x", "a+0x-1/0x2",
	};
	struct call c;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!line_call(rows[i].line, &c))
			fail_msg("not a call: %s", rows[i].line);
		assert_string_equal(c.name, rows[i].name);
		assert_string_equal(c.module, rows[i].module);
		assert_int_equal(c.maybe, rows[i].maybe);
		assert_int_equal(c.interrupted, rows[i].interrupted);
		assert_int_equal(c.at, rows[i].at);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (line_call(none[i], &c))
			fail_msg("a call: %s", none[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault), cmocka_unit_test(fault_with_panic),
		cmocka_unit_test(lockup), cmocka_unit_test(hung), cmocka_unit_test(sysrq),
		cmocka_unit_test(several_titles), cmocka_unit_test(first_oops),
		cmocka_unit_test(interleaved), cmocka_unit_test(stall), cmocka_unit_test(warnings),
		cmocka_unit_test(memory_and_hardware), cmocka_unit_test(sanitizer), cmocka_unit_test(forged),
		cmocka_unit_test(hostile), cmocka_unit_test(calls),
	};

	return RUN(tests);
}
